// Package framework knows how Express, Fastify and Koa are told of routes.
//
// It is the host of package interpret: calls of the frameworks' exports make
// routers, and what is registered on them is kept in order. From that come the
// routes of every application in the tree, with the middleware that stands
// before each, and notes of what could not be resolved. Nothing is guessed: a path
// or prefix that is not known leaves its routes out, with a note.
package framework

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// Names of frameworks.
const (
	Express = "express"
	Fastify = "fastify"
	Koa     = "koa"
)

// Router is an application, a router, or a plugin's context.
type Router struct {
	interpret.Place
	Kind    string
	App     bool // it listens, rather than being mounted
	Prefix  string
	Strict  bool // a slash at the end tells paths apart
	Entries []*Entry
	Parent  *Router           // of a Fastify context
	Assumed *interpret.Func   // the function whose parameter it stands for
	Decor   *interpret.Object // Fastify's decorations
	mounted bool
	loose   *ecma.Node // the function that nobody called when this was made in it
	object  *interpret.Object
}

// Entry is one thing that a router is told.
type Entry struct {
	interpret.Place
	Methods    []string // of a route; "ALL" for any
	Paths      []interpret.Value
	Handlers   []interpret.Value // in order, arrays dissolved
	Target     *Router           // of a mount
	Options    *interpret.Object // of a Fastify route
	Uncertain  bool              // under a condition that is not known
	Controller *Controller       // of a route that a decorator made
	Doc        *ecma.Node
}

// Note is something that could not be resolved.
type Note struct {
	interpret.Place
	Message string
}

// Host is told of calls by the interpreter.
type Host struct {
	Machine *interpret.Machine
	Routers []*Router
	Notes   []Note
	// Plugins are the packages registered with Fastify or used as middleware, by name.
	Plugins map[string]bool
	// Schemas are those that Fastify was given by addSchema.
	Schemas []*interpret.Object
	flat    map[*ecma.Node]bool
	seen    map[string]int
	adopted map[adopted]*interpret.Object

	controllers   map[*interpret.Func]*Controller
	classes       []*interpret.Func // of controllers, in order
	noted         map[*interpret.Func]bool
	versions      map[*interpret.Func][]string // of methods
	global        interpret.Value              // Nest's prefix of all paths
	excluded      []string                     // that it is not put before
	versioned     bool                         // Nest's versions stand in paths
	version       []string
	versionPrefix string
	routePrefix   interpret.Value // of routing-controllers
}

// New makes a host.
func New() *Host {
	return &Host{
		Plugins: map[string]bool{}, flat: map[*ecma.Node]bool{}, seen: map[string]int{}, adopted: map[adopted]*interpret.Object{},
		noted: map[*interpret.Func]bool{}, versions: map[*interpret.Func][]string{},
	}
}

func (h *Host) note(place interpret.Place, message string) {
	h.Notes = append(h.Notes, Note{place, message})
}

func (h *Host) router(kind string, app bool, place interpret.Place) *Router {
	r := &Router{Place: place, Kind: kind, App: app, Strict: kind == Fastify}
	if h.Machine != nil {
		r.loose = h.Machine.Loose
	}
	h.Routers = append(h.Routers, r)
	h.seen[kind]++
	return r
}

// strict takes a router's option of that name.
func (r *Router) strict(v interpret.Value) *Router {
	if o, ok := v.(*interpret.Object); ok && o.Get("strict") == interpret.Value(interpret.Bool(true)) {
		r.Strict = true
	}
	return r
}

// direct tells a symbol that is an export itself, not something made by it.
func direct(s *interpret.Symbol) bool {
	for s != nil && s.Op == interpret.Member {
		s = s.Base
	}
	return s != nil && s.Op == interpret.External
}

// Call answers calls of what other packages export.
func (h *Host) Call(m *interpret.Machine, callee *interpret.Symbol, c *interpret.Call) interpret.Value {
	if callee.Op == interpret.Item && callee.Self != nil {
		if o, ok := callee.Self.(*interpret.Object); ok && routerOf(o) != nil && len(c.Args) > 1 {
			h.note(c.Place, "the method of this route is not known")
		}
		return nil
	}
	if callee.Op == interpret.Called && h.decorated(callee, c) {
		return interpret.Undefined{}
	}
	if !direct(callee) {
		return h.unknownRouter(callee, c)
	}
	module, path := callee.Root()
	name := strings.Join(path, ".")
	switch module {
	case "express", "ultimate-express", "express-promise-router", "router", "express-async-router", "polka", "@feathersjs/express":
		return h.expressExport(module, name, c)
	case "@awaitjs/express":
		if o, ok := c.Arg(0).(*interpret.Object); ok && routerOf(o) != nil {
			return o
		}
		return h.expressExport("express", name, c)
	case "fastify":
		if name == "" || name == "fastify" {
			return h.newFastify(h.router(Fastify, true, c.Place))
		}
	case "fastify-plugin":
		if fn, ok := c.Arg(0).(*interpret.Func); ok && name == "" {
			h.flat[fn.Node] = true
			return fn
		}
		return c.Arg(0)
	case "koa", "@koa/router", "koa-router", "koa-mount", "koa-compose", "koa-convert", "koa-joi-router", "koa-better-router":
		return h.koaExport(module, name, c)
	case "koa-route":
		return h.koaRoute(name, c)
	case "routing-controllers":
		for _, v := range c.Args {
			if options, ok := v.(*interpret.Object); ok && options.Get("routePrefix") != nil {
				h.routePrefix = options.Get("routePrefix")
			}
		}
	case "tslib":
		if name == "__decorate" {
			return applied(m, c)
		}
	case "object-assign", "extend", "xtend", "deepmerge", "util-extend":
		return merged(m, "extend", c)
	}
	if base, _, _ := strings.Cut(module, "/"); base == "lodash" || base == "underscore" || base == "lodash-es" {
		if _, one, deep := strings.Cut(module, "/"); deep {
			name = one
		}
		return lodash(m, name, c)
	}
	if one, ok := strings.CutPrefix(module, "lodash."); ok {
		return lodash(m, one, c)
	}
	return nil
}

