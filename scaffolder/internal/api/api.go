// Package api is the model of an HTTP API between what it is read from (an
// OpenAPI document, a database, the routes of a server) and what is written
// from it (a TypeScript server, an OpenAPI document).
//
// It holds what OpenAPI 3.1 can say, and nothing of how any source said it:
// older forms are already translated (nullable is a type, exclusiveMinimum a
// number, a Swagger body a Body), references between components are resolved
// except those to schemas, which stay references by name, so that every value
// here is a finite tree. Names are those on the wire; turning them into
// identifiers is the emitters' work. Order is the source's order, everywhere.
//
// The package knows no technology and imports nothing of ours.
package api

import "strings"

// API is one HTTP API.
type API struct {
	Title          string
	Version        string
	Summary        string
	Description    string
	TermsOfService string
	Contact        Contact
	License        License
	ExternalDocs   *ExternalDocs
	Servers        []Server
	Tags           []Tag

	// Operations are the paths' operations, in document order.
	Operations []*Operation
	// Webhooks are operations that this API sends; their Path is the webhook's name.
	Webhooks []*Operation
	// Schemas are the named schemas: the components, and every other schema that
	// a reference points at, under a name of the reader's choice. Names are
	// unique, case counts.
	Schemas []*NamedSchema
	// SecuritySchemes are the schemes that Requirement entries name.
	SecuritySchemes []*SecurityScheme
	// Security is what operations require that say nothing themselves.
	Security []Requirement

	Extensions []Extension
}

// Schema returns the schema with the given name, or nil.
func (a *API) Schema(name string) *Schema {
	for _, named := range a.Schemas {
		if named.Name == name {
			return named.Schema
		}
	}
	return nil
}

// SecurityScheme returns the scheme with the given name, or nil.
func (a *API) SecurityScheme(name string) *SecurityScheme {
	for _, scheme := range a.SecuritySchemes {
		if scheme.Name == name {
			return scheme
		}
	}
	return nil
}

// Contact is who to ask about the API.
type Contact struct{ Name, URL, Email string }

// License is the API's licence; Identifier is an SPDX expression.
type License struct{ Name, Identifier, URL string }

// ExternalDocs points at further documentation.
type ExternalDocs struct{ Description, URL string }

// Tag groups operations.
type Tag struct {
	Name         string
	Description  string
	ExternalDocs *ExternalDocs
}

// Server is a base URL, possibly relative, possibly with {variables}.
type Server struct {
	URL         string
	Description string
	Variables   []ServerVariable
}

// ServerVariable is a {name} in a server's URL.
type ServerVariable struct {
	Name        string
	Default     string
	Enum        []string
	Description string
}

// Extension is an "x-" member, kept so that it can be written again.
type Extension struct {
	Name  string
	Value Value
}

// Position is where in the source something stands. Line and Column count from
// 1 and are 0 when unknown.
type Position struct {
	Path   string
	Line   int
	Column int
}

// Value is any JSON value, as compact JSON text. Numbers keep the digits and
// objects the order of the source. The zero value is not a JSON value; it
// stands for "absent".
type Value string

// Kind is the JSON type of the value: "number" for every number, "" for none.
func (v Value) Kind() string {
	text := strings.TrimSpace(string(v))
	if text == "" {
		return ""
	}
	switch text[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// Number is a JSON number, as the source wrote it, so that no digit is lost.
// Empty stands for "absent".
type Number string
