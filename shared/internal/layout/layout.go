// Package layout holds the workspace to its own rules: who may import whom,
// where the process may end, how large a file may grow.
//
// The root of a workspace and Rules go in; the violations come out, each as
// "file:line: what is wrong". It refuses a directory without a go.work. Files
// of other platforms are read too, testdata directories are not.
package layout

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Check returns what in the workspace at root violates rules, in the order of
// the files.
func Check(root string, rules Rules) ([]string, error) {
	packages, err := list(root)
	if err != nil {
		return nil, err
	}
	c := &checker{root: root, rules: rules, fset: token.NewFileSet()}
	for _, p := range packages {
		if err := c.checkPackage(p); err != nil {
			return nil, err
		}
	}
	if err := c.checkModules(); err != nil {
		return nil, err
	}
	slices.Sort(c.violations)
	return slices.Compact(c.violations), nil
}

// listed is a package as `go list -json` tells of it.
type listed struct {
	ImportPath string
	Dir        string
}

// list names the packages of the workspace. Whether they compile is no matter here.
func list(root string) ([]listed, error) {
	out, err := goCommand(root, "list", "-e", "-json=ImportPath,Dir", "work")
	if err != nil {
		return nil, err
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			return nil, fmt.Errorf("read the list of packages: %w", err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("list packages: none in the workspace at %s", root)
	}
	return packages, nil
}

func goCommand(root string, args ...string) ([]byte, error) {
	command := exec.Command("go", args...)
	command.Dir = root
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(root, "go.work"))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// checker collects violations.
type checker struct {
	root       string
	rules      Rules
	fset       *token.FileSet
	violations []string
}

// source is one Go file and the package that it belongs to.
type source struct {
	path string // relative to the root of the workspace
	home string // the package's import path without the workspace's prefix
	test bool
	size int // lines
	tree *ast.File
}

func (c *checker) checkPackage(p listed) error {
	home, ours := strings.CutPrefix(p.ImportPath, c.rules.Prefix)
	if !ours {
		return fmt.Errorf("package %s: not below %s", p.ImportPath, c.rules.Prefix)
	}
	names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read source: %w", err)
		}
		tree, err := parser.ParseFile(c.fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("read source: %w", err)
		}
		relative, err := filepath.Rel(c.root, name)
		if err != nil {
			return fmt.Errorf("read source: %w", err)
		}
		s := source{
			path: filepath.ToSlash(relative), home: home, tree: tree,
			test: strings.HasSuffix(name, "_test.go"), size: bytes.Count(text, []byte("\n")),
		}
		c.checkFile(s)
		for _, spec := range tree.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("read source: %w", err)
			}
			c.checkImport(s, spec.Pos(), path)
		}
	}
	return nil
}

// checkModules refuses replace lines, with which a module cannot be installed
// by its version.
func (c *checker) checkModules() error {
	files, err := filepath.Glob(filepath.Join(c.root, "*", "go.mod"))
	if err != nil {
		return fmt.Errorf("list modules: %w", err)
	}
	for _, file := range files {
		out, err := goCommand(c.root, "mod", "edit", "-json", file)
		if err != nil {
			return err
		}
		var module struct {
			Replace []struct{ Old struct{ Path string } }
		}
		if err := json.Unmarshal(out, &module); err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		relative, err := filepath.Rel(c.root, file)
		if err != nil {
			return fmt.Errorf("list modules: %w", err)
		}
		for _, replaced := range module.Replace {
			c.add(filepath.ToSlash(relative), 1, "replaces %s: `go install MODULE@VERSION` refuses that", replaced.Old.Path)
		}
	}
	return nil
}

func (c *checker) report(s source, at token.Pos, format string, args ...any) {
	c.add(s.path, c.fset.Position(at).Line, format, args...)
}

func (c *checker) add(path string, line int, format string, args ...any) {
	c.violations = append(c.violations, fmt.Sprintf("%s:%d: %s", path, line, fmt.Sprintf(format, args...)))
}
