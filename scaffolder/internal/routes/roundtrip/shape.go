package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// maxShape is how many values deep schemas are compared.
const maxShape = 7

// A shape is what a schema accepts, in a form that schemas of the same meaning
// share. It is a conjunction of members. Shapes are told apart by their number.
type shape struct {
	members []member
}

// member is one thing that a shape asks for: its kind, the name that it is about
// and its value, and the shapes inside it.
type member struct {
	kind, name, text string
	kids             []int
}

// shapes gives shapes their numbers. Number 0 accepts everything.
type shapes struct {
	list    []shape
	numbers map[string]int
}

func newShapes() *shapes {
	s := &shapes{numbers: map[string]int{}}
	s.number(nil)
	return s
}

// number is that of a conjunction of members.
func (s *shapes) number(members []member) int {
	keys := make([]string, len(members))
	for i, m := range members {
		keys[i] = m.key()
	}
	order := make([]int, len(members))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(keys[a], keys[b]) })
	var sorted []member
	var key strings.Builder
	for i, at := range order {
		if i > 0 && keys[order[i-1]] == keys[at] {
			continue
		}
		sorted = append(sorted, members[at])
		key.WriteString(keys[at] + "\x00")
	}
	if known, ok := s.numbers[key.String()]; ok {
		return known
	}
	s.list = append(s.list, shape{sorted})
	s.numbers[key.String()] = len(s.list) - 1
	return len(s.list) - 1
}

func (m member) key() string {
	var b strings.Builder
	b.WriteString(m.kind + "\x01" + m.name + "\x01" + m.text)
	for _, kid := range m.kids {
		b.WriteString("\x01" + strconv.Itoa(kid))
	}
	return b.String()
}

// only is the one member of a shape of that kind; false when there is another.
func (s *shapes) only(number int, kind string) (member, bool) {
	if list := s.list[number].members; len(list) == 1 && list[0].kind == kind {
		return list[0], true
	}
	return member{}, false
}

// text writes a shape for a person, to a depth.
func (s *shapes) text(number, depth int) string {
	if number == 0 {
		return "anything"
	}
	if depth == 0 {
		return "…"
	}
	var parts []string
	for _, m := range s.list[number].members {
		text := m.kind
		if m.name != "" {
			text += " " + m.name
		}
		if m.text != "" {
			text += "=" + m.text
		}
		var kids []string
		for _, kid := range m.kids {
			kids = append(kids, s.text(kid, depth-1))
		}
		if kids != nil {
			text += "(" + strings.Join(kids, ", ") + ")"
		}
		parts = append(parts, text)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// canon is JSON with its numbers and members in one form.
func canon(v api.Value) string {
	var value any
	if json.Unmarshal([]byte(v), &value) != nil {
		return string(v)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return string(v)
	}
	return string(text)
}

// amount is a number in one form, with the digits that a server's numbers have.
func amount(n api.Number) string {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		return string(n)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// reader numbers the schemas of one API in one direction.
type reader struct {
	*shapes
	api     *api.API
	byName  map[string]*api.Schema
	request bool
	known   map[schemaAt]int
}

type schemaAt struct {
	schema *api.Schema
	depth  int
}

func (s *shapes) reader(a *api.API, request bool) *reader {
	r := &reader{shapes: s, api: a, request: request, known: map[schemaAt]int{}, byName: map[string]*api.Schema{}}
	for _, named := range a.Schemas {
		if r.byName[named.Name] == nil {
			r.byName[named.Name] = named.Schema
		}
	}
	return r
}

// of is the number of a schema's shape.
func (r *reader) of(s *api.Schema) int { return r.at(s, maxShape) }

func (r *reader) at(s *api.Schema, depth int) int {
	if s == nil || depth == 0 {
		return 0
	}
	key := schemaAt{s, depth}
	if known, ok := r.known[key]; ok {
		return known
	}
	r.known[key] = 0
	c := &conjunction{reader: r, depth: depth, required: map[string]bool{}, properties: map[string][]int{}}
	c.add(s, map[string]bool{}, true)
	number := c.number()
	r.known[key] = number
	return number
}

// flagged tells whether a property is for the other direction alone.
func (r *reader) flagged(s *api.Schema) bool {
	for range 20 {
		if s == nil {
			return false
		}
		if r.request && s.ReadOnly || !r.request && s.WriteOnly {
			return true
		}
		if s.Ref == "" {
			return false
		}
		s = r.byName[s.Ref]
	}
	return false
}

func sortedTypes(types []string) []string {
	out := slices.Clone(types)
	slices.SortFunc(out, func(a, b string) int { return cmp.Compare(a, b) })
	return slices.Compact(out)
}
