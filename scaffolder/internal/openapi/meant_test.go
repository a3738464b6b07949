package openapi

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

func TestValuesOfAnotherType(t *testing.T) {
	for _, test := range []struct {
		schema   string
		enum     []api.Value
		problems []string
	}{
		{"{type: string, enum: [1, 2.0, true, a, ~]}", []api.Value{`"1"`, `"2.0"`, `"true"`, `"a"`, "null"}, []string{
			"6:30: 1 is not of the type beside it; it is read as \"1\"",
			"6:33: 2.0 is not of the type beside it; it is read as \"2.0\"",
			"6:38: true is not of the type beside it; it is read as \"true\"",
		}},
		{"{enum: ['10', x], type: integer}", []api.Value{"10", `"x"`}, []string{
			"6:16: \"10\" is not of the type beside it; it is read as 10",
		}},
		{"{type: [boolean, 'null'], enum: ['true', null]}", []api.Value{"true", "null"}, []string{
			"6:41: \"true\" is not of the type beside it; it is read as true",
		}},
		{"{type: [string, integer], enum: [1, '1']}", []api.Value{"1", `"1"`}, nil},
		{"{type: object, enum: [1, {a: 1}]}", []api.Value{"1", `{"a":1}`}, nil},
		{"{enum: [1, '1', true]}", []api.Value{"1", `"1"`, "true"}, nil},
	} {
		t.Run(test.schema, func(t *testing.T) {
			document := read(t, "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    A: "+test.schema+"\n")
			require.Equal(t, test.problems, problems(document))
			require.Equal(t, test.enum, document.API.Schema("A").Enum)
		})
	}
	document := read(t, "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    A: {type: integer, default: '5'}\n    B: {type: string, const: 7}\n")
	require.Equal(t, api.Value("5"), document.API.Schema("A").Default)
	require.Equal(t, api.Value(`"7"`), document.API.Schema("B").Const)
}
