package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// The limits of a requests file.
const (
	maxRequestsFile = 256 << 20
	MaxRequests     = 10_000 // lines
	MaxWeight       = 1_000_000
)

// fileTargets makes a target of a requests file for each URL that it is relative to, or
// one when it needs none.
func (o Options) fileTargets(p *Plan, b *builder) error {
	for _, f := range []struct {
		flag  string
		given bool
	}{
		{"--method", o.Method != "" && !strings.EqualFold(o.Method, "GET")},
		{"--body", o.Body != ""},
		{"--form", len(o.Form) > 0},
		{"--json-body", o.JSONBody != ""},
		{"--spread", o.Spread},
	} {
		if f.given {
			return fault.Usagef("%s and --requests-file exclude each other; write it into the file", f.flag)
		}
	}
	text, err := o.Files.read(o.RequestsFile, "requests", maxRequestsFile, "name a .jsonl file with one request a line")
	if err != nil {
		return err
	}
	bases := make([]*url.URL, 0, len(o.URLs)+1)
	for _, text := range o.URLs {
		base, err := ParseURL(text)
		if err != nil {
			return err
		}
		bases = append(bases, base)
	}
	if len(bases) == 0 {
		bases = append(bases, nil)
	}
	for _, base := range bases {
		f := requestsFile{Options: o, plan: p, builder: *b, base: base}
		f.problem = f.explain
		if err := eachLine(o.RequestsFile, text, f.line); err != nil {
			return err
		}
		if len(f.requests) == 0 {
			return &fault.Input{
				Path: o.RequestsFile, Message: "holds no request with a weight above 0",
				Hint: `write one request a line, such as {"method": "GET", "url": "/users"}`,
			}
		}
		t := f.target(f.requests)
		if base != nil {
			t.URL, t.Name = base, report.RedactURL(base.String())
		}
		p.Targets = append(p.Targets, t)
	}
	return nil
}

// requestsFile reads the lines of a requests file.
type requestsFile struct {
	Options
	builder
	plan     *Plan
	base     *url.URL
	requests []Request
}

// requestKeys are the keys that a line may have.
func requestKeys() []string {
	return []string{"method", "url", "headers", "body", "weight", "expect", "name"}
}

const requestHint = `a line is such as {"method": "POST", "url": "/users", "headers": {"X-A": "b"}, "body": {"id": 1}, "weight": 2, "expect": 201}`

// line reads one line.
func (f *requestsFile) line(number int, text []byte) error {
	bad := func(key, format string, args ...any) error {
		return &fault.Input{Path: f.RequestsFile, Line: number, Message: key + ": " + fmt.Sprintf(format, args...), Hint: requestHint}
	}
	object, keys, err := decodeObject(text)
	if err != nil {
		return badJSON(f.RequestsFile, number, text, err, requestHint)
	}
	for _, key := range keys {
		if !slices.Contains(requestKeys(), key) {
			return bad(key, "is no key of a request; there are %s", strings.Join(requestKeys(), ", "))
		}
	}
	s := &spec{line: number, base: f.base, weight: 1, method: "GET"}
	for _, read := range []func(map[string]json.RawMessage, *spec) (string, error){
		readMethod, f.readURL, f.readWeight, f.readHeaders, f.readBody,
	} {
		if key, err := read(object, s); err != nil {
			return bad(key, "%v", err)
		}
	}
	success, err := f.readExpect(object, s)
	if err != nil {
		return bad("expect", "%v", err)
	}
	if s.weight == 0 {
		return nil
	}
	if len(f.requests) == MaxRequests {
		return bad("line", "there are more than %d requests", MaxRequests)
	}
	r, err := f.build(s)
	if err != nil {
		var input *fault.Input
		if errors.As(err, &input) && input.Path == "" {
			input.Path, input.Line = f.RequestsFile, number
		}
		return err
	}
	r.Success = success
	if name := textOf(object["name"]); name != "" {
		r.Name = name
	}
	f.requests = append(f.requests, r)
	return nil
}

func (f *requestsFile) explain(s *spec, part string, err *template.Error) error {
	return &fault.Input{Path: f.RequestsFile, Line: s.line, Message: part + ": " + err.Message}
}

// textOf is a value that is a string, empty when it is none.
func textOf(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return ""
	}
	return text
}

