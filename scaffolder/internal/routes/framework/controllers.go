package framework

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// controllers are the packages whose decorators make routes of a class's methods:
// the decorators of the class, by whether they give its prefix, and whether a
// parameter of a path is written {id}.
var controllers = map[string]struct {
	class  []string
	braces bool
}{
	"@nestjs/common":          {class: []string{"Controller"}},
	"routing-controllers":     {class: []string{"Controller", "JsonController"}},
	"tsoa":                    {class: []string{"Route"}, braces: true},
	"@tsoa/runtime":           {class: []string{"Route"}, braces: true},
	"@loopback/rest":          {class: []string{"api"}, braces: true},
	"fastify-decorators":      {class: []string{"Controller"}},
	"@overnightjs/core":       {class: []string{"Controller", "ClassWrapper"}},
	"inversify-express-utils": {class: []string{"controller"}},
	"@midwayjs/core":          {class: []string{"Controller"}},
	"@midwayjs/decorator":     {class: []string{"Controller"}},
}

// Controller is a class whose methods are routes by their decorators.
type Controller struct {
	interpret.Place
	Module   string
	Prefixes []interpret.Value // nil until the class's own decorator came
	Versions []string
	methods  []controllerRoute
}

type controllerRoute struct {
	interpret.Place
	method   string
	paths    []interpret.Value
	handler  *interpret.Func
	versions []string
}

// decorated is told that a decorator of another package was applied to a class or
// a method, which the first arguments of the call are.
func (h *Host) decorated(decorator *interpret.Symbol, c *interpret.Call) bool {
	if !direct(decorator.Base) {
		return false
	}
	module, path := decorator.Root()
	name := strings.Join(path, ".")
	if module == "@nestjs/common" && name == "applyDecorators" {
		for _, inner := range decorator.Args {
			c.Machine.Call(inner, &interpret.Call{Args: c.Args, Place: c.Place})
		}
		return true
	}
	class, handler := decoratedThing(c)
	if class == nil {
		return false
	}
	known, ok := controllers[module]
	if !ok {
		h.foreign(module, name, class, handler, decorator)
		return true
	}
	if handler != nil {
		h.decoratedMethod(name, module, class, handler, decorator)
		return true
	}
	if name == "Version" {
		h.controller(class, module).Versions = versions(decorator.Args)
	}
	if slices.Contains(known.class, name) {
		h.decoratedClass(h.controller(class, module), decorator)
	}
	return true
}

// decoratedThing is the class, or the class and the method, that a decorator is
// called with.
func decoratedThing(c *interpret.Call) (class, method *interpret.Func) {
	switch first := c.Arg(0).(type) {
	case *interpret.Func:
		if first.IsClass && len(c.Args) == 1 {
			return first, nil
		}
	case *interpret.Object:
		key, ok := c.Arg(1).(interpret.Str)
		if !ok || first.Class == nil || len(c.Args) < 3 {
			return nil, nil
		}
		if fn, ok := first.Get(string(key)).(*interpret.Func); ok {
			return first.Class, fn
		}
	}
	return nil, nil
}

func (h *Host) controller(class *interpret.Func, module string) *Controller {
	if h.controllers == nil {
		h.controllers = map[*interpret.Func]*Controller{}
	}
	if h.controllers[class] == nil {
		h.controllers[class] = &Controller{Place: class.Place, Module: module}
		h.classes = append(h.classes, class)
	}
	return h.controllers[class]
}

func (h *Host) decoratedClass(made *Controller, decorator *interpret.Symbol) {
	made.Prefixes = []interpret.Value{interpret.Str("")}
	if len(decorator.Args) == 0 {
		return
	}
	options, ok := decorator.Args[0].(*interpret.Object)
	if !ok || options.Array {
		made.Prefixes = paths(decorator.Args[0])
		return
	}
	for _, name := range []string{"path", "route", "basePath"} {
		if v := options.Get(name); v != nil {
			made.Prefixes = paths(v)
		}
	}
	if v := options.Get("version"); v != nil {
		made.Versions = versions([]interpret.Value{v})
	}
}

func (h *Host) decoratedMethod(name, module string, class, handler *interpret.Func, decorator *interpret.Symbol) {
	made := h.controller(class, module)
	if name == "Version" {
		for i := range made.methods {
			if made.methods[i].handler == handler {
				made.methods[i].versions = versions(decorator.Args)
			}
		}
		h.versions[handler] = versions(decorator.Args)
		return
	}
	args := decorator.Args
	method := verbs[strings.ToLower(strings.TrimPrefix(name, "http"))]
	if (name == "Method" || name == "operation" || name == "httpMethod") && len(args) > 0 {
		method, args = strings.Join(methodNames(args[0]), ""), args[1:]
	}
	if method == "" || name == "Head" && module == "tsoa" {
		return
	}
	at := []interpret.Value{interpret.Str("")}
	if len(args) > 0 {
		if options, ok := args[0].(*interpret.Object); ok && !options.Array {
			if v := options.Get("url"); v != nil {
				at = paths(v)
			} else if v := options.Get("path"); v != nil {
				at = paths(v)
			}
		} else if _, none := args[0].(interpret.Undefined); !none {
			at = paths(args[0])
		}
	}
	handler.Handler = true
	made.methods = append(made.methods, controllerRoute{Place: decorator.Place, method: method, paths: at, handler: handler, versions: h.versions[handler]})
}

