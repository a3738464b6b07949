package main

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/tree"
)

// handlers are what people wrote in the files of handlers that are there.
type handlers struct {
	present map[string]string // contents by path
	moved   []emit.Moved
	unused  map[string][]string // names by path
}

// handlersOf reads the files of handlers that are there, and lets those of files
// stay where they are written.
func handlersOf(o options, p place, files []emit.File) (*handlers, error) {
	h := &handlers{present: map[string]string{}}
	if o.TypesOnly {
		return h, nil
	}
	folder := path.Join(p.source, "routes")
	found, err := filepath.Glob(filepath.Join(escaped(p.root), filepath.FromSlash(folder), "*.ts"))
	if err != nil {
		return nil, fmt.Errorf("list handlers: %w", err)
	}
	for _, name := range found {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // what stands in the way is said where the file is written
		}
		h.present[path.Join(folder, filepath.Base(name))] = string(text)
	}
	h.moved, h.unused = emit.Move(files, h.present)
	return h, nil
}

// escaped is a path as a pattern that matches it alone.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// left are the files of handlers that are there and no tag asks for any more, as
// far as no operation needs what is in them. They stay as they are.
func (h *handlers) left(files []emit.File) []tree.Change {
	var changes []tree.Change
	for _, at := range slices.Sorted(maps.Keys(h.unused)) {
		if !slices.ContainsFunc(files, func(f emit.File) bool { return f.Path == at }) {
			text := h.present[at]
			changes = append(changes, tree.Change{Path: at, Action: tree.Keep, Old: text, New: text, Stale: h.unused[at]})
		}
	}
	return changes
}

// note tells which handlers stay in another file than the document asks for.
func (h *handlers) note(s streams, p place) {
	for _, one := range h.moved {
		s.log.Info().Msgf("%s exports %s again from %s, where it is written: move it when you like",
			path.Join(filepath.ToSlash(p.root), one.To), one.Name, path.Join(filepath.ToSlash(p.root), one.From))
	}
}

func treeFiles(emitted []emit.File, h *handlers) []tree.File {
	files := make([]tree.File, 0, len(emitted))
	for _, file := range emitted {
		out := tree.File{Path: file.Path, Content: file.Content, User: file.Owner == emit.User}
		if out.User && len(file.Handlers) > 0 {
			out.Extend = func(existing string) (string, []string, []string) {
				appended := emit.Append(existing, file)
				return appended.Content, appended.Added, h.unused[file.Path]
			}
		}
		files = append(files, out)
	}
	return files
}
