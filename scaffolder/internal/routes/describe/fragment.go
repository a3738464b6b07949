package describe

import (
	"fmt"
	"slices"
	"strings"

	yaml "github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/framework"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// jsonSchema is a schema that the sources write as a JSON Schema. It is read at
// the end, together with all others, by the reader of documents.
func (d *describer) jsonSchema(o *interpret.Object) (*api.Schema, bool) {
	text, ok := d.toJSON(o, 0)
	if !ok {
		return nil, false
	}
	s := &api.Schema{}
	d.fragments[s] = string(text)
	d.order = append(d.order, s)
	return s, true
}

// fill reads the JSON Schemas of the sources, and those that Fastify was given
// by name.
func (d *describer) fill() {
	if len(d.order) == 0 {
		return
	}
	var b strings.Builder
	b.WriteString(`{"openapi":"3.1.0","info":{"title":"","version":""},"paths":{},"components":{"schemas":{`)
	var parts []string
	replace := []string{}
	for _, o := range d.Host.Schemas {
		id, ok := o.Get("$id").(interpret.Str)
		text, written := d.toJSON(o, 0)
		if !ok || !written {
			continue
		}
		name := schemaKey(string(id))
		parts = append(parts, string(quoted(name))+":"+strings.Replace(string(text), `"$id":`+string(quoted(string(id))), `"x-id":`+string(quoted(string(id))), 1))
		replace = append(replace, `"$ref":`+string(quoted(string(id)+"#")), `"$ref":"#/components/schemas/`+name+`"`,
			`"$ref":`+string(quoted(string(id))), `"$ref":"#/components/schemas/`+name+`"`,
			`"$ref":"`+string(id)+`#/definitions/`, `"$ref":"#/components/schemas/`+name+`/definitions/`)
	}
	for _, named := range d.api.Schemas { // so that references to them lead somewhere
		if !slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, string(quoted(named.Name))+":") }) {
			parts = append(parts, string(quoted(named.Name))+":true")
		}
	}
	for i, s := range d.order {
		parts = append(parts, fmt.Sprintf(`"x-fragment-%d":%s`, i, d.fragments[s]))
	}
	b.WriteString(strings.Join(parts, ",") + "}}}")
	text := strings.NewReplacer(replace...).Replace(b.String())
	read, err := openapi.Read("-", openapi.Options{Stdin: strings.NewReader(text)})
	if err != nil {
		return
	}
	d.adopt(read.API)
}

func schemaKey(id string) string {
	id = strings.TrimSuffix(id, "#")
	if at := strings.LastIndexByte(id, '/'); at >= 0 && at < len(id)-1 {
		id = id[at+1:]
	}
	return strings.TrimSuffix(id, ".json")
}

// adopt takes the schemas of a document that fragments were written into.
func (d *describer) adopt(a *api.API) {
	for _, named := range a.Schemas {
		var index int
		if n, err := fmt.Sscanf(named.Name, "x-fragment-%d", &index); err == nil && n == 1 && index < len(d.order) {
			*d.order[index] = *named.Schema
			continue
		}
		if named.Schema.Always == nil && !d.names[named.Name] {
			d.names[named.Name] = true
			d.api.Schemas = append(d.api.Schemas, named)
		}
	}
}

// comments reads the documents that stand in comments after @openapi or
// @swagger, and lets them win over what the code says.
func (d *describer) comments(routes []*framework.Route) {
	var modules []*interpret.Module
	for _, m := range d.Machine.Modules() {
		if strings.Contains(m.File.Text, "@openapi") || strings.Contains(m.File.Text, "@swagger") {
			modules = append(modules, m)
		}
	}
	slices.SortFunc(modules, func(a, b *interpret.Module) int { return strings.Compare(a.Path, b.Path) })
	prefixes := mountsOf(routes)
	for _, m := range modules {
		for _, c := range m.File.Comments {
			text := ecma.CommentText(m.File.Text[c.Start:c.End])
			if block, ok := documentIn(text); ok {
				d.fragment(m, c, block, prefixes[m])
			}
		}
	}
}

// documentIn is the YAML after @openapi or @swagger.
func documentIn(text string) (string, bool) {
	for _, word := range []string{"@openapi", "@swagger"} {
		if at := strings.Index(text, word); at >= 0 {
			block := text[at+len(word):]
			if end := strings.Index(block, "\n@"); end >= 0 {
				block = block[:end]
			}
			return strings.Trim(block, "\n\r "), strings.Contains(block, ":")
		}
	}
	return "", false
}

