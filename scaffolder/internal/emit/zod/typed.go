package zod

import (
	"slices"
	"strconv"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// typed writes the keywords that go by the type of the value.
func (p *Printer) typed(s *api.Schema) *script.Node {
	if s.Types == nil {
		return p.guarded(s)
	}
	var options []*script.Node
	nullable := false
	for _, name := range s.Types {
		switch name {
		case "null":
			nullable = true
		case "integer":
			if !slices.Contains(s.Types, "number") {
				options = append(options, p.number(s, true))
			}
		default:
			if node := p.ofType(s, name); node != nil {
				options = append(options, node)
			}
		}
	}
	if len(options) == 0 {
		if nullable {
			return script.Call("z.null")
		}
		return p.value("nothing")
	}
	return orNull(options, nullable, "z.union")
}

func (p *Printer) ofType(s *api.Schema, name string) *script.Node {
	switch name {
	case "string":
		return p.text(s)
	case "number":
		return p.number(s, false)
	case "boolean":
		return script.Call("z.boolean")
	case "object":
		return p.object(s)
	case "array":
		return p.array(s)
	}
	return nil
}

// guarded writes keywords that stand without a type: each holds for values of
// its own type, and all others pass.
func (p *Printer) guarded(s *api.Schema) *script.Node {
	var fields []script.Field
	add := func(has bool, name string) {
		if has {
			fields = append(fields, script.Field{Key: name, Value: p.ofType(s, name)})
		}
	}
	add(hasString(s), "string")
	if p.plan.UsesInt64() && bounded(s) {
		// Numbers and bigints alike, which zod has no word for.
		fields = append(fields, script.Field{Key: "number", Value: checked(script.Call("z.any"), p.bounds(s))})
	} else {
		add(bounded(s), "number")
	}
	add(hasObject(s), "object")
	add(hasArray(s), "array")
	if len(fields) == 0 {
		return nil
	}
	return p.helper("byType", script.Object(true, fields...))
}

func hasString(s *api.Schema) bool {
	return s.MinLength != nil || s.MaxLength != nil || s.Pattern != "" || stringFormat(s.Format) != ""
}

func bounded(s *api.Schema) bool {
	return s.MultipleOf != "" || s.Minimum != "" || s.Maximum != "" || s.ExclusiveMinimum != "" || s.ExclusiveMaximum != ""
}

func hasNumber(s *api.Schema) bool { return bounded(s) }

func hasArray(s *api.Schema) bool {
	return s.Items != nil || s.PrefixItems != nil || s.Contains != nil || s.MinItems != nil || s.MaxItems != nil || s.UniqueItems
}

func hasObject(s *api.Schema) bool {
	return s.Properties != nil || s.PatternProperties != nil || s.AdditionalProperties != nil || s.PropertyNames != nil ||
		s.Required != nil || s.MinProperties != nil || s.MaxProperties != nil ||
		s.DependentRequired != nil || s.DependentSchemas != nil
}

// stringFormat is how a format of strings is written: zod's own word, or
// "format" for the helper of that name. Unknown formats say nothing.
func stringFormat(format string) string {
	switch format {
	case "uuid":
		return "z.guid"
	case "ipv6":
		return "z.ipv6"
	case "ipv4", "email", "date", "date-time", "time", "duration", "hostname", "uri", "uri-reference",
		"json-pointer", "regex", "byte", "decimal":
		return "format"
	case "url":
		return "format"
	}
	return ""
}

func (p *Printer) text(s *api.Schema) *script.Node {
	base := script.Call("z.string")
	var checks []*script.Node
	switch how := stringFormat(s.Format); how {
	case "":
	case "format":
		name := s.Format
		if name == "url" {
			name = "uri"
		}
		checks = append(checks, p.helper("format", script.String(name)))
	default:
		base = script.Call(how)
	}
	if s.MinLength != nil && *s.MinLength > 0 {
		checks = append(checks, p.helper("minLength", integer(*s.MinLength)))
	}
	if s.MaxLength != nil {
		checks = append(checks, p.helper("maxLength", integer(*s.MaxLength)))
	}
	if s.Pattern != "" {
		checks = append(checks, p.helper("pattern", script.String(s.Pattern)))
	}
	return described(checked(base, checks), s.Format, !slices.Contains(understood, s.Format))
}

// understood are the formats of strings that expressions name themselves.
var understood = []string{
	"uuid", "ipv4", "ipv6", "email", "date", "date-time", "time", "duration", "hostname", "uri", "uri-reference",
	"json-pointer", "regex", "byte", "decimal",
}

// described names a format that nothing is checked for.
func described(node *script.Node, format string, unchecked bool) *script.Node {
	if format == "" || !unchecked {
		return node
	}
	return script.Noted(node, ".meta", script.Field{Key: "format", Value: script.String(format)})
}

// withFallback names a default that is not put in where the value is missing.
func withFallback(node *script.Node, s *api.Schema) *script.Node {
	if s == nil || s.Default == "" {
		return node
	}
	return script.Noted(node, ".meta", script.Field{Key: "default", Value: Literal(s.Default)})
}

func checked(base *script.Node, checks []*script.Node) *script.Node {
	if len(checks) == 0 {
		return base
	}
	return script.Chain(base, script.Call(".check", checks...))
}

func integer(n int) *script.Node { return script.Text(strconv.Itoa(n)) }

// bounds are the checks of numbers that may be bigints.
func (p *Printer) bounds(s *api.Schema) []*script.Node {
	var checks []*script.Node
	for _, one := range []struct {
		check string
		bound api.Number
	}{{"z.gte", s.Minimum}, {"z.gt", s.ExclusiveMinimum}, {"z.lte", s.Maximum}, {"z.lt", s.ExclusiveMaximum}} {
		if one.bound != "" {
			checks = append(checks, script.Call(one.check, script.Text(exactNumber(one.bound))))
		}
	}
	if step := exactNumber(s.MultipleOf); s.MultipleOf != "" && step != "0" && step[0] != '-' {
		checks = append(checks, p.helper("multipleOf", script.Text(step)))
	}
	return checks
}

func (p *Printer) number(s *api.Schema, whole bool) *script.Node {
	if whole && p.plan.Int64(s) {
		p.int64 = true
		return checked(script.Text("int64"), p.bounds(s))
	}
	base := script.Call("z.number")
	if whole {
		base = script.Call("z.int")
		if s.Format == "int32" {
			base = script.Call("z.int32")
		}
	}
	var links []*script.Node
	add := func(method string, bound api.Number) {
		if bound != "" {
			links = append(links, script.Call(method, script.Text(Number(bound))))
		}
	}
	add(".min", s.Minimum)
	add(".gt", s.ExclusiveMinimum)
	add(".max", s.Maximum)
	add(".lt", s.ExclusiveMaximum)
	node := script.Chain(base, links...)
	if step := Number(s.MultipleOf); s.MultipleOf != "" && step != "0" && step[0] != '-' {
		node = script.Chain(node, script.Call(".check", p.helper("multipleOf", script.Text(step))))
	}
	return described(node, s.Format, !whole || s.Format != "int32")
}

func (p *Printer) array(s *api.Schema) *script.Node {
	var node *script.Node
	if len(s.PrefixItems) > 0 {
		arguments := []*script.Node{script.Array(p.all(s.PrefixItems)...)}
		if s.Items != nil {
			arguments = append(arguments, p.Expression(s.Items))
		}
		node = p.helper("tuple", arguments...)
	} else {
		node = script.Call("z.array", p.rest(s.Items))
	}
	var checks []*script.Node
	plain := len(s.PrefixItems) == 0
	if s.MinItems != nil && *s.MinItems > 0 {
		if plain {
			node = script.Chain(node, script.Call(".min", integer(*s.MinItems)))
		} else {
			checks = append(checks, p.helper("minItems", integer(*s.MinItems)))
		}
	}
	if s.MaxItems != nil {
		if plain {
			node = script.Chain(node, script.Call(".max", integer(*s.MaxItems)))
		} else {
			checks = append(checks, p.helper("maxItems", integer(*s.MaxItems)))
		}
	}
	if s.UniqueItems {
		checks = append(checks, p.value("uniqueItems"))
	}
	if s.Contains != nil {
		checks = append(checks, p.contains(s))
	}
	return checked(node, checks)
}

// rest writes the schema of what is not listed. z.any() stands for an explicit
// "anything", which counts as having been looked at; z.unknown() for nothing said.
func (p *Printer) rest(s *api.Schema) *script.Node {
	if s != nil && accepting(s) {
		return script.Call("z.any")
	}
	return withFallback(p.Expression(s), s)
}

func (p *Printer) contains(s *api.Schema) *script.Node {
	arguments := []*script.Node{p.Expression(s.Contains)}
	if s.MinContains != nil || s.MaxContains != nil {
		least := 1
		if s.MinContains != nil {
			least = *s.MinContains
		}
		arguments = append(arguments, integer(least))
	}
	if s.MaxContains != nil {
		arguments = append(arguments, integer(*s.MaxContains))
	}
	return p.helper("contains", arguments...)
}
