package api

// Operation is one method on one path.
type Operation struct {
	ID          string // operationId as written; may be empty, may be no identifier
	Method      string // upper case: GET, POST, ..., or any token that HTTP allows
	Path        string // template as written, such as "/pets/{petId}"; a webhook's name
	Summary     string
	Description string
	Tags        []string
	Deprecated  bool

	// Parameters are the path's and the operation's own, merged: the operation's
	// win by (In, Name).
	Parameters []*Parameter
	Body       *Body // nil when none is taken
	Responses  []*Response
	Callbacks  []*Callback

	// Security is what this operation requires: alternatives, of which one must
	// hold in full. Empty means none. It is already the effective value.
	Security []Requirement
	// SecurityDeclared says that the operation set Security itself rather than
	// inheriting API.Security.
	SecurityDeclared bool

	Servers      []Server // only when other than the API's
	ExternalDocs *ExternalDocs
	Extensions   []Extension
	Position     Position
}

// Places where a parameter can stand.
const (
	InPath        = "path"
	InQuery       = "query"
	InHeader      = "header"
	InCookie      = "cookie"
	InQueryString = "querystring" // 3.2: the whole query as one value, through Content
)

// Styles of parameters. The reader fills in the default of the place.
const (
	StyleSimple         = "simple"
	StyleLabel          = "label"
	StyleMatrix         = "matrix"
	StyleForm           = "form"
	StyleSpaceDelimited = "spaceDelimited"
	StylePipeDelimited  = "pipeDelimited"
	StyleDeepObject     = "deepObject"
)

// Parameter is a value outside the body. Exactly one of Schema and Content is
// set; Schema then comes with Style and Explode.
type Parameter struct {
	Name            string // on the wire; header names as written
	In              string
	Description     string
	Required        bool
	Deprecated      bool
	AllowEmptyValue bool
	AllowReserved   bool
	Style           string
	Explode         bool
	Schema          *Schema
	Content         *Media
	Examples        []Example
	Extensions      []Extension
	// Component is the name under which sources share it; empty when it stands
	// only here. It says nothing that the other fields don't.
	Component string
	Position  Position
}

// Body is a request's body.
type Body struct {
	Description string
	Required    bool
	Content     []*Media
	Extensions  []Extension
	// Component is the name under which sources share it; empty when it stands
	// only here. It says nothing that the other fields don't.
	Component string
	Position  Position
}

// Media is a body in one media type.
type Media struct {
	Type       string // as written: "application/json; charset=utf-8", "image/*"
	Schema     *Schema
	ItemSchema *Schema // 3.2: of each item of a sequential media type
	Encoding   []Encoding
	Examples   []Example
	Extensions []Extension
}

// Encoding is how one property of a form is written.
type Encoding struct {
	Property      string
	ContentType   string
	Headers       []*Header
	Style         string
	Explode       *bool
	AllowReserved bool
}

// Example is an example value; Name is empty for an unnamed one. Exactly one
// of Value and External is set.
type Example struct {
	Name        string
	Summary     string
	Description string
	Value       Value
	External    string // a URL
}

// Response is one answer of an operation.
type Response struct {
	Status      string // "200", "2XX" (upper case) or "default"
	Summary     string
	Description string
	Headers     []*Header
	Content     []*Media
	Links       []Link
	Extensions  []Extension
	// Component is the name under which sources share it; empty when it stands
	// only here. It says nothing that the other fields don't.
	Component string
	Position  Position
}

// Header is a response's or an encoding's header.
type Header struct {
	Name        string
	Description string
	Required    bool
	Deprecated  bool
	Style       string
	Explode     bool
	Schema      *Schema
	Content     *Media
	Examples    []Example
	Extensions  []Extension
	// Component is the name under which sources share it; empty when it stands
	// only here. It says nothing that the other fields don't.
	Component string
}

// Link says how a value of a response leads to another operation. It is only
// carried along.
type Link struct {
	Name  string
	Value Value
}

// Callback is a request that the API sends during an operation.
type Callback struct {
	Name       string
	Expression string // the runtime expression that gives the URL
	Operations []*Operation
}
