package describe

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// routeOptions reads Fastify's schema, and what koa-joi-router calls validate.
func (d *describer) routeOptions(op *operation, options *interpret.Object) {
	for _, name := range []string{"schema", "validate"} {
		o, ok := d.Machine.Get(options, name, options.Place).(*interpret.Object)
		if !ok || o.Array {
			continue
		}
		d.schemaTexts(op, o)
		for _, key := range o.Keys {
			v := d.Machine.Get(o, key, o.Place)
			if key == "response" || key == "output" {
				d.answers(op, v)
				continue
			}
			place := placeOf(key)
			if place == "" || key == "data" || key == "json" || key == "form" {
				continue
			}
			if s := d.optionSchema(v); s != nil {
				d.declarePlace(op, place, s, v)
			}
		}
	}
}

func (d *describer) optionSchema(v interpret.Value) *api.Schema {
	if s, ok := d.schema(v); ok {
		return s
	}
	o, ok := v.(*interpret.Object)
	if !ok || o.Array || o.Native != nil {
		return nil
	}
	if s := d.shapeOf(o); s != nil {
		return s
	}
	if len(o.Keys) > 0 { // properties alone, which Fastify completes
		return d.plainShape(o)
	}
	return nil
}

func (d *describer) plainShape(o *interpret.Object) *api.Schema {
	s := newObject()
	for _, key := range o.Keys {
		property, ok := o.Get(key).(*interpret.Object)
		if !ok {
			return nil
		}
		inner, ok := d.jsonSchema(property)
		if !ok {
			return nil
		}
		s.add(key, inner, false)
	}
	return s.Schema
}

// declarePlace declares a place by a schema. The properties of a JSON Schema
// are read at once, since it is itself read at the end.
func (d *describer) declarePlace(op *operation, place string, s *api.Schema, v interpret.Value) {
	o, raw := v.(*interpret.Object)
	if place == "body" || !raw || d.fragments[s] == "" {
		d.place(op, place, s)
		return
	}
	properties, _ := o.Get("properties").(*interpret.Object)
	if properties == nil {
		return
	}
	var required []string
	for _, e := range elements(o.Get("required")) {
		required = append(required, textOf(e))
	}
	whole := newObject()
	for _, key := range properties.Keys {
		property, ok := d.Machine.Get(properties, key, properties.Place).(*interpret.Object)
		if !ok {
			continue
		}
		if inner, ok := d.jsonSchema(property); ok {
			whole.add(key, inner, slices.Contains(required, key))
		}
	}
	d.place(op, place, whole.Schema)
	for _, key := range properties.Keys {
		if property, ok := properties.Get(key).(*interpret.Object); ok {
			if p, added := op.parameter(place, key); !added {
				if text, ok := property.Get("description").(interpret.Str); ok {
					p.Description = string(text)
				}
			}
		}
	}
}

// schemaTexts takes what @fastify/swagger takes from a schema.
func (d *describer) schemaTexts(op *operation, o *interpret.Object) {
	text := func(key string, to *string) {
		if v, ok := o.Get(key).(interpret.Str); ok {
			*to = string(v)
		}
	}
	text("summary", &op.Summary)
	text("description", &op.Description)
	text("operationId", &op.ID)
	if v, ok := o.Get("deprecated").(interpret.Bool); ok {
		op.Deprecated = bool(v)
	}
	if tags := elements(o.Get("tags")); tags != nil {
		op.Tags = nil
		for _, tag := range tags {
			op.Tags = append(op.Tags, textOf(tag))
		}
	}
	consumes := elements(o.Get("consumes"))
	if len(consumes) > 0 && op.Body != nil && len(op.Body.Content) == 1 {
		op.Body.Content[0].Type = textOf(consumes[0])
	}
	if o.Get("security") == nil {
		return
	}
	op.SecurityDeclared, op.Security = true, nil
	for _, e := range elements(o.Get("security")) {
		need, ok := e.(*interpret.Object)
		if !ok {
			continue
		}
		requirement := api.Requirement{}
		for _, name := range need.Keys {
			requirement = append(requirement, api.SchemeUse{Scheme: name})
			d.addScheme(guessed(name))
		}
		op.Security = append(op.Security, requirement)
	}
}

// guessed is a scheme of which only the name is known.
func guessed(name string) *api.SecurityScheme {
	lower := strings.ToLower(name)
	s := &api.SecurityScheme{Name: name, Kind: api.SecurityHTTP, Scheme: "bearer"}
	switch {
	case strings.Contains(lower, "basic"):
		s.Scheme = "basic"
	case strings.Contains(lower, "key"):
		s = &api.SecurityScheme{Name: name, Kind: api.SecurityAPIKey, In: api.InHeader, Parameter: "X-API-Key"}
	}
	s.Extensions = []api.Extension{{Name: "x-inferred", Value: "true"}}
	return s
}

// answers reads {200: schema, 4xx: schema}.
func (d *describer) answers(op *operation, v interpret.Value) {
	o, ok := v.(*interpret.Object)
	if !ok || o.Array {
		return
	}
	for _, key := range o.Keys {
		status := strings.ToUpper(key)
		if !isStatus(status) && key != "default" {
			continue
		}
		if key == "default" {
			status = key
		}
		inner := d.Machine.Get(o, key, o.Place)
		one, isObject := inner.(*interpret.Object)
		r := &api.Response{Status: status, Description: statusText(status)}
		if isObject {
			if text, ok := one.Get("description").(interpret.Str); ok {
				r.Description = string(text)
			}
			if content, ok := one.Get("content").(*interpret.Object); ok {
				for _, media := range content.Keys {
					entry, _ := content.Get(media).(*interpret.Object)
					s, _ := d.schema(entry.Get("schema"))
					r.Content = append(r.Content, &api.Media{Type: media, Schema: s})
				}
				op.Responses = append(op.Responses, r)
				continue
			}
			if t, ok := one.Get("type").(interpret.Str); ok && t == "null" {
				op.Responses = append(op.Responses, r)
				continue
			}
			if body := one.Get("body"); body != nil {
				inner = body
			}
		}
		if s := d.optionSchema(inner); s != nil {
			r.Content = []*api.Media{{Type: "application/json", Schema: s}}
		}
		op.Responses = append(op.Responses, r)
	}
}
