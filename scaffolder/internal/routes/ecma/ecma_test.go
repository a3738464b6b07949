package ecma

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shape writes a tree as nested kinds and texts.
func shape(nodes []*Node) string {
	var parts []string
	for _, n := range nodes {
		if n == nil {
			parts = append(parts, "-")
			continue
		}
		var inner []*Node
		for _, one := range append([]*Node{n.Left, n.Right}, n.List...) {
			if one != nil {
				inner = append(inner, one)
			}
		}
		x := n.More()
		inner = append(inner, x.Params...)
		for _, one := range []*Node{x.Type, x.Third, x.Body} {
			if one != nil {
				inner = append(inner, one)
			}
		}
		text := fmt.Sprint(int(n.Kind))
		if n.Text != "" {
			text = n.Text
		}
		if len(inner) > 0 {
			text += "(" + shape(inner) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// TestKinds names what statements begin with, over the grammar that code for
// servers has.
func TestKinds(t *testing.T) {
	kinds := map[string]Kind{
		"const a = <T,>(x: T) => x":                                                              Variables,
		"let b = a as unknown as Record<string, string[]>":                                       Variables,
		"type A<T> = T extends (infer U)[] ? U : never":                                          TypeAlias,
		"interface B extends C<D>, E { readonly a?: string; [key: string]: unknown; m(): void }": Interface,
		"export default async function () {}":                                                    ExportAssign,
		"export * as ns from './x'":                                                              ExportAll,
		"export { a as b, type C } from './x' with { type: 'json' }":                             Export,
		"import x, { type Y, default as z } from 'x'":                                            Import,
		"import type { A } from 'a'":                                                             Import,
		"import fs = require('fs')":                                                              Import,
		"enum E { A = 1, B }":                                                                    Enum,
		"@Controller('/x') class F { @Get(':id') one(@Param('id') id: string) {} }":              Class,
		"abstract class G<T> extends H<T> implements I { private static #x = 1; get y(): T { return this.z! } }": Class,
		"for await (const x of y()) ;":                              ForOf,
		"for (var i = 0, n = a.length; i < n; i++) {}":              For,
		"for (const k in o) if (k in p) continue":                   ForIn,
		"label: while (true) break label":                           Labeled,
		"do x++; while (x < 10)":                                    DoWhile,
		"switch (a) { case 1: b(); break; default: c() }":           Switch,
		"try { a() } catch { b() } finally { c() }":                 Try,
		"declare module 'x' { export function f(): void }":          Empty,
		"namespace N.M { export const a = 1 }":                      Namespace,
		"async function* g() { yield* h(); await x }":               Function,
		"x = a ? (b) : c => d":                                      ExpressionStatement,
		"y = a / b / c; /re[/]g/.test(s)":                           ExpressionStatement,
		"z = `a${`b${c}`}d`":                                        ExpressionStatement,
		"w = f<string, number[]>(1)<2":                              ExpressionStatement,
		"v = a?.b?.[c]?.(d) ?? e":                                   ExpressionStatement,
		"({ a, 'b': c = 1, [d]: e, ...f } = g)":                     ExpressionStatement,
		"const { a: { b = 2 } = {}, ...rest } = o":                  Variables,
		"type T = { [K in keyof U as `get${K}`]?: () => U[K] }":     TypeAlias,
		"function f(this: Foo, x?: number): asserts x is string {}": Function,
		"let async = of => of; async (1)":                           Variables,
		"if (a) b; else c":                                          If,
	}
	for text, kind := range kinds {
		file := Parse("a.ts", text)
		require.Empty(t, file.Problems, text)
		require.NotEmpty(t, file.Body, text)
		require.Equal(t, kind, file.Body[0].Kind, text)
	}
}

func TestElements(t *testing.T) {
	file := Parse("a.tsx", "const a = <A b={c => <i>{'}'}</i>} {...d}>it's {/* } */} &lt; <></></A>\nf(1)")
	require.Empty(t, file.Problems)
	require.Len(t, file.Body, 2)
}

// TestTrouble reads on after what is not understood.
func TestTrouble(t *testing.T) {
	file := Parse("a.ts", "const a = ;\nrouter.get('/x', h)\nfunction f( {\n}\nrouter.post('/y', h)\n")
	require.NotEmpty(t, file.Problems)
	require.Contains(t, shape(file.Body), "/x")
	require.Contains(t, shape(file.Body), "/y")
}

func TestComments(t *testing.T) {
	file := Parse("a.js", "/**\n * Lists the cats.\n *\n *   @deprecated\n */\nrouter.get('/cats', list)\n")
	require.Equal(t, "Lists the cats.\n\n  @deprecated", file.Doc(file.Body[0]))
	line, column := file.Position(file.Body[0].Start)
	require.Equal(t, []int{6, 1}, []int{line, column})
}

func TestTexts(t *testing.T) {
	file := Parse("a.js", `x("a\n\u{1F600}\x41\ud83d\ude00", 0x1F, 1_000, /a\/[/]b/gi)`)
	args := file.Body[0].Left.List
	require.Equal(t, "a\n😀A😀", args[0].Text)
	require.Equal(t, "1000", args[2].Text)
	require.Equal(t, `/a\/[/]b/gi`, args[3].Text)
}

// TestDepth ends on nesting that would take for ever if every level were tried
// twice.
func TestDepth(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 50_000), strings.Repeat("(a = ", 5_000), strings.Repeat("a ? ", 20_000), strings.Repeat("a < ", 20_000),
		strings.Repeat("[", 50_000), strings.Repeat("{", 50_000), strings.Repeat("`${", 20_000), strings.Repeat("async (", 20_000),
		"type A = " + strings.Repeat("(a: ", 5_000), "x = " + strings.Repeat("<a>", 5_000), strings.Repeat("x => ", 20_000), strings.Repeat("if (a) ", 20_000),
	} {
		Parse("a.tsx", text)
		Parse("a.ts", text)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"const a = <T,>(x) => `a${b}`; class A { @B() c?: D<E> = /f/ }", "export default { a() {}, get b() { return 1 } }",
		"type A = B extends infer C ? `d${E}` : [f?: G, ...H[]]", "<A b='c'>{d}</A>", "for (const a of b) switch (c) { case 1: }", "a ? (b) : c => d",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"a.ts", "a.tsx", "a.js"} {
			file := Parse(name, text)
			Walk(file.Body, func(n *Node) bool {
				if n.Start < 0 || int(n.End) > len(file.Text) {
					t.Fatalf("node %d at %d–%d of %d", n.Kind, n.Start, n.End, len(file.Text))
				}
				file.Doc(n)
				return true
			})
		}
	})
}
