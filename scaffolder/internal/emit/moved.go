package emit

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Moved is a handler that a person wrote in another file than the document's tags
// ask for now.
type Moved struct {
	Name, From, To string // From and To are paths
}

// Move lets handlers stay where they are written. present are the files of
// handlers that are there, by path. A handler that one of them has, and the file
// that it belongs to lacks, is exported again from there rather than written anew;
// one that nobody has touched is not worth that. unused are the handlers, by the
// path of their file, that no operation leads to.
func Move(files []File, present map[string]string) (moved []Moved, unused map[string][]string) {
	declared := map[string][]string{} // paths of the files with a handler, by its name
	for _, at := range slices.Sorted(maps.Keys(present)) {
		for _, name := range handlersIn(present[at]) {
			declared[name] = append(declared[name], at)
		}
	}
	unused = map[string][]string{}
	used := map[[2]string]bool{}
	for i := range files {
		file := &files[i]
		for j, handler := range file.Handlers {
			own := present[file.Path]
			others := declared[handler.Name]
			switch {
			case slices.Contains(others, file.Path):
				used[[2]string{file.Path, handler.Name}] = true
			case own != "" && len(Append(own, File{Handlers: file.Handlers[j : j+1]}).Added) == 0:
				for _, other := range others { // exported again, perhaps from there
					used[[2]string{other, handler.Name}] = strings.Contains(own, besides(other))
				}
			case len(others) > 0 && !strings.Contains(present[others[0]], handler.Code):
				used[[2]string{others[0], handler.Name}] = true
				file.Handlers[j].Code = "export { " + handler.Name + " } from \"" + besides(others[0]) + "\";\n"
				moved = append(moved, Moved{Name: handler.Name, From: others[0], To: file.Path})
			}
		}
		if len(moved) > 0 && moved[len(moved)-1].To == file.Path {
			file.compose()
		}
	}
	for name, paths := range declared {
		for _, at := range paths {
			if !used[[2]string{at, name}] {
				unused[at] = append(unused[at], name)
			}
		}
	}
	for _, names := range unused {
		slices.Sort(names)
	}
	return moved, unused
}

// besides is how a file is imported by another one in its folder.
func besides(file string) string { return "./" + strings.TrimSuffix(path.Base(file), ".ts") + ".js" }

// handlersIn are the names of the handlers that code declares.
func handlersIn(code string) []string {
	if plain, complete := withoutComments(code); complete {
		code = plain
	}
	var names []string
	for _, match := range handlerType.FindAllStringSubmatch(code, -1) {
		names = append(names, match[1])
	}
	return names
}

// compose writes the content anew out of the handlers, with the imports that
// they need.
func (f *File) compose() {
	code := ""
	for _, handler := range f.Handlers {
		code += "\n" + handler.Code
	}
	imports := ""
	for line := range strings.SplitAfterSeq(f.Imports, "\n") {
		name := strings.TrimSpace(between(line, "{", "}"))
		if _, all, found := strings.Cut(line, "* as "); found {
			name, _, _ = strings.Cut(all, " ")
		}
		if strings.Contains(line, "{") && !strings.Contains(line, "}") || strings.Contains(code, name) {
			imports += line
		}
	}
	f.Imports = imports
	f.Content = strings.TrimPrefix(imports+code, "\n")
}
