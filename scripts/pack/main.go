// Command pack puts modules of this repository into a module proxy made of
// files, as if they had been published:
//
//	pack PROXY VERSION MODULE...
//
// PROXY is the directory that becomes the proxy, MODULE a directory with a
// go.mod. What git tracks is packed, as it is in the working tree; without git,
// everything is. It refuses what the go command would refuse to install: files
// that cannot be in a module, and go.mod files with replace lines.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: pack PROXY VERSION MODULE...")
	}
	for _, dir := range args[2:] {
		if err := pack(args[0], args[1], dir); err != nil {
			return fmt.Errorf("pack %s: %w", dir, err)
		}
	}
	return nil
}

// pack writes the files of which the module's versions consist in a proxy.
func pack(proxy, version, dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return fmt.Errorf("read go.mod: %w", err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return fmt.Errorf("read go.mod: %w", err)
	}
	if len(mod.Replace) > 0 {
		return errors.New("go.mod has a replace line: `go install MODULE@VERSION` would refuse it")
	}
	escaped, err := module.EscapePath(mod.Module.Mod.Path)
	if err != nil {
		return fmt.Errorf("escape path: %w", err)
	}
	versions := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return fmt.Errorf("make proxy: %w", err)
	}
	info, err := json.Marshal(map[string]string{"Version": version, "Time": "2026-01-01T00:00:00Z"})
	if err != nil {
		return fmt.Errorf("describe version: %w", err)
	}
	for name, content := range map[string][]byte{
		"list": []byte(version + "\n"), version + ".info": info, version + ".mod": text,
	} {
		if err := os.WriteFile(filepath.Join(versions, name), content, 0o644); err != nil {
			return fmt.Errorf("write proxy: %w", err)
		}
	}
	archive, err := os.Create(filepath.Join(versions, version+".zip"))
	if err != nil {
		return fmt.Errorf("write proxy: %w", err)
	}
	m := module.Version{Path: mod.Module.Mod.Path, Version: version}
	if err := compress(archive, m, dir); err != nil {
		archive.Close()
		return fmt.Errorf("write archive: %w", err)
	}
	return archive.Close()
}

func compress(w io.Writer, m module.Version, dir string) error {
	tracked, err := exec.Command("git", "-C", dir, "ls-files", "-z").Output()
	if err != nil {
		return zip.CreateFromDir(w, m, dir)
	}
	var files []zip.File
	for name := range bytes.SplitSeq(tracked, []byte{0}) {
		f := file{dir, string(name)}
		if info, err := f.Lstat(); len(name) > 0 && err == nil && info.Mode().IsRegular() && !nested(dir, f.name) {
			files = append(files, f)
		}
	}
	return zip.Create(w, m, files)
}

// nested tells whether name lies in a module within the module, which is none of its files.
func nested(dir, name string) bool {
	for parent := filepath.Dir(name); parent != "."; parent = filepath.Dir(parent) {
		if _, err := os.Stat(filepath.Join(dir, parent, "go.mod")); err == nil {
			return true
		}
	}
	return false
}

// file is a zip.File by its name within the module.
type file struct{ dir, name string }

func (f file) Path() string                 { return strings.ReplaceAll(f.name, string(filepath.Separator), "/") }
func (f file) Lstat() (os.FileInfo, error)  { return os.Lstat(filepath.Join(f.dir, f.name)) }
func (f file) Open() (io.ReadCloser, error) { return os.Open(filepath.Join(f.dir, f.name)) }
