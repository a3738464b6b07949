// Package koa writes what of a server belongs to Koa: the router, and the
// sources that are the same for every API.
package koa

import (
	"embed"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/routing"
)

// Files are the sources that are the same for every API.
//
//go:embed files/*.ts
var Files embed.FS

// Dependencies are the packages that the server needs, with their versions.
func Dependencies() (run, develop map[string]string) {
	return map[string]string{"@koa/router": "15.7.0", "helmet": "8.3.0", "koa": "3.3.0"},
		map[string]string{"@types/koa": "3.0.3"}
}

// Index writes routes/index.ts.
func Index(p *plan.Plan, extras routing.Extras) string {
	return routing.Index(p, extras, routing.Router{
		Import:   "import { Router } from \"@koa/router\";\n",
		New:      "new Router({ sensitive: true, strict: true })",
		PageStep: "showDocs", Page: "router.get(\"/docs\", showDocs);\n  router.get(\"/docs/openapi.json\", showDocs);",
		Numbered: true,
	})
}
