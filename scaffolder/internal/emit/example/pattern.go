package example

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// pattern is an ECMA 262 regular expression; expression is nil for what is none.
type pattern struct {
	source     string
	expression *regexp2.Regexp
}

func (c *checker) pattern(source string) *pattern {
	known := c.patterns[source]
	if known == nil {
		known = &pattern{source: source}
		known.expression, _ = regexp2.Compile(translated(source), regexp2.ECMAScript|regexp2.Unicode)
		if known.expression == nil {
			known.expression, _ = regexp2.Compile(translated(source), regexp2.None)
		}
		if known.expression != nil {
			known.expression.MatchTimeout = 50 * time.Millisecond
		}
		c.patterns[source] = known
	}
	return known
}

func (p *pattern) usable() bool { return p.expression != nil }

// matches takes everything where the expression is none, as servers do.
func (p *pattern) matches(text string) bool {
	if p.expression == nil {
		return true
	}
	matched, err := p.expression.MatchString(text)
	return err == nil && matched
}

// translated reads what other dialects say as generated servers do.
func translated(source string) string {
	return strings.NewReplacer(`\A`, "^", `\z`, "$", `\Z`, "$").Replace(source)
}

var lookaround = regexp.MustCompile(`\(\?<?[=!](?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)`)

// texts are strings that a regular expression may match, short ones first.
func (p *pattern) texts() []string {
	source := lookaround.ReplaceAllString(translated(p.source), "")
	source = strings.NewReplacer(`\/`, "/", `\-`, `\x2d`, `\"`, `"`, `\'`, "'", `\@`, "@", `\_`, "_", `\:`, ":", `\ `, " ", `\#`, "#", `\=`, "=", `\,`, ",", `\%`, "%", `\&`, "&", `\!`, "!", `\~`, "~").Replace(source)
	source = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`).ReplaceAllString(source, `\x{$1}`)
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil
	}
	var found []string
	for _, repeat := range []int{0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 64} {
		for _, offset := range []int{0, 1, 2} {
			var b strings.Builder
			writeMatch(&b, parsed, repeat, offset)
			if text := b.String(); utf8.ValidString(text) && (len(found) == 0 || found[len(found)-1] != text) {
				found = append(found, text)
			}
		}
	}
	return found
}

// writeMatch writes a text that the expression matches, with open repetitions
// done as often as said where they allow that.
func writeMatch(b *strings.Builder, e *syntax.Regexp, repeat, offset int) {
	times := func(least, most int) int {
		n := max(least, repeat)
		if most >= 0 {
			n = min(n, most)
		}
		return min(n, 2000)
	}
	least, most := 0, 0
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
		return
	case syntax.OpCharClass:
		b.WriteRune(choose(e.Rune, offset+b.Len()))
		return
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune(rune('a' + (offset+b.Len())%3))
		return
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range e.Sub {
			writeMatch(b, sub, repeat, offset)
		}
		return
	case syntax.OpAlternate:
		writeMatch(b, e.Sub[offset%len(e.Sub)], repeat, offset)
		return
	case syntax.OpStar:
		most = -1
	case syntax.OpPlus:
		least, most = 1, -1
	case syntax.OpQuest:
		most = 1
	case syntax.OpRepeat:
		least, most = e.Min, e.Max
	default:
		return
	}
	for range times(least, most) {
		writeMatch(b, e.Sub[0], repeat, offset)
	}
}

// choose takes a readable character out of the ranges of a class.
func choose(ranges []rune, offset int) rune {
	const wanted = "abc123xyzABC0-_. "
	for i := range len(wanted) {
		c := rune(wanted[(i+offset)%len(wanted)])
		for at := 0; at+1 < len(ranges); at += 2 {
			if ranges[at] <= c && c <= ranges[at+1] && (i+offset)%len(wanted) < 13 {
				return c
			}
		}
	}
	for at := 0; at+1 < len(ranges); at += 2 {
		for c := max(ranges[at], '!'); c <= ranges[at+1] && c < 0x7f; c++ {
			return c
		}
	}
	if len(ranges) == 0 {
		return 'a'
	}
	return ranges[0]
}
