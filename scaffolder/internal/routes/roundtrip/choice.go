package main

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// kindsOf says which type of value a keyword is about; keywords that are not
// here are about all.
var kindsOf = map[string]string{
	"pattern": "string", "minLength": "string", "maxLength": "string", "contentEncoding": "string",
	"contentMediaType": "string", "contentSchema": "string",
	"minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number", "multipleOf": "number",
	"items": "array", "prefixItems": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array",
	"contains": "array", "unevaluatedItems": "array",
	"property": "object", "required": "object", "patternProperties": "object", "additionalProperties": "object",
	"unevaluatedProperties": "object", "propertyNames": "object", "minProperties": "object", "maxProperties": "object",
	"dependentRequired": "object", "dependentSchemas": "object",
}

// choice adds alternatives. A choice of one is no choice, and to accept anything
// as one alternative is to say nothing.
func (c *conjunction) choice(kind string, list []*api.Schema) {
	if len(list) == 0 {
		return
	}
	var kids []int
	for _, one := range list {
		kids = append(kids, c.at(one, c.depth))
	}
	c.members = append(c.members, c.chosen(kind, kids)...)
}

func (r *reader) chosen(kind string, kids []int) []member {
	null := r.shapes.number([]member{{kind: "type", text: "null"}})
	if kind == "oneOf" {
		if rest := slices.DeleteFunc(slices.Clone(kids), func(n int) bool { return n == null }); len(rest) == len(kids)-1 && len(rest) > 1 && !r.mayBeNull(rest) {
			return r.chosen("anyOf", []int{null, r.shapes.number(r.chosen("oneOf", rest))})
		}
		if r.apart(kids) {
			kind = "anyOf"
		}
	}
	if kind == "anyOf" {
		kids = r.flat(kids)
		if slices.Contains(kids, 0) {
			return nil
		}
	}
	slices.Sort(kids)
	if kind == "anyOf" {
		kids = slices.Compact(kids)
	}
	if len(kids) == 1 {
		return r.list[kids[0]].members
	}
	return []member{{kind: kind, kids: kids}}
}

// flat lays open the choices in a choice, and joins lists of values.
func (r *reader) flat(kids []int) []int {
	var out []int
	var values []string
	for _, kid := range kids {
		if m, ok := r.only(kid, "anyOf"); ok {
			out = append(out, m.kids...)
			continue
		}
		out = append(out, kid)
	}
	rest := slices.DeleteFunc(out, func(kid int) bool {
		m, ok := r.only(kid, "enum")
		if ok {
			values = append(values, strings.Split(m.text, "\n")...)
		}
		return ok
	})
	if values != nil {
		rest = append(rest, r.shapes.number([]member{enumOf(values)}))
	}
	if slices.Contains(rest, r.shapes.number([]member{{kind: "type", text: "number"}})) { // integers are numbers
		whole := r.shapes.number([]member{{kind: "type", text: "integer"}})
		rest = slices.DeleteFunc(rest, func(kid int) bool { return kid == whole })
	}
	return rest
}

func enumOf(values []string) member {
	slices.Sort(values)
	return member{kind: "enum", text: strings.Join(slices.Compact(values), "\n")}
}

// typeOf is the one type that a shape is of; "" for none or several.
func (r *reader) typeOf(number int) string {
	for _, m := range r.list[number].members {
		switch m.kind {
		case "type":
			if m.text == "integer" {
				return "number"
			}
			return m.text
		case "enum":
			kind := ""
			for value := range strings.SplitSeq(m.text, "\n") {
				if k := api.Value(value).Kind(); kind != "" && k != kind {
					return ""
				} else {
					kind = k
				}
			}
			return kind
		}
	}
	return ""
}

func (r *reader) mayBeNull(kids []int) bool {
	return slices.ContainsFunc(kids, func(kid int) bool {
		t := r.typeOf(kid)
		return t == "" || t == "null"
	})
}

// apart tells alternatives of which no value fits two, by their types.
func (r *reader) apart(kids []int) bool {
	seen := map[string]bool{}
	for _, kid := range kids {
		t := r.typeOf(kid)
		if t == "" || seen[t] {
			return false
		}
		seen[t] = true
	}
	return true
}

