package openapi

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// sharedComponents are components that references point at, each read once:
// hundreds of operations may refer to the same response.
type sharedComponents struct {
	parameters map[nodeKey]*api.Parameter
	headers    map[nodeKey]*api.Header
	bodies     map[nodeKey]*api.Body
	responses  map[nodeKey]*api.Response
	names      map[nodeKey]string // of the document's own components
}

func newSharedComponents() sharedComponents {
	return sharedComponents{
		parameters: map[nodeKey]*api.Parameter{},
		headers:    map[nodeKey]*api.Header{},
		bodies:     map[nodeKey]*api.Body{},
		responses:  map[nodeKey]*api.Response{},
		names:      map[nodeKey]string{},
	}
}

// nameShared notes under which names the document shares things. The responses
// of Swagger 2.0 are not among them: what they hold depends on who uses them.
func (r *reader) nameShared() {
	components := r.group(r.root.get("components"), "components")
	places := []value{
		components.get("parameters"), components.get("headers"), components.get("requestBodies"), components.get("responses"),
	}
	if r.dialect == dialectSwagger {
		places = []value{r.root.get("parameters")}
	}
	for _, place := range places {
		for _, e := range lastWins(r.group(place, "components").entries()) {
			if e.value.exists() {
				r.shared.names[e.value.node] = e.key
			}
		}
	}
}

// readDocument fills r.api.
func (r *reader) readDocument() {
	r.readInfo(r.root.get("info"))
	r.api.ExternalDocs = r.externalDocs(r.root.get("externalDocs"))
	for _, x := range r.extensions(r.root) {
		if x.Name != "x-webhooks" { // read as webhooks
			r.api.Extensions = append(r.api.Extensions, x)
		}
	}
	r.readTags(r.root.get("tags"))
	if r.dialect == dialectSwagger {
		r.api.Servers = r.swaggerServers()
	} else {
		r.api.Servers = r.servers(r.root.get("servers"))
	}
	r.nameComponents(r.componentSchemas())
	r.nameShared()
	r.readSecuritySchemes()
	r.api.Security = r.requirements(r.root.get("security"))
	r.readPaths(r.root.get("paths"))
	r.readWebhooks(r.root.get("webhooks"))
	r.readWebhooks(r.root.get("x-webhooks"))
	r.readQueue()
	r.checkOperationIDs()
}

// componentSchemas is the document's own collection of named schemas.
func (r *reader) componentSchemas() value {
	if r.dialect == dialectSwagger {
		return r.group(r.root.get("definitions"), "definitions")
	}
	return r.group(r.group(r.root.get("components"), "components").get("schemas"), "schemas")
}

func (r *reader) readInfo(info value) {
	if !info.isMapping() {
		r.invalid(r.root, "the document has no info; title and version stay empty")
		return
	}
	contact, license := info.get("contact"), info.get("license")
	r.api.Title = info.get("title").text()
	r.api.Version = info.get("version").text()
	r.api.Summary = info.get("summary").text()
	r.api.Description = info.get("description").text()
	r.api.TermsOfService = info.get("termsOfService").text()
	r.api.Contact = api.Contact{Name: contact.get("name").text(), URL: contact.get("url").text(), Email: contact.get("email").text()}
	r.api.License = api.License{Name: license.get("name").text(), Identifier: license.get("identifier").text(), URL: license.get("url").text()}
}

func (r *reader) readTags(tags value) {
	seen := map[string]bool{}
	for _, item := range tags.items() {
		name := item.get("name")
		switch {
		case !name.isScalar():
			r.invalid(item, "a tag needs a name; it is left out")
		case seen[name.text()]:
			r.invalid(name, "tag %q is there twice", name.text())
		default:
			seen[name.text()] = true
			r.api.Tags = append(r.api.Tags, api.Tag{
				Name:         name.text(),
				Description:  item.get("description").text(),
				ExternalDocs: r.externalDocs(item.get("externalDocs")),
			})
		}
	}
}

func (r *reader) servers(list value) []api.Server {
	var out []api.Server
	for _, item := range list.items() {
		url := item.get("url")
		if !url.isScalar() {
			r.invalid(item, "a server needs a url; it is left out")
			continue
		}
		server := api.Server{URL: url.text(), Description: item.get("description").text()}
		for _, e := range lastWins(item.get("variables").entries()) {
			server.Variables = append(server.Variables, api.ServerVariable{
				Name:        e.key,
				Default:     e.value.get("default").text(),
				Enum:        r.optionalStrings("enum", e.value.get("enum")),
				Description: e.value.get("description").text(),
			})
		}
		out = append(out, server)
	}
	return out
}

func (r *reader) optionalStrings(key string, v value) []string {
	if !v.exists() {
		return nil
	}
	return r.strings(entry{key: key, value: v})
}

func (r *reader) readPaths(paths value) {
	paths = r.group(paths, "paths")
	switch {
	case !paths.exists():
		if r.dialect != dialect31 {
			r.invalid(r.root, "the document has no paths")
		}
		return
	case paths.isNull():
		return
	case !paths.isMapping():
		r.invalid(paths, "paths should be an object, not %s", paths.kind())
		return
	}
	for _, e := range lastWins(paths.entries()) {
		if strings.HasPrefix(e.key, "x-") {
			continue
		}
		path := e.key
		if !strings.HasPrefix(path, "/") {
			r.invalid(e.at, "path %q should begin with /", path)
			path = "/" + path
		}
		r.api.Operations = append(r.api.Operations, r.pathItem(path, e.value, templateOf(path))...)
	}
}

func (r *reader) readWebhooks(webhooks value) {
	for _, e := range lastWins(webhooks.entries()) {
		if !strings.HasPrefix(e.key, "x-") {
			r.api.Webhooks = append(r.api.Webhooks, r.pathItem(e.key, e.value, nil)...)
		}
	}
}

// checkOperationIDs notes identifiers that several operations share.
func (r *reader) checkOperationIDs() {
	first := map[string]*api.Operation{}
	for _, operations := range [][]*api.Operation{r.api.Operations, r.api.Webhooks} {
		for _, op := range operations {
			if op.ID == "" {
				continue
			}
			if other, ok := first[op.ID]; ok {
				r.problems = append(r.problems, Problem{
					Position: op.Position, Severity: Invalid,
					Message: "operationId " + string(appendString(nil, op.ID)) + " is also that of " + other.Method + " " + other.Path,
				})
				continue
			}
			first[op.ID] = op
		}
	}
}
