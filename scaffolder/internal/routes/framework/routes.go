package framework

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// Route is one method on one path.
type Route struct {
	Framework string
	Method    string
	Template
	Before   []interpret.Value // middleware of the routers around it
	Handlers []interpret.Value // of its own, in order
	Entry    *Entry
	Router   *Router
	Inferred bool // it was registered for any method
}

// middleware is what a router was told to use, and for which paths.
type middleware struct {
	prefix string
	values []interpret.Value
}

// collector walks from applications to routes.
type collector struct {
	host   *Host
	routes []*Route
	seen   map[string]bool
	stack  map[*Router]int
}

// AnyMethod are the methods that a route for any method is described with.
var AnyMethod = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// maxRoutes is how many routes are collected.
const maxRoutes = 50_000

// Routes are the routes of all applications in the tree; where there is none,
// those of routers and plugins that nobody mounts.
func (h *Host) Routes() []*Route {
	c := &collector{host: h, seen: map[string]bool{}, stack: map[*Router]int{}}
	twins := h.twins()
	for _, r := range h.Routers {
		if r.App && !r.mounted && r.Assumed == nil && !twins[r] {
			c.router(r, "", nil)
		}
	}
	for _, r := range h.decoratedRouters() {
		c.router(r, "", nil)
	}
	if len(c.routes) > 0 {
		// What takes an application registers on it without a prefix: only
		// whether it is called is not known.
		for _, r := range h.Routers {
			if r.App && !r.mounted && r.Assumed != nil && r.Kind == Express && r.size(0) > 0 {
				h.note(r.Assumed.Place, "nothing is seen to call this function with an application; its routes are taken as if")
				r.mounted = true
				c.router(r, "", nil)
			}
		}
		h.noteUnmounted()
		return c.routes
	}
	for _, r := range h.Routers {
		if !r.mounted {
			c.router(r, "", nil)
		}
	}
	return c.routes
}

// twins are applications that a function made that was called on its own, where
// a later call of it made what a larger application mounts.
func (h *Host) twins() map[*Router]bool {
	var roots []*Router
	for _, r := range h.Routers {
		if r.App && !r.mounted && r.Assumed == nil {
			roots = append(roots, r)
		}
	}
	slices.SortStableFunc(roots, func(a, b *Router) int { return b.size(0) - a.size(0) })
	mounted := map[*ecma.Node]int{}
	twins := map[*Router]bool{}
	called := map[*ecma.Node]bool{} // what made them was called by the program itself
	for _, r := range roots {
		if r.site() != nil && !h.Machine.Recalled[r.loose] {
			called[r.site()] = true
		}
	}
	for _, r := range roots {
		if h.Machine.Recalled[r.loose] && called[r.site()] {
			twins[r] = true
			continue
		}
		if size, has := mounted[r.site()]; has && r.size(0) <= size && h.Machine.Recalled[r.loose] {
			twins[r] = true
			continue
		}
		r.visit(mounted, 0)
	}
	return twins
}

// site is where the last thing was registered on a router: one function may
// make all applications of a program.
func (r *Router) site() *ecma.Node {
	if len(r.Entries) == 0 {
		return nil
	}
	return r.Entries[len(r.Entries)-1].Node
}

// visit notes the size of what a router mounts, by its site.
func (r *Router) visit(mounted map[*ecma.Node]int, depth int) {
	for _, e := range r.Entries {
		if e.Target != nil && depth < 20 && e.Target.site() != nil {
			mounted[e.Target.site()] = max(mounted[e.Target.site()], e.Target.size(0))
			e.Target.visit(mounted, depth+1)
		}
	}
}

// noteUnmounted names routers with routes that no application mounts.
func (h *Host) noteUnmounted() {
	said := map[string]bool{}
	for _, r := range h.Routers { // the same code made one that is mounted
		if r.mounted && r.Assumed == nil {
			said[fmt.Sprint(r.Module, r.Node)] = true
		}
	}
	for _, r := range h.Routers {
		if r.mounted || r.App && r.Assumed == nil {
			continue
		}
		count := r.size(0)
		if count == 0 {
			continue
		}
		what := "this router is mounted nowhere"
		place := r.Place
		if r.Assumed != nil {
			what = "nothing calls this function with an application"
			place = r.Assumed.Place
		}
		key := fmt.Sprint(place.Module, place.Node)
		if !said[key] {
			said[key] = true
			h.note(place, fmt.Sprintf("%s, so that its routes (%d) are left out", what, count))
		}
	}
}

func (r *Router) size(depth int) int {
	count := 0
	for _, e := range r.Entries {
		if e.Methods != nil {
			count += len(e.Methods) * len(e.Paths)
		} else if e.Target != nil && depth < 20 {
			count += e.Target.size(depth + 1)
		}
	}
	return count
}

