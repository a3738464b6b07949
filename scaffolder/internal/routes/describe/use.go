package describe

import (
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/framework"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// user goes over a handler and notes how it uses request and answer.
type user struct {
	*describer
	op       *operation
	fn       *interpret.Func
	request  string            // name of the request, or of Koa's context
	response string            // name of the answer
	aliases  map[string]string // names that stand for a place of the request
	query    []string
	headers  []string
	cookies  []string
	body     []string
	bodyUsed bool
	statuses map[string]bool
	context  bool // of Koa
}

// uses describes what follows from the use of a request, where nothing better
// is known.
func (d *describer) uses(op *operation) {
	fn := op.handler
	if fn == nil || fn.Node == nil {
		return
	}
	u := &user{describer: d, op: op, fn: fn, aliases: map[string]string{}, statuses: map[string]bool{}}
	params := fn.Node.More().Params
	u.context = op.route.Framework == framework.Koa
	if len(params) > 0 {
		u.parameter(params[0])
	}
	if len(params) > 1 && !u.context && params[1].Left.Kind == ecma.Identifier {
		u.response = params[1].Left.Text
	}
	u.walk(fn.Node.More().Body)
	u.declare()
}

// parameter takes the request, or pieces of it.
func (u *user) parameter(p *ecma.Node) {
	switch p.Left.Kind {
	case ecma.Identifier:
		u.request = p.Left.Text
	case ecma.Object:
		u.pieces(p.Left)
	}
}

// pieces reads const {query, body} = req.
func (u *user) pieces(pattern *ecma.Node) {
	for _, one := range pattern.List {
		key, ok := one.Key()
		place := placeOf(key)
		if !ok || place == "" || one.Kind != ecma.Property {
			continue
		}
		switch target := one.Right; target.Kind {
		case ecma.Identifier:
			u.aliases[target.Text] = place
		case ecma.Object:
			u.fields(place, target)
		}
	}
}

// fields reads const {a, b} = req.query.
func (u *user) fields(place string, pattern *ecma.Node) {
	for _, one := range pattern.List {
		if key, ok := one.Key(); ok && one.Kind == ecma.Property {
			u.used(place, key)
		}
	}
	if place == "body" {
		u.bodyUsed = true
	}
}

func (u *user) used(place, name string) {
	list := map[string]*[]string{api.InQuery: &u.query, api.InHeader: &u.headers, api.InCookie: &u.cookies, "body": &u.body}[place]
	if list != nil && name != "" && !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

// placeOfNode is the place of the request that an expression is.
func (u *user) placeOfNode(n *ecma.Node) string {
	if n == nil {
		return ""
	}
	switch n.Kind {
	case ecma.As, ecma.Await:
		return u.placeOfNode(n.Left)
	case ecma.Binary:
		if n.Text == "||" || n.Text == "??" {
			return u.placeOfNode(n.Left)
		}
	case ecma.Identifier:
		return u.aliases[n.Text]
	case ecma.Dot:
		if u.isRequest(n.Left) {
			if place := placeOf(n.Text); place != "" && n.Text != "data" && n.Text != "json" && n.Text != "form" && n.Text != "path" && n.Text != "header" {
				if n.Text == "body" && u.context && n.Left.Kind != ecma.Dot {
					return "" // ctx.body is the answer
				}
				return place
			}
		}
	}
	return ""
}

func (u *user) isRequest(n *ecma.Node) bool {
	if n.Kind == ecma.As {
		return u.isRequest(n.Left)
	}
	if n.Kind == ecma.Identifier {
		return u.request != "" && n.Text == u.request
	}
	return n.Kind == ecma.Dot && (n.Text == "request" || n.Text == "req") && u.context && u.isRequest(n.Left)
}

func (u *user) walk(body *ecma.Node) {
	ecma.Walk([]*ecma.Node{body}, func(n *ecma.Node) bool {
		switch n.Kind {
		case ecma.Declarator:
			u.declarator(n)
		case ecma.Dot:
			if place := u.placeOfNode(n.Left); place != "" {
				u.used(place, n.Text)
			}
			if place := u.placeOfNode(n); place == "body" {
				u.bodyUsed = true
			}
		case ecma.Index:
			if place := u.placeOfNode(n.Left); place != "" && n.Right.Kind == ecma.String {
				u.used(place, n.Right.Text)
			}
		case ecma.Call:
			u.call(n)
		case ecma.Assign:
			u.assign(n)
		}
		return true
	})
}

func (u *user) declarator(n *ecma.Node) {
	if n.Right == nil {
		return
	}
	right := n.Right
	for right.Kind == ecma.As || right.Kind == ecma.Await {
		right = right.Left
	}
	switch {
	case n.Left.Kind == ecma.Object && u.isRequest(right):
		u.pieces(n.Left)
	case n.Left.Kind == ecma.Object:
		if place := u.placeOfNode(right); place != "" {
			u.fields(place, n.Left)
		}
	case n.Left.Kind == ecma.Identifier:
		if place := u.placeOfNode(right); place != "" {
			u.aliases[n.Left.Text] = place
		}
	}
}

// call reads schema.parse(req.body), req.get("x"), res.status(201).json(y).
func (u *user) call(n *ecma.Node) {
	callee := n.Left
	if callee.Kind == ecma.Identifier && len(n.List) > 0 {
		u.compiled(callee, n.List[0])
	}
	if callee.Kind != ecma.Dot {
		return
	}
	switch callee.Text {
	case "parse", "safeParse", "parseAsync", "safeParseAsync", "validate", "validateAsync", "validateSync", "attempt", "assert", "Check", "Decode":
		u.parsed(n)
	case "get", "header":
		if u.isRequest(callee.Left) && len(n.List) == 1 && n.List[0].Kind == ecma.String {
			u.used(api.InHeader, n.List[0].Text)
		}
	}
	u.answered(n)
}

// compiled reads valid(req.body), where valid is what ajv.compile(schema) gave.
func (u *user) compiled(callee, arg *ecma.Node) {
	place := u.placeOfNode(arg)
	if place == "" || u.fn.Env == nil {
		return
	}
	v, ok := u.Machine.Constant(u.fn.Env, callee).(*interpret.Symbol)
	if !ok {
		return
	}
	module, links := chain(v)
	if !strings.HasPrefix(module, "ajv") || len(links) == 0 || links[len(links)-1].name != "compile" {
		return
	}
	u.fromJSONSchema(place, links[len(links)-1].arg(0))
}

func (u *user) fromJSONSchema(place string, v interpret.Value) {
	if o, ok := v.(*interpret.Object); ok && (place != "body" || u.op.Body == nil) {
		if s, ok := u.jsonSchema(o); ok {
			u.place(u.op, place, s)
		}
	}
}

func (u *user) parsed(n *ecma.Node) {
	schemaNode := n.Left.Left
	var args []*ecma.Node
	args = append(args, n.List...)
	if len(args) > 1 && u.placeOfNode(args[0]) == "" { // Value.Check(schema, body), schema.validate(x)
		schemaNode, args = args[0], args[1:]
	}
	if len(args) == 0 || u.fn.Env == nil {
		return
	}
	place := u.placeOfNode(args[0])
	if u.isRequest(args[0]) {
		place = "request"
	}
	if place == "" {
		return
	}
	v := u.Machine.Constant(u.fn.Env, schemaNode)
	s, ok := u.schema(v)
	if !ok {
		if by, isSymbol := u.Machine.Constant(u.fn.Env, n.Left.Left).(*interpret.Symbol); isSymbol && place != "request" {
			if module, _ := chain(by); strings.HasPrefix(module, "ajv") { // ajv.validate(schema, req.body)
				u.fromJSONSchema(place, v)
			}
		}
		return
	}
	if place == "request" {
		u.validatorArg(u.op, "", v, []interpret.Value{v}, 0)
		return
	}
	if place == "body" && u.op.Body != nil {
		return
	}
	u.place(u.op, place, s)
}

// answered reads the statuses of Express and Fastify.
func (u *user) answered(n *ecma.Node) {
	callee := n.Left
	if u.context {
		if callee.Text == "throw" && u.isRequest(callee.Left) && len(n.List) > 0 && n.List[0].Kind == ecma.Number {
			u.status(n.List[0].Text, nil, "")
		}
		if callee.Text == "redirect" && u.isRequest(callee.Left) {
			u.status("302", nil, "")
		}
		return
	}
	if u.response == "" {
		return
	}
	status, onResponse := u.chainStatus(callee.Left)
	if !onResponse {
		return
	}
	switch callee.Text {
	case "json", "send", "jsonp":
		var content *ecma.Node
		if len(n.List) > 0 {
			content = n.List[0]
		}
		media := "application/json"
		if content != nil && (content.Kind == ecma.String || content.Kind == ecma.Template) && callee.Text == "send" {
			media = "text/html"
			if u.op.route.Framework == framework.Fastify {
				media = "text/plain"
			}
		}
		u.status(status, content, media)
	case "end":
		u.status(status, nil, "")
	case "sendStatus":
		if len(n.List) > 0 && n.List[0].Kind == ecma.Number {
			u.status(n.List[0].Text, nil, "")
		}
	case "redirect":
		code := "302"
		if len(n.List) > 1 && n.List[0].Kind == ecma.Number {
			code = n.List[0].Text
		}
		u.status(code, nil, "")
	case "render", "view":
		u.status(status, nil, "text/html")
	case "sendFile", "download":
		u.status(status, nil, "application/octet-stream")
	}
}

// chainStatus finds res, and the status set on the way: res.status(201).
func (u *user) chainStatus(n *ecma.Node) (string, bool) {
	for n != nil {
		switch {
		case n.Kind == ecma.Identifier:
			return "200", n.Text == u.response
		case n.Kind == ecma.Call && n.Left.Kind == ecma.Dot:
			if (n.Left.Text == "status" || n.Left.Text == "code") && len(n.List) > 0 {
				_, on := u.chainStatus(n.Left.Left)
				if v, ok := u.Machine.Constant(u.fn.Env, n.List[0]).(interpret.Num); ok {
					return strconv.Itoa(int(v)), on
				}
				return "", on
			}
			n = n.Left.Left
		case n.Kind == ecma.As:
			n = n.Left
		default:
			return "", false
		}
	}
	return "", false
}

// assign reads ctx.status = 201 and ctx.body = x.
func (u *user) assign(n *ecma.Node) {
	if !u.context || n.Left.Kind != ecma.Dot || !(u.isRequest(n.Left.Left) || n.Left.Left.Kind == ecma.Dot && n.Left.Left.Text == "response") {
		return
	}
	switch n.Left.Text {
	case "status":
		if n.Right.Kind == ecma.Number {
			u.status(n.Right.Text, nil, "")
		}
	case "body":
		u.statuses["body"] = true
	}
}

func (u *user) status(status string, content *ecma.Node, media string) {
	if code, err := strconv.Atoi(status); err != nil || code < 100 || code > 599 {
		return
	}
	if u.hasDeclared() {
		return
	}
	u.statuses[status] = true
	u.answer(u.op, status, nil)
	i := slices.IndexFunc(u.op.Responses, func(r *api.Response) bool { return r.Status == status })
	if r := u.op.Responses[i]; media != "" && len(r.Content) == 0 {
		r.Content = []*api.Media{{Type: media, Schema: u.literal(content, 0)}}
	}
	u.op.inferred["responses"] = true
}

// hasDeclared tells whether answers were declared by a schema or type.
func (u *user) hasDeclared() bool {
	return len(u.op.Responses) > 0 && !u.op.inferred["responses"]
}
