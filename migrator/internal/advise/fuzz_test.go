package advise

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestComparedReadsConditionsOfPlans(t *testing.T) {
	for condition, want := range map[string][]string{
		"(t.a = $1)":                               {"a"},
		"((t.a = $1) AND (t.b = $2))":              {"a", "b"},
		"((t.a)::text = $1)":                       {"a"},
		"((t.a)::text = ($1)::text)":               {"a"},
		`(t."odd ""name""" = $1)`:                  {`odd "name"`},
		"(t.a = ANY ($1))":                         nil,
		"(t.a > $1)":                               nil,
		"((t.a = $1) OR (t.b = $2))":               nil,
		"(other.a = $1)":                           nil,
		"(t.a = other.b)":                          nil,
		"((t.kind = 'x'::text) AND (t.day = $1))":  {"day"},
		"((t.a)::double precision = $1)":           {"a"},
		"(date_trunc('day'::text, t.placed) = $1)": nil, // the column is inside an expression
	} {
		require.Equal(t, want, compared(condition, "t", "="), condition)
	}
}

func FuzzCompared(f *testing.F) {
	f.Add("((t.a)::text = $1)", "t")
	f.Add(`("T""".a = $12)`, `T"`)
	f.Fuzz(func(t *testing.T, condition, alias string) {
		for _, column := range compared(condition, alias, "=") {
			require.NotEmpty(t, column)
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add("order items", 5)
	f.Fuzz(func(t *testing.T, name string, size int) {
		require.LessOrEqual(t, len(clip(name, max(0, size))), max(len(name), 0))
		quoted := quote(name)
		if strings.HasPrefix(quoted, `"`) {
			require.Equal(t, name, strings.ReplaceAll(quoted[1:len(quoted)-1], `""`, `"`))
		}
		_, _, _ = singular(name), plural(name+"x"), snake(name)
		require.LessOrEqual(t, len(shorten(name, func(string) bool { return false })), maxName)
	})
}
