package emit

import (
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/storage"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/trial"
)

// project adds the files around the sources.
func (w *writer) project() {
	user := func(name, content string) {
		w.add(File{Path: name, Content: content, Owner: User})
	}
	user(path.Join(w.options.Source, "env.ts"), environmentSource)
	user("package.json", w.packageFile())
	user("tsconfig.json", w.compilerFile())
	user(".env.example", w.environmentFile())
	user(".gitignore", "node_modules/\ndist/\n.env\n")
	user("Dockerfile", containerFile)
	user(".dockerignore", "node_modules/\ndist/\n.env\n.git/\nload-plan.jsonl\n")
	tests := trial.Files(w.plan, w.options.Framework == Fastify)
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		if name == "harness.ts" {
			tests[name] = w.harness(tests[name])
			if !w.storage.Empty() {
				tests[name] = strings.Replace(tests[name], envOfTests, envOfTests+noDatabase, 1)
			}
		}
		w.generated("test/"+name, tests[name])
	}
}

// The tests of an API over a database send requests that change rows: they reach none.
const (
	envOfTests = "delete process.env.REDIS_URL;\n"
	noDatabase = "// What the tests send changes no row: without a database, valid requests are answered 503.\n" +
		"process.env.DATABASE_URL = \"postgres://127.0.0.1:1/none\";\n"
)

// containerFile builds in one image and runs in another, as a user who owns
// nothing in it.
const containerFile = `FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json* ./
RUN if [ -f package-lock.json ]; then npm ci; else npm install; fi
COPY . .
RUN npm run build && rm -rf dist/test && npm prune --omit=dev

FROM node:22-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(` + "`http://127.0.0.1:${process.env.PORT}/health`" + `).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
`

// environmentSource is a module of its own, so that it runs before those that
// look at the environment when they are imported.
const environmentSource = `/** Reads .env, where there is one; what the environment says already holds. */
import { existsSync } from "node:fs";

if (existsSync(".env")) {
  process.loadEnvFile(".env");
}
`

func (w *writer) packageFile() string {
	run, own := w.packages()
	develop := map[string]string{"@types/node": "26.6.6", "typescript": "7.0.2"}
	maps.Copy(develop, own)
	var b strings.Builder
	b.WriteString("{\n  \"name\": \"api\",\n  \"version\": \"0.1.0\",\n  \"private\": true,\n  \"type\": \"module\",\n")
	b.WriteString("  \"engines\": {\n    \"node\": \">=20.12\"\n  },\n  \"scripts\": {\n    \"build\": \"tsc -p .\",\n")
	b.WriteString("    \"prestart\": \"npm run build\",\n    \"start\": \"node dist/server.js\",\n")
	b.WriteString("    \"pretest\": \"node -e \\\"fs.rmSync('dist/test', {recursive: true, force: true})\\\" && npm run build\",\n    \"test\": \"node --test dist/test/*.test.js\"\n  },\n")
	writeDependencies(&b, "dependencies", run, ",")
	writeDependencies(&b, "devDependencies", develop, "")
	b.WriteString("}\n")
	return b.String()
}

// packages are what the sources import when they run, and what compiling them
// needs besides, with their versions.
func (w *writer) packages() (run, develop map[string]string) {
	run, develop = map[string]string{
		"ioredis": "6.0.0", "jose": "6.2.17", "rate-limiter-flexible": "11.4.0", "zod": "4.6.7",
	}, map[string]string{}
	_, _, own, types := parts(w.options.Framework, w.plan, w.options.extras())
	maps.Copy(run, own)
	maps.Copy(develop, types)
	if !w.storage.Empty() {
		own, types = storage.Dependencies()
		maps.Copy(run, own)
		maps.Copy(develop, types)
	}
	return run, develop
}

func writeDependencies(b *strings.Builder, name string, packages map[string]string, end string) {
	b.WriteString("  \"" + name + "\": {\n")
	for i, one := range slices.Sorted(maps.Keys(packages)) {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteString("    \"" + one + "\": \"" + packages[one] + "\"")
	}
	b.WriteString("\n  }" + end + "\n")
}

func (w *writer) compilerFile() string {
	root := "."
	include := `["*.ts", "middleware", "routes", "test"]`
	if !w.storage.Empty() {
		include = `["*.ts", "db", "middleware", "routes", "test"]`
	}
	if w.options.Source != "" {
		root = w.options.Source
		include = "[" + script.Quote(root) + "]"
	}
	return `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023"],
    "module": "nodenext",
    "types": ["node"],
    "rootDir": ` + script.Quote(root) + `,
    "outDir": "dist",
    "sourceMap": true,
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "exactOptionalPropertyTypes": true,
    "noImplicitOverride": true,
    "noFallthroughCasesInSwitch": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true
  },
  "include": ` + include + `
}
`
}

func (w *writer) environmentFile() string {
	var b strings.Builder
	b.WriteString(`HOST=127.0.0.1
PORT=3000
# info, error or silent.
LOG_LEVEL=info
BODY_LIMIT_BYTES=1048576
# Requests from one address in a window; of those that try passwords, LOGIN_RATE_LIMIT.
RATE_LIMIT=100
LOGIN_RATE_LIMIT=10
RATE_LIMIT_WINDOW_SECONDS=900
# Where several servers count together; empty counts in each for itself.
REDIS_URL=
# Number of proxies in front of the server that are trusted.
TRUSTED_PROXIES=0
# Origins whose pages may use the API, with commas between them.
CORS_ORIGINS=
`)
	if !w.storage.Empty() {
		b.WriteString(`
# The database: a role that may do no more than the API shows.
DATABASE_URL=postgres://localhost/` + script.Inline(url.PathEscape(w.plan.API.Title)) + `
DATABASE_POOL_SIZE=10
DATABASE_TIMEOUT_MS=10000
`)
	}
	b.WriteString(w.guardSettings())
	for _, scheme := range w.plan.Schemes {
		b.WriteString("\n# " + script.Inline(scheme.Name) + "\n")
		used := map[string]bool{}
		schemeNode(scheme, used)
		switch {
		case used["bearer"], used["oauth2"], used["openIdConnect"]:
			b.WriteString("# ALGORITHM is RS256, or what it names of RS, PS, ES with 256, 384 or 512 and EdDSA; MAX_AGE_SECONDS\n" +
				"# bounds how long ago a token may have been issued, whatever end it names.\n")
			for _, name := range []string{"ISSUER", "AUDIENCE", "JWKS_URL", "PUBLIC_KEY", "ALGORITHM", "MAX_AGE_SECONDS"} {
				b.WriteString(scheme.Env + "_" + name + "=\n")
			}
		case used["apiKey"], used["basic"]:
			b.WriteString("# SHA-256 in hex, with commas between several; claims may follow: HASH?sub=acme&scope=read\n" + scheme.Env + "_SHA256=\n")
		}
	}
	return b.String()
}
