package script

import "strings"

// Import writes the import of names from a module; "" for no names. One name
// alone is never broken off, however long the line.
func Import(module string, names ...string) string {
	if len(names) == 0 {
		return ""
	}
	line := "import { " + strings.Join(names, ", ") + " } from " + Quote(module) + ";\n"
	if len(names) == 1 || Width(line) <= columns+1 {
		return line
	}
	return "import {\n  " + strings.Join(names, ",\n  ") + ",\n} from " + Quote(module) + ";\n"
}
