// Package describe turns routes and what their handlers and validators say into
// operations.
//
// Routes as package framework found them go in; an api.API and a finding for each
// route come out. What validators, schemas and types declare is taken as it is;
// what only follows from how a handler uses a request is marked with x-inferred,
// and what is not known is left out and named in the finding.
package describe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/framework"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// Options are what Describe needs to know.
type Options struct {
	Machine  *interpret.Machine
	Host     *framework.Host
	Position func(interpret.Place) api.Position
}

// Finding is one route: where it stands, what was found of it, and what is not
// known.
type Finding struct {
	Position api.Position
	Method   string
	Path     string
	Found    []string
	Missing  []string
}

// Described is what comes out.
type Described struct {
	API      *api.API
	Findings []Finding
	Problems []Problem
}

// Problem is a document in a comment that could not be read.
type Problem struct {
	Position api.Position
	Message  string
}

// Describe describes routes.
func Describe(routes []*framework.Route, o Options) *Described {
	d := &describer{
		Options: o, api: &api.API{}, components: map[any]string{}, names: map[string]bool{},
		ids: map[string]int{}, fragments: map[*api.Schema]string{}, modifiers: zodModifiers(),
	}
	for _, r := range routes {
		d.guarded(r)
	}
	d.comments(routes)
	d.fill()
	d.identify()
	return &Described{API: d.api, Findings: d.findings, Problems: d.problems}
}

type describer struct {
	Options
	api        *api.API
	components map[any]string
	names      map[string]bool
	ids        map[string]int
	findings   []Finding
	problems   []Problem
	fragments  map[*api.Schema]string // JSON Schemas to be read at the end
	order      []*api.Schema          // of fragments
	modifiers  map[string]modifier
	depth      int
}

// maxDepth is how deep schemas may nest.
const maxDepth = 300

// operation is one that is being described.
type operation struct {
	*api.Operation
	route    *framework.Route
	handler  *interpret.Func
	inferred map[string]bool // parts that follow from use alone
}

// guarded describes a route; one that cannot be described keeps its method and
// path.
func (d *describer) guarded(r *framework.Route) {
	count := len(d.findings)
	defer func() {
		if broken := recover(); broken != nil && len(d.findings) == count {
			op := &operation{Operation: &api.Operation{Method: r.Method, Path: r.Path, Position: d.Position(r.Entry.Place)}, route: r, inferred: map[string]bool{}}
			d.finish(op)
			d.problems = append(d.problems, Problem{op.Position, fmt.Sprintf("this route was not described to its end: %v", broken)})
		}
	}()
	d.depth = 0
	d.route(r)
}

func (d *describer) route(r *framework.Route) {
	path, parameters := renamed(r)
	op := &operation{Operation: &api.Operation{
		Method: r.Method, Path: path, Position: d.Position(r.Entry.Place),
	}, route: r, inferred: map[string]bool{}}
	op.handler = last(r.Handlers)
	for _, p := range parameters {
		schema := &api.Schema{Types: []string{"string"}, Pattern: anchored(p.Pattern)}
		op.Parameters = append(op.Parameters, &api.Parameter{
			Name: p.Name, In: api.InPath, Required: true, Style: api.StyleSimple, Schema: schema,
		})
	}
	if op.handler != nil && op.handler.Name != "" {
		op.ID = op.handler.Name
	}
	d.document(op)
	if tag := d.tag(op); tag != "" && op.Tags == nil {
		op.Tags = []string{tag}
	}
	d.validators(op)
	if op.route.Entry.Options != nil {
		d.routeOptions(op, op.route.Entry.Options)
	}
	if !d.controlled(op) {
		d.generics(op)
		d.uses(op)
	}
	d.secure(op)
	if r.Inferred {
		op.inferred["method"] = true
	}
	d.finish(op)
}

// anchored is a pattern of a path's parameter as one of a schema.
func anchored(pattern string) string {
	switch pattern {
	case "[^/]+", "[^/]+?", `[^\/]+`, `[^\/]+?`: // what every parameter is
		return ""
	}
	if pattern == "" || strings.HasPrefix(pattern, "^") {
		return pattern
	}
	if strings.Contains(pattern, "|") {
		return "^(?:" + pattern + ")$"
	}
	return "^" + pattern + "$"
}

// last is the handler that answers: the last function, out of what wraps it.
func last(handlers []interpret.Value) *interpret.Func {
	for i := len(handlers) - 1; i >= 0; i-- {
		if fn := unwrapped(handlers[i], 0); fn != nil {
			return fn
		}
	}
	return nil
}

