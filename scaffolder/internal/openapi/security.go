package openapi

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

func (r *reader) readSecuritySchemes() {
	schemes := r.group(r.group(r.root.get("components"), "components").get("securitySchemes"), "securitySchemes")
	if r.dialect == dialectSwagger {
		schemes = r.root.get("securityDefinitions")
	}
	for _, e := range lastWins(schemes.entries()) {
		if strings.HasPrefix(e.key, "x-") {
			continue
		}
		v, ok := r.component(e.value, "security scheme")
		if !ok {
			continue
		}
		scheme := &api.SecurityScheme{
			Name:        e.key,
			Kind:        v.get("type").text(),
			Description: v.get("description").text(),
			Extensions:  r.extensions(v),
			Position:    e.at.position(),
		}
		if r.readScheme(scheme, v) {
			r.api.SecuritySchemes = append(r.api.SecuritySchemes, scheme)
		}
	}
}

// readScheme reads what schemes of one kind have; false when v cannot be one.
func (r *reader) readScheme(scheme *api.SecurityScheme, v value) bool {
	switch scheme.Kind {
	case "basic": // Swagger 2.0
		scheme.Kind, scheme.Scheme = api.SecurityHTTP, "basic"
	case api.SecurityAPIKey:
		scheme.In, scheme.Parameter = v.get("in").text(), v.get("name").text()
		if scheme.Parameter == "" || !slices.Contains([]string{api.InHeader, api.InQuery, api.InCookie}, scheme.In) {
			r.invalid(v, "security scheme %q needs a name and in: header, query or cookie; whatever requires it refuses every request", scheme.Name)
			return false
		}
	case api.SecurityHTTP:
		scheme.Scheme, scheme.BearerFormat = strings.ToLower(v.get("scheme").text()), v.get("bearerFormat").text()
		if scheme.Scheme == "" {
			r.invalid(v, "security scheme %q needs a scheme; whatever requires it refuses every request", scheme.Name)
			return false
		}
	case api.SecurityOAuth2:
		r.readFlows(scheme, v)
	case api.SecurityOpenIDConnect:
		scheme.OpenIDURL = v.get("openIdConnectUrl").text()
	case api.SecurityMutualTLS:
	default:
		r.invalid(v, "security scheme %q has the unknown type %q; whatever requires it refuses every request", scheme.Name, scheme.Kind)
		return false
	}
	return true
}

func (r *reader) readFlows(scheme *api.SecurityScheme, v value) {
	if r.dialect == dialectSwagger {
		kind := v.get("flow").text()
		switch kind {
		case "application":
			kind = "clientCredentials"
		case "accessCode":
			kind = "authorizationCode"
		}
		r.addFlow(scheme, entry{key: kind, at: v, value: v})
		return
	}
	for _, e := range lastWins(v.get("flows").entries()) {
		if !strings.HasPrefix(e.key, "x-") {
			r.addFlow(scheme, e)
		}
	}
}

func (r *reader) addFlow(scheme *api.SecurityScheme, e entry) {
	switch e.key {
	case "implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization":
		scheme.Flows = append(scheme.Flows, r.flow(e.key, e.value))
	default:
		r.invalid(e.at, "OAuth 2 has no flow %q; it is left out", e.key)
	}
}

func (r *reader) flow(kind string, v value) api.Flow {
	flow := api.Flow{
		Kind:             kind,
		AuthorizationURL: v.get("authorizationUrl").text(),
		TokenURL:         v.get("tokenUrl").text(),
		RefreshURL:       v.get("refreshUrl").text(),
		DeviceURL:        v.get("deviceAuthorizationUrl").text(),
	}
	for _, e := range lastWins(v.get("scopes").entries()) {
		if !strings.HasPrefix(e.key, "x-") {
			flow.Scopes = append(flow.Scopes, api.Scope{Name: e.key, Description: e.value.text()})
		}
	}
	return flow
}

// requirements reads a list of alternatives. A requirement that names an
// unknown scheme is kept: leaving it out would open what it should protect.
func (r *reader) requirements(list value) []api.Requirement {
	items := list.items()
	if list.exists() && !list.isNull() && !list.isSequence() {
		r.invalid(list, "security should be an array, not %s", list.kind())
		items = []value{list}
	}
	var out []api.Requirement
	for _, item := range items {
		requirement := api.Requirement{}
		if !item.isMapping() {
			r.invalid(item, "a security requirement should be an object, not %s; it is taken for a scheme's name", item.kind())
			requirement = append(requirement, r.schemeUse(item, item.text(), nil))
		}
		for _, e := range lastWins(item.entries()) {
			name := strings.TrimPrefix(e.key, "#/components/securitySchemes/")
			requirement = append(requirement, r.schemeUse(e.at, name, r.optionalStrings("scopes", e.value)))
		}
		out = append(out, requirement)
	}
	return out
}

func (r *reader) schemeUse(at value, name string, scopes []string) api.SchemeUse {
	if r.api.SecurityScheme(name) == nil {
		r.invalid(at, "there is no security scheme %q; whatever requires it refuses every request", name)
	}
	return api.SchemeUse{Scheme: name, Scopes: scopes}
}
