package example

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Fault is an invalid value made out of a valid one by breaking one keyword.
type Fault struct {
	Keyword string
	Path    []string // of the field that is at fault
	Within  bool     // the fault may be reported at any field from Path on: alternatives stand around it
	Value   any      // the whole value
}

// faulty finds faults: one for each keyword at each place that a value reaches.
type faulty struct {
	*checker
	root   *api.Schema
	found  []Fault
	limit  int
	placed map[string]bool
}

// faults breaks the keywords of a schema, one at a time, in a value that matches it.
func (c *checker) faults(s *api.Schema, value any, limit int) []Fault {
	f := &faulty{checker: c, root: s, limit: limit, placed: map[string]bool{}}
	f.walk(s, value, nil, false, func(v any) any { return v }, 0)
	return f.found
}

// spot is a place in the whole value.
type spot struct {
	path   []string
	within bool
	put    func(any) any
}

func (f *faulty) add(at spot, keyword string, path []string, broken any) {
	key := keyword + " " + strings.Join(path, "\x00")
	if len(f.found) >= f.limit || f.placed[key] {
		return
	}
	if whole := at.put(broken); !f.valid(f.root, whole, 0) {
		f.placed[key] = true
		f.found = append(f.found, Fault{Keyword: keyword, Path: slices.Clone(path), Within: at.within, Value: whole})
	}
}

func (f *faulty) walk(s *api.Schema, v any, path []string, within bool, put func(any) any, depth int) {
	if s == nil || s.Always != nil || depth > 6 || len(f.found) >= f.limit || f.files && isFile(s) {
		return
	}
	at := spot{path, within, put}
	if target := f.plan.Schema(s.Ref); s.Ref != "" && target != nil {
		f.walk(target.Schema, v, path, within, put, depth+1)
	}
	f.types(s, at)
	switch v := v.(type) {
	case string:
		f.texts(s, v, at)
	case json.Number:
		f.numbers(s, v, at)
	case []any:
		f.arrays(s, v, at, depth)
	case Object:
		f.objects(s, v, at, depth)
	}
	for _, part := range s.AllOf {
		f.walk(part, v, path, within, put, depth)
	}
	for _, group := range [][]*api.Schema{s.AnyOf, s.OneOf} {
		for _, part := range group {
			if f.valid(part, v, 0) {
				// What is reported is at least at the place of the alternatives.
				f.walkWithin(part, v, at, depth)
			}
		}
	}
	if f.thorough {
		f.rarely(s, v, at, depth)
	}
}

// walkWithin walks one of several alternatives: the faults count as reported
// anywhere below the place of the alternatives.
func (f *faulty) walkWithin(s *api.Schema, v any, at spot, depth int) {
	before := len(f.found)
	f.walk(s, v, at.path, true, at.put, depth+1)
	for i := before; i < len(f.found); i++ {
		if !at.within {
			f.found[i].Path = f.found[i].Path[:len(at.path)]
		}
	}
}

var others = []any{
	"unexpected", json.Number("12345.5"), true, []any{}, Object{{"unexpected", true}}, nil,
}

func (f *faulty) types(s *api.Schema, at spot) {
	if s.Types != nil {
		for _, other := range others {
			if !f.typed(s, other) {
				f.add(at, "type", at.path, other)
				break
			}
		}
	}
	if s.Enum != nil || s.Const != "" {
		keyword := "enum"
		if s.Const != "" {
			keyword = "const"
		}
		for _, other := range []any{"unlisted", json.Number("987654"), true} {
			if f.typed(s, other) && !f.listed(s, other) {
				f.add(at, keyword, at.path, other)
				break
			}
		}
	}
}

func (f *faulty) texts(s *api.Schema, v string, at spot) {
	runes := []rune(v)
	if s.MinLength != nil && *s.MinLength > 0 && len(runes) >= *s.MinLength {
		f.add(at, "minLength", at.path, string(runes[:*s.MinLength-1]))
	}
	if s.MaxLength != nil && *s.MaxLength <= 20_000 {
		f.add(at, "maxLength", at.path, fitted(v, *s.MaxLength+1, -1))
	}
	if s.Pattern != "" && f.pattern(s.Pattern).usable() {
		for _, other := range []string{"!", "~ ~", "", "a", "0", v + "\n!"} {
			if !f.pattern(s.Pattern).matches(other) {
				f.add(at, "pattern", at.path, fitted(other, length(s.MinLength), -1))
				break
			}
		}
	}
	for _, other := range []string{"?", " ", "<>"} {
		if s.Format != "" && !hasFormat(s.Format, other) {
			f.add(at, "format", at.path, other)
			break
		}
	}
}

func length(bound *int) int {
	if bound == nil || *bound > 1000 {
		return 0
	}
	return *bound
}

