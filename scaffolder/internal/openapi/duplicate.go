package openapi

import "github.com/pb33f/go-yaml"

// checkKeys notes keys that a mapping has twice: only the last one counts, and
// whoever pasted a path or schema under a name that is taken has lost one.
func (r *reader) checkKeys(f *file) {
	scope := f.value().scope
	var walk func(node *yaml.Node)
	walk = func(node *yaml.Node) {
		if node.Kind == yaml.MappingNode {
			lines := make(map[string]int, len(node.Content)/2)
			for i := 0; i+1 < len(node.Content); i += 2 {
				key := node.Content[i]
				if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
					continue
				}
				if line, twice := lines[key.Value]; twice {
					r.invalid(value{key, scope}, "%q is there twice; what line %d says of it is left out", key.Value, line)
				}
				lines[key.Value] = key.Line
			}
		}
		for _, child := range node.Content {
			walk(child)
		}
	}
	walk(f.root)
}
