package plan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/shared/fault"
)

func options() plan.Options {
	return plan.Options{
		URLs: []string{"http://localhost/"}, Method: "GET", Concurrency: 10,
		Duration: "10", Timeout: "30", Grace: "1", Warmup: "0", UserAgent: "test",
	}
}

func TestParseSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"10": 10 * time.Second, "0.5": 500 * time.Millisecond, ".25": 250 * time.Millisecond, "30s": 30 * time.Second,
		"2m": 2 * time.Minute, "1h30m": 90 * time.Minute, "100ms": 100 * time.Millisecond, "1e1": 10 * time.Second, "-1": -time.Second,
	} {
		got, err := plan.ParseSeconds(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "ten", "10 s", "NaN", "inf", "1e300", "5x"} {
		_, err := plan.ParseSeconds(text)
		require.Error(t, err, text)
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]string{
		"http://localhost":                "http://localhost",
		"HTTP://LocalHost:8080/A":         "http://LocalHost:8080/A",
		"https://[::1]:8443/x":            "https://[::1]:8443/x",
		"http://h/a b?q=c d&e=ü#fragment": "http://h/a%20b?q=c%20d&e=%C3%BC",
		"http://h/%7Euser?a=%20":          "http://h/%7Euser?a=%20",
	} {
		u, err := plan.ParseURL(text)
		require.NoError(t, err, text)
		require.Equal(t, want, u.String())
		require.NotContains(t, u.RequestURI(), " ")
	}
	for text, want := range map[string]string{
		"":                        "is no http(s):// URL",
		"localhost":               "write http://localhost or https://localhost",
		"users.json":              "is no http(s):// URL",
		"ftp://h/":                "begins with http:// or https://",
		"http://":                 "has no host",
		"http://:80/":             "has no host",
		"http://h:0/":             "port 0 doesn't exist",
		"http://h:65536/":         "port 65536 doesn't exist",
		"http://h:port/":          "no valid URL",
		"http://h/%zz":            "no valid URL",
		"http://h/\x01":           "no valid URL",
		"http://bücher.example/":  "xn-- form",
		"http://a b/":             "no valid URL",
		"http://u:hunter2@h:x/":   "http://***@h:x/",
		"http:/u:hunter2@h:80/":   "***@h:80/",
		"ftp://u:hunter2@h/":      "ftp://***@h/",
		"http://u:hunter2@h:0/":   "port 0",
		"https://[::1/":           "no valid URL",
		"http://u:p@hunter2@:0/x": "has no host",
	} {
		_, err := plan.ParseURL(text)
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "hunter2")
		require.Equal(t, fault.StatusFailed, fault.Status(err))
	}
}

func TestHeadersAndDefaults(t *testing.T) {
	o := options()
	o.Method, o.Body = "post", "{}"
	o.Headers = []string{"X-A: 1, 2: 3", "x-empty:", "USER-AGENT: mine", "X-A: again"}
	p, err := o.Validate()
	require.NoError(t, err)
	wire := string(p.Targets[0].Requests[0].Wire(false))
	require.Equal(t, "POST / HTTP/1.1\r\nHost: localhost\r\nX-A: 1, 2: 3\r\nx-empty: \r\nUSER-AGENT: mine\r\nX-A: again\r\n"+
		"Accept: */*\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", wire)

	o.Headers = []string{"content-type: text/xml"}
	p, err = o.Validate()
	require.NoError(t, err)
	require.NotContains(t, string(p.Targets[0].Requests[0].Wire(false)), "application/json")

	for _, bad := range []string{"", ":", ": v", "Name", "Na me: v", "Name: a\r\nX: b", "Name: a\x00", "Content-Length: 5", "Transfer-Encoding: chunked"} {
		o.Headers = []string{bad}
		_, err := o.Validate()
		require.Error(t, err, bad)
		require.Equal(t, fault.StatusUsage, fault.Status(err))
	}
}

func TestBodyFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "body")
	require.NoError(t, os.WriteFile(path, []byte("a\x00b"), 0o600))
	o := options()
	o.Body = "@" + path
	p, err := o.Validate()
	require.NoError(t, err)
	require.Equal(t, "a\x00b", string(p.Targets[0].Requests[0].Body))
	require.True(t, strings.HasSuffix(string(p.Targets[0].Requests[0].Wire(false)), "Content-Length: 3\r\n\r\na\x00b"))

	large, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, large.Truncate(plan.MaxBodySize+1))
	require.NoError(t, large.Close())
	_, err = o.Validate()
	require.ErrorContains(t, err, path+": body is larger than 64 MiB")
}

func TestNumbersAndLimits(t *testing.T) {
	for name, change := range map[string]func(*plan.Options){
		"--concurrency 0":       func(o *plan.Options) { o.Concurrency = 0 },
		"--concurrency -1":      func(o *plan.Options) { o.Concurrency = -1 },
		"--concurrency 1000000": func(o *plan.Options) { o.Concurrency = 1_000_000 },
		"--duration 0":          func(o *plan.Options) { o.Duration = "0" },
		"--duration 200h":       func(o *plan.Options) { o.Duration = "200h" },
		"--timeout 0":           func(o *plan.Options) { o.Timeout = "0" },
		"--grace -1":            func(o *plan.Options) { o.Grace = "-1" },
		"--rate -1":             func(o *plan.Options) { o.Rate = -1 },
		"--requests -1":         func(o *plan.Options) { o.Requests = -1 },
		"--threads -1":          func(o *plan.Options) { o.Threads = -1 },
		"--max-connections":     func(o *plan.Options) { o.MaxConnections = 5 },
		"--method":              func(o *plan.Options) { o.Method = "CONNECT" },
		"--expect-status":       func(o *plan.Options) { o.ExpectStatus = "6xx" },
		"no URL":                func(o *plan.Options) { o.URLs = nil },
	} {
		o := options()
		change(&o)
		_, err := o.Validate()
		require.ErrorContains(t, err, name)
		require.Equal(t, fault.StatusUsage, fault.Status(err), name)
	}
	p, err := options().Validate()
	require.NoError(t, err)
	require.Equal(t, 10, p.MaxConnections)
	require.GreaterOrEqual(t, p.Threads, 1)
	require.True(t, p.Success.Has(200) && p.Success.Has(399) && !p.Success.Has(400) && !p.Success.Has(199))
}

func TestParseStatuses(t *testing.T) {
	set, err := plan.ParseStatuses("400, 2XX,404")
	require.NoError(t, err)
	for status, want := range map[int]bool{400: true, 404: true, 200: true, 299: true, 300: false, 401: false, 199: false, 0: false, 1000: false} {
		require.Equal(t, want, set.Has(status), status)
	}
	for _, bad := range []string{"", "x", "2x", "20", "600", "200,", "2xx-4xx"} {
		_, err := plan.ParseStatuses(bad)
		require.Error(t, err, bad)
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("http://localhost:8080/a b?c=d#e")
	f.Add("https://u:p@[::1]/")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := plan.ParseURL(text)
		if err != nil {
			return
		}
		// Whatever passes makes a request line of three parts without controls.
		line := "GET " + u.RequestURI() + " HTTP/1.1"
		require.Len(t, strings.Split(line, " "), 3, "%q", line)
		for _, c := range []byte(line + u.Host) {
			require.True(t, c >= ' ' && c < 0x7f, "%q", line)
		}
	})
}
