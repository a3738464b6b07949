package describe

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// decoratorPlaces are the parts of a request that decorators of parameters name, in
// small letters.
var decoratorPlaces = map[string]string{
	"param": api.InPath, "params": api.InPath, "path": api.InPath, "pathparam": api.InPath, "requestparam": api.InPath,
	"query": api.InQuery, "queries": api.InQuery, "queryparam": api.InQuery, "queryparams": api.InQuery,
	"headers": api.InHeader, "header": api.InHeader, "headerparam": api.InHeader, "requestheaders": api.InHeader,
	"cookieparam": api.InCookie, "cookies": api.InCookie,
	"body": "body", "bodyparam": "body", "requestbody": "body",
}

// controlled takes what decorators and types say of a controller's method; false
// when its parameters are a request and an answer as elsewhere.
func (d *describer) controlled(op *operation) bool {
	fn := op.handler
	if op.route.Entry.Controller == nil || fn == nil || fn.Node == nil || fn.Env == nil {
		return false
	}
	env := typeEnv{scope: fn.Env}
	for _, p := range fn.Node.More().Params {
		for _, decorator := range p.More().Decorators {
			d.decoratedParameter(op, p, decorator, env)
		}
	}
	if t := fn.Node.More().Type; t != nil {
		status := "200"
		if op.Method == "POST" && op.route.Entry.Controller.Module == "@nestjs/common" {
			status = "201"
		}
		if s := d.typed(t, env); s != nil {
			d.answer(op, status, s)
		}
	}
	return op.route.Entry.Controller.Module != "@overnightjs/core"
}

func (d *describer) decoratedParameter(op *operation, p, decorator *ecma.Node, env typeEnv) {
	var args []*ecma.Node
	if decorator.Kind == ecma.Call {
		decorator, args = decorator.Left, decorator.List
	}
	name := decorator.Text
	own := name
	if decorator.Kind == ecma.Dot && decorator.Left.Kind == ecma.Dot { // LoopBack's param.path.number
		own = decorator.Left.Text
	}
	place := decoratorPlaces[strings.ToLower(own)]
	if place == "" {
		return
	}
	key := ""
	if len(args) > 0 && args[0].Kind == ecma.String {
		key = args[0].Text
	}
	module := op.route.Entry.Controller.Module
	if strings.HasSuffix(module, "tsoa") || module == "@tsoa/runtime" {
		if key == "" && place != "body" && own != "Queries" && p.Left.Kind == ecma.Identifier {
			key = p.Left.Text
		}
	}
	t := p.More().Type
	if place == "body" && key != "" || key == "" {
		if key == "" && t != nil {
			d.typedPlace(op, place, t, env)
		}
		return
	}
	parameter, _ := op.parameter(place, key)
	if s := d.typed(t, env); s != nil {
		parameter.Schema = s
	} else if kind := map[string]string{"number": "number", "integer": "integer", "boolean": "boolean"}[name]; kind != "" {
		parameter.Schema = &api.Schema{Types: []string{kind}}
	}
	parameter.Required = place == api.InPath || t != nil && !p.Has(ecma.Optional) && p.Right == nil && !acceptsUndefined(t) && place == api.InQuery && strings.Contains(module, "tsoa")
}

// baseType is what a class extends, as a type: a class, or what Nest's functions make
// of one. Nil is nothing that is known.
func baseType(n *ecma.Node, depth int) *ecma.Node {
	if n == nil || depth > 5 {
		return nil
	}
	switch n.Kind {
	case ecma.Identifier:
		return &ecma.Node{Kind: ecma.TypeName, Start: n.Start, End: n.End, Text: n.Text}
	case ecma.Call:
		utility := map[string]string{"PartialType": "Partial", "OmitType": "Omit", "PickType": "Pick"}[n.Left.Text]
		if utility == "" || len(n.List) == 0 {
			return nil
		}
		base := baseType(n.List[0], depth+1)
		if base == nil {
			return nil
		}
		args := []*ecma.Node{base}
		if len(n.List) > 1 {
			args = append(args, literals(n.List[1]))
		}
		return &ecma.Node{Kind: ecma.TypeName, Start: n.Start, End: n.End, Text: utility, Extra: &ecma.Extra{TypeArgs: args}}
	}
	return nil
}

// literals is the union of the texts in an array.
func literals(n *ecma.Node) *ecma.Node {
	if n.Kind == ecma.As {
		n = n.Left
	}
	union := &ecma.Node{Kind: ecma.TypeUnion, Start: n.Start, End: n.End}
	for _, one := range n.List {
		if one != nil && one.Kind == ecma.String {
			union.List = append(union.List, &ecma.Node{Kind: ecma.TypeLiteral, Start: one.Start, End: one.End, Left: one})
		}
	}
	return union
}
