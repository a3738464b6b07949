package interpret

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var suffixes = []string{".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".json"}

// resolve finds the file that a module's import names; "" for other packages.
func (m *Machine) resolve(from *Module, name string) string {
	switch {
	case name == "." || name == ".." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../"):
		return m.file(filepath.Join(filepath.Dir(from.Path), filepath.FromSlash(name)))
	case filepath.IsAbs(name):
		return m.file(name)
	case strings.HasPrefix(name, "file://"):
		return m.file(strings.TrimPrefix(name, "file://"))
	}
	if m.paths == nil {
		m.paths = readAliases(m.Root)
	}
	for _, candidate := range m.paths.of(name) {
		if path := m.file(candidate); path != "" {
			return path
		}
	}
	return ""
}

// file completes a path as Node and TypeScript do.
func (m *Machine) file(path string) string {
	if path = filepath.Clean(path); !m.inRoot(path) {
		return ""
	}
	isFile := func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && info.Mode().IsRegular()
	}
	if isFile(path) {
		return path
	}
	if ext := filepath.Ext(path); ext == ".js" || ext == ".mjs" || ext == ".cjs" || ext == ".jsx" {
		stem := strings.TrimSuffix(path, ext)
		for _, other := range []string{strings.Replace(ext, "js", "ts", 1), ".tsx"} {
			if isFile(stem + other) {
				return stem + other
			}
		}
	}
	for _, suffix := range suffixes {
		if isFile(path + suffix) {
			return path + suffix
		}
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return ""
	}
	if main := mainOf(path); main != "" && main != path {
		if found := m.file(main); found != "" {
			return found
		}
	}
	for _, suffix := range suffixes {
		if isFile(filepath.Join(path, "index"+suffix)) {
			return filepath.Join(path, "index"+suffix)
		}
	}
	return ""
}

func (m *Machine) inRoot(path string) bool {
	relative, err := filepath.Rel(m.Root, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator)) &&
		!strings.Contains("/"+filepath.ToSlash(relative)+"/", "/node_modules/")
}

func mainOf(folder string) string {
	text, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		return ""
	}
	var p struct{ Main string }
	if json.Unmarshal(text, &p) != nil || p.Main == "" {
		return ""
	}
	return filepath.Join(folder, filepath.FromSlash(p.Main))
}

// aliases are the names that tsconfig.json and package.json give to folders.
type aliases struct {
	base     string
	prefixes []alias
}

type alias struct {
	before, after string // of the star
	exact         bool
	targets       []string
}

var comment = regexp.MustCompile(`(?m)("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*(?s:.*?)\*/`)

var trailingComma = regexp.MustCompile(`,(\s*[}\]])`)

func readAliases(root string) *aliases {
	a := &aliases{}
	for _, name := range []string{"tsconfig.json", "jsconfig.json", "tsconfig.base.json", "src/tsconfig.json"} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			continue
		}
		var config struct {
			CompilerOptions struct {
				BaseURL string `json:"baseUrl"`
				Paths   map[string][]string
			}
		}
		plain := trailingComma.ReplaceAll(comment.ReplaceAll(text, []byte("$1")), []byte("$1"))
		if json.Unmarshal(plain, &config) != nil {
			continue
		}
		folder := filepath.Join(root, filepath.Dir(name))
		base := filepath.Join(folder, filepath.FromSlash(config.CompilerOptions.BaseURL))
		if config.CompilerOptions.BaseURL != "" {
			a.base = base
		}
		for pattern, targets := range config.CompilerOptions.Paths {
			a.add(pattern, base, targets)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err == nil {
		var p struct {
			Imports       map[string]any
			ModuleAliases map[string]string `json:"_moduleAliases"`
		}
		if json.Unmarshal(text, &p) == nil {
			for name, folder := range p.ModuleAliases {
				a.add(name, root, []string{folder})
				a.add(name+"/*", root, []string{folder + "/*"})
			}
			for pattern, target := range p.Imports {
				if s, ok := target.(string); ok {
					a.add(pattern, root, []string{s})
				} else if o, ok := target.(map[string]any); ok {
					if s, ok := o["default"].(string); ok {
						a.add(pattern, root, []string{s})
					}
				}
			}
		}
	}
	return a
}

func (a *aliases) add(pattern, base string, targets []string) {
	before, after, star := strings.Cut(pattern, "*")
	one := alias{before: before, after: after, exact: !star}
	for _, target := range targets {
		one.targets = append(one.targets, filepath.Join(base, filepath.FromSlash(target)))
	}
	a.prefixes = append(a.prefixes, one)
}

func (a *aliases) of(name string) []string {
	var found []string
	for _, one := range a.prefixes {
		if one.exact && name == one.before {
			found = append(found, one.targets...)
		}
		if !one.exact && strings.HasPrefix(name, one.before) && strings.HasSuffix(name, one.after) && len(name) >= len(one.before)+len(one.after) {
			middle := name[len(one.before) : len(name)-len(one.after)]
			for _, target := range one.targets {
				found = append(found, strings.Replace(target, "*", filepath.FromSlash(middle), 1))
			}
		}
	}
	if a.base != "" {
		found = append(found, filepath.Join(a.base, filepath.FromSlash(name)))
	}
	return found
}
