package describe

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

func inMiddleware(path string) bool {
	return strings.Contains(filepath.ToSlash(path), "/middleware/")
}

// secure finds what callers must prove from the middleware before a handler.
func (d *describer) secure(op *operation) {
	for _, v := range append(slices.Clone(op.route.Before), op.route.Handlers...) {
		if needs, ok := d.authorized(v); ok {
			op.Security, op.SecurityDeclared = needs, true
			return
		}
		scheme := d.proves(v, 0)
		if scheme == nil {
			continue
		}
		d.addScheme(scheme)
		if !op.SecurityDeclared {
			op.Security, op.SecurityDeclared = []api.Requirement{{{Scheme: scheme.Name}}}, true
		}
	}
}

func (d *describer) addScheme(scheme *api.SecurityScheme) {
	if d.api.SecurityScheme(scheme.Name) == nil {
		d.api.SecuritySchemes = append(d.api.SecuritySchemes, scheme)
	}
}

func bearer() *api.SecurityScheme {
	return &api.SecurityScheme{Name: "bearerAuth", Kind: api.SecurityHTTP, Scheme: "bearer", BearerFormat: "JWT"}
}

func basic() *api.SecurityScheme {
	return &api.SecurityScheme{Name: "basicAuth", Kind: api.SecurityHTTP, Scheme: "basic"}
}

// proves is the scheme that a piece of middleware checks; nil for none that is
// known.
func (d *describer) proves(v interpret.Value, depth int) *api.SecurityScheme {
	if depth > 3 {
		return nil
	}
	switch o := v.(type) {
	case *interpret.Symbol:
		return d.provesSymbol(o, depth)
	case *interpret.Func:
		if o.Node == nil {
			return nil
		}
		return d.provesFunc(o, depth)
	case *interpret.Object:
		for _, e := range o.Elems {
			if scheme := d.proves(e, depth+1); scheme != nil {
				return scheme
			}
		}
	}
	return nil
}

func (d *describer) provesSymbol(o *interpret.Symbol, depth int) *api.SecurityScheme {
	module, links := chain(o)
	name := ""
	var args []interpret.Value
	for _, l := range links {
		if l.called {
			name, args = l.name, l.args
		}
	}
	switch module {
	case "passport", "koa-passport", "@fastify/passport", "fastify-passport":
		if name != "authenticate" || len(args) == 0 {
			return nil
		}
		return strategy(args[0])
	case "express-jwt", "koa-jwt", "express-oauth2-jwt-bearer", "@okta/jwt-verifier":
		return bearer()
	case "express-basic-auth", "koa-basic-auth":
		return basic()
	case "express-bearer-token", "@fastify/bearer-auth":
		return &api.SecurityScheme{Name: "bearerAuth", Kind: api.SecurityHTTP, Scheme: "bearer"}
	}
	if o.Op == interpret.Called {
		for _, arg := range o.Args {
			if scheme := d.proves(arg, depth+1); scheme != nil {
				return scheme
			}
		}
	}
	if s, ok := o.Self.(*interpret.Object); ok && s != nil { // fastify.basicAuth and the like
		switch o.Name {
		case "basicAuth":
			return basic()
		case "authenticate", "verifyJWT", "jwtVerify":
			if d.Host.Plugins["@fastify/jwt"] || d.Host.Plugins["fastify-jwt"] {
				return bearer()
			}
		}
	}
	return nil
}

// strategy is the scheme of one of passport's strategies.
func strategy(v interpret.Value) *api.SecurityScheme {
	for _, one := range append([]interpret.Value{v}, elements(v)...) {
		name := strings.ToLower(textOf(one))
		switch {
		case strings.Contains(name, "jwt"):
			return bearer()
		case strings.Contains(name, "bearer"):
			return &api.SecurityScheme{Name: "bearerAuth", Kind: api.SecurityHTTP, Scheme: "bearer"}
		case strings.Contains(name, "basic"):
			return basic()
		case strings.Contains(name, "apikey") || strings.Contains(name, "api-key"):
			return &api.SecurityScheme{Name: "apiKeyAuth", Kind: api.SecurityAPIKey, In: api.InHeader, Parameter: "X-API-Key"}
		}
	}
	return nil
}

// provesFunc looks at what a middleware function calls.
func (d *describer) provesFunc(fn *interpret.Func, depth int) *api.SecurityScheme {
	var found *api.SecurityScheme
	if len(fn.Node.More().Params) == 0 && depth == 0 {
		return nil
	}
	ecma.Walk([]*ecma.Node{fn.Node.More().Body}, func(n *ecma.Node) bool {
		if found != nil || n.Kind != ecma.Call {
			return found == nil
		}
		callee := n.Left
		switch {
		case callee.Kind == ecma.Dot && callee.Text == "jwtVerify":
			found = bearer()
		case callee.Kind == ecma.Dot && callee.Text == "verify" && fn.Env != nil && d.comesFrom(fn, callee.Left, "jsonwebtoken"):
			found = bearer()
		case callee.Kind == ecma.Identifier && d.comesFrom(fn, callee, "jsonwebtoken", "jose") && strings.Contains(strings.ToLower(callee.Text), "verify"):
			found = bearer()
		case callee.Kind == ecma.Dot && callee.Text == "authenticate" && d.comesFrom(fn, callee.Left, "passport", "koa-passport") && len(n.List) > 0:
			found = strategy(d.Machine.Constant(fn.Env, n.List[0]))
		case callee.Kind == ecma.Identifier && depth < 2:
			if inner, ok := fn.Env.Lookup(callee.Text).(*interpret.Func); ok && inner.Node != nil && inner != fn && mentionsAuth(inner.Name) {
				found = d.provesFunc(inner, depth+1)
			}
		}
		return true
	})
	return found
}

