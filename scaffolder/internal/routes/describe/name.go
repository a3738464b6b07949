package describe

import (
	"path/filepath"
	"strings"
	"unicode"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// exported writes any text as a name in upper camel case.
func exported(text string) string {
	var b strings.Builder
	up := true
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}

// tag is the file that a route's handler, or the route, stands in.
func (d *describer) tag(op *operation) string {
	place := op.route.Entry.Place
	if op.handler != nil && op.handler.Module != nil && strings.Contains(filepath.ToSlash(op.handler.Module.Path), "/routes/") {
		place = op.handler.Place
	}
	if place.Module == nil {
		return ""
	}
	name := stem(place.Module.Path)
	if isGeneric(name) {
		folder := filepath.Base(filepath.Dir(place.Module.Path))
		if isGeneric(folder) {
			return ""
		}
		name = folder
	}
	return name
}

func stem(path string) string {
	name := filepath.Base(path)
	name = strings.TrimSuffix(name, filepath.Ext(name))
	for _, suffix := range []string{".routes", ".route", ".router", ".controller", ".controllers", "-routes", "-router", "-route", "Routes", "Router", "Route", "Controller", ".api"} {
		if cut := strings.TrimSuffix(name, suffix); cut != "" {
			name = cut
		}
	}
	return name
}

func isGeneric(name string) bool {
	switch strings.ToLower(name) {
	case "index", "app", "server", "main", "routes", "router", "src", "lib", "api", "dist", "default", "root", ".":
		return true
	}
	return false
}

// component gives a schema a name of its own and returns a reference to it.
// Schemas that are built meanwhile may refer to it.
func (d *describer) component(key any, name string, build func() *api.Schema) *api.Schema {
	if known, ok := d.components[key]; ok {
		return &api.Schema{Ref: known}
	}
	name = d.free(name)
	d.components[key] = name
	d.names[name] = true
	at := len(d.api.Schemas)
	named := &api.NamedSchema{Name: name}
	d.api.Schemas = append(d.api.Schemas, named)
	named.Schema = build()
	if named.Schema == nil {
		named.Schema = &api.Schema{}
	}
	_ = at
	return &api.Schema{Ref: name}
}

func (d *describer) free(name string) string {
	if name == "" {
		name = "Schema"
	}
	if !d.names[name] {
		return name
	}
	for i := 2; ; i++ {
		if numbered := name + number(i); !d.names[numbered] {
			return numbered
		}
	}
}

func number(i int) string {
	digits := ""
	for ; i > 0; i /= 10 {
		digits = string(rune('0'+i%10)) + digits
	}
	return digits
}

// schemaName is what a constant or type is called as a component.
func schemaName(name string) string {
	for _, suffix := range []string{"Schema", "schema", "Validator", "Dto", "DTO"} {
		if cut := strings.TrimSuffix(name, suffix); cut != "" {
			name = cut
			break
		}
	}
	return exported(name)
}
