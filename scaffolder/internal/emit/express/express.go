// Package express writes what of a server belongs to Express: the router, and the
// sources that are the same for every API.
package express

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
	return map[string]string{"express": "5.3.0", "helmet": "8.3.0"},
		map[string]string{"@types/express": "5.0.6"}
}

// Index writes routes/index.ts.
func Index(p *plan.Plan, extras routing.Extras) string {
	return routing.Index(p, extras, routing.Router{
		Import:   "import { Router } from \"express\";\n",
		New:      "Router({ caseSensitive: true, strict: true })",
		PageStep: "docs", Page: "router.use(docs);",
		Skip: "(req, _res, next) => {\n      next(req.method === %s ? undefined : \"route\");\n    }",
	})
}
