package engine

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
)

// cookies are those of one client, which is one user to the server. nil keeps none.
type cookies struct {
	jar *cookiejar.Jar
	buf []byte
}

func newCookies(p *plan.Plan) *cookies {
	if !p.Cookies {
		return nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil // it never fails without options
	}
	return &cookies{jar: jar}
}

// add puts the cookies for a request into it, below its first line.
func (c *cookies) add(wire []byte, h *hop) []byte {
	if c == nil {
		return wire
	}
	end := bytes.IndexByte(wire, '\n') + 1
	c.buf = append(c.buf[:0], wire[:end]...)
	for i, cookie := range c.jar.Cookies(h.request.URL) {
		if i == 0 {
			c.buf = append(c.buf, "Cookie: "...)
		} else {
			c.buf = append(c.buf, "; "...)
		}
		c.buf = append(c.buf, cookie.Name+"="+cookie.Value...)
	}
	if len(c.buf) > end {
		c.buf = append(c.buf, "\r\n"...)
	}
	c.buf = append(c.buf, wire[end:]...)
	return c.buf
}

// keep takes the cookies of an answer's header lines.
func (c *cookies) keep(headers []byte, h *hop) {
	if c == nil {
		return
	}
	var found []*http.Cookie
	for line := range strings.Lines(string(headers)) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\n"), ": ")
		if !strings.EqualFold(name, "Set-Cookie") {
			continue
		}
		if cookie, err := http.ParseSetCookie(value); err == nil {
			found = append(found, cookie)
		}
	}
	if found != nil {
		c.jar.SetCookies(h.request.URL, found)
	}
}
