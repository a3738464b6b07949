package emit_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

// hostile are texts that would do harm where they are not escaped.
var hostile = []string{
	"`${process.exit(1)}`", "*/ process.exit(1); /*", "\n;process.exit(1)//", "\u2028process.exit(1)", `");process.exit(1);("`,
	"');process.exit(1);('", "</script><script>", "../../../../tmp/x", "..", "__proto__", "constructor", "prototype", "toString",
	"hasOwnProperty", "class", "default", "delete", "await", "arguments", "NaN", "index", "Index", "INDEX", "type", "z", "validators",
	"Handlers", "deprecated", "body", "replies", "limitLogins", "Context", "Status", "Record", "Array", "Error", "Promise", "string", "any", "\\u0022", "\\", "\x00", "\ufeff",
	"💩", "ünïcödé", "名前", "1abc", "", " ", "a b", "a-b", "a_b", "aB", "AB", "a.b", "$ref", "[key: string]", "con", "@ts-nocheck",
	"eslint-disable", "# sourceMappingURL=x", "\u202egnp.exe", strings.Repeat("long", 200),
}

func text(value string) api.Value {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return api.Value(content)
}

// hostileAPI puts every hostile text wherever a document can put text.
func hostileAPI() *api.API {
	a := &api.API{Title: hostile[1], Description: hostile[1]}
	object := &api.Schema{Types: []string{"object"}, Title: hostile[0]}
	for i, name := range hostile {
		object.Properties = append(object.Properties, api.Property{Name: name, Schema: &api.Schema{
			Description: name, Enum: []api.Value{text(name), api.Value(`{"__proto__":[` + string(text(name)) + `]}`)},
			Default: text(name),
		}})
		object.PatternProperties = append(object.PatternProperties, api.Property{Name: name + "(", Schema: &api.Schema{}})
		object.DependentRequired = append(object.DependentRequired, api.DependentRequired{Property: name, Required: []string{name}})
		plain := &api.Schema{
			Types: []string{"object", "string"}, Pattern: name, Description: name,
			Properties: []api.Property{{Name: name, Schema: &api.Schema{Ref: hostile[(i+1)%len(hostile)]}}},
			Required:   []string{name},
		}
		a.Schemas = append(a.Schemas, &api.NamedSchema{Name: name, Schema: plain})
		a.SecuritySchemes = append(a.SecuritySchemes, &api.SecurityScheme{
			Name: name, Kind: api.SecurityAPIKey, In: api.InHeader, Parameter: name, Description: name,
		})
		requirement := api.Requirement{{Scheme: name, Scopes: []string{name}}}
		a.Operations = append(a.Operations,
			&api.Operation{
				ID: name, Method: "POST", Path: "/p" + url.PathEscape(name) + "/{" + strings.NewReplacer("{", "", "}", "").Replace(name) + "}",
				Summary: name, Description: name, Tags: []string{name}, Security: []api.Requirement{requirement},
				Parameters: []*api.Parameter{
					{Name: name, In: api.InPath, Required: true, Style: api.StyleSimple, Schema: &api.Schema{Types: []string{"string"}}},
					{Name: name, In: api.InQuery, Style: api.StyleForm, Explode: true, Description: name, Schema: &api.Schema{Const: text(name), Default: text(name)}},
					{Name: name, In: api.InHeader, Style: api.StyleSimple, Schema: &api.Schema{Ref: name}},
					{Name: name, In: api.InCookie, Style: api.StyleForm, Schema: &api.Schema{Ref: name}},
				},
				Body: &api.Body{Description: name, Content: []*api.Media{{Type: name, Schema: object}, {Type: "application/json", Schema: object}}},
				Responses: []*api.Response{{
					Status: "200", Description: name, Headers: []*api.Header{{Name: name}},
					Content: []*api.Media{{Type: name}, {Type: "application/json", Schema: object}},
				}},
			},
			// Without an id, and on a path with everything in it.
			&api.Operation{Method: "GET", Path: "/q/" + name, Tags: []string{name}, Summary: name},
		)
	}
	return a
}

func TestHostile(t *testing.T) {
	a := hostileAPI()
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			folder := compiled(t, a, framework)
			result, err := emit.Server(a, emit.Options{Framework: framework, Project: true})
			require.NoError(t, err)
			seen := map[string]bool{}
			for _, file := range result.Files {
				require.False(t, seen[strings.ToLower(file.Path)], "two files are called %s", file.Path)
				seen[strings.ToLower(file.Path)] = true
				require.Regexp(t, `^[A-Za-z0-9._/-]+$`, file.Path)
			}
			address := boot(t, folder)
			call{name: "still up", path: "/nowhere", status: 404}.do(t, address)
			call{name: "keys are refused", method: "POST", path: "/pclass/x", status: 401}.do(t, address)
			call{name: "an ordinary name among hostile ones", path: "/q/a.b", status: 501}.do(t, address)
		})
	}
}
