package plan

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/fault"
)

// targets makes the plan's targets: one for each URL, one of all URLs when the load is
// spread over them, and with a requests file one for each URL that it is relative to.
func (o Options) targets(p *Plan) error {
	method := strings.ToUpper(o.Method)
	if method == "" {
		method = "GET"
		if len(o.Form) > 0 || o.JSONBody != "" {
			method = "POST"
		}
	}
	if !slices.Contains(Methods(), method) {
		return fault.Usagef("--method %q: choose from %s", o.Method, strings.Join(Methods(), ", "))
	}
	b, err := o.builder()
	if err != nil {
		return err
	}
	if o.RequestsFile != "" {
		return o.fileTargets(p, b)
	}
	payload, err := o.payload()
	if err != nil {
		return err
	}
	fields, err := o.fields(method, payload.contentType)
	if err != nil {
		return err
	}
	if len(o.URLs) == 0 {
		return fault.Usagef("no URL given; try: loadtester http://localhost:8080/ --concurrency 10 --duration 10")
	}
	var requests []Request
	for _, text := range o.URLs {
		r, err := b.build(&spec{method: method, url: text, fields: fields, payload: payload, weight: 1})
		if err != nil {
			return err
		}
		r.Success = &p.Success
		requests = append(requests, r)
	}
	if o.Spread {
		p.Targets = []Target{b.target(requests)}
		return nil
	}
	for _, r := range requests {
		p.Targets = append(p.Targets, b.target([]Request{r}))
	}
	return nil
}

func (b *builder) target(requests []Request) Target {
	first := &requests[0]
	t := Target{URL: first.URL, Name: first.Name, Method: first.Method, Requests: requests, Data: b.data, Seed: b.seed}
	if len(requests) > 1 {
		t.Name = fmt.Sprintf("%s and %d more", first.Name, len(requests)-1)
	}
	weights := make([]int, len(requests))
	for i, r := range requests {
		weights[i] = r.Weight
		if r.Method != t.Method {
			t.Method = Mixed
		}
	}
	t.Mix = newMix(weights)
	return t
}

// builder reads the data.
func (o Options) builder() (*builder, error) {
	b := &builder{seed: uint64(o.Seed), problem: usageProblem}
	if o.Seed == 0 {
		var random [4]byte   // few enough digits to be typed again
		rand.Read(random[:]) //nolint:errcheck // it never fails
		b.seed = 1 + uint64(binary.LittleEndian.Uint32(random[:]))
	}
	switch {
	case !slices.Contains([]string{"", "order", "random"}, o.DataOrder):
		return nil, fault.Usagef("--data-order %q: choose order or random", o.DataOrder)
	case o.DataFile == "" && o.DataOrder == "random":
		return nil, fault.Usagef("--data-order needs --data FILE")
	case o.Rows != nil:
		b.data = &Data{}
		*b.data = *o.Rows
		b.data.Random = o.DataOrder == "random"
	case o.DataFile != "":
		var err error
		if b.data, err = o.Files.readData(o.DataFile); err != nil {
			return nil, err
		}
		b.data.Random = o.DataOrder == "random"
	}
	return b, nil
}

// usageProblem is the fault of a text on the command line that can't be compiled.
func usageProblem(s *spec, part string, err *template.Error) error {
	switch {
	case part == "body" && s.payload.path != "" && len(s.payload.pieces) == 1:
		line, column := position(s.payload.pieces[0].text, err.Offset)
		return &fault.Input{Path: s.payload.path, Line: line, Column: column, Message: err.Message}
	case part == "body" || part == "url":
		return fault.Usagef("%s: %s", part, err.Message)
	default:
		return fault.Usagef("--header %q: %s", part, err.Message)
	}
}

// fields are the header fields of the command line with those that are implied.
func (o Options) fields(method, contentType string) ([]http1.Field, error) {
	given := make([]http1.Field, 0, len(o.Headers)+4)
	for _, text := range o.Headers {
		f, err := parseField(text)
		if err != nil {
			return nil, err
		}
		given = append(given, f)
	}
	return o.withDefaults(given, method, contentType), nil
}

// withDefaults adds the fields that are sent unless they are given. Without a type, only
// methods that are about a body have one.
func (o Options) withDefaults(fields []http1.Field, method, contentType string) []http1.Field {
	add := func(name, value string) {
		if !hasField(fields, name) {
			fields = append(fields, http1.Field{Name: name, Value: value})
		}
	}
	add("User-Agent", o.UserAgent)
	add("Accept", "*/*")
	switch {
	case contentType != "":
		add("Content-Type", contentType)
	case http1.ExpectsBody(method):
		add("Content-Type", jsonType)
	}
	if o.NoKeepAlive {
		add("Connection", "close")
	}
	return fields
}

func hasField(fields []http1.Field, name string) bool {
	return slices.ContainsFunc(fields, func(f http1.Field) bool { return strings.EqualFold(f.Name, name) })
}
