package layout

import (
	"go/token"
	"path"
	"slices"
	"strings"
)

// checkImport judges one import of s.
func (c *checker) checkImport(s source, at token.Pos, imported string) {
	if other, ours := strings.CutPrefix(imported, c.rules.Prefix); ours {
		c.checkOwnImport(s, at, other)
		return
	}
	allowed, restricted := c.rules.restriction(imported)
	permitted := slices.ContainsFunc(allowed, func(name string) bool {
		return name == s.tree.Name.Name && name == "main" || s.home == name || strings.HasPrefix(s.home, name+"/")
	})
	if restricted && !permitted && !s.test {
		c.report(s, at, "imports %s: only %s may", imported, strings.Join(allowed, ", "))
	}
}

// restriction returns who may import a package outside the workspace, or a
// package below one that is restricted.
func (r Rules) restriction(imported string) (allowed []string, restricted bool) {
	for name, allowed := range r.Restricted {
		if imported == name || strings.HasPrefix(imported, name+"/") {
			return allowed, true
		}
	}
	return nil, false
}

func (c *checker) checkOwnImport(s source, at token.Pos, other string) {
	mine, theirs := module(s.home), module(other)
	switch {
	case s.home == other: // the external test of a package
	case !s.test && strings.HasSuffix(path.Base(other), "test"):
		c.report(s, at, "imports %s: that is for tests only", other)
	case theirs == c.rules.Shared:
		// shared/internal is closed to the tools by the compiler
	case mine == c.rules.Shared:
		c.report(s, at, "imports %s: %s imports no tool", other, c.rules.Shared)
	case mine != theirs:
		c.report(s, at, "imports %s: a tool imports no other tool", other)
	case s.home == mine || s.runner() || s.test: // these bring the packages together
	case subject(s.home) == subject(other):
	case slices.Contains(c.rules.Models, s.home) && !slices.Contains(c.rules.Allowed[s.home], other):
		c.report(s, at, "imports %s: a model imports nothing of ours", other)
	case slices.Contains(c.rules.Models, other) || slices.Contains(c.rules.Allowed[subject(s.home)], other):
	default:
		c.report(s, at, "imports %s: siblings meet through the model, or by a line in Rules.Allowed", other)
	}
}

// module returns the first element of a package's path, which is its tool.
func module(home string) string {
	first, _, _ := strings.Cut(home, "/")
	return first
}

// subject returns the directory of internal that a package belongs to:
// "scaffolder/internal/emit" for "scaffolder/internal/emit/express".
func subject(home string) string {
	parts := strings.SplitN(home, "/", 4)
	return strings.Join(parts[:min(3, len(parts))], "/")
}
