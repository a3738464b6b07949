package describe

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// generics takes what the types of a handler say: Request<Params, Answer, Body,
// Query>, RequestHandler<…>, Fastify's RouteGeneric, generated Handlers.
func (d *describer) generics(op *operation) {
	entry := op.route.Entry
	if entry.Node != nil && len(entry.Node.More().TypeArgs) > 0 && entry.Module != nil {
		env := typeEnv{scope: entry.Module.Scope}
		d.routeGeneric(op, entry.Node.TypeArgs[0], env)
	}
	fn := op.handler
	if fn == nil || fn.Node == nil || fn.Env == nil {
		return
	}
	env := typeEnv{scope: fn.Env}
	if fn.Type != nil {
		d.handlerType(op, fn.Type, env)
	}
	for _, p := range fn.Node.More().Params {
		if t := p.More().Type; t != nil && t.Kind == ecma.TypeName {
			d.parameterType(op, t, env)
		}
	}
}

// handlerType reads the type of the constant that holds a handler.
func (d *describer) handlerType(op *operation, t *ecma.Node, env typeEnv) {
	if t.Kind == ecma.TypeIndex { // Handlers["name"]
		if member, inner := d.indexed(t, env); member != nil {
			d.handlerType(op, member, inner)
		}
		return
	}
	if t.Kind != ecma.TypeName {
		return
	}
	args := t.More().TypeArgs
	switch {
	case t.Text == "Handler" && len(args) == 2:
		if _, inner := d.declaration(t, env); inner.args != nil {
			d.generatedAnswers(op, args[1], env)
			return
		}
	case strings.HasSuffix(t.Text, "RouteHandlerMethod"), strings.HasSuffix(t.Text, "RouteHandler"):
		for _, arg := range args {
			d.routeGeneric(op, arg, env)
		}
		return
	}
	if strings.HasSuffix(t.Text, "RequestHandler") || strings.HasSuffix(t.Text, "Handler") {
		d.requestArgs(op, args, env)
	}
}

func (d *describer) parameterType(op *operation, t *ecma.Node, env typeEnv) {
	name := t.Text
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		name = name[at+1:]
	}
	args := t.More().TypeArgs
	switch {
	case strings.HasPrefix(name, "FastifyRequest") && len(args) > 0:
		d.routeGeneric(op, args[0], env)
	case name == "Request" || strings.HasSuffix(name, "Request"):
		if len(args) == 0 {
			if declared, inner := d.declaration(t, env); declared != nil {
				d.ownRequest(op, declared, inner)
			}
			return
		}
		d.requestArgs(op, args, env)
	case name == "Response" && len(args) > 0:
		d.answer(op, "200", d.typed(args[0], env))
	}
}

// ownRequest reads an interface of the sources that extends a framework's, or
// says what its places hold.
func (d *describer) ownRequest(op *operation, declared *ecma.Node, env typeEnv) {
	for _, base := range declared.More().Params {
		if len(base.More().TypeArgs) > 0 {
			d.parameterType(op, base, env)
		}
	}
	if t := declared.More().Type; declared.Kind == ecma.TypeAlias && t != nil && t.Kind == ecma.TypeName {
		d.parameterType(op, t, env)
	}
	for _, m := range declared.List {
		if key, ok := m.Key(); ok && placeOf(key) != "" && key != "data" {
			d.typedPlace(op, placeOf(key), m.More().Type, env)
		}
	}
}

// requestArgs are <Params, Answer, Body, Query>.
func (d *describer) requestArgs(op *operation, args []*ecma.Node, env typeEnv) {
	for i, place := range []string{api.InPath, "", "body", api.InQuery} {
		if i >= len(args) {
			return
		}
		if place == "" {
			if s := d.typed(args[i], env); s != nil {
				d.answer(op, "200", s)
			}
			continue
		}
		d.typedPlace(op, place, args[i], env)
	}
}

func (d *describer) typedPlace(op *operation, place string, t *ecma.Node, env typeEnv) {
	if t == nil || t.Kind == ecma.TypeObject && len(t.List) == 0 {
		return
	}
	if t.Kind == ecma.TypeName && (t.Text == "ParamsDictionary" || strings.HasSuffix(t.Text, ".ParamsDictionary") || t.Text == "ParsedQs" || t.Text == "any" || t.Text == "unknown") {
		return
	}
	if place != "body" && op.has(place) && place != api.InPath || place == "body" && op.Body != nil {
		return
	}
	d.place(op, place, d.typed(t, env))
}