func (c *collector) router(r *Router, prefix string, before []middleware) {
	if c.stack[r] > 0 || len(c.routes) >= maxRoutes || len(c.stack) > 100 {
		return
	}
	c.stack[r]++
	defer func() {
		if c.stack[r]--; c.stack[r] == 0 {
			delete(c.stack, r)
		}
	}()
	if r.Kind == Koa {
		prefix = join(prefix, r.Prefix)
	}
	if r.Kind == Fastify { // hooks hold for the whole context
		for _, e := range r.Entries {
			if e.Methods == nil && e.Target == nil {
				before = with(before, prefix, e.Handlers)
			}
		}
	}
	for _, e := range r.Entries {
		switch {
		case e.Methods != nil:
			c.entry(r, e, prefix, before)
		case e.Target != nil:
			for _, path := range e.Paths {
				inner := before
				if len(e.Handlers) > 0 {
					inner = with(before, prefix, e.Handlers)
				}
				c.router(e.Target, join(prefix, written(path)), inner)
			}
		case r.Kind != Fastify:
			for _, path := range e.Paths {
				before = with(before, join(prefix, written(path)), e.Handlers)
			}
		}
	}
}

func with(before []middleware, prefix string, values []interpret.Value) []middleware {
	return append(before[:len(before):len(before)], middleware{prefix, values})
}

func (c *collector) entry(r *Router, e *Entry, prefix string, before []middleware) {
	for _, path := range e.Paths {
		full := join(prefix, written(path))
		if full == "" {
			full = "/"
		}
		if strings.Contains(full, unknownPath) {
			c.unknown(e, path, prefix)
			continue
		}
		if trimmed := strings.TrimRight(full, "/"); !r.Strict && trimmed != "" {
			full = trimmed
		}
		if _, ok := path.(*interpret.Regex); ok {
			for _, t := range Templates(r.Kind, full) {
				c.host.note(e.Place, "this path is a regular expression, read as "+t.Path)
			}
		}
		for _, method := range e.Methods {
			c.method(r, e, method, full, before)
		}
	}
}

func (c *collector) unknown(e *Entry, path interpret.Value, prefix string) {
	message := "the path of this route is not known"
	switch o := path.(type) {
	case *interpret.Regex:
		message = "the path is a regular expression, which OpenAPI cannot say: /" + o.Source + "/"
	case interpret.Str:
		message = "the path that " + string(o) + " is mounted at is not known"
		if strings.Contains(string(o), unknownPath) || prefix == "" {
			message = "the path of this route is not known"
		}
	}
	c.host.note(e.Place, message)
}

func (c *collector) method(r *Router, e *Entry, method, full string, before []middleware) {
	methods := []string{method}
	inferred := false
	switch {
	case method == "":
		c.host.note(e.Place, "the method of this route is not known")
		return
	case method == "ALL":
		if passesOn(e.Handlers) || answersNotAllowed(e.Handlers) {
			return
		}
		if strings.Trim(full, "/*") == "" || strings.HasSuffix(full, "(.*)") && len(full) < 7 {
			return // what answers everything else
		}
		methods, inferred = AnyMethod, true
	}
	for _, t := range Templates(r.Kind, full) {
		for _, one := range methods {
			key := one + " " + t.Path
			if c.seen[key] {
				continue
			}
			c.seen[key] = true
			route := &Route{
				Framework: r.Kind, Method: one, Template: t, Handlers: e.Handlers, Entry: e, Router: r, Inferred: inferred,
			}
			for _, m := range before {
				if m.prefix == "" || m.prefix == "/" || full == m.prefix || strings.HasPrefix(full, strings.TrimRight(m.prefix, "/")+"/") {
					route.Before = append(route.Before, m.values...)
				}
			}
			c.routes = append(c.routes, route)
		}
	}
}

// answersNotAllowed tells handlers that only refuse the methods that others
// have not answered.
func answersNotAllowed(handlers []interpret.Value) bool {
	for _, v := range handlers {
		name := ""
		switch o := v.(type) {
		case *interpret.Func:
			name = o.Name
			if o.Made != nil {
				if callee, ok := o.Made.Callee.(*interpret.Func); ok {
					name = callee.Name
				}
			}
		case *interpret.Symbol:
			name = o.Name
			if o.Op == interpret.Called && o.Base != nil {
				name = o.Base.Name
			}
		}
		lower := strings.ToLower(name)
		if strings.Contains(lower, "notallowed") || strings.Contains(lower, "notfound") || strings.Contains(lower, "notimplemented") || strings.Contains(lower, "methodnot") {
			return true
		}
	}
	return false
}