// number is the shape of all that was gathered.
func (c *conjunction) number() int {
	for name, kids := range c.properties {
		if kid := c.both(kids); kid != 0 {
			c.members = append(c.members, member{kind: "property", name: name, kids: []int{kid}})
		}
	}
	for name := range c.required {
		c.members = append(c.members, member{kind: "required", name: name})
	}
	if !c.typed {
		c.infer()
	}
	var out []member
	switch {
	case c.listed:
		out = c.valued()
	case c.typed:
		out = c.split()
	default:
		out = c.members
	}
	if slices.ContainsFunc(out, func(m member) bool { return m.kind == "never" }) {
		out = []member{{kind: "never"}}
	}
	if c.fallback != "" {
		out = append(slices.Clone(out), member{kind: "default", text: c.fallback})
	}
	return c.shapes.number(out)
}

// both is the shape of what fits all of some shapes.
func (r *reader) both(numbers []int) int {
	if len(numbers) == 1 {
		return numbers[0]
	}
	var all []member
	for _, n := range numbers {
		all = append(all, r.list[n].members...)
	}
	return r.shapes.number(all)
}

// infer names the type that an author left out.
func (c *conjunction) infer() {
	choices := slices.ContainsFunc(c.members, func(m member) bool { return m.kind == "anyOf" || m.kind == "oneOf" })
	switch {
	case c.listed:
	case c.object && !choices:
		c.types, c.typed = []string{"object"}, true
	case c.array && !choices:
		c.types, c.typed = []string{"array"}, true
	}
}

// valued is a list of values, of those that are of the types; null stands alone,
// as a type.
func (c *conjunction) valued() []member {
	var values []string
	null := false
	for _, v := range c.values {
		t := api.Value(v).Kind()
		if c.typed && !slices.Contains(c.types, t) && (t != "number" || !slices.Contains(c.types, "integer")) {
			continue
		}
		if t == "null" {
			null = true
			continue
		}
		values = append(values, v)
	}
	var rest []member
	for _, m := range c.members {
		if kindsOf[m.kind] == "" && m.kind != "format" {
			rest = append(rest, m)
		}
	}
	one := member{kind: "never"}
	if values != nil {
		one = enumOf(values)
	}
	if !null {
		return append(rest, one)
	}
	nothing := member{kind: "type", text: "null"}
	if values == nil {
		return append(rest, nothing)
	}
	return append(rest, c.chosen("anyOf", []int{c.shapes.number([]member{one}), c.shapes.number([]member{nothing})})...)
}

// split is a choice among the types, each with the keywords that are about it.
func (c *conjunction) split() []member {
	var kids []int
	var shared []member
	types := slices.DeleteFunc(slices.Clone(c.types), func(t string) bool { return t == "integer" && slices.Contains(c.types, "number") })
	for _, t := range types {
		members := []member{{kind: "type", text: t}}
		about := t
		if t == "integer" {
			about = "number"
		}
		for _, m := range c.members {
			if kindsOf[m.kind] == about || m.kind == "format" && (t == "string" || about == "number") {
				members = append(members, m)
			}
		}
		kids = append(kids, c.shapes.number(members))
	}
	for _, m := range c.members {
		if kindsOf[m.kind] == "" && m.kind != "format" {
			shared = append(shared, m)
		}
	}
	switch {
	case len(kids) == 0:
		return []member{{kind: "never"}}
	case len(kids) == 1:
		return c.withoutType(append(shared, c.list[kids[0]].members...))
	}
	return append(shared, c.chosen("anyOf", kids)...)
}

// withoutType leaves out a type that the alternatives beside it name as well.
func (c *conjunction) withoutType(members []member) []member {
	at := slices.IndexFunc(members, func(m member) bool { return m.kind == "type" })
	implied := at >= 0 && slices.ContainsFunc(members, func(m member) bool {
		return (m.kind == "anyOf" || m.kind == "oneOf") && !slices.ContainsFunc(m.kids, func(kid int) bool { return c.typeOf(kid) != members[at].text })
	})
	if implied {
		return slices.Delete(members, at, at+1)
	}
	return members
}
