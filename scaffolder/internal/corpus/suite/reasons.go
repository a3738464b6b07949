package main

import (
	"fmt"
	"strings"
)

// reasons say why tests fail, by file and a piece of the group's name; the first that
// fits counts.
var reasons = []struct{ file, group, reason string }{
	{"refRemote.json", "", "refers to a schema on the network, which is not read"},
	{"ref.json", "remote ref", "refers to a schema on the network, which is not read"},
	{"defs.json", "metaschema", "refers to a schema on the network, which is not read"},
	{"definitions.json", "metaschema", "refers to a schema on the network, which is not read"},
	{"dynamicRef.json", "", "`$dynamicRef` means the anchor in its own file, not the outermost one"},
	{"unevaluated", "$dynamicRef", "`$dynamicRef` means the anchor in its own file, not the outermost one"},
	{"format.json", "", "formats are checked here; the suite takes them for annotations"},
	{"vocabulary.json", "", "metaschemas that switch keywords off are not read"},
	{"ref.json", "naive replacement", "not the validators' fault: the runner moves schemas into a document and rewrites their pointers, here also one that is a value"},
	{"ref.json", "URN", "not the validators' fault: the runner rewrites pointers for the place of a schema in its document, here also one below an `$id`"},
	{"ref.json", "", "in draft 4 an `id` moves what references are relative to; OpenAPI 3.0 has no `id`"},
}

func (f failure) reason() string {
	for _, one := range reasons {
		if strings.HasPrefix(f.File, one.file) && strings.Contains(f.Group, one.group) {
			return one.reason
		}
	}
	return ""
}

// list writes the failures of a draft, each with its reason.
func list(draft string, s score) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s: %d of %d tests\n\n| file | schema | value | reason |\n| --- | --- | --- | --- |\n", draft, s.Passed, s.Total)
	escape := strings.NewReplacer("|", "\\|", "<", "&lt;")
	for _, f := range s.Failed {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.File, escape.Replace(f.Group), escape.Replace(f.Test), f.reason())
	}
	return b.String()
}