func (f *faulty) numbers(s *api.Schema, v json.Number, at spot) {
	shifted := func(bound api.Number, by string, keyword string) {
		if limit := rational(string(bound)); bound != "" && limit != nil {
			f.add(at, keyword, at.path, decimal(limit.Add(limit, rational(by))))
		}
	}
	shifted(s.Minimum, "-1", "minimum")
	shifted(s.Maximum, "1", "maximum")
	shifted(s.ExclusiveMinimum, "0", "exclusiveMinimum")
	shifted(s.ExclusiveMaximum, "0", "exclusiveMaximum")
	value := rational(v.String())
	if step := rational(string(s.MultipleOf)); s.MultipleOf != "" && step != nil && value != nil {
		f.add(at, "multipleOf", at.path, decimal(value.Add(value, step.Mul(step, rational("1/2")))))
	}
	if slices.Contains(s.Types, "integer") && !slices.Contains(s.Types, "number") {
		f.add(at, "integer", at.path, json.Number("1.5"))
		if limits, ok := integerLimits[s.Format]; ok {
			f.add(at, "format", at.path, decimal(rational(limits[1]).Add(rational(limits[1]), rational("1"))))
		}
	}
}

func (f *faulty) arrays(s *api.Schema, v []any, at spot, depth int) {
	if s.MinItems != nil && *s.MinItems > 0 && len(v) >= *s.MinItems {
		f.add(at, "minItems", at.path, v[:*s.MinItems-1])
	}
	if s.MaxItems != nil && *s.MaxItems < 200 && len(v) > 0 {
		more := slices.Clone(v)
		for len(more) <= *s.MaxItems {
			more = append(more, v[len(more)%len(v)])
		}
		f.add(at, "maxItems", at.path, more)
	}
	if s.UniqueItems && len(v) > 0 && (s.MaxItems == nil || len(v) < *s.MaxItems) {
		f.add(at, "uniqueItems", append(slices.Clone(at.path), strconv.Itoa(len(v))), append(slices.Clone(v), v[0]))
	}
	if s.Contains != nil {
		f.add(at, "contains", at.path, []any{})
	}
	for i, item := range v {
		schema := s.Items
		if i < len(s.PrefixItems) {
			schema = s.PrefixItems[i]
		}
		if i > 2 && i >= len(s.PrefixItems) {
			break
		}
		f.walk(schema, item, append(slices.Clone(at.path), strconv.Itoa(i)), at.within, func(inner any) any {
			changed := slices.Clone(v)
			changed[i] = inner
			return at.put(changed)
		}, depth+1)
	}
}

func (f *faulty) objects(s *api.Schema, v Object, at spot, depth int) {
	below := func(name string) []string { return append(slices.Clone(at.path), name) }
	for _, name := range s.Required {
		if _, found := v.Get(name); found && !f.readOnly(s, name) {
			f.add(at, "required", below(name), v.without(name))
		}
	}
	for _, dependent := range s.DependentRequired {
		whole := v
		if _, found := v.Get(dependent.Property); !found {
			whole = v.with(dependent.Property, f.fitting(s, dependent.Property))
		}
		for _, name := range dependent.Required {
			f.add(at, "dependentRequired", below(name), whole.without(name))
		}
	}
	if closed(s.AdditionalProperties) || closed(s.UnevaluatedProperties) {
		f.add(at, "additionalProperties", below("unexpectedMember"), v.with("unexpectedMember", "x"))
	}
	f.counts(s, v, at)
	if s.PropertyNames != nil {
		f.add(at, "propertyNames", below("~ no name ~"), v.with("~ no name ~", "x"))
	}
	for _, member := range v {
		put := func(inner any) any { return at.put(v.with(member.Name, inner)) }
		known := false
		for _, property := range s.Properties {
			if property.Name == member.Name && !f.plan.ReadOnly(property.Schema) {
				known = true
				f.walk(property.Schema, member.Value, below(member.Name), at.within, put, depth+1)
			}
		}
		for _, property := range s.PatternProperties {
			if f.pattern(property.Name).usable() && f.pattern(property.Name).matches(member.Name) {
				known = true
				f.walk(property.Schema, member.Value, below(member.Name), at.within, put, depth+1)
			}
		}
		if !known {
			f.walk(s.AdditionalProperties, member.Value, below(member.Name), at.within, put, depth+1)
		}
	}
}

// counts breaks how many members there may be, and nothing else.
func (f *faulty) counts(s *api.Schema, v Object, at spot) {
	rest := *s
	rest.MinProperties, rest.MaxProperties = nil, nil
	alone := func(keyword string, changed Object) {
		if f.valid(&rest, changed, 0) {
			f.add(at, keyword, at.path, changed)
		}
	}
	if s.MinProperties != nil && *s.MinProperties > 0 && len(v) >= *s.MinProperties {
		fewer := slices.Clone(v)
		for i := len(fewer) - 1; i >= 0 && len(fewer) >= *s.MinProperties; i-- {
			if !slices.Contains(s.Required, fewer[i].Name) {
				fewer = slices.Delete(fewer, i, i+1)
			}
		}
		alone("minProperties", fewer)
	}
	if s.MaxProperties != nil && *s.MaxProperties < 50 {
		more := slices.Clone(v)
		for i := 0; len(more) <= *s.MaxProperties; i++ {
			name := "more" + strconv.Itoa(i)
			more = append(more, Member{name, f.fitting(s, name)})
		}
		alone("maxProperties", more)
	}
}

// fitting is a value for a member that the object lacks.
func (f *faulty) fitting(s *api.Schema, name string) any {
	schema := s.AdditionalProperties
	for _, property := range s.Properties {
		if property.Name == name {
			schema = property.Schema
		}
	}
	value, ok := f.maker().make(schema, 1, 0)
	if !ok {
		return "x"
	}
	return value
}

func closed(s *api.Schema) bool { return s != nil && s.Always != nil && !*s.Always }
