package openapi

import (
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// maxOperations bounds how many operations references can multiply into.
const maxOperations = 100_000

// template is the parameters that a path names, or nil where there is no path
// to speak of.
type template map[string]bool

var templatePattern = regexp.MustCompile(`\{([^{}]*)\}`)

func templateOf(path string) template {
	out := template{}
	for _, m := range templatePattern.FindAllStringSubmatch(path, -1) {
		out[m[1]] = true
	}
	return out
}

// pathItem reads the operations of one path, webhook or callback.
func (r *reader) pathItem(path string, v value, names template) []*api.Operation {
	own := v
	if v.isNull() {
		return nil
	}
	v, ok := r.component(v, "path item")
	if !ok {
		return nil
	}
	if r.active[v.node] {
		r.unsupported(own, "path item refers to itself in a circle; it is left out there")
		return nil
	}
	r.active[v.node] = true
	defer delete(r.active, v.node)

	servers := r.servers(v.get("servers"))
	var out []*api.Operation
	read := func(method string, e entry) {
		if op := r.operation(method, path, e, v, names); op != nil {
			if op.Servers == nil {
				op.Servers = servers
			}
			if op.Summary == "" {
				op.Summary = v.get("summary").text()
			}
			if op.Description == "" {
				op.Description = v.get("description").text()
			}
			out = append(out, op)
		}
	}
	entries := lastWins(v.entries())
	if own.node != v.node { // operations beside the reference
		for _, e := range lastWins(own.entries()) {
			if !v.get(e.key).exists() {
				entries = append(entries, e)
			}
		}
	}
	for _, e := range entries {
		switch e.key {
		case "get", "put", "post", "delete", "options", "head", "patch", "trace", "query":
			read(strings.ToUpper(e.key), e)
		case "additionalOperations":
			for _, extra := range lastWins(e.value.entries()) {
				read(extra.key, extra)
			}
		case "$ref", "summary", "description", "servers", "parameters":
		default:
			if !strings.HasPrefix(e.key, "x-") {
				r.invalid(e.at, "a path has no %q; it is ignored", e.key)
			}
		}
	}
	return out
}

var methodPattern = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (r *reader) operation(method, path string, e entry, item value, names template) *api.Operation {
	v := e.value
	if v.isNull() {
		return nil
	}
	if r.reads++; r.reads > maxOperations {
		r.unsupported(v, "more than %d operations; the rest is left out", maxOperations)
		return nil
	}
	if !v.isMapping() || !methodPattern.MatchString(method) {
		r.invalid(e.at, "operation %s %s should be an object under a method's name; it is left out", method, path)
		return nil
	}
	op := &api.Operation{
		ID:           v.get("operationId").text(),
		Method:       method,
		Path:         path,
		Summary:      v.get("summary").text(),
		Description:  v.get("description").text(),
		Tags:         r.optionalStrings("tags", v.get("tags")),
		Deprecated:   v.get("deprecated").isTrue(),
		ExternalDocs: r.externalDocs(v.get("externalDocs")),
		Extensions:   r.extensions(v),
		Position:     e.at.position(),
	}
	op.Security, op.SecurityDeclared = r.api.Security, false
	if security := v.get("security"); security.exists() && !security.isNull() {
		op.Security, op.SecurityDeclared = r.requirements(security), true
	}
	if r.dialect == dialectSwagger {
		r.swaggerOperation(op, v, item, names)
		return op
	}
	op.Servers = r.servers(v.get("servers"))
	op.Parameters = r.completeParameters(e.at, path, mergeParameters(r.parameters(item.get("parameters")), r.parameters(v.get("parameters"))), names)
	op.Body = r.body(v.get("requestBody"))
	op.Responses = r.responses(v.get("responses"))
	op.Callbacks = r.callbacks(v.get("callbacks"))
	r.checkOperationKeys(v)
	return op
}

func (r *reader) checkOperationKeys(v value) {
	for _, e := range v.entries() {
		switch e.key {
		case "operationId", "summary", "description", "tags", "deprecated", "externalDocs", "security", "servers",
			"parameters", "requestBody", "responses", "callbacks":
		default:
			if !strings.HasPrefix(e.key, "x-") {
				r.unsupported(e.at, "an operation has no %q; it is ignored", e.key)
			}
		}
	}
}

// mergeParameters lets an operation's parameters replace the path's.
func mergeParameters(inherited, own []*api.Parameter) []*api.Parameter {
	type place struct{ in, name string }
	replaced := map[place]bool{}
	for _, p := range own {
		replaced[place{p.In, p.Name}] = true
	}
	var out []*api.Parameter
	for _, p := range inherited {
		if !replaced[place{p.In, p.Name}] {
			out = append(out, p)
		}
	}
	return append(out, own...)
}

// completeParameters makes the path parameters those that the template names.
func (r *reader) completeParameters(at value, path string, parameters []*api.Parameter, names template) []*api.Parameter {
	if names == nil {
		return parameters
	}
	found := map[string]bool{}
	kept := parameters[:0:0]
	for _, p := range parameters {
		if p.In == api.InPath {
			if !names[p.Name] {
				r.invalid(at, "path parameter %q is not in the path %s; it is left out", p.Name, path)
				continue
			}
			found[p.Name] = true
		}
		kept = append(kept, p)
	}
	for _, m := range templatePattern.FindAllStringSubmatch(path, -1) {
		if name := m[1]; !found[name] {
			found[name] = true
			r.invalid(at, "parameter {%s} of the path %s is not described; it is taken for a string", name, path)
			kept = append(kept, &api.Parameter{
				Name: name, In: api.InPath, Required: true, Style: api.StyleSimple,
				Schema: &api.Schema{Types: []string{"string"}}, Position: at.position(),
			})
		}
	}
	return kept
}

func (r *reader) callbacks(v value) []*api.Callback {
	var out []*api.Callback
	for _, e := range lastWins(v.entries()) {
		if strings.HasPrefix(e.key, "x-") {
			continue
		}
		callback, ok := r.component(e.value, "callback")
		if !ok {
			continue
		}
		for _, inner := range lastWins(callback.entries()) {
			if strings.HasPrefix(inner.key, "x-") || inner.key == "$ref" {
				continue
			}
			out = append(out, &api.Callback{Name: e.key, Expression: inner.key, Operations: r.pathItem(inner.key, inner.value, nil)})
		}
	}
	return out
}
