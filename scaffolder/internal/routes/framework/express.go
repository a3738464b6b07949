package framework

import (
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

func (h *Host) expressExport(module, name string, c *interpret.Call) interpret.Value {
	switch {
	case name == "" && module != "express-promise-router" && module != "router" && module != "express-async-router":
		return h.newExpress(h.router(Express, true, c.Place))
	case name == "" || name == "Router" || name == "AsyncRouter":
		return h.newExpress(h.router(Express, false, c.Place).strict(c.Arg(0)))
	}
	return nil
}

func (h *Host) newExpress(r *Router) *interpret.Object {
	o := &interpret.Object{Place: r.Place}
	o.Native = &native{host: h, router: r, member: func(_ *interpret.Machine, self *interpret.Object, name string) interpret.Value {
		return h.expressMember(r, self, name)
	}}
	r.object = o
	return o
}

func (h *Host) expressMember(r *Router, self *interpret.Object, name string) interpret.Value {
	if method := verbs[name]; method != "" {
		return function(name, func(c *interpret.Call) interpret.Value {
			if len(c.Args) < 2 {
				if len(c.Args) == 1 && name != "get" {
					return self
				}
				return interpret.Unknown(c.Place)
			}
			h.route(r, c, []string{method}, paths(c.Args[0]), c.Args[1:])
			return self
		})
	}
	switch name {
	case "use", "useAsync":
		return function(name, func(c *interpret.Call) interpret.Value {
			h.use(r, c)
			return self
		})
	case "route":
		return function(name, func(c *interpret.Call) interpret.Value { return h.routeBuilder(r, paths(c.Arg(0)), c) })
	case "locals":
		locals := &interpret.Object{Place: self.Place, Open: true}
		self.Set(name, locals)
		return locals
	case "param", "set", "enable", "disable", "engine", "on", "once":
		return function(name, func(*interpret.Call) interpret.Value { return self })
	}
	return nil
}

// route adds a route.
func (h *Host) route(r *Router, c *interpret.Call, methods []string, at []interpret.Value, handlers []interpret.Value) *Entry {
	handlers = dissolve(handlers)
	serve(handlers)
	e := &Entry{
		Place: c.Place, Methods: methods, Paths: at, Handlers: handlers,
		Uncertain: c.Machine.Uncertain(), Doc: docOf(c.Place),
	}
	r.Entries = append(r.Entries, e)
	return e
}

// docOf finds the doc comment above the statement that a call is.
func docOf(place interpret.Place) *ecma.Node {
	if place.Node == nil || place.Module == nil || place.Module.File == nil {
		return nil
	}
	return statementAt(place.Module.File.Body, place.Node)
}

// statementAt finds the innermost documented statement or property that begins
// where the call's chain does.
func statementAt(list []*ecma.Node, call *ecma.Node) *ecma.Node {
	var found *ecma.Node
	ecma.Walk(list, func(n *ecma.Node) bool {
		if n.Start > call.Start || n.End < call.End {
			return false
		}
		switch n.Kind {
		case ecma.ExpressionStatement, ecma.Return, ecma.Variables:
			found = nil
			if n.DocEnd != 0 {
				found = n
			}
		case ecma.Call:
			if n.Left.Kind == ecma.Dot && n.Left.DocEnd != 0 && n == call {
				found = n.Left
			}
		}
		return true
	})
	return found
}

// routeBuilder is what router.route(path) gives.
func (h *Host) routeBuilder(r *Router, at []interpret.Value, made *interpret.Call) *interpret.Object {
	o := &interpret.Object{Place: made.Place}
	var before []interpret.Value
	o.Native = &native{host: h, member: func(_ *interpret.Machine, self *interpret.Object, name string) interpret.Value {
		method := verbs[name]
		if method == "" {
			return nil
		}
		return function(name, func(c *interpret.Call) interpret.Value {
			if method == "ALL" && passesOn(dissolve(c.Args)) {
				before = append(before, c.Args...)
				serve(dissolve(c.Args))
				return self
			}
			h.route(r, c, []string{method}, at, append(append([]interpret.Value{}, before...), c.Args...))
			return self
		})
	}}
	return o
}

var pathName = regexp.MustCompile(`(?i)path|prefix|url|uri|base|root|mount|route|endpoint|version|api`)

// looksLikePath tells an argument that stands for a path from middleware.
func looksLikePath(v interpret.Value) bool {
	switch o := v.(type) {
	case interpret.Str, *interpret.Regex:
		return true
	case *interpret.Object:
		return o.Array && len(o.Elems) > 0 && looksLikePath(o.Elems[0])
	case *interpret.Symbol:
		switch o.Op {
		case interpret.Text, interpret.Env:
			return true
		case interpret.Either:
			return len(o.Args) > 0 && looksLikePath(o.Args[0])
		case interpret.Called, interpret.Created:
			if len(o.Args) == 1 {
				if key, ok := o.Args[0].(interpret.Str); ok && o.Base != nil && o.Base.Op == interpret.Member && strings.HasPrefix(o.Base.Name, "get") && pathName.MatchString(string(key)) {
					return true // settings.get("prefix")
				}
			}
			return o.Base != nil && o.Base.Op == interpret.Member && pathName.MatchString(o.Base.Name) && !strings.Contains(strings.ToLower(o.Base.Name), "router")
		case interpret.External:
			return false
		}
		return pathName.MatchString(o.Name) && !strings.Contains(strings.ToLower(o.Name), "router") && !strings.HasSuffix(strings.ToLower(o.Name), "routes")
	}
	return false
}

// use adds middleware and mounts.
func (h *Host) use(r *Router, c *interpret.Call) {
	args := c.Args
	at := []interpret.Value{interpret.Str("/")}
	if len(args) > 1 && looksLikePath(args[0]) {
		at, args = paths(args[0]), args[1:]
	}
	var before []interpret.Value
	for _, v := range dissolve(args) {
		h.useOne(r, c, at, before, v)
		before = append(before, v)
	}
}

// useOne adds one piece of middleware, after others of the same call.
func (h *Host) useOne(r *Router, c *interpret.Call, at, before []interpret.Value, v interpret.Value) {
	e := &Entry{Place: c.Place, Paths: at, Uncertain: c.Machine.Uncertain(), Doc: docOf(c.Place)}
	target, prefix := h.mountable(v)
	if fn, ok := v.(*interpret.Func); ok {
		fn.Handler = true
		if target == nil {
			target = h.delegated(fn)
		}
	}
	if target != nil {
		for i, path := range at {
			if prefix != "" {
				if s, ok := path.(interpret.Str); ok {
					at[i] = interpret.Str(join(string(s), prefix))
				}
			}
		}
		target.mounted = true
		e.Target = target
		e.Handlers = append([]interpret.Value{}, before...)
		r.Entries = append(r.Entries, e)
		return
	}
	if s, ok := v.(*interpret.Symbol); ok {
		module, _ := s.Root()
		h.Plugins[module] = true
		if s.Op == interpret.External && strings.HasPrefix(s.Name, ".") {
			h.note(c.Place, "what is mounted here was not found: "+s.Name)
		}
	}
	e.Handlers = []interpret.Value{v}
	r.Entries = append(r.Entries, e)
}

// mountable is the router that a value serves with.
func (h *Host) mountable(v interpret.Value) (*Router, string) {
	if s, ok := v.(*interpret.Symbol); ok {
		return routerOf(h.adopted[keyOf(s)]), ""
	}
	o, ok := v.(*interpret.Object)
	if !ok {
		return nil, ""
	}
	if k, ok := o.Native.(*koaMiddleware); ok {
		return k.target, k.prefix
	}
	if r := routerOf(o); r != nil {
		return r, ""
	}
	// A module that has its router among its exports.
	for _, name := range []string{"default", "router"} {
		if r := routerOf(o.Get(name)); r != nil && name == "default" {
			return r, ""
		}
	}
	return nil, ""
}

// delegated finds the router that a middleware function calls.
func (h *Host) delegated(fn *interpret.Func) *Router {
	if fn.Node == nil || fn.Env == nil {
		return nil
	}
	var found *Router
	ecma.Walk([]*ecma.Node{fn.Node.More().Body}, func(n *ecma.Node) bool {
		if n.Kind != ecma.Call || found != nil {
			return found == nil
		}
		callee := n.Left
		if callee.Kind == ecma.Dot && (callee.Text == "handle" || callee.Text == "routing") {
			callee = callee.Left
		}
		if callee.Kind == ecma.Identifier {
			found, _ = h.mountable(fn.Env.Lookup(callee.Text))
		}
		return true
	})
	return found
}

// passesOn tells middleware, which calls next, from a handler that answers.
func passesOn(handlers []interpret.Value) bool {
	if len(handlers) == 0 {
		return false
	}
	fn, ok := handlers[len(handlers)-1].(*interpret.Func)
	if !ok || fn.Node == nil {
		s, isSymbol := handlers[len(handlers)-1].(*interpret.Symbol)
		return isSymbol && s.Op == interpret.Called
	}
	params := fn.Node.More().Params
	if len(params) < 3 {
		return false
	}
	name := params[2].Left.Text
	passes := false
	ecma.Walk([]*ecma.Node{fn.Node.More().Body}, func(n *ecma.Node) bool {
		if n.Kind == ecma.Call && n.Left.Kind == ecma.Identifier && n.Left.Text == name && len(n.List) == 0 {
			passes = true
		}
		return !passes
	})
	return passes
}
