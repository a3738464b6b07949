package http1_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
)

func TestRequestIsReadBack(t *testing.T) {
	for _, tt := range []struct {
		name, method, url, host, target, body string
		fields                                []http1.Field
	}{
		{name: "plain", method: "GET", url: "http://localhost:8080/users", host: "localhost:8080", target: "/users"},
		{name: "no path", method: "GET", url: "http://localhost", host: "localhost", target: "/"},
		{name: "query only", method: "GET", url: "http://localhost?a=b", host: "localhost", target: "/?a=b"},
		{name: "implied port", method: "GET", url: "https://example.com:443/", host: "example.com", target: "/"},
		{name: "other port", method: "GET", url: "https://example.com:80/", host: "example.com:80", target: "/"},
		{name: "IPv6", method: "GET", url: "http://[::1]:80/", host: "[::1]", target: "/"},
		{name: "IPv6 with port", method: "GET", url: "http://[::1]:81/", host: "[::1]:81", target: "/"},
		{name: "space and unicode", method: "GET", url: "http://h/a b/ü", host: "h", target: "/a%20b/%C3%BC"},
		{name: "body", method: "POST", url: "http://h/", host: "h", target: "/", body: `{"a": 1}`},
		{name: "empty body", method: "POST", url: "http://h/", host: "h", target: "/"},
		{
			name: "own host", method: "GET", url: "http://h/", host: "other", target: "/",
			fields: []http1.Field{{Name: "Host", Value: "other"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(tt.url)
			require.NoError(t, err)
			raw := http1.Request(tt.method, u, tt.fields, []byte(tt.body), false)
			in := bufio.NewReader(bytes.NewReader(raw))
			r, err := http.ReadRequest(in)
			require.NoError(t, err)
			require.Equal(t, tt.method, r.Method)
			require.Equal(t, tt.host, r.Host)
			require.Equal(t, tt.target, r.RequestURI)
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			require.Equal(t, tt.body, string(body))
			require.Zero(t, in.Buffered())
		})
	}
}

func TestRequestSendsCredentialsOfTheURL(t *testing.T) {
	u, err := url.Parse("http://user:p%40ss@h/")
	require.NoError(t, err)
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(http1.Request("GET", u, nil, nil, false))))
	require.NoError(t, err)
	name, password, ok := r.BasicAuth()
	require.True(t, ok)
	require.Equal(t, "user", name)
	require.Equal(t, "p@ss", password)
	require.Equal(t, "h", r.Host)
}
