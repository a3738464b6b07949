package routes

import "github.com/senior-backend/toolkit/scaffolder/internal/api"

// referenced are the names of the schemas that operations use, directly or
// through others.
func referenced(a *api.API) map[string]bool {
	r := &references{api: a, used: map[string]bool{}}
	for _, op := range a.Operations {
		r.operation(op)
	}
	return r.used
}

type references struct {
	api  *api.API
	used map[string]bool
}

func (r *references) operation(op *api.Operation) {
	for _, p := range op.Parameters {
		r.schema(p.Schema)
		if p.Content != nil {
			r.schema(p.Content.Schema)
		}
	}
	if op.Body != nil {
		r.media(op.Body.Content)
	}
	for _, response := range op.Responses {
		r.media(response.Content)
		for _, h := range response.Headers {
			r.schema(h.Schema)
		}
	}
	for _, callback := range op.Callbacks {
		for _, inner := range callback.Operations {
			r.operation(inner)
		}
	}
}

func (r *references) media(list []*api.Media) {
	for _, m := range list {
		r.schema(m.Schema)
		r.schema(m.ItemSchema)
	}
}

func (r *references) schema(s *api.Schema) {
	if s == nil {
		return
	}
	if s.Ref != "" && !r.used[s.Ref] {
		r.used[s.Ref] = true
		r.schema(r.api.Schema(s.Ref))
	}
	for _, list := range [][]api.Property{s.Properties, s.PatternProperties, s.DependentSchemas} {
		for _, p := range list {
			r.schema(p.Schema)
		}
	}
	for _, list := range [][]*api.Schema{
		s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems,
		{s.Items, s.Not, s.If, s.Then, s.Else, s.AdditionalProperties, s.UnevaluatedProperties, s.UnevaluatedItems, s.Contains, s.PropertyNames, s.ContentSchema},
	} {
		for _, one := range list {
			r.schema(one)
		}
	}
	if s.Discriminator != nil {
		for _, m := range s.Discriminator.Mapping {
			if !r.used[m.Schema] {
				r.used[m.Schema] = true
				r.schema(r.api.Schema(m.Schema))
			}
		}
	}
}
