package example

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// Thorough makes the cases of one operation as Cases does, and breaks keywords
// too whose breach takes more work than generated tests are worth: what must not
// match, conditions, alternatives that the usual value does not take.
func Thorough(p *plan.Plan, operation *plan.Operation, limit int) []Case {
	b := &builder{plan: p, operation: operation, checker: newChecker(p)}
	b.thorough = true
	for _, minimal := range []bool{false, true} {
		if b.prepare(minimal) {
			return b.cases(limit)
		}
	}
	return nil
}

// rarely breaks what Cases leaves alone.
func (f *faulty) rarely(s *api.Schema, v any, at spot, depth int) {
	if s.Types != nil && !slices.Contains(s.Types, "null") {
		f.add(at, "null", at.path, nil)
	}
	switch v := v.(type) {
	case []any:
		f.itemsMore(s, v, at)
	case Object:
		f.membersMore(s, v, at, depth)
	}
	f.forbidden(s, v, at)
	f.condition(s, v, at, depth)
	for _, group := range [][]*api.Schema{s.AnyOf, s.OneOf} {
		for _, part := range group {
			if !f.valid(part, v, 0) {
				f.elsewhere(s, part, at, depth)
			}
		}
	}
}

func (f *faulty) maker() *maker {
	return &maker{checker: f.checker, minimal: true, deep: 2, work: 5000}
}

// elsewhere breaks an alternative that the value at hand does not take, in a
// value that does.
func (f *faulty) elsewhere(s, part *api.Schema, at spot, depth int) {
	value, ok := f.maker().make(&api.Schema{AllOf: []*api.Schema{s, part}}, depth, 0)
	if ok && f.valid(part, value, 0) && f.valid(f.root, at.put(value), 0) {
		f.walkWithin(part, value, at, depth+1)
	}
}

// forbidden puts in what must not match.
func (f *faulty) forbidden(s *api.Schema, v any, at spot) {
	if s.Not == nil {
		return
	}
	rest := *s
	rest.Not = nil
	both := &api.Schema{AllOf: []*api.Schema{&rest, s.Not}}
	var candidates []any
	for _, schema := range []*api.Schema{both, s.Not} {
		made, ok := f.maker().make(schema, 1, 0)
		if !ok {
			continue
		}
		candidates = append(candidates, made)
		own, isObject := v.(Object)
		if more, ok := made.(Object); ok && isObject {
			for _, member := range more {
				own = own.with(member.Name, member.Value)
			}
			candidates = append([]any{own}, candidates...)
		}
	}
	for _, candidate := range append(candidates, others...) {
		if f.valid(s.Not, candidate, 0) && f.valid(&rest, candidate, 0) {
			f.add(at, "not", at.path, candidate)
		}
	}
}

// condition breaks what a condition asks for, both where it holds and where it
// does not.
func (f *faulty) condition(s *api.Schema, v any, at spot, depth int) {
	if s.If == nil {
		return
	}
	holds, fails := s.Then, s.Else
	other := &api.Schema{AllOf: []*api.Schema{s, {Not: s.If}}}
	if !f.valid(s.If, v, 0) {
		holds, fails = s.Else, s.Then
		other = &api.Schema{AllOf: []*api.Schema{s, s.If}}
	}
	f.walkWithin(holds, v, at, depth+1)
	if fails == nil {
		return
	}
	for variant := range 4 {
		value, ok := f.maker().make(other, depth, variant)
		if ok && f.valid(f.root, at.put(value), 0) {
			f.walkWithin(fails, value, at, depth+1)
			return
		}
	}
}

func (f *faulty) itemsMore(s *api.Schema, v []any, at spot) {
	end := func(index int) []string { return append(slices.Clone(at.path), strconv.Itoa(index)) }
	if s.UniqueItems && len(v) > 1 {
		f.add(at, "uniqueItems", end(len(v)-1), append(slices.Clone(v[:len(v)-1]), v[0]))
	}
	if closed(s.Items) {
		f.add(at, "items", end(len(v)), append(slices.Clone(v), true))
	}
	if s.Contains == nil {
		return
	}
	for _, other := range append([]any{json.Number("7654321")}, others...) {
		if len(v) > 0 && !f.valid(s.Contains, other, 0) && f.valid(s.Items, other, 0) {
			f.add(at, "contains", at.path, slices.Repeat([]any{other}, len(v)))
		}
	}
	at1 := slices.IndexFunc(v, func(item any) bool { return f.valid(s.Contains, item, 0) })
	if s.MaxContains != nil && *s.MaxContains < 200 && at1 >= 0 {
		f.add(at, "maxContains", at.path, append(slices.Clone(v), slices.Repeat([]any{v[at1]}, *s.MaxContains)...))
	}
}

func (f *faulty) membersMore(s *api.Schema, v Object, at spot, depth int) {
	below := func(name string) []string { return append(slices.Clone(at.path), name) }
	put := func(keyword, name string, schema *api.Schema) {
		for _, other := range others {
			if !f.valid(schema, other, 0) {
				f.add(at, keyword, below(name), v.with(name, other))
			}
		}
	}
	for _, property := range s.PatternProperties {
		if !f.pattern(property.Name).usable() {
			continue
		}
		for _, name := range f.pattern(property.Name).texts() {
			if f.pattern(property.Name).matches(name) && name != "" {
				put("patternProperties", name, property.Schema)
				break
			}
		}
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Always == nil {
		put("additionalProperties", "unexpectedMember", s.AdditionalProperties)
	}
	if s.PropertyNames != nil {
		for _, name := range []string{"A", "1", "-", fitted("name", 300, -1)} {
			if _, found := v.Get(name); !found && !f.valid(s.PropertyNames, name, 0) {
				f.add(at, "propertyNames", below(name), v.with(name, "x"))
			}
		}
	}
	if s.Discriminator != nil {
		told := at
		told.within = true
		f.add(told, "discriminator", at.path, v.with(s.Discriminator.Property, "~ none of these ~"))
		f.add(told, "discriminator missing", at.path, v.without(s.Discriminator.Property))
	}
	for _, dependent := range s.DependentSchemas {
		if _, found := v.Get(dependent.Name); found {
			f.walkWithin(dependent.Schema, v, at, depth+1)
		} else if value, ok := f.maker().make(&api.Schema{AllOf: []*api.Schema{s, {Required: []string{dependent.Name}}, dependent.Schema}}, depth, 0); ok && f.valid(f.root, at.put(value), 0) {
			f.walkWithin(dependent.Schema, value, at, depth+1)
		}
	}
}
