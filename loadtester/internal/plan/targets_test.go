package plan_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/fault"
)

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// drawn are the names of the first n requests of a target.
func drawn(t *plan.Target, n int) []string {
	var names []string
	for i := range n {
		v := template.Values{Seed: t.Seed, Index: uint64(i)}
		names = append(names, t.Requests[t.Draw(&v)].Name)
	}
	return names
}

func TestMixByWeight(t *testing.T) {
	mix := func(weights ...int) []string {
		var lines strings.Builder
		for i, w := range weights {
			fmt.Fprintf(&lines, "{\"url\": \"http://h/\", \"name\": \"%c\", \"weight\": %d}\n", 'a'+i, w)
		}
		o := options()
		o.URLs, o.RequestsFile = nil, file(t, "plan.jsonl", lines.String())
		p, err := o.Validate()
		require.NoError(t, err)
		require.Len(t, p.Targets, 1)
		return drawn(&p.Targets[0], 100_000)
	}
	require.Equal(t, "a a b a c a a a", strings.Join(mix(5, 1, 1)[:8], " "), "spread, not in bursts")
	require.Equal(t, "a a b a c a a a", strings.Join(mix(500, 100, 100)[:8], " "), "a common factor is none")
	require.Equal(t, "b b b", strings.Join(mix(0, 2)[:3], " "))
	count := map[string]int{}
	for _, name := range mix(999_983, 999_979, 2) {
		count[name]++
	}
	require.InDelta(t, 50_000, count["a"], 1_000)
	require.InDelta(t, 50_000, count["b"], 1_000)
}

func TestRowsMeetEveryRequest(t *testing.T) {
	o := options()
	o.URLs = []string{"http://h/a?{{.x}}", "http://h/b?{{.x}}"}
	o.Spread, o.DataFile = true, file(t, "x.csv", "x\n1\n2\n3\n4\n")
	p, err := o.Validate()
	require.NoError(t, err)
	target := &p.Targets[0]
	rows, pairs := map[string]int{}, map[string]int{}
	for i := range 8 {
		v := template.Values{Seed: target.Seed, Index: uint64(i)}
		r := &target.Requests[target.Draw(&v)]
		rows[v.Row[0]]++
		filled := r.Filled(&v)
		pairs[filled.URL.RequestURI()]++
	}
	require.Equal(t, map[string]int{"1": 2, "2": 2, "3": 2, "4": 2}, rows)
	require.Len(t, pairs, 8)
}

// What is filled in is a request that a server reads as it was meant.
func TestFilledRequestIsRead(t *testing.T) {
	o := options()
	o.Method, o.URLs = "PUT", []string{"http://u:p@h:81?a={{.v}}&b={{seq}}#x"}
	o.Headers, o.Body = []string{"X-V: <{{.v}}>"}, `{"v": "{{.v}}"}`
	o.DataFile = file(t, "v.jsonl", `{"v": "ä \"&/"}`+"\n")
	p, err := o.Validate()
	require.NoError(t, err)
	r := &p.Targets[0].Requests[0]
	require.NotContains(t, p.Targets[0].Name, "p@")
	v := template.Values{Index: 8}
	p.Targets[0].Draw(&v)
	head, measured := r.Head(false)
	require.False(t, measured)
	body := r.Parts.Body.String(&v)
	text := head.String(&v) + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	got, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	require.NoError(t, err)
	require.Equal(t, `ä "&/`, got.URL.Query().Get("a"))
	require.Equal(t, "9", got.URL.Query().Get("b"))
	require.Equal(t, `<ä "&/>`, got.Header.Get("X-V"))
	require.Equal(t, `{"v": "ä \"&/"}`, body)
	user, password, _ := got.BasicAuth()
	require.Equal(t, "u:p", user+":"+password)
	filled := r.Filled(&v)
	require.Equal(t, text, string(filled.Wire(false)), "a redirect sends the same")
}

