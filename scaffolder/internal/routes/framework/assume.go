package framework

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// Assume gives a parameter that is an application or router, by its type or
// name: routes that are registered on it are noted, and are taken when there is
// no application in the tree.
func (h *Host) Assume(_ *interpret.Machine, parameter *ecma.Node, fn *interpret.Func) interpret.Value {
	params := fn.Node.More().Params
	if len(params) == 0 || fn.IsClass {
		return nil
	}
	kind := h.typed(parameter.More().Type, fn.Env)
	if kind == "" && params[0] == parameter && fn.Type != nil {
		if name := fn.Type.Text; fn.Type.Kind == ecma.TypeName && strings.HasPrefix(name, "FastifyPlugin") {
			kind = Fastify
		}
	}
	if kind == "" && params[0] == parameter && parameter.Left.Kind == ecma.Identifier && parameter.More().Type == nil {
		kind = h.called(parameter.Left.Text)
	}
	if kind == "" {
		return nil
	}
	base, router, _ := strings.Cut(kind, " ")
	r := h.router(base, router == "", fn.Place)
	r.Assumed = fn
	switch {
	case base == Fastify:
		return h.newFastify(r)
	case base == Express:
		return h.newExpress(r)
	case router != "":
		return h.newKoaRouter(r)
	}
	return h.newKoa(r)
}

// typed is the framework that a parameter's type belongs to.
func (h *Host) typed(t *ecma.Node, env *interpret.Scope) string {
	if t == nil || t.Kind != ecma.TypeName {
		return ""
	}
	name := t.Text
	first, rest, dotted := strings.Cut(name, ".")
	module := ""
	if s, ok := env.Lookup(first).(*interpret.Symbol); ok {
		module, _ = s.Root()
	}
	if dotted {
		name = rest
	}
	switch module {
	case "express", "express-serve-static-core":
		if name == "Express" || name == "Application" || name == "IRouter" || name == "Router" || name == "core.Express" {
			return Express
		}
	case "fastify":
		if strings.HasPrefix(name, "FastifyInstance") {
			return Fastify
		}
	case "koa":
		return Koa
	case "@koa/router", "koa-router":
		return Koa + " router"
	}
	if module == "" && strings.HasPrefix(name, "FastifyInstance") {
		return Fastify
	}
	return ""
}

// called is the framework that a parameter's name speaks of.
func (h *Host) called(name string) string {
	switch strings.ToLower(name) {
	case "fastify", "fastifyinstance":
		return Fastify
	case "instance":
		if h.seen[Express] == 0 && h.seen[Koa] == 0 {
			return Fastify
		}
	case "app", "application", "server", "expressapp", "api":
		switch {
		case h.seen[Express] > 0:
			return Express
		case h.seen[Fastify] > 0:
			return Fastify
		case h.seen[Koa] > 0:
			return Koa
		}
		return Express
	case "router":
		if h.seen[Koa] > 0 && h.seen[Express] == 0 {
			return Koa + " router"
		}
		return Express
	}
	return ""
}
