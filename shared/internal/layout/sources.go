package layout

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// checkFile judges what stands in a file, apart from its imports.
func (c *checker) checkFile(s source) {
	if s.size > c.rules.MaxLines {
		c.add(s.path, s.size, "has %d lines, %d are the limit", s.size, c.rules.MaxLines)
	}
	for _, name := range []string{s.tree.Name.Name, path.Base(s.home)} {
		if slices.Contains(c.rules.BannedNames, name) {
			c.report(s, s.tree.Package, "package %s: the name says nothing", name)
		}
	}
	for _, declaration := range s.tree.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if ok && function.Recv == nil && function.Name.Name == "init" && !s.test {
			c.report(s, function.Pos(), "has an init function: it runs before anybody can choose")
		}
		inside := ok && (s.home == c.rules.ExitPackage && function.Name.Name == c.rules.ExitFunction ||
			s.runner() && function.Name.Name == "main")
		ast.Inspect(declaration, func(node ast.Node) bool {
			if selector, isSelector := node.(*ast.SelectorExpr); isSelector {
				c.checkSelector(s, selector, inside)
			}
			return true
		})
	}
}

// runner tells whether the file is of a program that only developers run, such
// as one that reads a directory of real specifications. It is none of the tools
// and may bring their packages together as their main packages do.
func (s source) runner() bool {
	return s.tree.Name.Name == "main" && strings.Contains(s.home, "/internal/")
}

// checkSelector judges a use such as os.Exit or t.Skip. permitted says that it
// stands in the function that may end the process.
func (c *checker) checkSelector(s source, selector *ast.SelectorExpr, permitted bool) {
	receiver, ok := selector.X.(*ast.Ident)
	if !ok {
		return
	}
	use := receiver.Name + "." + selector.Sel.Name
	switch use {
	case "os.Stdin", "os.Stdout", "os.Stderr", "os.Args":
		if !permitted && !s.test && !s.runner() {
			c.report(s, selector.Pos(), "uses %s: only %s.%s may", use, path.Base(c.rules.ExitPackage), c.rules.ExitFunction)
		}
	case "os.Exit", "syscall.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln":
		if !permitted && !s.test {
			c.report(s, selector.Pos(), "uses %s: only %s.%s may", use, path.Base(c.rules.ExitPackage), c.rules.ExitFunction)
		}
	case "t.Skip", "t.Skipf", "t.SkipNow", "b.Skip", "b.Skipf", "b.SkipNow", "f.Skip", "f.Skipf", "f.SkipNow",
		"tb.Skip", "tb.Skipf", "tb.SkipNow":
		c.report(s, selector.Pos(), "uses %s: a test that is skipped proves nothing", use)
	}
}
