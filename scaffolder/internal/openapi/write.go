package openapi

import (
	"strings"

	"github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Format is a text form of a document.
type Format int

// Formats.
const (
	YAML Format = iota
	JSON
)

// Versions of the documents that are written.
const (
	version30 = "3.0.4"
	version31 = "3.1.1"
	version32 = "3.2.0" // where 3.1 cannot say what the API has
)

// Write returns a as an OpenAPI 3.1 document, or as a 3.2 one when it has what
// only 3.2 can say. The same API always gives the same text, and reading that
// gives the same API again.
func Write(a *api.API, format Format) ([]byte, error) {
	w := &documentWriter{api: a}
	return w.encode(format)
}

// WriteOld returns a as an OpenAPI 3.0 document, and what 3.0 cannot say and is
// left out of it.
func WriteOld(a *api.API, format Format) ([]byte, []Problem, error) {
	w := &documentWriter{api: a, old: true}
	text, err := w.encode(format)
	return text, w.problems, err
}

func (w *documentWriter) encode(format Format) ([]byte, error) {
	document := w.document()
	if format == JSON {
		return encodeJSON(document)
	}
	return encodeYAML(document)
}

// documentWriter builds one document. Components are collected while the
// operations that use them are written.
type documentWriter struct {
	api        *api.API
	old        bool // write 3.0
	newer      bool // something needs 3.2
	problems   []Problem
	parameters collection
	headers    collection
	bodies     collection
	responses  collection
}

// collection is the components of one kind, in the order of their first use.
type collection struct {
	names []string
	nodes map[string]*yaml.Node
}

// refer returns a reference to the named component, which build makes when it
// is new. Values without a component are built in place.
func (c *collection) refer(kind, name string, build func() *yaml.Node) *yaml.Node {
	if name == "" {
		return build()
	}
	if c.nodes == nil {
		c.nodes = map[string]*yaml.Node{}
	}
	if _, ok := c.nodes[name]; !ok {
		c.nodes[name] = nil // so that a circle ends
		c.names = append(c.names, name)
		c.nodes[name] = build()
	}
	return referenceNode("#/components/" + kind + "/" + escapePointer(name))
}

func (c *collection) node() *yaml.Node {
	out := newObject()
	for _, name := range c.names {
		out.set(name, c.nodes[name])
	}
	return out.orNil()
}

func referenceNode(target string) *yaml.Node {
	out := newObject()
	out.set("$ref", scalarNode("!!str", target))
	return out.node
}

func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "%", "%25").Replace(name)
}

func (w *documentWriter) document() *yaml.Node {
	a := w.api
	paths := w.paths(a.Operations)
	webhooks := w.paths(a.Webhooks)
	components := w.components()

	out := newObject()
	version := textNode(version31)
	out.set("openapi", version)
	out.set("info", w.info())
	out.externalDocs(a.ExternalDocs)
	out.set("servers", w.servers(a.Servers))
	out.set("tags", w.tags())
	if len(a.Security) > 0 {
		out.set("security", w.requirements(a.Security))
	}
	out.set("paths", paths.node)
	if w.old {
		out.set("x-webhooks", webhooks.orNil())
	} else {
		out.set("webhooks", webhooks.orNil())
	}
	out.set("components", components.orNil())
	out.extensions(a.Extensions)
	switch {
	case w.old:
		version.Value = version30
	case w.newer:
		version.Value = version32
	}
	return out.node
}

func (w *documentWriter) info() *yaml.Node {
	a := w.api
	out := newObject()
	out.set("title", textNode(a.Title))
	out.set("version", textNode(a.Version))
	if !w.old {
		out.text("summary", a.Summary)
	}
	out.text("description", a.Description)
	out.text("termsOfService", a.TermsOfService)
	contact := newObject()
	contact.text("name", a.Contact.Name)
	contact.text("url", a.Contact.URL)
	contact.text("email", a.Contact.Email)
	out.set("contact", contact.orNil())
	if a.License != (api.License{}) {
		license := newObject()
		license.set("name", textNode(a.License.Name))
		if !w.old {
			license.text("identifier", a.License.Identifier)
		}
		license.text("url", a.License.URL)
		out.set("license", license.node)
	}
	return out.node
}

