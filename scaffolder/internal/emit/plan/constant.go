package plan

import "strings"

// Constants returns a function that makes identifiers for constants out of names:
// each once, none of them a reserved word or one of the words given.
func Constants(reserved ...string) func(name string) string {
	names := newNames(append(strings.Fields(reservedWords), reserved...)...)
	return func(name string) string {
		constant := camel(name)
		if constant == "" || names.taken(constant) {
			constant += "Table"
		}
		return names.unique(constant, "")
	}
}

// FileNames returns a function that makes names of files out of names, each once,
// whether or not case counts.
func FileNames() func(name string) string {
	names := newNames()
	names.fold = true
	return func(name string) string {
		file := kebab(splitCamel(name))
		if file == "" {
			file = "table"
		}
		return names.unique(file, "-")
	}
}
