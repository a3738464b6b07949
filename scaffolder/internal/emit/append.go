package emit

import (
	"regexp"
	"slices"
	"strings"
)

// Appended is what Append made of a file of handlers.
type Appended struct {
	Content string
	Added   []string // names of the handlers that were missing
	Removed []string // names of exported handlers that no operation needs any more
}

// exported finds exported names: declarations, and lists in braces.
var (
	exported     = regexp.MustCompile(`(?m)^[ \t]*export[ \t]+(?:async[ \t]+)?(?:const|let|var|function\*?)[ \t]+([\p{L}_$][\p{L}\p{N}_$]*)`)
	exportedList = regexp.MustCompile(`(?m)^[ \t]*export\s*\{([^}]*)\}`)
	handlerType  = regexp.MustCompile(`export\s+const\s+([\p{L}_$][\p{L}\p{N}_$]*)\s*:\s*Handlers\[`)
)

// Append adds to an existing file of handlers those of wanted that it lacks,
// at its end, and changes nothing else but the imports that the added ones
// need. Handlers whose operation is gone stay, and are named in Removed.
func Append(existing string, wanted File) Appended {
	have := map[string]bool{}
	code, complete := withoutComments(existing)
	if !complete {
		code = existing
	}
	for _, match := range exported.FindAllStringSubmatch(code, -1) {
		have[match[1]] = true
	}
	for _, match := range exportedList.FindAllStringSubmatch(code, -1) {
		for name := range strings.SplitSeq(match[1], ",") {
			if fields := strings.Fields(name); len(fields) > 0 {
				have[fields[len(fields)-1]] = true
			}
		}
	}
	result := Appended{Content: existing}
	var b strings.Builder
	for _, handler := range wanted.Handlers {
		if !have[handler.Name] {
			result.Added = append(result.Added, handler.Name)
			b.WriteString("\n" + handler.Code)
		}
	}
	for _, match := range handlerType.FindAllStringSubmatch(code, -1) {
		needed := slices.ContainsFunc(wanted.Handlers, func(h Handler) bool { return h.Name == match[1] })
		if !needed && !slices.Contains(result.Removed, match[1]) {
			result.Removed = append(result.Removed, match[1])
		}
	}
	if b.Len() == 0 {
		return result
	}
	crlf := strings.Contains(existing, "\r\n")
	text := strings.TrimRight(withImports(existing, code, wanted.Imports), "\r\n") + "\n" + b.String()
	if crlf {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	result.Content = text
	return result
}

// withImports puts those of the wanted imports before the file that it lacks.
func withImports(existing, code, wanted string) string {
	missing := ""
	for line := range strings.SplitAfterSeq(wanted, "\n") {
		name, _, _ := strings.Cut(strings.TrimSpace(strings.Trim(between(line, "{", "}"), " ")), ",")
		if _, all, found := strings.Cut(line, "* as "); found {
			name, _, _ = strings.Cut(all, " ")
		}
		if name != "" && !imports(code, name) {
			missing += line
		}
	}
	return missing + existing
}

func between(text, open, closing string) string {
	_, text, _ = strings.Cut(text, open)
	text, _, _ = strings.Cut(text, closing)
	return text
}

// imports tells whether the code imports a name, whatever the module.
func imports(code, name string) bool {
	return regexp.MustCompile(`import\s[^;'"]*\b` + name + `\b[^;'"]*from`).MatchString(code)
}

// withoutComments blanks comments and the text in strings, so that what stands
// in them is not taken for code. Lengths stay as they are. complete is false
// when one of them does not end.
func withoutComments(code string) (blanked string, complete bool) {
	out := []byte(code)
	complete = true
	for i := 0; i < len(out); {
		switch {
		case strings.HasPrefix(code[i:], "//"):
			i = blank(out, i, lineEnd(code, i))
		case strings.HasPrefix(code[i:], "/*"):
			end := strings.Index(code[i+2:], "*/")
			if end < 0 {
				complete = false
				end = len(code) - i - 4
			}
			i = max(blank(out, i, i+end+4), i+2)
		case out[i] == '`':
			end := stringEnd(code, i, false)
			complete = complete && end < len(code)
			i = blank(out, i+1, end) + 1
		case out[i] == '"' || out[i] == '\'':
			i = stringEnd(code, i, true) + 1
		default:
			i++
		}
	}
	return string(out), complete
}

func blank(out []byte, from, to int) int {
	to = min(max(to, from), len(out))
	for i := from; i < to; i++ {
		if out[i] != '\n' {
			out[i] = ' '
		}
	}
	return to
}

func lineEnd(code string, from int) int {
	if at := strings.IndexByte(code[from:], '\n'); at >= 0 {
		return from + at
	}
	return len(code)
}

// stringEnd is where the string that begins at from ends; at the line's end
// when it does not and has to.
func stringEnd(code string, from int, oneLine bool) int {
	for i := from + 1; i < len(code); i++ {
		switch {
		case code[i] == '\\':
			i++
		case code[i] == code[from], code[i] == '\n' && oneLine:
			return i
		}
	}
	return len(code)
}