// fragment reads one comment.
func (d *describer) fragment(m *interpret.Module, c ecma.Comment, block string, prefixes []string) {
	place := interpret.Place{Module: m, Node: &ecma.Node{Start: c.Start}}
	var members map[string]any
	if err := yaml.Unmarshal([]byte(dedented(block)), &members); err != nil {
		d.problems = append(d.problems, Problem{d.Position(place), "the document in this comment is no YAML: " + firstLine(err.Error())})
		return
	}
	document := map[string]any{"openapi": "3.0.3", "info": map[string]any{"title": "", "version": ""}, "paths": map[string]any{}}
	paths := map[string]any{}
	for key, value := range members {
		switch {
		case strings.HasPrefix(key, "/"):
			paths[key] = value
		case key == "paths":
			if inner, ok := value.(map[string]any); ok {
				for path, item := range inner {
					paths[path] = item
				}
			}
		case key == "components", key == "tags", key == "definitions", key == "security":
			document[key] = value
		}
	}
	document["paths"] = paths
	text, err := yaml.Marshal(document)
	if err != nil {
		return
	}
	read, err := openapi.Read("-", openapi.Options{Stdin: strings.NewReader(string(text))})
	if err != nil {
		d.problems = append(d.problems, Problem{d.Position(place), "the document in this comment cannot be read: " + firstLine(err.Error())})
		return
	}
	d.take(read.API, d.Position(place), prefixes)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// dedented takes away what all lines but the first are indented by, when the
// first stands behind the word itself.
func dedented(block string) string {
	lines := strings.Split(strings.ReplaceAll(block, "\t", "  "), "\n")
	least := -1
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if least < 0 || indent < least {
			least = indent
		}
	}
	for i, line := range lines {
		if len(line) >= least && least > 0 {
			lines[i] = line[least:]
		}
	}
	return strings.Join(lines, "\n")
}

// mountsOf tells for each module what its routes have before their own paths.
func mountsOf(routes []*framework.Route) map[*interpret.Module][]string {
	out := map[*interpret.Module][]string{}
	for _, r := range routes {
		m := r.Entry.Module
		if m == nil || len(r.Entry.Paths) == 0 {
			continue
		}
		own, ok := r.Entry.Paths[0].(interpret.Str)
		if !ok {
			continue
		}
		for _, t := range framework.Templates(r.Framework, string(own)) {
			if prefix, found := strings.CutSuffix(r.Path, t.Path); found && !slices.Contains(out[m], prefix) {
				out[m] = append(out[m], prefix)
			}
		}
	}
	return out
}

// take lets an operation that a comment describes win over what the code says.
func (d *describer) take(a *api.API, at api.Position, prefixes []string) {
	for _, named := range a.Schemas {
		if old := d.api.Schema(named.Name); old != nil {
			*old = *named.Schema
			continue
		}
		d.names[named.Name] = true
		d.api.Schemas = append(d.api.Schemas, named)
	}
	for _, scheme := range a.SecuritySchemes {
		if d.api.SecurityScheme(scheme.Name) == nil {
			d.api.SecuritySchemes = append(d.api.SecuritySchemes, scheme)
		}
	}
	for _, tag := range a.Tags {
		if !slices.ContainsFunc(d.api.Tags, func(t api.Tag) bool { return t.Name == tag.Name }) {
			d.api.Tags = append(d.api.Tags, tag)
		}
	}
	for _, written := range a.Operations {
		op := d.operationAt(written.Method, written.Path, prefixes)
		if op == nil {
			d.problems = append(d.problems, Problem{at, "this comment describes " + written.Method + " " + written.Path + ", which no route serves"})
			continue
		}
		overlay(op, written)
	}
}

func (d *describer) operationAt(method, path string, prefixes []string) *api.Operation {
	for _, prefix := range append([]string{""}, prefixes...) {
		for _, op := range d.api.Operations {
			if op.Method == method && Same(op.Path, prefix+path) {
				return op
			}
		}
	}
	for _, op := range d.api.Operations { // the comment may leave out what comes before, or say it
		if op.Method == method && strings.HasSuffix(Shape(op.Path), Shape(path)) {
			return op
		}
	}
	return nil
}
