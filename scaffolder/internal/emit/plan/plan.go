// Package plan decides everything about a server that does not depend on its
// framework: what each thing is called, which file it stands in, in which order
// schemas are declared, which are recursive, which differ by direction, and how
// text becomes values.
//
// An api.API goes in; a Plan comes out, in which every name is a valid and
// unique identifier. What cannot be served is left out with a warning.
package plan

import (
	"fmt"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Plan is the design of a server.
type Plan struct {
	API *api.API
	// Schemas are the named schemas in an order in which those that are not
	// recursive come before whatever refers to them.
	Schemas    []*Schema
	Operations []*Operation
	Outgoing   []*Outgoing
	Groups     []*Group
	Schemes    []*Scheme
	BasePath   string // the path of the first server, "" or "/v1"
	Warnings   []Warning

	byWire  map[string]*Schema
	numbers bool // integers of 64 bits are numbers too
	int64s  bool
}

// Options say what a server is designed for.
type Options struct {
	// Int64Numbers takes numbers for integers of 64 bits too: those that a number
	// cannot hold are refused.
	Int64Numbers bool
}

// Schema is a named schema.
type Schema struct {
	Wire     string // its name in the API
	Schema   *api.Schema
	Position api.Position

	Type        string // the name of its type, as answers hold it
	RequestType string // as requests hold it; Type when there is no difference
	Validator   string // the name of its validator
	Requested   bool   // requests reach it, so that a validator is needed
	Recursive   bool   // it reaches itself

	component int
	index     int
	int64     bool // it holds integers of 64 bits
	hollow    bool // it reaches itself without a value in between: nothing can be said
}

// Group is the operations of one tag, which share a file.
type Group struct {
	Tag        string
	File       string // without folder and extension
	Namespace  string // what index.ts imports it as
	Operations []*Operation
}

// Scheme is a security scheme.
type Scheme struct {
	*api.SecurityScheme
	Env string // what its settings in the environment start with
}

// Warning is something that was left out or changed, and why.
type Warning struct {
	Position api.Position
	Message  string
}

// New designs a server.
func New(a *api.API) *Plan { return With(a, Options{}) }

// With designs a server as the options say.
func With(a *api.API, options Options) *Plan {
	a = families(a)
	p := &Plan{API: a, byWire: map[string]*Schema{}, BasePath: basePath(a.Servers), numbers: options.Int64Numbers}
	p.nameSchemas()
	p.nameOperations()
	p.nameSchemes()
	p.reach()
	p.order()
	p.directions()
	p.hollows()
	p.markInt64()
	p.int64s = p.usesInt64()
	return p
}

// Schema returns the named schema that a reference means, or nil.
func (p *Plan) Schema(wire string) *Schema { return p.byWire[wire] }

// Hollow tells that a reference to the schema never arrives at a value.
func (s *Schema) Hollow() bool { return s.hollow }

// SameComponent tells whether the two schemas reach each other.
func (s *Schema) SameComponent(other *Schema) bool {
	return s != nil && other != nil && s.component == other.component
}

func (p *Plan) warn(position api.Position, format string, values ...any) {
	p.Warnings = append(p.Warnings, Warning{Position: position, Message: fmt.Sprintf(format, values...)})
}
