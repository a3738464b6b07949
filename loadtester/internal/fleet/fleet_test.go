package fleet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
)

func TestTargets(t *testing.T) {
	list, err := ParseTargets([]string{
		"Staging.example.com:443", "*.test.example:*", "10.0.0.0/8:8080", "[::1]:80", "[fd00::/8]:*", "192.0.2.7:*", "unix:/run/app.sock",
	})
	require.NoError(t, err)
	for _, c := range []struct {
		host, port string
		may        bool
	}{
		{"staging.example.com", "443", true},
		{"staging.example.com.", "443", true},
		{"staging.example.com", "80", false},
		{"evil-staging.example.com", "443", false},
		{"a.test.example", "1", true},
		{"a.b.test.example", "1", true},
		{"test.example", "1", false},
		{"eviltest.example", "1", false},
		{"10.1.2.3", "8080", true},
		{"::ffff:10.1.2.3", "8080", true},
		{"10.1.2.3", "8081", false},
		{"11.1.2.3", "8080", false},
		{"::1", "80", true},
		{"fd00::9", "5", true},
		{"192.0.2.7", "9", true},
		{"192.0.2.8", "9", false},
		{"unix", "/run/app.sock", true},
		{"unix", "/run/other.sock", false},
	} {
		require.Equal(t, c.may, list.Has(c.host, c.port), "%s %s", c.host, c.port)
	}
	require.False(t, Targets{}.Has("localhost", "80"))
	everything, err := ParseTargets([]string{"*:*"})
	require.NoError(t, err)
	require.True(t, everything.Has("any.example", "1"))
	require.False(t, everything.Has("unix", "/run/app.sock"), "a socket is named alone")
	for _, bad := range []string{"", "localhost", ":80", "localhost:0", "localhost:http", "http://localhost:80", "a*b:80", "10.0.0.0/40:80", "[::1]", "u@h:80"} {
		_, err := ParseTargets([]string{bad})
		require.Error(t, err, "%q", bad)
	}
}

func TestLink(t *testing.T) {
	for _, l := range []Link{
		{URL: "http://localhost", Group: "g"},
		{URL: "nats://", Group: "g"},
		{URL: "nats://localhost", Group: "a.b"},
		{URL: "nats://localhost", Group: "g", Creds: "a", TokenFile: "b"},
		{URL: "nats://localhost", Group: "g", Cert: "a"},
	} {
		require.Error(t, l.Validate(), "%+v", l)
	}
	l := Link{URL: "localhost:4222,tls://me:s3cret@other:4222,nats://t0ken@third", Group: "g"}
	require.NoError(t, l.Validate())
	require.Equal(t, "nats://localhost:4222,tls://other:4222,nats://third", l.shown())
	dir := t.TempDir()
	for name, text := range map[string]string{"nkey": "no seed", "token": " \n", "ca": "no PEM"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		l := map[string]Link{"nkey": {NKey: path}, "token": {TokenFile: path}, "ca": {CA: path}}[name]
		l.URL, l.Group = "nats://127.0.0.1:1", "g"
		_, err := l.connect("test", false, events{cut: func(bool) {}, back: func() {}})
		require.ErrorContains(t, err, path+": ")
	}
	_, err := (&Link{URL: "nats://me:s3cret@127.0.0.1:1", Group: "g"}).connect("test", false, events{cut: func(bool) {}, back: func() {}})
	require.ErrorContains(t, err, "NATS at nats://127.0.0.1:1: no server answers")
	require.NotContains(t, err.Error(), "s3cret")
}

// FuzzMessage: whatever comes is read or refused, and what is read is written alike.
func FuzzMessage(f *testing.F) {
	m := message{Agent: "a", Round: 1, Sequence: 2, Through: 3, Tallies: []tallyOf{{second: 1, tally: []byte("x")}}}
	for _, last := range []*end{nil, {Requests: 5, Fault: "why"}} {
		m.End = last
		text, err := m.encode()
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := decodeMessage(text)
		if err != nil {
			return
		}
		again, err := m.encode()
		require.NoError(t, err)
		same, err := decodeMessage(again)
		require.NoError(t, err)
		require.Equal(t, m, same)
	})
}

// FuzzParcel: a plan from elsewhere is read or refused.
func FuzzParcel(f *testing.F) {
	o := plan.Options{URLs: []string{"http://localhost/{{seq}}"}, Concurrency: 1, Timeout: "1", Grace: "1", Warmup: "0"}
	p, err := o.Validate()
	require.NoError(f, err)
	parcel, err := o.Pack(p)
	require.NoError(f, err)
	text, err := packed(parcel)
	require.NoError(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := openParcel(text)
		if err != nil || len(got.Options.Stages) > 100 {
			return
		}
		_, _ = got.Unpack(nil)
	})
}
