package api

// Kinds of security scheme.
const (
	SecurityAPIKey        = "apiKey"
	SecurityHTTP          = "http"
	SecurityOAuth2        = "oauth2"
	SecurityOpenIDConnect = "openIdConnect"
	SecurityMutualTLS     = "mutualTLS"
)

// SecurityScheme is a way of proving who is asking.
type SecurityScheme struct {
	Name         string // the key under which requirements name it
	Kind         string
	Description  string
	In           string // apiKey: InHeader, InQuery or InCookie
	Parameter    string // apiKey: the header's, query parameter's or cookie's name
	Scheme       string // http: "basic", "bearer", ..., lower case
	BearerFormat string
	OpenIDURL    string
	Flows        []Flow
	Extensions   []Extension
	Position     Position
}

// Flow is an OAuth 2 flow.
type Flow struct {
	Kind             string // "implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization"
	AuthorizationURL string
	TokenURL         string
	RefreshURL       string
	DeviceURL        string
	Scopes           []Scope
}

// Scope is a named permission.
type Scope struct{ Name, Description string }

// Requirement is a set of schemes that must all hold. The empty set is "no
// credentials needed", one of the alternatives.
type Requirement []SchemeUse

// SchemeUse is one scheme in a Requirement, with the scopes asked of it.
type SchemeUse struct {
	Scheme string // name in API.SecuritySchemes
	Scopes []string
}
