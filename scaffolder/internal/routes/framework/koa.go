package framework

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// koaMiddleware is a router as middleware: what routes() and mount() give.
type koaMiddleware struct {
	target *Router
	prefix string
}

// Member of middleware that a router gave.
func (k *koaMiddleware) Member(_ *interpret.Machine, _ *interpret.Object, name string) interpret.Value {
	if name == "router" && k.target != nil {
		return k.target.object
	}
	return nil
}

// Call of middleware serves a request.
func (k *koaMiddleware) Call(*interpret.Machine, *interpret.Object, *interpret.Call) interpret.Value {
	return nil
}

func (h *Host) koaExport(module, name string, c *interpret.Call) interpret.Value {
	switch {
	case module == "koa" && (name == "" || name == "Application"):
		return h.newKoa(h.router(Koa, true, c.Place))
	case module == "koa-mount" && name == "":
		return h.mount(c)
	case module == "koa-compose" && name == "":
		if o, ok := c.Arg(0).(*interpret.Object); ok {
			return o
		}
	case module == "koa-convert" && name == "":
		return c.Arg(0)
	case strings.Contains(module, "router") && (name == "" || name == "Router"):
		r := h.router(Koa, false, c.Place).strict(c.Arg(0))
		if options, ok := c.Arg(0).(*interpret.Object); ok {
			h.setPrefix(r, options.Get("prefix"), c)
		}
		return h.newKoaRouter(r)
	}
	return nil
}

func (h *Host) setPrefix(r *Router, v interpret.Value, c *interpret.Call) {
	switch s := v.(type) {
	case interpret.Str:
		r.Prefix = string(s)
	case *interpret.Symbol:
		h.note(c.Place, "the prefix of this router is not known")
		r.Prefix = unknownPath
	}
}

// mount is koa-mount's function.
func (h *Host) mount(c *interpret.Call) interpret.Value {
	at, v := "", c.Arg(0)
	if len(c.Args) > 1 {
		v = c.Args[1]
		s, ok := c.Args[0].(interpret.Str)
		if !ok {
			h.note(c.Place, "the path of this mount is not known")
			s = unknownPath
		}
		at = string(s)
	}
	target, prefix := h.mountable(v)
	if target == nil {
		if fn, ok := v.(*interpret.Func); ok {
			fn.Handler = true
			target = h.delegated(fn)
		}
	}
	if target == nil {
		return nil
	}
	target.mounted = true
	return &interpret.Object{Place: c.Place, Native: &koaMiddleware{target, join(at, prefix)}}
}

// koaRoute makes middleware that is one route, as koa-route does.
func (h *Host) koaRoute(name string, c *interpret.Call) interpret.Value {
	method := verbs[name]
	if method == "" || len(c.Args) == 0 {
		return nil
	}
	r := h.router(Koa, false, c.Place)
	made := &interpret.Object{Place: c.Place, Native: &koaMiddleware{target: r}}
	if len(c.Args) > 1 {
		h.route(r, c, []string{method}, paths(c.Args[0]), c.Args[1:])
		return made
	}
	return function(name, func(handler *interpret.Call) interpret.Value {
		h.route(r, c, []string{method}, paths(c.Args[0]), handler.Args)
		return made
	})
}

func (h *Host) newKoa(r *Router) *interpret.Object {
	o := &interpret.Object{Place: r.Place}
	o.Native = &native{host: h, router: r, member: func(_ *interpret.Machine, self *interpret.Object, name string) interpret.Value {
		switch name {
		case "use":
			return function(name, func(c *interpret.Call) interpret.Value {
				h.use(r, c)
				return self
			})
		case "on", "once":
			return function(name, func(*interpret.Call) interpret.Value { return self })
		}
		return nil
	}}
	r.object = o
	return o
}

func (h *Host) newKoaRouter(r *Router) *interpret.Object {
	o := &interpret.Object{Place: r.Place}
	o.Native = &native{host: h, router: r, member: func(_ *interpret.Machine, self *interpret.Object, name string) interpret.Value {
		return h.koaMember(r, self, name)
	}}
	r.object = o
	return o
}

func (h *Host) koaMember(r *Router, self *interpret.Object, name string) interpret.Value {
	if method := verbs[name]; method != "" {
		return function(name, func(c *interpret.Call) interpret.Value {
			args := c.Args
			// router.get(name, path, ...): the first of two texts is the route's name.
			if len(args) > 2 && isPath(args[0]) && isPath(args[1]) {
				args = args[1:]
			}
			if len(args) > 1 {
				h.route(r, c, []string{method}, paths(args[0]), args[1:])
			}
			return self
		})
	}
	switch name {
	case "use":
		return function(name, func(c *interpret.Call) interpret.Value {
			h.use(r, c)
			return self
		})
	case "routes", "middleware":
		return function(name, func(c *interpret.Call) interpret.Value {
			return &interpret.Object{Place: c.Place, Native: &koaMiddleware{target: r}}
		})
	case "prefix":
		return function(name, func(c *interpret.Call) interpret.Value {
			h.setPrefix(r, c.Arg(0), c)
			return self
		})
	case "register":
		return function(name, func(c *interpret.Call) interpret.Value {
			h.route(r, c, methodNames(c.Arg(1)), paths(c.Arg(0)), c.Args[min(2, len(c.Args)):])
			return self
		})
	case "route":
		return function(name, func(c *interpret.Call) interpret.Value {
			if _, ok := c.Arg(0).(*interpret.Object); ok {
				h.joiRoutes(r, c)
				return self
			}
			return interpret.Unknown(c.Place)
		})
	case "param", "redirect":
		return function(name, func(*interpret.Call) interpret.Value { return self })
	}
	return nil
}

// joiRoutes adds routes that koa-joi-router describes by objects.
func (h *Host) joiRoutes(r *Router, c *interpret.Call) {
	for _, v := range dissolve(c.Args) {
		o, ok := v.(*interpret.Object)
		if !ok {
			continue
		}
		handlers := []interpret.Value{o.Get("handler")}
		e := h.route(r, c, methodNames(o.Get("method")), paths(o.Get("path")), handlers)
		e.Options = o
	}
}

func isPath(v interpret.Value) bool {
	switch o := v.(type) {
	case interpret.Str, *interpret.Regex:
		return true
	case *interpret.Object:
		return o.Array && len(o.Elems) > 0 && isPath(o.Elems[0])
	}
	return false
}

// methodNames reads "get" or ["GET", "POST"]; what is not known is "".
func methodNames(v interpret.Value) []string {
	var names []string
	for _, one := range dissolve([]interpret.Value{v}) {
		if s, ok := one.(interpret.Str); ok {
			names = append(names, strings.ToUpper(string(s)))
		} else {
			names = append(names, "")
		}
	}
	return names
}
