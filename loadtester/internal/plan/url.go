package plan

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// IsURL tells whether text is meant as a URL to load, rather than as a file.
func IsURL(text string) bool {
	lower := strings.ToLower(text)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// ParseURL reads a URL to load. What it holds beyond ASCII is escaped; the fragment is
// dropped, since it is never sent.
func ParseURL(text string) (*url.URL, error) {
	if !IsURL(text) {
		hint := "a URL begins with http:// or https://"
		if text != "" && !strings.ContainsAny(text, "@\\") && !strings.Contains(text, ":/") && text[0] != '/' {
			hint = "write http://" + text + " or https://" + text
		}
		return nil, &fault.Input{Message: fmt.Sprintf("%q is no http(s):// URL", withoutUser(text)), Hint: hint}
	}
	u, err := url.Parse(text)
	if err != nil {
		// The error of url.Parse quotes the whole URL, password included.
		return nil, &fault.Input{Message: fmt.Sprintf("%q is no valid URL", withoutUser(text)), Hint: "check its host, port and % escapes"}
	}
	u.Scheme = strings.ToLower(u.Scheme)
	bad := func(what, hint string) error {
		return &fault.Input{Message: fmt.Sprintf("%s: %s", report.RedactURL(u.String()), what), Hint: hint}
	}
	if u.Hostname() == "" {
		return nil, bad("the URL has no host", "write such as http://localhost:8080/")
	}
	for _, c := range []byte(u.Hostname()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^{|}`, c) >= 0 {
			return nil, bad("the host holds a character that no host name has", "write international names in their xn-- form")
		}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, bad("port "+port+" doesn't exist", "ports go from 1 to 65535")
		}
	}
	u.RawQuery = escapeQuery(u.RawQuery)
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// withoutUser cuts a user and password out of a text that may not even be a URL.
func withoutUser(text string) string {
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return text
	}
	scheme, _, found := strings.Cut(text[:at], "://")
	if !found {
		return "***" + text[at:]
	}
	return scheme + "://***" + text[at:]
}

// escapeQuery escapes what must not stand in a request line; url.Parse leaves queries
// as they are.
func escapeQuery(q string) string {
	var b strings.Builder
	for i := range len(q) {
		if c := q[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// parseField reads "Name: Value". The value may hold colons and commas, and be empty.
func parseField(text string) (http1.Field, error) {
	name, value, found := strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found {
		// A value without its name could be a secret, so only its length is told.
		return http1.Field{}, fault.Usagef("--header: a field without a colon (%d characters); write \"Name: Value\"", len(text))
	}
	if !isToken(name) {
		return http1.Field{}, fault.Usagef("--header %q: not a field name; write \"Name: Value\"", name)
	}
	if strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding") {
		return http1.Field{}, fault.Usagef("--header %s: it follows from the body and can't be set", name)
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return http1.Field{}, fault.Usagef("--header %q: its value holds a control character, which can't be sent", name)
		}
	}
	return http1.Field{Name: name, Value: value}, nil
}

func isToken(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return name != ""
}
