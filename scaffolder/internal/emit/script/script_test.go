package script_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

func TestQuote(t *testing.T) {
	for text, wanted := range map[string]string{
		"":             `""`,
		"a'b":          `"a'b"`,
		`a"b`:          `'a"b'`,
		`a"b'c`:        `"a\"b'c"`,
		"a\\b\n\r\t`$": "\"a\\\\b\\n\\r\\t`$\"",
		"\u2028\x00":   `"\u2028\u0000"`,
		"\u202egnp":    `"\u202egnp"`,
		"\U000e0041":   `"\u{e0041}"`,
		"ünïcödé 💩":    `"ünïcödé 💩"`,
	} {
		require.Equal(t, wanted, script.Quote(text))
	}
}

func TestComment(t *testing.T) {
	require.Empty(t, script.Comment("", " \n "))
	require.Equal(t, "/** one line */\n", script.Comment("", "one line\n"))
	require.Equal(t, "  /**\n   * two\n   *\n   * lines\n   */\n", script.Comment("  ", "two\r\n\r\n\r\nlines"))
	require.Equal(t, "/** *\\/ code /* */\n", script.Comment("", "*/ code /*"))
	require.Equal(t, "/** \\@ts-ignore a@b */\n", script.Comment("", "@ts-ignore a@b"))
}

func FuzzComment(f *testing.F) {
	f.Add("*/", "**/\u2028*/")
	f.Fuzz(func(t *testing.T, one, two string) {
		comment := script.Comment("", one+"\n"+two)
		if comment == "" {
			return
		}
		require.True(t, strings.HasSuffix(comment, " */\n"))
		inside := strings.TrimSuffix(strings.TrimPrefix(comment, "/**"), "*/\n")
		require.NotContains(t, inside, "*/")
		require.NotContains(t, inside, "\r")
	})
}

func FuzzQuote(f *testing.F) {
	f.Add("\"'\\\n")
	f.Fuzz(func(t *testing.T, text string) {
		quoted := script.Quote(text)
		quote := quoted[0]
		for i := 1; i < len(quoted)-1; i++ {
			require.NotEqual(t, quote, quoted[i], "the literal ends too early: %s", quoted)
			if quoted[i] == '\\' {
				i++
			}
		}
		require.Equal(t, quote, quoted[len(quoted)-1])
		require.NotContains(t, quoted, "\n")
	})
}

func printed(node *script.Node) string {
	var b strings.Builder
	script.Print(&b, node, 0, 0, 0)
	return b.String()
}