func (w *documentWriter) servers(servers []api.Server) *yaml.Node {
	if len(servers) == 0 {
		return nil
	}
	list := listNode(nil)
	for _, server := range servers {
		out := newObject()
		out.set("url", textNode(server.URL))
		out.text("description", server.Description)
		variables := newObject()
		for _, v := range server.Variables {
			variable := newObject()
			variable.texts("enum", v.Enum)
			variable.set("default", textNode(v.Default))
			variable.text("description", v.Description)
			variables.set(v.Name, variable.node)
		}
		out.set("variables", variables.orNil())
		list.Content = append(list.Content, out.node)
	}
	return list
}

func (w *documentWriter) tags() *yaml.Node {
	if len(w.api.Tags) == 0 {
		return nil
	}
	list := listNode(nil)
	for _, tag := range w.api.Tags {
		out := newObject()
		out.set("name", textNode(tag.Name))
		out.text("description", tag.Description)
		out.externalDocs(tag.ExternalDocs)
		list.Content = append(list.Content, out.node)
	}
	return list
}

func (w *documentWriter) requirements(list []api.Requirement) *yaml.Node {
	out := listNode(nil)
	for _, requirement := range list {
		item := newObject()
		for _, use := range requirement {
			item.set(use.Scheme, textsNode(use.Scopes))
		}
		out.Content = append(out.Content, item.node)
	}
	return out
}

func (w *documentWriter) components() object {
	schemas := newObject()
	for _, named := range w.api.Schemas {
		schemas.set(named.Name, w.schema(named.Schema))
	}
	schemes := newObject()
	for _, scheme := range w.api.SecuritySchemes {
		if w.old && scheme.Kind == api.SecurityMutualTLS {
			w.leaveOut(scheme.Position, "the security scheme "+scheme.Name)
			continue
		}
		schemes.set(scheme.Name, w.scheme(scheme))
	}
	out := newObject()
	out.set("schemas", schemas.orNil())
	out.set("responses", w.responses.node())
	out.set("parameters", w.parameters.node())
	out.set("requestBodies", w.bodies.node())
	out.set("headers", w.headers.node())
	out.set("securitySchemes", schemes.orNil())
	return out
}

func (w *documentWriter) scheme(scheme *api.SecurityScheme) *yaml.Node {
	out := newObject()
	out.set("type", textNode(scheme.Kind))
	out.text("description", scheme.Description)
	switch scheme.Kind {
	case api.SecurityAPIKey:
		out.text("in", scheme.In)
		out.text("name", scheme.Parameter)
	case api.SecurityHTTP:
		out.text("scheme", scheme.Scheme)
		out.text("bearerFormat", scheme.BearerFormat)
	case api.SecurityOpenIDConnect:
		out.set("openIdConnectUrl", textNode(scheme.OpenIDURL))
	case api.SecurityOAuth2:
		flows := newObject()
		for _, flow := range scheme.Flows {
			if w.old && flow.Kind == "deviceAuthorization" {
				w.leaveOut(scheme.Position, "the device flow of "+scheme.Name)
				continue
			}
			flows.set(flow.Kind, w.flow(flow))
		}
		out.set("flows", flows.node)
	}
	out.extensions(scheme.Extensions)
	return out.node
}

func (w *documentWriter) flow(flow api.Flow) *yaml.Node {
	out := newObject()
	out.text("authorizationUrl", flow.AuthorizationURL)
	out.text("deviceAuthorizationUrl", flow.DeviceURL)
	out.text("tokenUrl", flow.TokenURL)
	out.text("refreshUrl", flow.RefreshURL)
	scopes := newObject()
	for _, scope := range flow.Scopes {
		scopes.set(scope.Name, textNode(scope.Description))
	}
	out.set("scopes", scopes.node)
	w.newer = w.newer || flow.DeviceURL != "" || flow.Kind == "deviceAuthorization"
	return out.node
}
