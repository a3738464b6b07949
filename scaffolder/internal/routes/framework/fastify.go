package framework

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

func (h *Host) newFastify(r *Router) *interpret.Object {
	if r.Decor == nil {
		r.Decor = &interpret.Object{}
	}
	o := &interpret.Object{Place: r.Place}
	o.Native = &native{host: h, router: r, member: func(m *interpret.Machine, self *interpret.Object, name string) interpret.Value {
		return h.fastifyMember(m, r, self, name)
	}}
	r.object = o
	return o
}

func (h *Host) fastifyMember(m *interpret.Machine, r *Router, self *interpret.Object, name string) interpret.Value {
	for at := r; at != nil; at = at.Parent {
		if v := at.Decor.Get(name); v != nil {
			return v
		}
	}
	if method := verbs[name]; method != "" {
		return function(name, func(c *interpret.Call) interpret.Value {
			h.shorthand(r, c, method)
			return self
		})
	}
	switch name {
	case "route":
		return function(name, func(c *interpret.Call) interpret.Value {
			h.routeObject(r, c)
			return self
		})
	case "register":
		return function(name, func(c *interpret.Call) interpret.Value {
			h.register(m, r, self, c)
			return self
		})
	case "decorate":
		return function(name, func(c *interpret.Call) interpret.Value {
			if key, ok := c.Arg(0).(interpret.Str); ok && len(c.Args) > 1 {
				r.Decor.Set(string(key), c.Args[1])
			}
			return self
		})
	case "addHook":
		return function(name, func(c *interpret.Call) interpret.Value {
			if len(c.Args) > 1 {
				handlers := dissolve(c.Args[1:])
				if stage, ok := c.Args[0].(interpret.Str); ok && stage != "onRoute" {
					serve(handlers)
				}
				r.Entries = append(r.Entries, &Entry{Place: c.Place, Handlers: handlers, Paths: []interpret.Value{interpret.Str("/")}})
			}
			return self
		})
	case "addSchema":
		return function(name, func(c *interpret.Call) interpret.Value {
			if o, ok := c.Arg(0).(*interpret.Object); ok {
				h.Schemas = append(h.Schemas, o)
			}
			return self
		})
	case "prefix":
		return interpret.Str(r.full())
	case "after", "ready":
		return function(name, func(c *interpret.Call) interpret.Value {
			if fn, ok := c.Arg(0).(*interpret.Func); ok {
				m.CallFunc(fn, &interpret.Call{Args: []interpret.Value{interpret.Null{}}, Place: c.Place})
			}
			return self
		})
	case "withTypeProvider", "setErrorHandler", "setNotFoundHandler", "decorateRequest", "decorateReply",
		"setValidatorCompiler", "setSerializerCompiler", "addContentTypeParser":
		return function(name, func(c *interpret.Call) interpret.Value {
			serve(dissolve(c.Args))
			return self
		})
	}
	return nil
}

// full is the prefix of a context with those around it.
func (r *Router) full() string {
	if r.Parent == nil {
		return r.Prefix
	}
	return join(r.Parent.full(), r.Prefix)
}

// shorthand adds fastify.get(path, options, handler).
func (h *Host) shorthand(r *Router, c *interpret.Call, method string) {
	if len(c.Args) < 2 {
		return
	}
	options, _ := c.Args[1].(*interpret.Object)
	handler := c.Args[len(c.Args)-1]
	if options != nil && options.Native != nil {
		options = nil
	}
	if options != nil && len(c.Args) == 2 {
		handler = options.Get("handler")
	}
	e := h.route(r, c, []string{method}, paths(c.Args[0]), append(hooks(options), handler))
	e.Options = options
}

// hooks are the functions that a route's options put before its handler.
func hooks(options *interpret.Object) []interpret.Value {
	var out []interpret.Value
	for _, name := range []string{"onRequest", "preParsing", "preValidation", "preHandler"} {
		if v := options.Get(name); v != nil {
			out = append(out, v)
		}
	}
	return out
}

