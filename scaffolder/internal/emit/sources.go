package emit

import (
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/express"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/fastify"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/koa"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/routing"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/runtime"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/storage"
)

// runtime adds the sources that every server shares.
func (w *writer) runtime() {
	for name, content := range sources(runtime.Files, ".") {
		if name == "delivery.ts" && len(w.plan.Outgoing) == 0 {
			continue
		}
		if name == "replies.ts" && w.plan.UsesInt64() {
			content = strings.Replace(content, toJSON, "export { toJson } from \"./int64.js\";\n", 1)
		}
		w.generated("middleware/"+name, content)
	}
	if w.plan.UsesInt64() {
		w.generated("middleware/int64.ts", int64Source)
	}
}

// int64Source is what reads and writes integers of 64 bits.
//
//go:embed integers/int64.ts
var int64Source string

// toJSON is what writes JSON where no integers of 64 bits are.
const toJSON = `export function toJson(value: unknown): string {
  return JSON.stringify(value);
}
`

// sources yields the files of a folder by name.
func sources(files embed.FS, folder string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		entries, err := fs.ReadDir(files, folder)
		if err != nil {
			return
		}
		for _, entry := range entries {
			content, err := files.ReadFile(path.Join(folder, entry.Name()))
			if err == nil && strings.HasSuffix(entry.Name(), ".ts") && !yield(entry.Name(), string(content)) {
				return
			}
		}
	}
}

// parts are what a framework brings along.
func parts(framework string, p *plan.Plan, extras routing.Extras) (files embed.FS, index string, run, develop map[string]string) {
	switch framework {
	case Fastify:
		run, develop = fastify.Dependencies()
		return fastify.Files, fastify.Index(p, extras), run, develop
	case Koa:
		run, develop = koa.Dependencies()
		return koa.Files, koa.Index(p, extras), run, develop
	}
	run, develop = express.Dependencies()
	return express.Files, express.Index(p, extras), run, develop
}

// framework adds what belongs to the framework.
func (w *writer) framework() {
	files, index, _, _ := parts(w.options.Framework, w.plan, w.options.extras())
	w.generated("routes/index.ts", index)
	for name, content := range sources(files, "files") {
		switch name {
		case "app.ts", "server.ts":
			if w.options.Project {
				content = mounted(content, w.options.Document != "" && !w.options.PageByRoutes)
				content = strings.ReplaceAll(content, `"__BASE_PATH__"`, script.Quote(base(w.plan)))
				w.add(File{Path: path.Join(w.options.Source, name), Content: content, Owner: User})
			}
		case "docs.ts":
			if w.options.Document != "" {
				w.generated("middleware/"+name, content)
			}
		default:
			w.generated("middleware/"+name, limited(content, w.options.Tiers != ""))
		}
	}
}

// database adds the folder with the tables, where there are such.
func (w *writer) database() {
	if w.storage.Empty() {
		return
	}
	for name, content := range sources(storage.Files, "files") {
		if name == storage.Pool {
			w.add(File{Path: path.Join(w.options.Source, storage.Folder, name), Content: content, Owner: User})
			continue
		}
		w.generated(path.Join(storage.Folder, name), content)
	}
	tables := w.storage.Sources()
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		w.generated(path.Join(storage.Folder, name), tables[name])
	}
}

func base(p *plan.Plan) string {
	if p.BasePath == "" {
		return "/"
	}
	return p.BasePath
}

// authFile writes middleware/auth.ts: how each security scheme is proved.
func authFile(p *plan.Plan) string {
	var entries []*script.Node
	used := map[string]bool{}
	for _, scheme := range p.Schemes {
		node := schemeNode(scheme, used)
		entries = append(entries, script.Array(script.String(scheme.Name), node))
	}
	names := []string{}
	for _, name := range []string{"apiKey", "basic", "bearer", "mutualTls", "oauth2", "openIdConnect"} {
		if used[name] {
			names = append(names, name)
		}
	}
	names = append(names, "type Scheme")
	if used["unsupported"] {
		names = append(names, "unsupported")
	}
	var b strings.Builder
	b.WriteString(script.Import("./credentials.js", names...))
	b.WriteString("\n/** The security schemes by name. Each refuses until its settings are there. */\n")
	b.WriteString("export const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>(")
	if len(entries) > 0 {
		script.Print(&b, script.Array(entries...), 0, script.Width("export const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>("), 2)
	}
	b.WriteString(");\n")
	return b.String()
}

func schemeNode(scheme *plan.Scheme, used map[string]bool) *script.Node {
	call := func(name string, arguments ...string) *script.Node {
		used[name] = true
		nodes := make([]*script.Node, 0, len(arguments))
		for _, argument := range arguments {
			nodes = append(nodes, script.String(argument))
		}
		return script.Call(name, nodes...)
	}
	switch {
	case scheme.Kind == api.SecurityAPIKey && (scheme.In == api.InHeader || scheme.In == api.InQuery || scheme.In == api.InCookie):
		return call("apiKey", scheme.Env, scheme.In, scheme.Parameter)
	case scheme.Kind == api.SecurityHTTP && scheme.SecurityScheme.Scheme == "basic":
		return call("basic", scheme.Env)
	case scheme.Kind == api.SecurityHTTP && scheme.SecurityScheme.Scheme == "bearer":
		return call("bearer", scheme.Env)
	case scheme.Kind == api.SecurityOAuth2:
		used["oauth2"] = true
		return script.Call("oauth2", script.String(scheme.Env), flows(scheme.Flows))
	case scheme.Kind == api.SecurityOpenIDConnect:
		return call("openIdConnect", scheme.Env, scheme.OpenIDURL)
	case scheme.Kind == api.SecurityMutualTLS:
		return call("mutualTls")
	}
	return call("unsupported")
}

// flows are the ways in which clients get tokens.
func flows(list []api.Flow) *script.Node {
	var fields []script.Field
	for _, flow := range list {
		var members []script.Field
		for _, url := range []struct{ key, value string }{
			{"authorizationUrl", flow.AuthorizationURL},
			{"tokenUrl", flow.TokenURL},
			{"refreshUrl", flow.RefreshURL},
			{"deviceAuthorizationUrl", flow.DeviceURL},
		} {
			if url.value != "" {
				members = append(members, script.Field{Key: url.key, Value: script.String(url.value)})
			}
		}
		var scopes []script.Field
		for _, scope := range flow.Scopes {
			scopes = append(scopes, script.Field{Key: script.LiteralKey(scope.Name), Value: script.String(scope.Description)})
		}
		members = append(members, script.Field{Key: "scopes", Value: script.Object(true, scopes...)})
		fields = append(fields, script.Field{Key: flow.Kind, Value: script.Object(true, members...)})
	}
	return script.Object(true, fields...)
}
