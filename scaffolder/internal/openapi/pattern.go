package openapi

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dlclark/regexp2"
)

var inlineFlags = regexp.MustCompile(`^\(\?[ims]+\)`)

// checkPattern tells what is wrong with a pattern that no ECMA 262 engine compiles,
// the beginnings and ends of other dialects aside, which generated servers read.
func checkPattern(source string) error {
	own := strings.TrimPrefix(inlineFlags.ReplaceAllString(source, ""), `\A`)
	if end := strings.TrimSuffix(strings.TrimSuffix(own, `\z`), `\Z`); end != own {
		own = end + "$"
	}
	if err := foreign(own); err != nil {
		return err
	}
	for _, match := range properties.FindAllStringSubmatch(own, -1) {
		if otherProperties.MatchString(match[1]) {
			return fmt.Errorf("it has no property %q", match[0])
		}
	}
	// There are more than the engine at hand knows.
	own = strings.NewReplacer(`\p`, "a", `\P`, "a").Replace(properties.ReplaceAllString(own, "a"))
	_, err := regexp2.Compile(own, regexp2.ECMAScript|regexp2.Unicode)
	if err == nil {
		return nil
	}
	if _, loosely := regexp2.Compile(own, regexp2.ECMAScript); loosely == nil {
		return nil
	}
	reason, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "error parsing regexp: "), " in `")
	return errors.New(reason)
}

// Properties of characters, and those of Java and POSIX that ECMA 262 doesn't have.
var (
	properties      = regexp.MustCompile(`\\[pP]\{([^{}]*)\}`)
	otherProperties = regexp.MustCompile(`^(Is|In|java)[A-Z]|^(Alnum|Print|Graph|Punct|Blank|Cntrl|XDigit|Digit|Space|all|L1|LD)$`)
)

// foreign finds what the engine at hand takes and ECMA 262 doesn't have.
func foreign(source string) error {
	class, quantified := false, false
	for i := 0; i < len(source); i++ {
		c := source[i]
		switch {
		case c == '\\':
			i++
			if at := strings.IndexByte(source[i:], '}'); at > 0 && escaped.MatchString(source[i:]) {
				i += at
			}
			quantified = false
			continue
		case class:
			class = c != ']'
			continue
		case c == '[':
			class = true
			if strings.HasPrefix(source[i+1:], "]") {
				i, class = i+1, false
			}
		case c == '(' && strings.HasPrefix(source[i+1:], "?"):
			rest := source[i+2:]
			if !named.MatchString(rest) && !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "!") &&
				!strings.HasPrefix(rest, "<=") && !strings.HasPrefix(rest, "<!") {
				return fmt.Errorf("it has no group that begins with %q", source[i:min(i+4, len(source))])
			}
			i++
		case quantified && c == '+':
			return fmt.Errorf("it has no possessive quantifier %q", source[i-1:i+1])
		}
		quantified = strings.IndexByte("*+?}", c) >= 0 && !quantified
	}
	return nil
}

var escaped = regexp.MustCompile(`^[pPu]\{[^{}]*\}`)

var named = regexp.MustCompile(`^<[\p{L}_$][\p{L}\p{N}_$]*>`)

// checkPattern lists a pattern that servers cannot check.
func (s *schemaReader) checkPattern(at value, source string) {
	if err := checkPattern(source); err != nil {
		s.invalid(at, "the pattern %q is none of ECMA 262: %v; it is not checked", source, err)
	}
}