func TestPrint(t *testing.T) {
	long := strings.Repeat("x", 40)
	choice := script.Union(script.Text("A"), script.Text("B"))
	object := script.Members(script.Field{Key: "a", Value: script.Text("1")})
	tests := map[string]struct {
		node   *script.Node
		wanted string
	}{
		"a call":          {script.Call("f", script.String("a"), script.Array()), `f("a", [])`},
		"arguments break": {script.Call("f", script.String(long), script.String(long)), "f(\n  \"" + long + "\",\n  \"" + long + "\",\n)"},
		"a last object hugs": {
			script.Call("f", script.String("a"), script.Object(true, script.Field{Key: "b", Value: script.Text("1")})),
			"f(\"a\", {\n  b: 1,\n})",
		},
		"a short chain": {script.Chain(script.Call("z.string"), script.Call(".optional")), "z.string().optional()"},
		"a long chain": {
			script.Chain(script.Call("z.string"), script.Call(".a", script.String(long)), script.Call(".b", script.String(long))),
			"z\n  .string()\n  .a(\"" + long + "\")\n  .b(\"" + long + "\")",
		},
		"numbers fill lines": {
			script.Array(numbers(30)...),
			"[\n  1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,\n  1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,\n  1000, 1000, 1000, 1000,\n]",
		},
		"a union of one kind": {script.Union(script.Distinct([]*script.Node{script.Text("A"), script.Text("A")})...), "A"},
		"an array of a union": {script.ArrayOf(script.Union(script.Text("A"), script.Text("B"))), "(A | B)[]"},
		"a union in an and":   {script.Intersection(script.Text("A"), script.Union(script.Text("B"), script.Text("C"))), "A & (B | C)"},
		"members have a line": {script.Members(script.Field{Key: "a?", Value: script.Text("B"), Doc: "Doc."}), "{\n  /** Doc. */\n  a?: B;\n}"},
		"a long key": {
			script.Object(true, script.Field{Key: script.Quote(long + long), Value: script.Object(true, script.Field{Key: "a", Value: script.Text("1")})}),
			"{\n  \"" + long + long + "\":\n    {\n      a: 1,\n    },\n}",
		},
		"a call before a short link": {
			script.Object(true, script.Field{Key: "event", Value: script.Chain(script.Call("allOf", script.String(long), script.Text("abcdefghij")), script.Call(".optional"))}),
			"{\n  event: allOf(\n    \"" + long + "\",\n    abcdefghij,\n  ).optional(),\n}",
		},
		"letters of two columns": {script.Call("f", script.String(strings.Repeat("字", 40))), "f(\n  \"" + strings.Repeat("字", 40) + "\",\n)"},
		"a name or null hugs": {
			script.Members(script.Field{Key: "key", Value: script.Union(script.Text(long+long), script.Text("null"))}),
			"{\n  key: " + long + long + " | null;\n}",
		},
		"a call with a function beside another argument": {
			script.Call("f", script.Text("a"), script.Call("g", script.Arrow("()", script.Text("b")))), "f(\n  a,\n  g(() => b),\n)",
		},
		"nothing is everything": {script.Intersection(), "unknown"},
		"tags of a choice stand before its property": {
			script.Members(script.Field{Key: "a", Value: script.Annotated(script.Annotated(choice, []string{"@oneOf"}), []string{"@default 1"}), Doc: "Doc."}),
			"{\n  /**\n   * Doc.\n   * @default 1\n   * @oneOf\n   */\n  a: A | B;\n}",
		},
		"tags of a choice are at the front of nothing else": {
			script.Intersection(script.Annotated(choice, []string{"@oneOf"}), script.Text("C")), "C & /** @oneOf */ (A | B)",
		},
		"an object with tags hugs": {
			script.Intersection(object, script.Annotated(object, []string{"@additionalProperties false"})),
			"{\n  a: 1;\n} & /** @additionalProperties false */ {\n  a: 1;\n}",
		},
		"an intersection as an argument": {
			script.Suffix(script.Intersection(object, script.Text("C")), "Encoded<", ">"), "Encoded<\n  {\n    a: 1;\n  } & C\n>",
		},
		"the object of a last call hugs": {
			script.Noted(script.Noted(script.Call("z.string"), ".meta", script.Field{Key: "a", Value: script.String(long)}), ".meta", script.Field{Key: "b", Value: script.String(long)}),
			"z.string().meta({\n  a: \"" + long + "\",\n  b: \"" + long + "\",\n})",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.wanted, printed(test.node)) })
	}
}

func numbers(count int) []*script.Node {
	var nodes []*script.Node
	for range count {
		nodes = append(nodes, script.Text("1000"))
	}
	return nodes
}

func TestPrintConstant(t *testing.T) {
	head := func(columns int) string { return "const " + strings.Repeat("x", columns-8) + " =" }
	object := script.Object(true, script.Field{Key: "a", Value: script.Text("1")})
	for wanted, test := range map[string]struct {
		columns int
		node    *script.Node
	}{
		" f({\n  a: 1,\n});\n\n":            {76, script.Call("f", object)},
		" f(\n  {\n    a: 1,\n  },\n);\n\n": {77, script.Call("f", object)},
		"\n  f({\n    a: 1,\n  });\n\n":     {78, script.Call("f", object)},
		"\n  other;\n\n":                    {75, script.Text("other")},
	} {
		var b strings.Builder
		script.PrintConstant(&b, head(test.columns), test.node)
		require.Equal(t, head(test.columns)+wanted, b.String())
	}
}
