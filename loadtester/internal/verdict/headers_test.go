package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
)

func TestHeaders(t *testing.T) {
	for _, test := range []struct {
		name, lines, header, grade string
		plain                      bool
	}{
		{"no HSTS", "Content-Type: text/html\n", "Strict-Transport-Security", "error", false},
		{"no HSTS in the clear", "Content-Type: text/html\n", "Strict-Transport-Security", "info", true},
		{"short HSTS", "Strict-Transport-Security: max-age=60; includeSubDomains\n", "Strict-Transport-Security", "warning", false},
		{"HSTS without subdomains", "Strict-Transport-Security: max-age=31536000\n", "Strict-Transport-Security", "info", false},
		{"HSTS", `strict-transport-security: max-age="31536000"; includeSubDomains; preload` + "\n", "Strict-Transport-Security", "good", false},
		{"page without CSP", "Content-Type: text/html; charset=utf-8\n", "Content-Security-Policy", "error", false},
		{"data without CSP", "Content-Type: application/json\n", "Content-Security-Policy", "warning", false},
		{"inline scripts", "Content-Security-Policy: script-src 'self' 'unsafe-inline'\n", "Content-Security-Policy", "warning", false},
		{"inline scripts that a nonce overrides", "Content-Security-Policy: script-src 'nonce-a' 'unsafe-inline'\n", "Content-Security-Policy", "good", false},
		{"inline styles only", "Content-Security-Policy: default-src 'self'; style-src 'unsafe-inline'\n", "Content-Security-Policy", "good", false},
		{"no word on scripts", "Content-Security-Policy: frame-ancestors 'none'\n", "Content-Security-Policy", "warning", false},
		{"framed", "Content-Security-Policy: default-src 'none'\n", "X-Frame-Options", "warning", false},
		{"not framed", "X-Frame-Options: deny\n", "X-Frame-Options", "good", false},
		{"guessed types", "X-Content-Type-Options: sniff\n", "X-Content-Type-Options", "error", false},
		{"leaking addresses", "Referrer-Policy: no-referrer, unsafe-url\n", "Referrer-Policy", "warning", false},
		{"version", "Server: Apache/2.4.1\n", "Server", "warning", false},
		{"no version", "Server: cloud\n", "Server", "good", false},
		{"bare cookie", "Set-Cookie: a=b\n", "Set-Cookie", "error", false},
		{"bare cookie in the clear", "Set-Cookie: a=b\n", "Set-Cookie", "warning", true},
		{"cookie for any site", "Set-Cookie: a=b; Secure; HttpOnly; SameSite=None\n", "Set-Cookie", "info", false},
		{"cookie", "Set-Cookie: a=b; secure; httponly; samesite=strict\n", "Set-Cookie", "good", false},
		{"credentials for all", "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true\n", "Access-Control-Allow-Origin", "error", false},
		{"public", "Access-Control-Allow-Origin: *\n", "Access-Control-Allow-Origin", "info", false},
		{"old filter", "X-XSS-Protection: 1; mode=block\n", "X-XSS-Protection", "info", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			grades := map[string]string{}
			for _, g := range verdict.Headers(&stats.Answer{Status: 200, Headers: test.lines}, !test.plain) {
				grades[g.Header] = g.Grade
				require.Equal(t, g.Grade == "good", g.Advice == "", "%s: what is not good comes with what to do", g.Header)
			}
			require.Equal(t, test.grade, grades[test.header])
		})
	}
	require.NotContains(t, verdict.Headers(&stats.Answer{Headers: "X-XSS-Protection: 0\n"}, true), "X-XSS-Protection")
}