// foreign notes decorators that look like those of a controller, and are not known.
func (h *Host) foreign(module, name string, class, handler *interpret.Func, decorator *interpret.Symbol) {
	if handler == nil || strings.HasPrefix(module, ".") || len(decorator.Args) == 0 || h.noted[class] {
		return
	}
	path, ok := decorator.Args[0].(interpret.Str)
	if ok && strings.HasPrefix(string(path), "/") && verbs[strings.ToLower(name)] != "" {
		h.noted[class] = true
		h.note(decorator.Place, "decorators of "+module+" are not read, so that the routes of this class are left out")
	}
}

// nestSetting keeps what a Nest application is told of its paths.
func (h *Host) nestSetting(callee *interpret.Symbol, c *interpret.Call) {
	options, _ := c.Arg(1).(*interpret.Object)
	switch callee.Name {
	case "setGlobalPrefix":
		h.global = c.Arg(0)
		for _, v := range dissolve([]interpret.Value{options.Get("exclude")}) {
			if o, ok := v.(*interpret.Object); ok {
				v = o.Get("path")
			}
			if s, ok := v.(interpret.Str); ok {
				h.excluded = append(h.excluded, "/"+strings.Trim(string(s), "/"))
			}
		}
	case "enableVersioning":
		options, _ := c.Arg(0).(*interpret.Object)
		kind, given := options.Get("type").(*interpret.Symbol)
		if options == nil || options.Get("type") == nil || given && kind.Name == "URI" {
			h.versioned, h.version = true, versions([]interpret.Value{options.Get("defaultVersion")})
			h.versionPrefix = "v"
			if s, ok := options.Get("prefix").(interpret.Str); ok {
				h.versionPrefix = string(s)
			}
		}
	}
}

// decoratedRouters are applications with the routes of all controllers.
func (h *Host) decoratedRouters() []*Router {
	var out []*Router
	for _, class := range h.classes { // without prefixes, its methods belong to classes that extend it
		made := h.controllers[class]
		if made.Prefixes == nil && made.Module == "@loopback/rest" {
			made.Prefixes = []interpret.Value{interpret.Str("")}
		}
		r := &Router{Place: made.Place, Kind: Express, App: true}
		for at, depth := class, 0; at != nil && depth < 10; depth++ {
			if base := h.controllers[at]; base != nil {
				for _, one := range base.methods {
					r.Entries = append(r.Entries, h.controllerEntries(made, one)...)
				}
			}
			at, _ = at.Super.(*interpret.Func)
		}
		out = append(out, r)
	}
	return out
}

func (h *Host) controllerEntries(made *Controller, one controllerRoute) []*Entry {
	chosen := []string{""}
	if made.Module == "@nestjs/common" && h.versioned {
		for _, given := range [][]string{one.versions, made.Versions, h.version} {
			if given != nil {
				chosen = nil
				for _, v := range given {
					if v != "" {
						v = h.versionPrefix + v
					}
					chosen = append(chosen, v)
				}
				break
			}
		}
	}
	var out []*Entry
	for _, version := range chosen {
		for _, prefix := range made.Prefixes {
			for _, path := range one.paths {
				full := h.controllerPath(made.Module, version, prefix, path)
				out = append(out, &Entry{
					Place: one.Place, Methods: []string{one.method}, Paths: []interpret.Value{full},
					Handlers: []interpret.Value{one.handler}, Controller: made,
				})
			}
		}
	}
	return out
}

func (h *Host) controllerPath(module, version string, prefix, path interpret.Value) interpret.Value {
	if _, pattern := path.(*interpret.Regex); pattern && written(prefix) == "" {
		return path
	}
	before, after := written(prefix), written(path)
	if controllers[module].braces {
		colons := strings.NewReplacer("{", ":", "}", "")
		before, after = colons.Replace(before), colons.Replace(after)
	}
	own := join(join("", before), after)
	if version != "" {
		own = join("/"+version, own)
	}
	switch {
	case module == "@nestjs/common" && h.global != nil && !slices.Contains(h.excluded, "/"+strings.Trim(own, "/")):
		own = join(join("", written(h.global)), own)
	case module == "routing-controllers" && h.routePrefix != nil:
		own = join(join("", written(h.routePrefix)), own)
	}
	if own == "" {
		own = "/"
	}
	return interpret.Str(own)
}

// versions are those of a route; the empty one stands for none.
func versions(values []interpret.Value) []string {
	var out []string
	for _, v := range dissolve(values) {
		switch o := v.(type) {
		case interpret.Str:
			out = append(out, string(o))
		case *interpret.Symbol:
			if o.Name == "VERSION_NEUTRAL" {
				out = append(out, "")
			}
		}
	}
	return out
}