func (h *Host) routeObject(r *Router, c *interpret.Call) {
	options, ok := c.Arg(0).(*interpret.Object)
	if !ok {
		h.note(c.Place, "what this route is made of is not known")
		return
	}
	at := options.Get("url")
	if at == nil {
		at = options.Get("path")
	}
	if at == nil {
		return
	}
	e := h.route(r, c, methodNames(options.Get("method")), paths(at), append(hooks(options), options.Get("handler")))
	e.Options = options
	if e.Doc == nil && options.Node != nil && options.Node.DocEnd != 0 {
		e.Doc = options.Node
	}
}

// register runs a plugin in a context of its own.
func (h *Host) register(m *interpret.Machine, r *Router, self *interpret.Object, c *interpret.Call) {
	plugin := unwrap(c.Arg(0))
	options := c.Arg(1)
	if fn, ok := options.(*interpret.Func); ok && fn.Native == nil {
		options = m.CallFunc(fn, &interpret.Call{Args: []interpret.Value{self}, Place: c.Place})
	}
	settings, _ := options.(*interpret.Object)
	prefix, known := prefixOf(settings)
	switch plugin := plugin.(type) {
	case *interpret.Func:
		if plugin.Native != nil {
			return
		}
		if !known {
			h.note(c.Place, "the prefix of this plugin is not known")
			prefix = unknownPath
		}
		h.runPlugin(m, r, self, plugin, prefix, options, c.Place)
	case *interpret.Symbol:
		if plugin.Op == interpret.Either {
			for _, one := range plugin.Args {
				h.register(m, r, self, &interpret.Call{Machine: m, Args: []interpret.Value{one, options}, Place: c.Place})
			}
			return
		}
		module, _ := plugin.Root()
		h.Plugins[module] = true
		switch {
		case module == "@fastify/autoload" || module == "fastify-autoload":
			h.autoload(m, r, self, settings, c)
		case module == "" && plugin.Op != interpret.Given, strings.HasPrefix(module, "."):
			h.note(c.Place, "the plugin that is registered here is not known")
		}
	}
}

func prefixOf(settings *interpret.Object) (string, bool) {
	switch v := settings.Get("prefix").(type) {
	case interpret.Str:
		return string(v), true
	case *interpret.Symbol:
		return "", false
	}
	return "", true
}

// unwrap takes a plugin out of the module that exports it.
func unwrap(v interpret.Value) interpret.Value {
	for range 3 {
		o, ok := v.(*interpret.Object)
		if !ok || o.Native != nil {
			return v
		}
		inner := o.Get("default")
		if inner == nil {
			if p := o.Props["default"]; p != nil && p.Get != nil {
				inner = p.Get.Native(&interpret.Call{})
			}
		}
		if inner == nil {
			return v
		}
		v = inner
	}
	return v
}

func (h *Host) runPlugin(m *interpret.Machine, r *Router, self *interpret.Object, plugin *interpret.Func, prefix string, options interpret.Value, place interpret.Place) {
	context := self
	if !h.isFlat(plugin) {
		child := &Router{Place: place, Kind: Fastify, Strict: true, Prefix: prefix, Parent: r, mounted: true}
		h.Routers = append(h.Routers, child)
		r.Entries = append(r.Entries, &Entry{Place: place, Target: child, Paths: []interpret.Value{interpret.Str(prefix)}, Uncertain: m.Uncertain()})
		context = h.newFastify(child)
	}
	if options == nil {
		options = &interpret.Object{}
	}
	if _, missing := options.(interpret.Undefined); missing {
		options = &interpret.Object{}
	}
	done := function("done", func(*interpret.Call) interpret.Value { return interpret.Undefined{} })
	m.CallFunc(plugin, &interpret.Call{Args: []interpret.Value{context, options, done}, Place: place})
}

func (h *Host) isFlat(plugin *interpret.Func) bool {
	if h.flat[plugin.Node] {
		return true
	}
	if plugin.Props != nil {
		return slices.ContainsFunc(plugin.Props.Keys, func(key string) bool { return strings.Contains(key, "skip-override") })
	}
	return false
}
