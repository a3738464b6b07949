package api

// NamedSchema is a schema that references can point at.
type NamedSchema struct {
	Name     string
	Schema   *Schema
	Position Position
}

// Schema is a JSON Schema of draft 2020-12. A keyword that is absent has its
// zero value. Keywords constrain only values of their own type, as in JSON
// Schema: a schema without Types accepts every type.
//
// Keywords beside Ref hold as well as the schema referred to, as in 2020-12;
// readers of older documents, in which they are ignored, leave them out.
type Schema struct {
	// Ref is the name of a schema in API.Schemas. Empty for none.
	Ref string
	// Always is set for the boolean schemas: true accepts everything, false nothing.
	Always *bool

	Types []string // of "null", "boolean", "object", "array", "number", "integer", "string"
	Enum  []Value  // nil when absent; empty accepts nothing
	Const Value

	Title       string
	Description string
	Default     Value
	Examples    []Value
	Deprecated  bool
	ReadOnly    bool
	WriteOnly   bool

	// Strings. Lengths count Unicode code points.
	Format           string
	Pattern          string // an ECMA 262 regular expression, not anchored; may be invalid
	MinLength        *int
	MaxLength        *int
	ContentEncoding  string
	ContentMediaType string
	ContentSchema    *Schema

	// Numbers.
	MultipleOf       Number
	Minimum          Number
	Maximum          Number
	ExclusiveMinimum Number
	ExclusiveMaximum Number

	// Objects.
	Properties            []Property
	PatternProperties     []Property // Name is the pattern
	AdditionalProperties  *Schema
	UnevaluatedProperties *Schema
	PropertyNames         *Schema
	Required              []string
	MinProperties         *int
	MaxProperties         *int
	DependentRequired     []DependentRequired
	DependentSchemas      []Property

	// Arrays.
	Items            *Schema // of the items after PrefixItems
	PrefixItems      []*Schema
	UnevaluatedItems *Schema
	Contains         *Schema
	MinContains      *int
	MaxContains      *int
	MinItems         *int
	MaxItems         *int
	UniqueItems      bool

	// Combinations.
	AllOf []*Schema
	AnyOf []*Schema
	OneOf []*Schema
	Not   *Schema
	If    *Schema
	Then  *Schema
	Else  *Schema

	Discriminator *Discriminator

	ExternalDocs *ExternalDocs
	Extensions   []Extension
	Position     Position
}

// Property is a named schema inside a schema.
type Property struct {
	Name   string
	Schema *Schema
}

// DependentRequired is what must be there when Property is.
type DependentRequired struct {
	Property string
	Required []string
}

// Discriminator names the property that tells which alternative a value is.
type Discriminator struct {
	Property string
	Mapping  []DiscriminatorMapping
	Default  string // 3.2: name of the schema when the property is absent or unknown
}

// DiscriminatorMapping maps a value to the name of a schema in API.Schemas.
type DiscriminatorMapping struct {
	Value  string
	Schema string
}
