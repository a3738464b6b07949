package plan

import (
	"net/url"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/report"
)

// Request is one of the requests that a target is loaded with.
type Request struct {
	URL    *url.URL
	Name   string // the URL as it may be shown: without a password
	Method string
	Fields []http1.Field
	Body   []byte

	// Parts are what is filled in anew each time; nil when the request is always the same.
	// Path, values and body above are then an example.
	Parts *Parts

	Weight  int        // its share of the load
	Success *StatusSet // the statuses that count as success
	Expect  string     // as given for this request alone; may be empty
	Line    int        // in the requests file, from 1; 0 without one
}

// Parts are the parts of a request that may differ each time.
type Parts struct {
	Path   template.Text   // path and query
	Values []template.Text // of Fields, one by one
	Body   template.Text
}

// Idempotent tells whether the request may be sent again when a connection that was
// idle turns out to be closed, RFC 9110 section 9.2.2.
func (r *Request) Idempotent() bool { return r.Method != "POST" && r.Method != "PATCH" }

// Wire is a request that is always the same as HTTP/1 sends it; with absolute, the whole
// URL is in its first line.
func (r *Request) Wire(absolute bool) []byte {
	return http1.Request(r.Method, r.URL, r.Fields, r.Body, absolute)
}

// Filled is the request as it is with the given values.
func (r *Request) Filled(v *template.Values) Request {
	filled := *r
	if r.Parts == nil {
		return filled
	}
	u := *r.URL
	path, query, _ := strings.Cut(r.Parts.Path.String(v), "?")
	u.RawQuery = query
	u.RawPath = path
	if plain, err := url.PathUnescape(path); err == nil {
		u.Path = plain
	}
	filled.URL, filled.Name = &u, report.RedactURL(u.String())
	filled.Fields = make([]http1.Field, len(r.Fields))
	for i, f := range r.Fields {
		filled.Fields[i] = http1.Field{Name: f.Name, Value: r.Parts.Values[i].String(v)}
	}
	filled.Body = r.Parts.Body.Append(nil, v)
	filled.Parts = nil
	return filled
}

// Head is the head of a request with parts as HTTP/1 sends it, up to the body's length,
// which must follow, unless measured tells that it is in there or there is no body.
func (r *Request) Head(absolute bool) (head template.Text, measured bool) {
	head.AddLiteral(r.Method + " " + http1.Target(r.URL, absolute))
	head.Add(r.Parts.Path)
	head.AddLiteral(" HTTP/1.1\r\n")
	for _, f := range http1.Implied(r.URL, r.Fields) {
		head.AddLiteral(f.Name + ": " + f.Value + "\r\n")
	}
	for i, f := range r.Fields {
		head.AddLiteral(f.Name + ": ")
		head.Add(r.Parts.Values[i])
		head.AddLiteral("\r\n")
	}
	if !r.Parts.Body.Dynamic() && len(r.Body) == 0 && !http1.ExpectsBody(r.Method) {
		head.AddLiteral("\r\n")
		return head, true
	}
	return head, false
}