func TestForms(t *testing.T) {
	o := options()
	o.Method = ""
	o.Form = []string{"a b=c&d=e", `at=\@home`, "n={{seq}}"}
	p, err := o.Validate()
	require.NoError(t, err)
	r := p.Targets[0].Requests[0]
	require.Equal(t, "POST", r.Method)
	require.Equal(t, "a+b=c%26d%3De&at=%40home&n=1", string(r.Body))

	content := "line {{seq}}\r\n\x00end"
	o.Form = []string{"f=@" + file(t, "a\".bin", content), "n={{seq}}"}
	p, err = o.Validate()
	require.NoError(t, err)
	filled := p.Targets[0].Requests[0].Filled(&template.Values{Index: 4})
	got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(filled.Wire(false))))
	require.NoError(t, err)
	require.NoError(t, got.ParseMultipartForm(1<<20))
	require.Equal(t, "5", got.PostFormValue("n"))
	f, header, err := got.FormFile("f")
	require.NoError(t, err)
	require.Equal(t, int64(len(content)), header.Size)
	read := make([]byte, len(content))
	_, err = f.Read(read)
	require.NoError(t, err)
	require.Equal(t, content, string(read))

	for _, bad := range []string{"novalue", "=x"} {
		o.Form = []string{bad}
		_, err := o.Validate()
		require.ErrorContains(t, err, "--form")
		require.Equal(t, fault.StatusUsage, fault.Status(err))
	}
}

// A body that isn't text holds no templates, whatever its bytes look like.
func TestBinaryBodiesAreSentAsTheyAre(t *testing.T) {
	for _, body := range []string{"\x00{{nope}}", "{{seq}}\xff"} {
		o := options()
		o.Body = "@" + file(t, "b", body)
		p, err := o.Validate()
		require.NoError(t, err)
		require.Nil(t, p.Targets[0].Requests[0].Parts)
		require.Equal(t, body, string(p.Targets[0].Requests[0].Body))
	}
}

func TestRequestsBelowABase(t *testing.T) {
	for base, want := range map[string][3]string{
		"http://h":              {"http://h/x/y", "http://h/x", "http://h?q=1"},
		"http://h/":             {"http://h/x/y", "http://h/x", "http://h/?q=1"},
		"http://h/api/v1/?k=v":  {"http://h/api/v1/x/y", "http://h/api/v1/x", "http://h/api/v1/?q=1"},
		"https://[::1]:8443/v1": {"https://[::1]:8443/v1/x/y", "https://[::1]:8443/v1/x", "https://[::1]:8443/v1?q=1"},
	} {
		o := options()
		o.URLs = []string{base}
		o.RequestsFile = file(t, "plan.jsonl", `{"url": "/x/y"}`+"\n"+`{"url": "x"}`+"\n"+`{"url": "?q=1"}`+"\n"+`{"url": "HTTP://Other/z"}`)
		p, err := o.Validate()
		require.NoError(t, err)
		for i, w := range want {
			require.Equal(t, w, p.Targets[0].Requests[i].Name, base)
		}
		require.Equal(t, "http://Other/z", p.Targets[0].Requests[3].Name)
	}
}

func FuzzRequestsFile(f *testing.F) {
	f.Add(`{"method": "POST", "url": "/u/{{.id}}?{{seq}}", "headers": {"A": ["b", 1]}, "body": {"a": "{{uuid}}"}, "weight": 2, "expect": [200, "4xx"]}`)
	f.Add(`{"url": "http://u:p@h/", "headers": ["A: b"], "body": "text"}`)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "@") {
			return // it could name a file
		}
		o := options()
		o.DataFile = file(t, "d.csv", "id\n1\n")
		o.RequestsFile = file(t, "plan.jsonl", line)
		p, err := o.Validate()
		if err != nil {
			require.Equal(t, fault.StatusFailed, fault.Status(err), "%v", err)
			return
		}
		for i := range p.Targets[0].Requests {
			v := template.Values{Seed: 1}
			p.Targets[0].Draw(&v)
			filled := p.Targets[0].Requests[i].Filled(&v)
			got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(filled.Wire(false))))
			require.NoError(t, err, "%q", filled.Wire(false))
			require.Equal(t, filled.Method, got.Method)
		}
	})
}
