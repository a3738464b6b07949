package http1

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
)

// Field is one header field.
type Field struct{ Name, Value string }

// Request returns the bytes of a request to u. Host, Content-Length and, with a user
// in u, Authorization are added unless fields has them; the caller has checked
// method and fields. Fields keep their order and their case. With absolute, the whole
// URL is in the request line, as proxies want it.
func Request(method string, u *url.URL, fields []Field, body []byte, absolute bool) []byte {
	var b strings.Builder
	b.WriteString(method + " " + Target(u, absolute) + u.RequestURI() + " HTTP/1.1\r\n")
	for _, f := range Implied(u, fields) {
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	if len(body) > 0 || ExpectsBody(method) {
		b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	b.WriteString("\r\n")
	return append([]byte(b.String()), body...)
}

// Target is what precedes path and query in a request line: nothing, or scheme and host.
func Target(u *url.URL, absolute bool) string {
	if !absolute {
		return ""
	}
	return u.Scheme + "://" + hostOf(u)
}

// Implied are the fields that follow from u and that fields doesn't have: Host and, with
// a user in u, Authorization.
func Implied(u *url.URL, fields []Field) []Field {
	var implied []Field
	if !has(fields, "Host") {
		implied = append(implied, Field{Name: "Host", Value: hostOf(u)})
	}
	if u.User != nil && !has(fields, "Authorization") {
		password, _ := u.User.Password()
		token := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
		implied = append(implied, Field{Name: "Authorization", Value: "Basic " + token})
	}
	return implied
}

// ExpectsBody tells the methods whose requests say how long their body is even when they
// have none, RFC 9110 section 8.6.
func ExpectsBody(method string) bool {
	return method == "POST" || method == "PUT" || method == "PATCH"
}

func has(fields []Field, name string) bool {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// hostOf is the authority of u for a Host header: without user, and without the port
// that its scheme implies.
func hostOf(u *url.URL) string {
	port := u.Port()
	if port == "" || (u.Scheme == "http" && port == "80") || (u.Scheme == "https" && port == "443") {
		return strings.TrimSuffix(u.Host, ":"+port)
	}
	return u.Host
}
