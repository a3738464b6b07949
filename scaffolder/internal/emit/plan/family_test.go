package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

func heir(base string, property string) *api.Schema {
	return &api.Schema{AllOf: []*api.Schema{{Ref: base}}, Required: []string{property}}
}

func TestFamily(t *testing.T) {
	pet := &api.Schema{
		Types: []string{"object"}, Required: []string{"type"},
		Properties:    []api.Property{{Name: "type", Schema: &api.Schema{Types: []string{"string"}}}},
		Discriminator: &api.Discriminator{Property: "type", Mapping: []api.DiscriminatorMapping{{Value: "cat", Schema: "Cat"}, {Value: "pet", Schema: "Pet"}}},
	}
	alias := &api.Schema{AllOf: []*api.Schema{{Ref: "Pet"}}}
	a := &api.API{Schemas: []*api.NamedSchema{
		{Name: "Pet", Schema: pet},
		{Name: "Cat", Schema: heir("Pet", "lives")},
		{Name: "Dog", Schema: heir("Pet", "good")},
		{Name: "Puppy", Schema: heir("Dog", "age")},
		{Name: "Any", Schema: alias},
	}}
	p := plan.New(a)
	require.NotNil(t, pet.Discriminator, "what was given stays as it is")
	base, union := p.Schema("PetBase").Schema, p.Schema("Pet").Schema
	require.Nil(t, base.Discriminator)
	require.Equal(t, pet.Properties, base.Properties)
	require.Equal(t, []*api.Schema{{Ref: "Cat"}, {Ref: "Dog"}, {Ref: "Puppy"}, {Ref: "PetBase"}}, union.AnyOf)
	require.Equal(t, &api.Discriminator{Property: "type", Default: "PetBase", Mapping: []api.DiscriminatorMapping{
		{Value: "cat", Schema: "Cat"},
		{Value: "pet", Schema: "PetBase"},
		{Value: "Dog", Schema: "Dog"},
		{Value: "Puppy", Schema: "Puppy"},
		{Value: "Pet", Schema: "PetBase"},
	}}, union.Discriminator)
	require.Equal(t, "PetBase", p.Schema("Cat").Schema.AllOf[0].Ref)
	require.Equal(t, "Dog", p.Schema("Puppy").Schema.AllOf[0].Ref)
	require.Equal(t, "Pet", p.Schema("Any").Schema.AllOf[0].Ref, "another name for the family")
	for _, schema := range p.Schemas {
		require.False(t, schema.Hollow(), schema.Wire)
	}
}