// merged is what a function gives that copies into its first argument.
func merged(m *interpret.Machine, name string, c *interpret.Call) interpret.Value {
	args := c.Args
	if len(args) > 0 {
		if _, deep := args[0].(interpret.Bool); deep {
			args = args[1:]
		}
	}
	if len(args) == 0 {
		return nil
	}
	if strings.HasPrefix(name, "defaults") { // the first one wins
		args = append([]interpret.Value{}, args...)
		slices.Reverse(args)
		return m.Assign(&interpret.Object{Place: c.Place}, args)
	}
	return m.Assign(args[0], args[1:])
}

// lodash has the loops that go over routes, and what settings are made with.
func lodash(m *interpret.Machine, name string, c *interpret.Call) interpret.Value {
	switch name {
	case "extend", "assign", "assignIn", "merge", "defaults", "defaultsDeep":
		return merged(m, name, c)
	}
	method := map[string]string{"each": "forEach", "forEach": "forEach", "map": "map", "flatten": "flat", "filter": "filter"}[name]
	if method == "" || len(c.Args) == 0 {
		return nil
	}
	o, ok := c.Args[0].(*interpret.Object)
	if !ok {
		return nil
	}
	if o.Array {
		return m.Call(m.Get(o, method, c.Place), &interpret.Call{This: o, Args: c.Args[1:], Place: c.Place})
	}
	if method == "forEach" && o.Native == nil && !o.Open {
		for _, key := range append([]string{}, o.Keys...) {
			m.Call(c.Arg(1), &interpret.Call{Args: []interpret.Value{m.Get(o, key, c.Place), interpret.Str(key), o}, Place: c.Place})
		}
		return o
	}
	return nil
}

// Property lets properties be set on routers as on other objects.
func (h *Host) Property(_ *interpret.Machine, _ *interpret.Object, _ string, _ interpret.Value) bool {
	return false
}

// native is a router as an object of the program.
type native struct {
	host   *Host
	router *Router
	member func(m *interpret.Machine, self *interpret.Object, name string) interpret.Value
}

// Member answers for the router's methods.
func (n *native) Member(m *interpret.Machine, self *interpret.Object, name string) interpret.Value {
	return n.member(m, self, name)
}

// Call of a router serves a request.
func (n *native) Call(*interpret.Machine, *interpret.Object, *interpret.Call) interpret.Value {
	return nil
}

func routerOf(v interpret.Value) *Router {
	if o, ok := v.(*interpret.Object); ok && o != nil {
		if n, ok := o.Native.(*native); ok {
			return n.router
		}
	}
	return nil
}

func function(name string, run func(*interpret.Call) interpret.Value) *interpret.Func {
	return &interpret.Func{Name: name, Native: run}
}

// dissolve lays out arrays, and what may be one of several.
func dissolve(values []interpret.Value) []interpret.Value {
	var out []interpret.Value
	for _, v := range values {
		switch o := v.(type) {
		case *interpret.Object:
			if o.Array {
				out = append(out, dissolve(o.Elems)...)
				continue
			}
		case *interpret.Symbol:
			if o.Op == interpret.Either {
				out = append(out, dissolve(o.Args)...)
				continue
			}
		case interpret.Undefined, interpret.Null, interpret.Bool, nil:
			continue
		}
		out = append(out, v)
	}
	return out
}

// serve marks handlers, so that they are not taken for functions that nobody
// calls.
func serve(values []interpret.Value) {
	for _, v := range values {
		if fn, ok := v.(*interpret.Func); ok {
			fn.Handler = true
		}
	}
}

var verbs = map[string]string{
	"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "del": "DELETE",
	"head": "HEAD", "options": "OPTIONS", "trace": "TRACE", "all": "ALL",
	"getAsync": "GET", "postAsync": "POST", "putAsync": "PUT", "patchAsync": "PATCH", "deleteAsync": "DELETE",
	"copy": "COPY", "link": "LINK", "lock": "LOCK", "merge": "MERGE", "mkcol": "MKCOL", "move": "MOVE", "notify": "NOTIFY",
	"propfind": "PROPFIND", "proppatch": "PROPPATCH", "purge": "PURGE", "report": "REPORT", "search": "SEARCH",
	"subscribe": "SUBSCRIBE", "unlink": "UNLINK", "unlock": "UNLOCK", "unsubscribe": "UNSUBSCRIBE", "query": "QUERY",
}

// paths are the paths that an argument gives.
func paths(v interpret.Value) []interpret.Value {
	if o, ok := v.(*interpret.Object); ok && o.Array {
		var out []interpret.Value
		for _, e := range o.Elems {
			out = append(out, paths(e)...)
		}
		if o.Open {
			out = append(out, interpret.Unknown(o.Place))
		}
		return out
	}
	return []interpret.Value{v}
}
