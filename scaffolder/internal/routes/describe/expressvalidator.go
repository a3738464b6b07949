package describe

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// expressValidator reads body("email").isEmail() and the like; false for other
// values.
func (d *describer) expressValidator(op *operation, o *interpret.Symbol) bool {
	module, links := chain(o)
	if module != "express-validator" && module != "express-validator/check" || len(links) == 0 {
		return false
	}
	first := links[0]
	switch first.name {
	case "body", "check", "query", "param", "header", "cookie":
	case "checkSchema":
		if schema, ok := first.arg(0).(*interpret.Object); ok {
			d.checkSchema(op, schema)
		}
		return true
	case "oneOf":
		for _, v := range elements(first.arg(0)) {
			d.validator(op, v)
		}
		return true
	default:
		return true
	}
	place := placeOf(first.name)
	if first.name == "check" {
		place = "body"
		if op.Method == "GET" || op.Method == "DELETE" {
			place = api.InQuery
		}
	}
	fields := []interpret.Value{first.arg(0)}
	if list := elements(first.arg(0)); list != nil {
		fields = list
	}
	for _, field := range fields {
		if name := textOf(field); name != "" {
			s, required := d.validatorLinks(links[1:])
			d.field(op, place, name, s, required)
		}
	}
	return true
}

// validatorLinks reads what a chain checks.
func (d *describer) validatorLinks(links []link) (s *api.Schema, required bool) {
	s = &api.Schema{Types: []string{"string"}}
	required = true
	set := func(name, format string) { s.Types, s.Format = []string{name}, format }
	for _, l := range links {
		options, _ := l.arg(0).(*interpret.Object)
		switch l.name {
		case "optional":
			required = false
		case "isEmail":
			s.Format = "email"
		case "isURL":
			s.Format = "uri"
		case "isUUID":
			s.Format = "uuid"
		case "isIP":
			s.Format = "ipv4"
		case "isISO8601", "isRFC3339":
			s.Format = "date-time"
		case "isDate":
			s.Format = "date"
		case "isInt", "toInt":
			set("integer", "")
			if l.name == "isInt" && options != nil {
				s.Minimum, s.Maximum = numberOf(options.Get("min")), numberOf(options.Get("max"))
			}
		case "isFloat", "isDecimal", "isNumeric", "toFloat":
			set("number", "")
			if options != nil {
				s.Minimum, s.Maximum = numberOf(options.Get("min")), numberOf(options.Get("max"))
			}
		case "isBoolean", "toBoolean":
			set("boolean", "")
		case "isArray":
			set("array", "")
			if options != nil {
				s.MinItems, s.MaxItems = integerOf(options.Get("min")), integerOf(options.Get("max"))
			}
		case "isObject":
			set("object", "")
		case "isLength":
			if options != nil {
				s.MinLength, s.MaxLength = integerOf(options.Get("min")), integerOf(options.Get("max"))
			}
		case "isIn":
			for _, v := range elements(l.arg(0)) {
				if value, ok := d.toJSON(v, 0); ok {
					s.Enum = append(s.Enum, value)
				}
			}
		case "matches":
			bound(s, link{name: "matches", args: l.args})
		case "notEmpty":
			if slices.Contains(s.Types, "string") {
				one := 1
				s.MinLength = &one
			}
		}
	}
	return s, required
}

func (d *describer) checkSchema(op *operation, o *interpret.Object) {
	for _, name := range o.Keys {
		field, ok := o.Get(name).(*interpret.Object)
		if !ok {
			continue
		}
		var links []link
		for _, key := range field.Keys {
			options := field.Get(key)
			if inner, ok := options.(*interpret.Object); ok {
				if nested := inner.Get("options"); nested != nil {
					options = nested
				}
			}
			links = append(links, link{key, []interpret.Value{options}, true})
		}
		s, required := d.validatorLinks(links)
		places := []interpret.Value{field.Get("in")}
		if list := elements(field.Get("in")); list != nil {
			places = list
		}
		for _, place := range places {
			in := placeOf(textOf(place))
			if in == "" {
				in = "body"
			}
			d.field(op, in, name, s, required)
		}
	}
}

// field declares one field of a place.
func (d *describer) field(op *operation, place, name string, s *api.Schema, required bool) {
	if place != "body" {
		if place == api.InPath {
			if !slices.ContainsFunc(op.Parameters, func(p *api.Parameter) bool { return p.In == place && p.Name == name }) {
				return
			}
			required = true
		}
		p, _ := op.parameter(place, name)
		p.Schema, p.Required = s, required
		return
	}
	if op.Body == nil {
		op.Body = &api.Body{Required: true, Content: []*api.Media{{Type: "application/json", Schema: newObject().Schema}}}
	}
	whole := op.Body.Content[0].Schema
	if whole == nil || whole.Ref != "" || slices.ContainsFunc(whole.Properties, func(p api.Property) bool { return p.Name == name }) {
		return
	}
	objectSchema{whole}.add(name, s, required)
}