// unwrapped finds the function of the sources in what wrappers made of it.
func unwrapped(v interpret.Value, depth int) *interpret.Func {
	if depth > 6 {
		return nil
	}
	inside := func(args []interpret.Value) *interpret.Func {
		for i := len(args) - 1; i >= 0; i-- {
			if fn := unwrapped(args[i], depth+1); fn != nil && fn.Node != nil && !fn.IsClass {
				return fn
			}
		}
		return nil
	}
	switch o := v.(type) {
	case *interpret.Func:
		for made := o.Made; made != nil; made = made.Inner {
			if fn := inside(made.Args); fn != nil {
				return fn
			}
		}
		if o.Node == nil {
			return nil
		}
		return o
	case *interpret.Symbol:
		if o.Op == interpret.Called || o.Op == interpret.Created {
			if fn := inside(o.Args); fn != nil {
				return fn
			}
		}
		if f, ok := o.Self.(*interpret.Func); ok && o.Op == interpret.Called {
			return f
		}
	case *interpret.Object:
		if o.Made != nil {
			return inside(o.Made.Args)
		}
	}
	return nil
}

// finish puts an operation into the API, and says what is not known of it.
func (d *describer) finish(op *operation) {
	finding := Finding{Position: op.Position, Method: op.Method, Path: op.Path}
	note := func(has bool, found, missing string) {
		if has {
			finding.Found = append(finding.Found, found)
		} else {
			finding.Missing = append(finding.Missing, missing)
		}
	}
	note(op.ID != "", "operationId", "a name: use a named function as the handler")
	note(op.Summary != "" || op.Description != "", "summary", "a doc comment above the route or its handler")
	if op.Method == "POST" || op.Method == "PUT" || op.Method == "PATCH" {
		note(op.Body != nil, "request body", "a schema for the request body")
	}
	if op.Body == nil && op.inferred["body?"] {
		op.Body = &api.Body{Content: []*api.Media{{Type: "application/json"}}}
		op.inferred["body"] = true
	}
	query := slices.ContainsFunc(op.Parameters, func(p *api.Parameter) bool { return p.In == api.InQuery })
	if query {
		note(!op.inferred["query"], "query parameters", "a schema for the query: its parameters follow from their use")
	}
	note(len(op.Responses) > 0, "responses", "a schema or type for the answers")
	if len(op.Responses) == 0 {
		op.Responses = []*api.Response{{Status: "default", Description: "Not known from the code."}}
		op.inferred["responses"] = true
	}
	if op.route.Entry.Uncertain {
		finding.Missing = append(finding.Missing, "whether it is served: it is registered under a condition")
	}
	var what []string
	for name := range op.inferred {
		if !strings.HasSuffix(name, "?") {
			what = append(what, `"`+name+`"`)
		}
	}
	slices.Sort(what)
	if what != nil {
		op.Extensions = append(op.Extensions, api.Extension{Name: "x-inferred", Value: api.Value("[" + strings.Join(what, ",") + "]")})
	}
	if op.SecurityDeclared {
		finding.Found = append(finding.Found, "security")
	}
	d.api.Operations = append(d.api.Operations, op.Operation)
	d.findings = append(d.findings, finding)
}

// parameter is the operation's own, added when it is not there.
func (op *operation) parameter(in, name string) (p *api.Parameter, added bool) {
	for _, p := range op.Parameters {
		if p.In == in && (p.Name == name || in == api.InHeader && strings.EqualFold(p.Name, name)) {
			return p, false
		}
	}
	p = &api.Parameter{Name: name, In: in, Style: api.StyleSimple, Schema: &api.Schema{Types: []string{"string"}}}
	if in == api.InQuery || in == api.InCookie {
		p.Style, p.Explode = api.StyleForm, true
	}
	op.Parameters = append(op.Parameters, p)
	return p, true
}

// has tells whether anything has been said of a place.
func (op *operation) has(in string) bool {
	return slices.ContainsFunc(op.Parameters, func(p *api.Parameter) bool { return p.In == in })
}

// identify makes operation ids differ, and leaves out those that name nothing.
func (d *describer) identify() {
	count := map[string]int{}
	for _, op := range d.api.Operations {
		count[op.ID]++
	}
	taken := map[string]bool{}
	for _, op := range d.api.Operations {
		if op.ID != "" && count[op.ID] > 1 {
			id := op.ID
			if len(op.Tags) > 0 {
				id += exported(op.Tags[0])
			}
			for _, suffix := range []string{"", exported(strings.ToLower(op.Method)), exported(op.Path)} {
				if !taken[id+suffix] {
					id += suffix
					break
				}
			}
			op.ID = id
		}
		if op.ID != "" && taken[op.ID] {
			op.ID = ""
		}
		taken[op.ID] = true
	}
	seen := map[string]bool{}
	for _, op := range d.api.Operations {
		for _, tag := range op.Tags {
			if !seen[tag] {
				seen[tag] = true
				d.api.Tags = append(d.api.Tags, api.Tag{Name: tag})
			}
		}
	}
}