func readMethod(object map[string]json.RawMessage, s *spec) (string, error) {
	value, ok := object["method"]
	if !ok {
		return "", nil
	}
	s.method = strings.ToUpper(textOf(value))
	if !slices.Contains(Methods(), s.method) {
		return "method", fmt.Errorf("%s is none of %s", value, strings.Join(Methods(), ", "))
	}
	return "", nil
}

func (f *requestsFile) readURL(object map[string]json.RawMessage, s *spec) (string, error) {
	s.url = textOf(object["url"])
	switch {
	case object["url"] == nil:
		return "url", errors.New("is missing")
	case s.url == "" && (f.base == nil || string(object["url"]) != `""`):
		return "url", errors.New("is no text")
	case f.base == nil && !IsURL(s.url):
		return "url", fmt.Errorf("%q is relative; name the URL that it is relative to on the command line", withoutUser(s.url))
	}
	return "", nil
}

func (f *requestsFile) readWeight(object map[string]json.RawMessage, s *spec) (string, error) {
	value, ok := object["weight"]
	if !ok {
		return "", nil
	}
	if err := json.Unmarshal(value, &s.weight); err != nil || s.weight < 0 || s.weight > MaxWeight {
		return "weight", fmt.Errorf("%s is no whole number from 0 to %d", value, MaxWeight)
	}
	return "", nil
}

// readHeaders reads the header fields: an object of texts or lists of them, or a list of
// "Name: value". Those of the command line are sent with every request that doesn't have
// its own.
func (f *requestsFile) readHeaders(object map[string]json.RawMessage, s *spec) (string, error) {
	lines, err := headerLines(object["headers"])
	if err != nil {
		return "headers", err
	}
	for _, line := range lines {
		field, err := parseField(line)
		if err != nil {
			return "headers", errors.New(strings.TrimPrefix(err.Error(), "--header "))
		}
		s.fields = append(s.fields, field)
	}
	own := slices.Clone(s.fields)
	for _, text := range f.Headers {
		field, err := parseField(text)
		if err != nil {
			return "headers", err
		}
		if !hasField(own, field.Name) {
			s.fields = append(s.fields, field)
		}
	}
	return "", nil
}

func headerLines(value json.RawMessage) ([]string, error) {
	var list []string
	if value == nil || json.Unmarshal(value, &list) == nil {
		return list, nil
	}
	object, names, err := decodeObject(value)
	if err != nil {
		return nil, errors.New(`is neither an object nor a list of "Name: value"`)
	}
	for _, name := range names {
		var many []string
		if json.Unmarshal(object[name], &many) != nil || many == nil {
			many = []string{cellOf(object[name])}
		}
		for _, v := range many {
			list = append(list, name+": "+v)
		}
	}
	return list, nil
}

// readBody reads the body: a text is sent as it is, with "@path" a file, anything else as
// JSON. And it completes the header fields, which depend on it.
func (f *requestsFile) readBody(object map[string]json.RawMessage, s *spec) (string, error) {
	value := object["body"]
	isText := len(value) > 0 && value[0] == '"'
	var err error
	contentType := ""
	switch {
	case value == nil || string(value) == "null":
	case isText:
		path, isFile := strings.CutPrefix(textOf(value), "@")
		if isFile && !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(f.RequestsFile), path)
		}
		if isFile {
			path = "@" + path
		}
		s.payload, err = f.Files.payload(path)
	default:
		s.payload = payload{pieces: []piece{{text: string(value)}}}
		contentType = jsonType
	}
	if err != nil {
		return "body", err
	}
	s.fields = f.withDefaults(s.fields, s.method, contentType)
	for _, field := range s.fields {
		if strings.EqualFold(field.Name, "content-type") {
			s.payload.setEscape(field.Value)
		}
	}
	return "", nil
}

// readExpect reads the statuses that the request must be answered with: a number, a text
// such as "2xx", or a list of them. Without any, success is what it is for the whole run.
func (f *requestsFile) readExpect(object map[string]json.RawMessage, s *spec) (*StatusSet, error) {
	value := object["expect"]
	if value == nil || string(value) == "null" {
		return &f.plan.Success, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		list = []json.RawMessage{value}
	}
	var items []string
	for _, item := range list {
		items = append(items, cellOf(item))
	}
	s.expect = strings.Join(items, ",")
	set, err := ParseStatuses(s.expect)
	if err != nil {
		return nil, fmt.Errorf("%s is no status; write such as 200, \"2xx\" or [200, 404]", value)
	}
	return set, nil
}
