package plan

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// words splits a name where an identifier cannot go on.
func words(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !(r >= '0' && r <= '9')
	})
}

// pascal makes "list-pets" ListPets. What is already in that form stays.
func pascal(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		for i, r := range word {
			if i == 0 {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
		}
	}
	s := b.String()
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		return "N" + s
	}
	return s
}

// camel makes "list-pets" listPets, and "URLList" urlList.
func camel(name string) string {
	runes := []rune(pascal(name))
	upper := 0
	for upper < len(runes) && unicode.IsUpper(runes[upper]) {
		upper++
	}
	if upper > 1 && upper < len(runes) && unicode.IsLower(runes[upper]) {
		upper--
	}
	for i := range min(upper, len(runes)) {
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}

// kebab makes "Pet Store" pet-store, of ASCII letters and digits alone.
func kebab(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	s := strings.Join(fields, "-")
	if len(s) > 80 {
		s = strings.TrimRight(s[:80], "-")
	}
	return s
}

// names gives every name once. Those that differ in case alone count as the
// same where files are concerned; identifiers may differ by case.
type names struct {
	used map[string]bool
	fold bool
}

func newNames(reserved ...string) *names {
	n := &names{used: map[string]bool{}}
	for _, name := range reserved {
		n.used[name] = true
	}
	return n
}

func (n *names) taken(name string) bool {
	if n.fold {
		name = strings.ToLower(name)
	}
	return n.used[name]
}

func (n *names) take(name string) {
	if n.fold {
		name = strings.ToLower(name)
	}
	n.used[name] = true
}

// unique takes name, or the first of name2, name3, ... that is free.
func (n *names) unique(name, separator string) string {
	free := name
	for i := 2; n.taken(free); i++ {
		free = name + separator + strconv.Itoa(i)
	}
	n.take(free)
	return free
}

// reservedWords cannot name a constant.
const reservedWords = `abstract any arguments as asserts async await boolean break case catch class const
continue debugger declare default delete do else enum eval export extends false finally for from
function get if implements import in infer instanceof interface is keyof let module namespace never
new null number object of package private protected public readonly require return set static
string super switch symbol this throw true try type typeof undefined unique unknown var void while
with yield NaN Infinity globalThis exports process console`

// globalTypes are names of the language and of Node that a type should not hide.
const globalTypes = `AbortController AbortSignal Array ArrayBuffer Awaited BigInt Blob Boolean Buffer
Capitalize Console DataView Date Document Element Error Event EventTarget Exclude Extract File
FormData Function Generator Headers Infinity InstanceType Intl Iterable Iterator JSON Map Math
Module NaN Node NonNullable Number Object Omit Parameters Partial Pick Promise PromiseLike Proxy
Readable ReadableStream Readonly ReadonlyArray Record Reflect RegExp Request Required Response
ReturnType Set SharedArrayBuffer String Symbol Uint8Array Uncapitalize URL WeakMap WeakSet Window
Worker`

func (p *Plan) nameSchemas() {
	types := newNames(strings.Fields(ownTypes)...)
	validators := newNames()
	globals := newNames(strings.Fields(globalTypes)...)
	for i, named := range p.API.Schemas {
		if p.byWire[named.Name] != nil {
			p.warn(named.Position, "two schemas are named %q: the first one is taken", named.Name)
			continue
		}
		name := pascal(named.Name)
		if name == "" {
			name = "Schema" + strconv.Itoa(i+1)
		}
		if globals.taken(name) {
			name = "Api" + name
		}
		schema := &Schema{Wire: named.Name, Schema: named.Schema, Position: named.Position, index: i}
		schema.Type = types.unique(name, "")
		schema.RequestType = schema.Type
		schema.Validator = validators.unique(camel(name)+"Schema", "")
		p.Schemas = append(p.Schemas, schema)
		p.byWire[named.Name] = schema
	}
	// Names for the request's direction are taken after all others, so that
	// they never push a name of the document aside.
	for _, schema := range p.Schemas {
		schema.RequestType = types.unique(schema.Type+"Input", "")
	}
	p.nameOperationTypes(types, validators)
}

// ownTypes are the names that types.ts itself declares.
const ownTypes = `Encoded Encoded Handler Handlers Reply Request Response Context Status Status1XX Status2XX Status3XX
Status4XX Status5XX OtherStatus Upload Envelope Int64`

func (p *Plan) nameOperationTypes(types, validators *names) {
	handlers := newNames(strings.Fields(reservedWords + " notImplemented Handlers")...)
	for _, operation := range p.API.Operations {
		name := camel(operation.ID)
		if name == "" {
			name = nameFromPath(operation.Method, operation.Path)
		}
		if isReserved(name) {
			name += "Operation"
		}
		name = handlers.unique(name, "")
		planned := &Operation{Operation: operation, Name: name}
		planned.RequestType = types.unique(pascal(name)+"Request", "")
		planned.ResponseType = types.unique(pascal(name)+"Response", "")
		planned.Validator = validators.unique(name+"Request", "")
		p.Operations = append(p.Operations, planned)
	}
	p.nameOutgoing(types)
}

func isReserved(name string) bool {
	for word := range strings.FieldsSeq(reservedWords) {
		if word == name {
			return true
		}
	}
	return false
}

// nameFromPath makes GET /users/{id}/posts getUsersByIdPosts.
func nameFromPath(method, path string) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(method))
	for _, part := range ParsePath(path) {
		if part.Parameter {
			b.WriteString(" by")
		}
		b.WriteString(" " + part.Text)
	}
	name := camel(b.String())
	if name == "" {
		return "operation"
	}
	return name
}

func (p *Plan) nameSchemes() {
	env := newNames()
	for _, scheme := range p.API.SecuritySchemes {
		name := strings.ToUpper(strings.ReplaceAll(kebab(splitCamel(scheme.Name)), "-", "_"))
		if name == "" || name[0] >= '0' && name[0] <= '9' {
			name = "AUTH_" + name
		}
		p.Schemes = append(p.Schemes, &Scheme{SecurityScheme: scheme, Env: env.unique(name, "_")})
	}
}

// splitCamel puts a space where a capital follows a small letter.
func splitCamel(name string) string {
	var b strings.Builder
	last := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// Scheme returns the security scheme with the given name, or nil.
func (p *Plan) Scheme(name string) *Scheme {
	for _, scheme := range p.Schemes {
		if scheme.Name == name {
			return scheme
		}
	}
	return nil
}

func basePath(servers []api.Server) string {
	if len(servers) == 0 {
		return ""
	}
	url := servers[0].URL
	for _, variable := range servers[0].Variables {
		url = strings.ReplaceAll(url, "{"+variable.Name+"}", variable.Default)
	}
	if _, rest, found := strings.Cut(url, "://"); found {
		_, path, _ := strings.Cut(rest, "/")
		url = "/" + path
	}
	url, _, _ = strings.Cut(url, "?")
	url, _, _ = strings.Cut(url, "#")
	url = strings.Trim(url, "/")
	if url == "" || url == "." || strings.ContainsAny(url, "{}") {
		return ""
	}
	return "/" + url
}
