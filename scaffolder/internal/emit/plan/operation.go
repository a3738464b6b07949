package plan

import (
	"container/list"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Operation is an operation and what it is called.
type Operation struct {
	*api.Operation
	Name         string // of its handler
	RequestType  string
	ResponseType string
	Validator    string
	Parts        []Part // of its path
	// Unreachable operations share method and path with an earlier one, so that
	// no request can arrive at them.
	Unreachable bool
	// Needs is what callers must prove: alternatives, each of scheme names and
	// scopes. Schemes that are not declared are left out with a warning.
	Needs []api.Requirement
}

// Part is a piece of a path: text as it is, or a parameter's name.
type Part struct {
	Text      string
	Parameter bool
}

// ParsePath takes a path template apart. What follows "?" or "#" never
// arrives as a part of the path, and is left out.
func ParsePath(path string) []Part {
	if at := strings.IndexAny(path, "?#"); at >= 0 {
		path = path[:at]
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	var parts []Part
	for path != "" {
		open := strings.IndexByte(path, '{')
		end := -1
		if open >= 0 {
			end = strings.IndexByte(path[open:], '}')
		}
		if end < 2 { // no parameter, or one without a name
			return append(parts, Part{Text: path})
		}
		if open > 0 {
			parts = append(parts, Part{Text: path[:open]})
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path[open+1:open+end], "+"), "*")
		if name == "" { // {*} and {+} are called so
			name = path[open+1 : open+end]
		}
		parts = append(parts, Part{Text: name, Parameter: true})
		path = path[open+end+1:]
	}
	return parts
}

// shape is the path with the names of its parameters left out.
func shape(parts []Part) string {
	var b strings.Builder
	for _, part := range parts {
		if part.Parameter {
			b.WriteString("{}")
		} else {
			b.WriteString(part.Text)
		}
	}
	return b.String()
}

// EncodedPath is text of a path as it stands in a request.
func EncodedPath(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c <= 0x20 || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Route is one path and the operations on it.
type Route struct {
	Parts      []Part
	Operations []*Operation
}

// Allow is the methods that the route answers, for the header of that name.
func (r *Route) Allow() string {
	var methods []string
	for _, operation := range r.Operations {
		methods = append(methods, operation.Method)
		if operation.Method == "GET" {
			methods = append(methods, "HEAD")
		}
	}
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

// Routes are the paths, each once, the more concrete before those that would
// also match what they match.
func (p *Plan) Routes() []*Route {
	var routes []*Route
	byShape := map[string]*Route{}
	for _, operation := range p.Operations {
		if operation.Unreachable {
			continue
		}
		key := shape(operation.Parts)
		route := byShape[key]
		if route == nil {
			route = &Route{Parts: operation.Parts}
			byShape[key] = route
			routes = append(routes, route)
		}
		if operation.Method == "HEAD" {
			// Routers let GET answer HEAD too: one of its own has to come first.
			route.Operations = slices.Insert(route.Operations, 0, operation)
		} else {
			route.Operations = append(route.Operations, operation)
		}
	}
	return concreteFirst(routes)
}

// concreteFirst keeps the order but for routes that an earlier one would
// shadow: they move before it.
func concreteFirst(routes []*Route) []*Route {
	type placed struct {
		segments []string
		at       *list.Element
	}
	sorted := list.New()
	alike := map[int][]placed{} // in the same order, by the number of segments
	for _, route := range routes {
		one := placed{segments: strings.Split(shape(route.Parts), "/")}
		others := alike[len(one.segments)]
		at := slices.IndexFunc(others, func(earlier placed) bool { return shadows(earlier.segments, one.segments) })
		if at < 0 {
			at = len(others)
			one.at = sorted.PushBack(route)
		} else {
			one.at = sorted.InsertBefore(route, others[at].at)
		}
		alike[len(one.segments)] = slices.Insert(others, at, one)
	}
	ordered := make([]*Route, 0, len(routes))
	for e := sorted.Front(); e != nil; e = e.Next() {
		ordered = append(ordered, e.Value.(*Route))
	}
	return ordered
}

// shadows tells whether everything that b matches may be matched by a, though b
// is the more concrete one.
func shadows(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	less := 0
	for i := range a {
		switch {
		case rank(a[i]) == 0 && rank(b[i]) == 0 && a[i] != b[i]:
			return false
		case less == 0:
			less = rank(a[i]) - rank(b[i])
		}
	}
	return less > 0
}

func rank(segment string) int {
	switch {
	case !strings.Contains(segment, "{}"):
		return 0
	case segment != "{}":
		return 1 // a parameter with text around it
	}
	return 2
}

// steps are the other names that routes/index.ts imports or declares.
const steps = `Router router routes validators replies express fastify koa app done authorize body
deprecated docs handle limitLogins once onceWithKey permit methodNotAllowed showDocs validate FastifyInstance`

func (p *Plan) nameOperations() {
	files := newNames("index")
	files.fold = true
	namespaces := newNames(strings.Fields(reservedWords + " " + steps)...)
	groups := map[string]*Group{}
	taken := map[string]*Operation{}
	for _, operation := range p.Operations {
		tag := "default"
		if len(operation.Tags) > 0 {
			tag = operation.Tags[0]
		}
		group := groups[tag]
		if group == nil {
			group = newGroup(tag, files, namespaces, len(groups))
			groups[tag] = group
			p.Groups = append(p.Groups, group)
		}
		group.Operations = append(group.Operations, operation)
		operation.Parts = ParsePath(operation.Path)
		operation.Needs = p.needs(operation)
		if media := operation.Accepts(); len(media) > 0 && isXML(media[0].Type) {
			p.warn(operation.Position, "%s %s takes XML alone, which is handed on as text without being validated",
				operation.Method, operation.Path)
		}
		p.place(operation, taken)
	}
}

func newGroup(tag string, files, namespaces *names, index int) *Group {
	file := kebab(splitCamel(tag))
	if file == "" {
		file = "group-" + strconv.Itoa(index+1)
	}
	file = files.unique(file, "-")
	namespace := camel(file)
	if isReserved(namespace) {
		namespace += "Routes"
	}
	return &Group{Tag: tag, File: file, Namespace: namespaces.unique(namespace, "")}
}

func (p *Plan) place(operation *Operation, taken map[string]*Operation) {
	if at := strings.IndexAny(operation.Path, "?#"); at >= 0 {
		p.warn(operation.Position, "%s %s: a server never sees what follows %q, so it is left out of the route",
			operation.Method, operation.Path, operation.Path[at:at+1])
	}
	key := operation.Method + " " + shape(operation.Parts)
	if first := taken[key]; first != nil {
		operation.Unreachable = true
		p.warn(operation.Position, "%s %s is the same route as %s, which is mounted; %s is not",
			operation.Method, operation.Path, first.Path, operation.Name)
		return
	}
	taken[key] = operation
}

func (p *Plan) needs(operation *Operation) []api.Requirement {
	for _, requirement := range operation.Security {
		for _, use := range requirement {
			if p.API.SecurityScheme(use.Scheme) == nil {
				p.warn(operation.Position, "%s %s needs the security scheme %q, which is not declared: every request is refused",
					operation.Method, operation.Path, use.Scheme)
			}
		}
	}
	return operation.Security
}