// routeGeneric reads {Querystring: …, Body: …, Params: …, Headers: …, Reply: …}.
func (d *describer) routeGeneric(op *operation, t *ecma.Node, env typeEnv) {
	for _, one := range []struct{ name, place string }{
		{"Params", api.InPath}, {"Querystring", api.InQuery}, {"Body", "body"}, {"Headers", api.InHeader},
	} {
		if member, inner := d.memberOf(t, one.name, env); member != nil {
			d.typedPlace(op, one.place, member, inner)
		}
	}
	reply, inner := d.memberOf(t, "Reply", env)
	if reply == nil {
		return
	}
	if reply.Kind == ecma.TypeObject {
		byStatus := false
		for _, m := range reply.List {
			if key, ok := m.Key(); ok && isStatus(key) {
				byStatus = true
				d.answer(op, strings.ToUpper(key), d.typed(m.More().Type, inner))
			}
		}
		if byStatus {
			return
		}
	}
	d.answer(op, "200", d.typed(reply, inner))
}

func isStatus(key string) bool {
	return len(key) == 3 && key[0] >= '1' && key[0] <= '5' && (strings.EqualFold(key[1:], "xx") || key[1] >= '0' && key[1] <= '9' && key[2] >= '0' && key[2] <= '9')
}

// answer adds a response, or a schema to one that has none.
func (d *describer) answer(op *operation, status string, s *api.Schema) {
	i := slices.IndexFunc(op.Responses, func(r *api.Response) bool { return r.Status == status })
	if i < 0 {
		op.Responses = append(op.Responses, &api.Response{Status: status, Description: statusText(status)})
		i = len(op.Responses) - 1
	}
	if s != nil && len(op.Responses[i].Content) == 0 {
		op.Responses[i].Content = []*api.Media{{Type: "application/json", Schema: s}}
	}
}

// generatedAnswers reads the union of what a generated operation answers.
func (d *describer) generatedAnswers(op *operation, t *ecma.Node, env typeEnv) {
	declared, inner := t, env
	if t.Kind == ecma.TypeName {
		if found, at := d.declaration(t, env); found != nil && found.Kind == ecma.TypeAlias {
			declared, inner = found.Type, at
			defer d.thrown(op, parseComment(docText(interpret.Place{Module: at.scope.Module()}, found)))
		}
	}
	list := []*ecma.Node{declared}
	if declared.Kind == ecma.TypeUnion {
		list = declared.List
	}
	for _, one := range list {
		if one.Kind == ecma.TypeObject {
			d.generatedAnswer(op, one, inner)
		}
	}
}

// thrown are the answers that a comment says are thrown: @throws 404 No such book.
func (d *describer) thrown(op *operation, c comment) {
	for _, t := range c.tags {
		if t.name != "throws" {
			continue
		}
		status, text, _ := strings.Cut(strings.TrimSpace(t.text), " ")
		if status = strings.Trim(status, "{}:"); !isStatus(status) {
			continue
		}
		status = strings.ToUpper(status)
		if slices.ContainsFunc(op.Responses, func(r *api.Response) bool { return r.Status == status }) {
			continue
		}
		if text = unescaped(strings.TrimSpace(text)); text == "" {
			text = statusText(status)
		}
		op.Responses = append(op.Responses, &api.Response{Status: status, Description: text})
	}
}

func (d *describer) generatedAnswer(op *operation, t *ecma.Node, env typeEnv) {
	place := interpret.Place{Module: env.scope.Module()}
	if _, own := parseComment(docText(place, t)).tag("internal"); own {
		return
	}
	named := func(name string) *ecma.Node {
		for _, m := range t.List {
			if key, ok := m.Key(); ok && key == name {
				return m
			}
		}
		return nil
	}
	member := func(name string) *ecma.Node {
		if m := named(name); m != nil {
			return m.More().Type
		}
		return nil
	}
	status := ""
	switch s := member("status"); {
	case s == nil:
		return
	case s.Kind == ecma.TypeLiteral && s.Left.Kind == ecma.Number:
		status = s.Left.Text
	case s.Kind == ecma.TypeName && strings.HasPrefix(s.Text, "Status") && len(s.Text) == 9:
		status = s.Text[6:]
	default:
		status = "default"
	}
	r := &api.Response{Status: status, Description: statusText(status)}
	i := slices.IndexFunc(op.Responses, func(old *api.Response) bool { return old.Status == status })
	if i >= 0 {
		r = op.Responses[i]
	} else {
		op.Responses = append(op.Responses, r)
	}
	if body := named("body"); body != nil {
		media := &api.Media{Type: "application/json", Schema: d.ofMember(body, env)}
		if name := member("contentType"); name != nil && name.Kind == ecma.TypeLiteral {
			media.Type = name.Left.Text
			if name.Left.Kind == ecma.Template { // `image/${string}`
				media.Type = strings.Join(name.Left.More().Texts, "*")
			}
		}
		r.Content = append(r.Content, media)
	}
	if headers := member("headers"); headers != nil && headers.Kind == ecma.TypeObject && len(r.Headers) == 0 {
		for _, m := range headers.List {
			key, ok := m.Key()
			if !ok {
				continue
			}
			kind := m.More().Type
			_, required := parseComment(docText(place, kind)).tag("required")
			r.Headers = append(r.Headers, &api.Header{Name: key, Style: api.StyleSimple, Required: required, Schema: orEmpty(d.typed(kind, env))})
		}
	}
}
