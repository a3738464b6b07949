package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

func operation(method, path, id string, tags ...string) *api.Operation {
	return &api.Operation{Method: method, Path: path, ID: id, Tags: tags}
}

func TestNames(t *testing.T) {
	tests := map[string]struct{ method, path, id, wanted string }{
		"as it is":            {"GET", "/", "listPets", "listPets"},
		"no identifier":       {"GET", "/", "list-pets by_owner", "listPetsByOwner"},
		"an abbreviation":     {"GET", "/", "URLList", "urlList"},
		"a reserved word":     {"GET", "/", "delete", "deleteOperation"},
		"a digit first":       {"GET", "/", "2fa", "n2fa"},
		"from the path":       {"GET", "/users/{user-id}/posts", "", "getUsersByUserIdPosts"},
		"nothing to go by":    {"GET", "/", "", "getOperation"},
		"letters of any kind": {"GET", "/", "名前", "名前"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := plan.New(&api.API{Operations: []*api.Operation{operation(test.method, test.path, test.id)}})
			require.Equal(t, test.wanted, p.Operations[0].Name)
		})
	}
}

func TestCollisions(t *testing.T) {
	p := plan.New(&api.API{
		Schemas: []*api.NamedSchema{
			{Name: "pet-item", Schema: &api.Schema{}},
			{Name: "PetItem", Schema: &api.Schema{}},
			{Name: "Error", Schema: &api.Schema{}},
			{Name: "GetPetRequest", Schema: &api.Schema{}},
		},
		Operations: []*api.Operation{
			operation("GET", "/pet", "getPet", "Pets"), operation("GET", "/pet2", "get_pet", "pets"), operation("GET", "/x", "x", "index"),
		},
	})
	var types []string
	for _, schema := range p.Schemas {
		types = append(types, schema.Type)
	}
	require.Equal(t, []string{"PetItem", "PetItem2", "ApiError", "GetPetRequest"}, types)
	require.Equal(t, "getPet2", p.Operations[1].Name)
	require.Equal(t, "GetPetRequest2", p.Operations[0].RequestType)
	var files []string
	for _, group := range p.Groups {
		files = append(files, group.File)
	}
	require.Equal(t, []string{"pets", "pets-2", "index-2"}, files)
}

func TestRoutes(t *testing.T) {
	p := plan.New(&api.API{Operations: []*api.Operation{
		operation("GET", "/a/{x}", "one"), operation("GET", "/a/{x}.json", "two"), operation("GET", "/a/b", "three"),
		operation("POST", "/a/{y}", "four"), operation("GET", "/a/{z}", "five"), operation("GET", "/c#d", "six"),
	}})
	var paths []string
	for _, route := range p.Routes() {
		path := ""
		for _, part := range route.Parts {
			path += part.Text
		}
		paths = append(paths, path+" "+route.Allow())
	}
	require.Equal(t, []string{"/a/b GET, HEAD", "/a/x.json GET, HEAD", "/a/x GET, HEAD, POST", "/c GET, HEAD"}, paths)
	require.True(t, p.Operations[4].Unreachable)
	require.Len(t, p.Warnings, 2)
}

func TestDirectionsAndCycles(t *testing.T) {
	ref := func(name string) *api.Schema { return &api.Schema{Ref: name} }
	object := func(properties ...api.Property) *api.Schema {
		return &api.Schema{Types: []string{"object"}, Properties: properties}
	}
	p := plan.New(&api.API{Schemas: []*api.NamedSchema{
		{Name: "Holder", Schema: object(api.Property{Name: "inner", Schema: ref("Inner")})},
		{Name: "Inner", Schema: object(api.Property{Name: "id", Schema: &api.Schema{ReadOnly: true}}, api.Property{Name: "holder", Schema: ref("Holder")})},
		{Name: "Plain", Schema: object()},
		{Name: "Self", Schema: &api.Schema{AllOf: []*api.Schema{ref("Self")}}},
	}})
	require.Equal(t, "HolderInput", p.Schema("Holder").RequestType)
	require.Equal(t, "InnerInput", p.Schema("Inner").RequestType)
	require.Equal(t, "Plain", p.Schema("Plain").RequestType)
	require.True(t, p.Schema("Holder").Recursive)
	require.False(t, p.Schema("Holder").Hollow())
	require.False(t, p.Schema("Plain").Recursive)
	require.True(t, p.Schema("Self").Hollow())
	require.Len(t, p.Warnings, 1)
}

func TestBasePath(t *testing.T) {
	for url, wanted := range map[string]string{
		"": "", "/": "", "/v1/": "/v1", "https://example.com": "", "https://example.com/api/v1?x": "/api/v1", "https://{host}/{base}": "/b",
		"https://example.com/{unknown}": "",
	} {
		p := plan.New(&api.API{Servers: []api.Server{{URL: url, Variables: []api.ServerVariable{{Name: "base", Default: "b"}}}}})
		require.Equal(t, wanted, p.BasePath, url)
	}
}

func FuzzParsePath(f *testing.F) {
	f.Add("/a/{b}.{c}/{d")
	f.Fuzz(func(t *testing.T, path string) {
		for _, part := range plan.ParsePath(path) {
			require.NotEmpty(t, part.Text)
		}
	})
}
