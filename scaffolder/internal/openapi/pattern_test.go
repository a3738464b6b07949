package openapi

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPatterns(t *testing.T) {
	for _, source := range []string{
		`^a{2,}[^]]\d+?$`, `(?<year>\d)\k<year>`, `(?<=a)b(?!c)`, `\p{L}+(\p{ASCII}|\P{Script=Greek})*`, `\u{1F600}+`, `[\w-.]`, `(?i)abc`, `\A[a-z]\Z`, `x{,3}`, `{`, `]`, `[++]`, `\*+`,
	} {
		require.NoError(t, checkPattern(source), source)
	}
	for source, reason := range map[string]string{
		`(`: "missing closing )", `a)`: "unexpected )", `[a`: "unterminated [] set", `*a`: "missing argument to repetition operator", `[z-a]`: "[z-a] range in reverse order",
		`(?P<x>a)`: `it has no group that begins with "(?P<"`, `a(?i)b`: `it has no group that begins with "(?i)"`, `(?>a)`: `it has no group that begins with "(?>a"`,
		`a*+b`: `it has no possessive quantifier "*+"`, `^\p{Alnum}+$`: `it has no property "\\p{Alnum}"`,
	} {
		require.EqualError(t, checkPattern(source), reason, source)
	}
	document, err := Read("-", Options{Stdin: strings.NewReader(`openapi: 3.1.0
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    A:
      pattern: "("
      patternProperties: {"[": {type: string}}
`)})
	require.NoError(t, err)
	require.Equal(t, []string{
		`7:16: the pattern "(" is none of ECMA 262: missing closing ); it is not checked`,
		`8:26: the pattern "[" is none of ECMA 262: unterminated [] set; it is not checked`,
	}, problems(document))
}
