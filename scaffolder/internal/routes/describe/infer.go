package describe

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// literal is the schema of an object that is written in place.
func (u *user) literal(n *ecma.Node, depth int) *api.Schema {
	if n == nil || depth > 6 {
		return nil
	}
	switch n.Kind {
	case ecma.String, ecma.Template:
		return &api.Schema{Types: []string{"string"}}
	case ecma.Number:
		return &api.Schema{Types: []string{"number"}}
	case ecma.Boolean:
		return &api.Schema{Types: []string{"boolean"}}
	case ecma.Array:
		s := &api.Schema{Types: []string{"array"}}
		if len(n.List) > 0 {
			s.Items = u.literal(n.List[0], depth+1)
		}
		return s
	case ecma.Object:
		s := newObject()
		for _, p := range n.List {
			if key, ok := p.Key(); ok && p.Kind == ecma.Property {
				s.add(key, orEmpty(u.literal(p.Right, depth+1)), false)
			}
		}
		return s.Schema
	}
	return nil
}

// declare turns what was used into parameters and a body.
func (u *user) declare() {
	op := u.op
	infer := func(in string, names []string, mark string) {
		if op.has(in) && in != api.InHeader {
			return
		}
		for _, name := range names {
			if in == api.InHeader && slices.Contains([]string{"authorization", "content-type", "accept", "host", "user-agent"}, strings.ToLower(name)) {
				continue
			}
			if _, added := op.parameter(in, name); added {
				op.inferred[mark] = true
			}
		}
	}
	infer(api.InQuery, u.query, "query")
	infer(api.InHeader, u.headers, "headers")
	infer(api.InCookie, u.cookies, "cookies")
	if u.context && len(op.Responses) == 0 && u.statuses["body"] {
		u.answer(op, "200", nil)
		op.inferred["responses"] = true
	}
	if op.Body != nil || op.Method == "GET" || op.Method == "HEAD" {
		return
	}
	if len(u.body) > 0 {
		s := newObject()
		for _, name := range u.body {
			s.add(name, &api.Schema{}, false)
		}
		op.Body = &api.Body{Content: []*api.Media{{Type: "application/json", Schema: s.Schema}}}
		op.inferred["body"] = true
	} else if u.bodyUsed {
		op.inferred["body?"] = true
	}
}

// statusText describes a status as HTTP names it.
func statusText(status string) string {
	if code, err := strconv.Atoi(status); err == nil {
		if text := http.StatusText(code); text != "" {
			return text
		}
	}
	switch status {
	case "default":
		return "Any other answer."
	case "1XX":
		return "Informational"
	case "2XX":
		return "Success"
	case "3XX":
		return "Redirection"
	case "4XX":
		return "Client error"
	case "5XX":
		return "Server error"
	}
	return "Status " + status
}
