package layout

// Rules is what a workspace holds to. Packages are named by their import paths
// without Prefix, such as "migrator/internal/diff".
type Rules struct {
	Prefix string // of all import paths of the workspace, with the slash
	Shared string // the module that the tools share

	// Models are the packages that every package of their tool may import.
	Models []string

	// Allowed are the further packages of its own tool that a package may
	// import. Packages below one directory of internal may always meet.
	Allowed map[string][]string

	// Restricted are the packages outside the workspace that only some may
	// import: those named, what lies below them, and "main" for every main
	// package. Tests may always.
	Restricted map[string][]string

	// Exit is the only function that may end the process or use its streams
	// and arguments: a package and a name.
	ExitPackage, ExitFunction string

	// BannedNames are no names for packages: they say nothing.
	BannedNames []string

	MaxLines int // of a Go file
}

// Toolkit are the rules of this workspace. A new package that needs a sibling
// gets a line in Allowed; if most packages of a tool would need that line, the
// sibling is a model.
func Toolkit() Rules {
	return Rules{
		Prefix: "github.com/senior-backend/toolkit/",
		Shared: "shared",
		Models: []string{
			"scaffolder/internal/api",
			"scaffolder/internal/relation",
			"migrator/internal/schema",
			"loadtester/internal/plan",
			"loadtester/internal/stats",
		},
		Allowed: map[string][]string{
			// Sources hold documents in comments, and JSON Schemas.
			"scaffolder/internal/routes": {"scaffolder/internal/openapi"},
			// Comments on columns hold JSON Schemas.
			"scaffolder/internal/database": {"scaffolder/internal/openapi"},

			"loadtester/internal/engine": {"loadtester/internal/http1", "loadtester/internal/http2", "loadtester/internal/template"},
			// Agents load with the engine.
			"loadtester/internal/fleet": {"loadtester/internal/engine"},
			"loadtester/internal/plan":  {"loadtester/internal/http1", "loadtester/internal/template"},
			"loadtester/internal/http2": {"loadtester/internal/http1"},
			// A verdict judges results.
			"loadtester/internal/verdict": {"loadtester/internal/capacity", "loadtester/internal/result"},

			"migrator/internal/plan":      {"migrator/internal/diff"},
			"migrator/internal/advise":    {"migrator/internal/catalog"},
			"migrator/internal/apply":     {"migrator/internal/migration", "migrator/internal/plan", "migrator/internal/script"},
			"migrator/internal/migration": {"migrator/internal/script"},
			"migrator/internal/proof":     {"migrator/internal/catalog", "migrator/internal/diff", "migrator/internal/plan"},
			"migrator/internal/scratch":   {"migrator/internal/script"},
		},
		Restricted: map[string][]string{
			"github.com/urfave/cli/v2": {"main", "shared/cmdline"},
			"github.com/lib/pq": {
				"migrator/internal/advise", "migrator/internal/apply", "migrator/internal/catalog",
				"migrator/internal/proof", "migrator/internal/scratch", "scaffolder/internal/database",
			},
		},
		ExitPackage:  "shared/cmdline",
		ExitFunction: "Main",
		BannedNames:  []string{"base", "common", "helper", "helpers", "lib", "misc", "pkg", "shared", "types", "util", "utils"},
		MaxLines:     400,
	}
}
