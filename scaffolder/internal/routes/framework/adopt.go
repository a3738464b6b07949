package framework

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// adopted is something that is not known and that routes are registered on: a value
// itself, or what has a name in one.
type adopted struct {
	of   interpret.Value
	name string
}

func keyOf(s *interpret.Symbol) adopted {
	switch {
	case s.Op == interpret.Member && s.Self != nil:
		return adopted{s.Self, s.Name}
	case s.Op == interpret.Member && s.Base != nil && s.Base.Op != interpret.Opaque:
		return adopted{s.Base, s.Name}
	}
	return adopted{s, ""}
}

// unknownRouter takes what routes are registered on for a router, where it comes
// from another package or is handed in under the name of one, and the handlers
// have the parameters of handlers. What else looks like a route is noted.
func (h *Host) unknownRouter(callee *interpret.Symbol, c *interpret.Call) interpret.Value {
	if callee.Op != interpret.Member || callee.Base == nil {
		return nil
	}
	if callee.Name == "setGlobalPrefix" || callee.Name == "enableVersioning" {
		h.nestSetting(callee, c)
		return nil
	}
	call := func(o *interpret.Object) interpret.Value {
		return c.Machine.Call(c.Machine.Get(o, callee.Name, c.Place), &interpret.Call{This: o, Args: c.Args, Place: c.Place})
	}
	if o := h.adopted[keyOf(callee.Base)]; o != nil {
		return call(o)
	}
	if len(c.Args) < 2 || verbs[callee.Name] == "" {
		return nil
	}
	path, isText := c.Args[0].(interpret.Str)
	fn, isFunc := c.Args[len(c.Args)-1].(*interpret.Func)
	if !isText || !isFunc || !strings.HasPrefix(string(path), "/") {
		return nil
	}
	kind := handles(fn)
	if kind == "" || !h.adoptable(callee.Base) {
		switch callee.Name {
		case "get", "post", "put", "patch", "delete":
			serve(dissolve(c.Args[1:]))
			h.note(c.Place, "this looks like a route, but what it is registered on is not known")
		}
		return nil
	}
	return call(h.adopt(callee.Base, kind, c))
}

// adopt makes a router of what is not known.
func (h *Host) adopt(s *interpret.Symbol, kind string, c *interpret.Call) *interpret.Object {
	r := h.router(kind, false, c.Place)
	message := "what this route is registered on comes from another package; taken for a router"
	if s.Op == interpret.Member || s.Op == interpret.Given {
		message = "what this route is registered on comes from elsewhere; taken for one by its name"
		if !strings.HasSuffix(strings.ToLower(s.Name), "router") && kind == Express {
			r.App, r.Assumed = true, &interpret.Func{Place: c.Place}
		}
	}
	h.note(c.Place, message)
	var o *interpret.Object
	switch kind {
	case Fastify:
		o = h.newFastify(r)
	case Koa:
		o = h.newKoaRouter(r)
	default:
		o = h.newExpress(r)
	}
	h.adopted[keyOf(s)] = o
	return o
}

// adoptable tells what a package made under the name of a router or application,
// and what is handed in under such a name.
func (h *Host) adoptable(s *interpret.Symbol) bool {
	switch s.Op {
	case interpret.Called, interpret.Created:
		module, path := s.Root()
		if module == "" || len(path) == 0 {
			return false
		}
		return strings.Contains(strings.ToLower(path[len(path)-1]), "router")
	case interpret.Member, interpret.Given:
	default:
		return false
	}
	name := strings.ToLower(s.Name)
	return name == "app" || name == "server" || name == "fastify" || strings.HasSuffix(name, "router") || name == "expressapp" || name == "application"
}

// handles tells the framework whose handlers have the parameters of a function;
// empty for none.
func handles(fn *interpret.Func) string {
	if fn.Node == nil {
		return ""
	}
	names := make([]string, 0, 3)
	for _, p := range fn.Node.More().Params {
		name := ""
		if p.Left != nil && p.Left.Kind == ecma.Identifier {
			name = strings.ToLower(strings.Trim(p.Left.Text, "_"))
		}
		names = append(names, name)
	}
	switch {
	case len(names) > 0 && (names[0] == "ctx" || names[0] == "context"):
		return Koa
	case len(names) < 2:
		return ""
	case names[1] == "reply":
		return Fastify
	case strings.HasPrefix(names[0], "req") || names[0] == "", strings.HasPrefix(names[1], "res"):
		if strings.HasPrefix(names[1], "res") || len(names) > 2 && names[2] == "next" {
			return Express
		}
	}
	return ""
}

// applied calls decorators with what they are applied to, as __decorate does.
func applied(m *interpret.Machine, c *interpret.Call) interpret.Value {
	list, ok := c.Arg(0).(*interpret.Object)
	if !ok {
		return c.Arg(1)
	}
	args := c.Args[1:min(len(c.Args), 3)]
	if len(args) == 2 {
		args = append(args[:2:2], interpret.Undefined{})
	}
	for i := len(list.Elems) - 1; i >= 0; i-- {
		m.Call(list.Elems[i], &interpret.Call{Args: args, Place: c.Place})
	}
	return c.Arg(1)
}
