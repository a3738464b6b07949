package template_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/template"
)

func compile(t *testing.T, text string, escape template.Escape, columns ...string) template.Text {
	t.Helper()
	c := template.Compiler{Columns: columns}
	compiled, err := c.Compile(text, escape)
	require.NoError(t, err)
	return compiled
}

func TestActions(t *testing.T) {
	v := &template.Values{Seed: 7, Index: 41, Row: []string{"a b", `"x"`}}
	for text, want := range map[string]string{
		"":                          "",
		"plain } text }}":           "plain } text }}",
		"{{seq}}-{{ seq }}":         "42-42",
		"{{.id}}/{{. n}}":           `a b/"x"`,
		"{{randInt 5 5}}":           "5",
		`{{"{{"}}seq{{"}}"}}`:       "{{seq}}",
		`a{{"\n\u00e9"}}b`:          "a\néb",
		`{{"a }} \" b"}}`:           `a }} " b`,
		"{{randInt -3 -3}} {{seq}}": "-3 42",
	} {
		compiled := compile(t, text, template.Raw, "id", "n")
		require.Equal(t, want, compiled.String(v), text)
		require.Equal(t, strings.Contains(want, "42") || strings.Contains(text, ".id") || strings.Contains(text, "randInt"),
			compiled.Dynamic(), text)
	}
}

func TestRandomValues(t *testing.T) {
	text := compile(t, "{{uuid}} {{uuid}} {{randInt -2 2}} {{randInt 1 1000000}}", template.Raw)
	version4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen, small := map[string]bool{}, map[string]int{}
	sum := 0.0
	const n = 5000
	for i := range uint64(n) {
		v := template.Values{Seed: 1, Index: i}
		got := text.String(&v)
		require.Equal(t, got, text.String(&v), "a request is the same however often it is made")
		words := strings.Fields(got)
		for _, id := range words[:2] {
			require.Regexp(t, version4, id)
			require.False(t, seen[id], "twice: %s", id)
			seen[id] = true
		}
		small[words[2]]++
		large, err := strconv.Atoi(words[3])
		require.NoError(t, err)
		require.True(t, large >= 1 && large <= 1_000_000)
		sum += float64(large)
	}
	require.Len(t, small, 5)
	for k, times := range small {
		require.InDelta(t, n/5, times, n/20, k)
	}
	require.InDelta(t, 500_000, sum/n, 25_000)
	a, b := template.Values{Seed: 1}, template.Values{Seed: 2}
	require.NotEqual(t, text.String(&a), text.String(&b))
	whole := compile(t, "{{randInt -9223372036854775808 9223372036854775807}}", template.Raw)
	require.NotEqual(t, whole.String(&a), whole.String(&b))
}

func TestDataIsEscapedForWhereItLands(t *testing.T) {
	const nasty = "a\"b\\c\n/?#&=% ü\x01\r\nX: y"
	v := &template.Values{Row: []string{nasty, "12"}}

	path := compile(t, "/u/{{.s}}", template.URL, "s", "n")
	u, err := url.Parse("http://h" + path.String(v))
	require.NoError(t, err)
	require.Equal(t, "/u/"+nasty, u.Path)

	c := template.Compiler{Columns: []string{"s", "n"}}
	form, err := c.CompileForm("{{.s}} x&")
	require.NoError(t, err)
	values, err := url.ParseQuery("f=" + form.String(v))
	require.NoError(t, err)
	require.Equal(t, nasty+" x&", values.Get("f"))

	body := compile(t, `{"s": "<{{.s}}>", "n": {{.n}}, "e": "\"{{.n}}"}`, template.JSON, "s", "n")
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(body.String(v)), &got))
	require.Equal(t, map[string]any{"s": "<" + nasty + ">", "n": 12.0, "e": `"12`}, got)

	require.Equal(t, nasty, (&[]template.Text{compile(t, "{{.s}}", template.Raw, "s")}[0]).String(v))
	line, err := c.CompileURL("/a b|c?{\"ü\"}=%20{{\"<\"}}")
	require.NoError(t, err)
	require.Equal(t, "/a%20b%7Cc?%7B%22%C3%BC%22%7D=%20%3C", line.String(v))
}

func TestWhatCanNotBeCompiled(t *testing.T) {
	for text, want := range map[string]struct {
		offset  int
		message string
	}{
		"ab{{seq":           {2, "without }}"},
		"{{":                {0, `write {{"{{"}}`},
		"a {{nope}}":        {2, "{{nope}} is unknown"},
		"{{}}":              {0, "is unknown"},
		"{{seq}}{{.x}}":     {7, "no such column; it has id, n"},
		"{{randInt 1}}":     {0, "randInt 1 100"},
		"{{randInt 2 1}}":   {0, "randInt 1 100"},
		"{{randInt a b}}":   {0, "randInt 1 100"},
		`{{"a" "b"}}`:       {0, "not one quoted text"},
		`{{"unterminated}}`: {0, "without }}"},
	} {
		c := template.Compiler{Columns: []string{"id", "n"}}
		_, err := c.Compile(text, template.Raw)
		var wrong *template.Error
		require.ErrorAs(t, err, &wrong, text)
		require.ErrorContains(t, err, want.message, text)
		require.Equal(t, want.offset, wrong.Offset, text)
	}
	_, err := new(template.Compiler).Compile("{{.id}}", template.Raw)
	require.ErrorContains(t, err, "--data FILE")
}

func TestNothingIsAllocatedForARequest(t *testing.T) {
	text := compile(t, `{"id": "{{uuid}}", "n": {{seq}}, "r": {{randInt 1 100}}, "name": "{{.name}}"}`, template.JSON, "name")
	buf := make([]byte, 0, 1024)
	v := template.Values{Seed: 1, Row: []string{"Ada \"Lovelace\""}}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		v.Index++
		buf = text.Append(buf[:0], &v)
	}))
}

func BenchmarkAppend(b *testing.B) {
	c := template.Compiler{Columns: []string{"name"}}
	text, err := c.Compile(`{"id": "{{uuid}}", "n": {{seq}}, "r": {{randInt 1 100}}, "name": "{{.name}}"}`, template.JSON)
	require.NoError(b, err)
	var buf []byte
	v := template.Values{Seed: 1, Row: []string{"Ada Lovelace"}}
	for b.Loop() {
		v.Index++
		buf = text.Append(buf[:0], &v)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(`{"a": "{{.id}}", "b": {{randInt 1 9}}} {{"{{"}} {{uuid}}`, uint8(3))
	f.Add("/x/{{ .id }}?{{seq", uint8(1))
	f.Fuzz(func(t *testing.T, text string, escape uint8) {
		c := template.Compiler{Columns: []string{"id"}}
		compiled, err := c.Compile(text, template.Escape(escape%4))
		if err != nil {
			return
		}
		if !template.Has(text) {
			require.Equal(t, text, compiled.String(&template.Values{}))
		}
		v := template.Values{Index: 3, Row: []string{"1"}}
		require.Equal(t, compiled.String(&v), compiled.String(&v))
		_ = template.Sample(text)
		line, err := c.CompileURL(text)
		require.NoError(t, err)
		for _, b := range []byte(line.String(&v)) {
			require.True(t, b > ' ' && b < 0x7f)
		}
	})
}
