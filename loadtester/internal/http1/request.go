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
// method and fields. Fields keep their order and their case.
func Request(method string, u *url.URL, fields []Field, body []byte) []byte {
	var b strings.Builder
	target := u.RequestURI()
	b.WriteString(method + " " + target + " HTTP/1.1\r\n")
	if !has(fields, "Host") {
		b.WriteString("Host: " + hostOf(u) + "\r\n")
	}
	if u.User != nil && !has(fields, "Authorization") {
		password, _ := u.User.Password()
		token := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
		b.WriteString("Authorization: Basic " + token + "\r\n")
	}
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	bodyExpected := method == "POST" || method == "PUT" || method == "PATCH"
	if (len(body) > 0 || bodyExpected) && !has(fields, "Content-Length") && !has(fields, "Transfer-Encoding") {
		b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	b.WriteString("\r\n")
	return append([]byte(b.String()), body...)
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
