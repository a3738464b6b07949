package plan

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// spec is one request as a person wrote it, on the command line or in a requests file.
type spec struct {
	method  string
	url     string
	base    *url.URL // what the URL is relative to; nil when it must be whole
	fields  []http1.Field
	payload payload
	weight  int
	expect  string
	line    int // in the requests file
}

// builder makes requests of specs.
type builder struct {
	data *Data // may be nil
	seed uint64
	// problem says where a text that can't be compiled stands.
	problem func(s *spec, part string, err *template.Error) error
}

// build returns the request that a spec describes, its success left to the caller.
func (b *builder) build(s *spec) (Request, error) {
	r := Request{Method: s.method, Fields: s.fields, Weight: s.weight, Expect: s.expect, Line: s.line}
	var c template.Compiler
	if b.data != nil {
		c.Columns = b.data.Columns
	}
	parts := Parts{Values: make([]template.Text, len(s.fields))}
	for i, f := range s.fields {
		var err error
		if parts.Values[i], err = c.Compile(f.Value, template.Raw); err != nil {
			return r, b.located(s, f.Name, err)
		}
	}
	if err := b.sendable(&c); err != nil {
		return r, err
	}
	if err := b.address(s, &r, &parts, &c); err != nil {
		return r, err
	}
	var err error
	if parts.Body, err = s.payload.text(&c); err != nil {
		return r, b.located(s, "body", err)
	}
	dynamic := parts.Path.Dynamic() || parts.Body.Dynamic() ||
		slices.ContainsFunc(parts.Values, func(t template.Text) bool { return t.Dynamic() })
	example := template.Values{Seed: b.seed}
	if b.data != nil {
		example.Row = b.data.row(&example, 0, 0)
	}
	r.Parts = &parts
	filled := r.Filled(&example)
	r.Fields = filled.Fields // with {{"{{"}} undone
	switch {
	case s.payload.literal != nil:
		r.Body = s.payload.literal
		parts.Body = template.Literal(string(s.payload.literal))
	default:
		r.Body = filled.Body
	}
	if !dynamic {
		r.Parts = nil
	}
	return r, nil
}

func (b *builder) located(s *spec, part string, err error) error {
	var wrong *template.Error
	if errors.As(err, &wrong) {
		return b.problem(s, part, wrong)
	}
	return err
}

// sendable refuses data that no header field can hold, where c's fields take it.
func (b *builder) sendable(c *template.Compiler) error {
	for column, name := range c.Columns {
		if !c.Uses(column) {
			continue
		}
		for row := range b.data.Rows() {
			cell := b.data.cells[row*len(c.Columns)+column]
			if i := strings.IndexFunc(cell, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }); i >= 0 {
				return &fault.Input{
					Path: b.data.Path, Line: int(b.data.lines[row]),
					Message: fmt.Sprintf("%s holds a control character, which no header field can hold", name),
					Hint:    "take it out, or don't use the column in a header",
				}
			}
		}
	}
	return nil
}

// address sets URL, name and path. Templates may stand in path and query.
func (b *builder) address(s *spec, r *Request, parts *Parts, c *template.Compiler) error {
	text := s.url
	if s.base != nil && !IsURL(text) {
		text = join(s.base, text)
	}
	if !template.Has(text) {
		u, err := ParseURL(text)
		if err != nil {
			return err
		}
		r.URL, r.Name = u, report.RedactURL(u.String())
		parts.Path = template.Literal(u.RequestURI())
		return nil
	}
	origin, path := cutOrigin(text)
	if template.Has(origin) {
		return &fault.Input{Message: fmt.Sprintf("%s: {{…}} can't stand in the host", withoutUser(origin)), Hint: "use it in path and query"}
	}
	u, err := ParseURL(origin + template.Sample(path))
	if err != nil {
		return err
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	r.URL, r.Name = u, report.RedactURL(origin+path)
	if parts.Path, err = c.CompileURL(path); err != nil {
		return b.located(s, "url", err)
	}
	return nil
}

// cutOrigin cuts a URL behind its authority, and drops the fragment.
func cutOrigin(text string) (origin, path string) {
	begin := strings.Index(text, "://") + len("://")
	end := strings.IndexAny(text[begin:], "/?#")
	if end < 0 {
		return text, ""
	}
	origin, path = text[:begin+end], text[begin+end:]
	path, _, _ = strings.Cut(path, "#")
	return origin, path
}

// join puts a relative URL behind the base, whose path stays in front.
func join(base *url.URL, text string) string {
	front := *base
	front.RawQuery, front.Fragment = "", ""
	whole := strings.TrimSuffix(front.String(), "/")
	switch {
	case text == "":
		return base.String()
	case text[0] == '/':
		return whole + text
	case text[0] == '?':
		return front.String() + text
	default:
		return whole + "/" + text
	}
}