func mentionsAuth(name string) bool {
	lower := strings.ToLower(name)
	return strings.Contains(lower, "auth") || strings.Contains(lower, "token") || strings.Contains(lower, "jwt") || strings.Contains(lower, "verify")
}

// comesFrom tells whether a name comes from one of the packages.
func (d *describer) comesFrom(fn *interpret.Func, n *ecma.Node, modules ...string) bool {
	s, ok := d.Machine.Constant(fn.Env, n).(*interpret.Symbol)
	if !ok {
		return false
	}
	module, _ := s.Root()
	return slices.Contains(modules, module)
}

// authorized reads what generated routes ask: authorize([{scheme: [scopes]}]).
func (d *describer) authorized(v interpret.Value) ([]api.Requirement, bool) {
	made := madeBy(v, "authorize")
	if made == nil || len(made.Args) == 0 {
		return nil, false
	}
	callee, _ := made.Callee.(*interpret.Func)
	if callee == nil || callee.Module == nil || !inMiddleware(callee.Module.Path) {
		return nil, false
	}
	var needs []api.Requirement
	for _, e := range elements(made.Args[0]) {
		o, ok := e.(*interpret.Object)
		if !ok {
			return nil, false
		}
		requirement := api.Requirement{}
		for _, name := range o.Keys {
			use := api.SchemeUse{Scheme: name}
			for _, scope := range elements(o.Get(name)) {
				use.Scopes = append(use.Scopes, textOf(scope))
			}
			requirement = append(requirement, use)
		}
		needs = append(needs, requirement)
	}
	d.generatedSchemes(filepath.Dir(callee.Module.Path))
	return needs, true
}

// madeBy is the call of a function of that name which a value came out of.
func madeBy(v interpret.Value, name string) *interpret.Made {
	var made *interpret.Made
	switch o := v.(type) {
	case *interpret.Func:
		made = o.Made
	case *interpret.Object:
		made = o.Made
	case *interpret.Symbol:
		made = o.Made
	}
	for ; made != nil; made = made.Inner {
		if fn, ok := made.Callee.(*interpret.Func); ok && fn.Name == name {
			return made
		}
	}
	return nil
}

// generatedSchemes reads the schemes of middleware/auth.ts.
func (d *describer) generatedSchemes(folder string) {
	for _, m := range d.Machine.Modules() {
		if filepath.Dir(m.Path) != folder || stem(m.Path) != "auth" {
			continue
		}
		schemes, _ := d.Machine.Items(d.Machine.Export(m, "schemes"))
		for _, v := range schemes {
			pair := elements(v)
			if len(pair) == 2 {
				d.generatedScheme(textOf(pair[0]), pair[1])
			}
		}
	}
}

func (d *describer) generatedScheme(name string, v interpret.Value) {
	scheme := &api.SecurityScheme{Name: name}
	if made := madeBy(v, "apiKey"); made != nil && len(made.Args) > 2 {
		scheme.Kind, scheme.In, scheme.Parameter = api.SecurityAPIKey, textOf(made.Args[1]), textOf(made.Args[2])
	} else if made := madeBy(v, "oauth2"); made != nil && len(made.Args) > 1 {
		scheme.Kind, scheme.Flows = api.SecurityOAuth2, oauthFlows(made.Args[1])
	} else if made := madeBy(v, "openIdConnect"); made != nil && len(made.Args) > 1 {
		scheme.Kind, scheme.OpenIDURL = api.SecurityOpenIDConnect, textOf(made.Args[1])
	} else if madeBy(v, "basic") != nil {
		scheme.Kind, scheme.Scheme = api.SecurityHTTP, "basic"
	} else if madeBy(v, "mutualTls") != nil {
		scheme.Kind = api.SecurityMutualTLS
	} else {
		scheme.Kind, scheme.Scheme = api.SecurityHTTP, "bearer"
	}
	d.addScheme(scheme)
}

func oauthFlows(v interpret.Value) []api.Flow {
	o, _ := v.(*interpret.Object)
	if o == nil {
		return nil
	}
	var flows []api.Flow
	for _, kind := range o.Keys {
		one, _ := o.Get(kind).(*interpret.Object)
		if one == nil {
			continue
		}
		flow := api.Flow{
			Kind: kind, AuthorizationURL: textOf(one.Get("authorizationUrl")), TokenURL: textOf(one.Get("tokenUrl")),
			RefreshURL: textOf(one.Get("refreshUrl")), DeviceURL: textOf(one.Get("deviceAuthorizationUrl")),
		}
		if scopes, ok := one.Get("scopes").(*interpret.Object); ok {
			for _, name := range scopes.Keys {
				flow.Scopes = append(flow.Scopes, api.Scope{Name: name, Description: textOf(scopes.Get(name))})
			}
		}
		flows = append(flows, flow)
	}
	return flows
}
