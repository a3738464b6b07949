package emit

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/routing"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// guardSources are what options add to the middleware.
//
//go:embed guards/*.ts
var guardSources embed.FS

// PolicyFile is the user's table of who may do what, below the sources.
const PolicyFile = "policy.ts"

// extras are the steps that the options ask for.
func (o Options) extras() routing.Extras {
	return routing.Extras{Replies: o.Replies, Once: o.Idempotency, Roles: o.Roles, Page: o.Document != "" && o.PageByRoutes}
}

// guards adds the sources that the options ask for.
func (w *writer) guards() {
	wanted := map[string]bool{
		"idempotency.ts": w.options.Idempotency, "keys.ts": w.options.Idempotency,
		"rbac.ts": w.options.Roles, "tiers.ts": w.options.Tiers != "",
		"claims.ts": w.options.Roles || w.options.Tiers != "",
	}
	for name, content := range sources(guardSources, "guards") {
		if wanted[name] {
			w.generated("middleware/"+name, strings.ReplaceAll(content, `"__TIERS__"`, script.Quote(w.options.Tiers)))
		}
	}
	if w.options.Roles {
		w.generated("middleware/guarded.ts", guardedFile(w.plan))
		w.add(File{Path: path.Join(w.options.Source, PolicyFile), Content: policyFile(w.plan), Owner: User})
	}
	if open := openOperations(w.plan); open > 0 && w.options.Roles {
		w.result.Warnings = append(w.result.Warnings, Warning{Message: fmt.Sprintf(
			"%d of %d operations need no credentials: nobody is asked for a role there", open, len(w.plan.Operations))})
	}
}

func openOperations(p *plan.Plan) int {
	open := 0
	for _, operation := range p.Operations {
		if len(operation.Needs) == 0 {
			open++
		}
	}
	return open
}

// guardedFile writes the type of what the policy has to decide about.
func guardedFile(p *plan.Plan) string {
	var names []*script.Node
	for _, operation := range p.Operations {
		if operation.Guarded() {
			names = append(names, script.String(operation.Name))
		}
	}
	if names == nil {
		names = append(names, script.Text("never"))
	}
	var b strings.Builder
	b.WriteString("/** The operations whose callers have to prove who they are. */\nexport type Guarded =")
	script.PrintDeclared(&b, script.Union(names...), script.Width("export type Guarded ="))
	b.WriteString(";\n")
	return b.String()
}

// administrator is granted what the document names no roles for.
const administrator = "admin"

// policyFile writes the table of who may do what, as the document has it.
func policyFile(p *plan.Plan) string {
	var roles []string
	var fields []script.Field
	for _, operation := range p.Operations {
		if !operation.Guarded() {
			continue
		}
		granted := operation.RequiredRoles()
		value := script.String("anyone")
		if len(granted) > 0 || !operation.Anonymous() {
			if len(granted) == 0 {
				granted = []string{administrator}
			}
			var nodes []*script.Node
			for _, role := range granted {
				nodes = append(nodes, script.String(role))
				if !slices.Contains(roles, role) {
					roles = append(roles, role)
				}
			}
			value = script.Array(nodes...)
		}
		fields = append(fields, script.Field{Key: operation.Name, Value: value})
	}
	slices.Sort(roles)
	var union []*script.Node
	for _, role := range roles {
		union = append(union, script.String(role))
	}
	if union == nil {
		union = append(union, script.String(administrator))
	}
	var b strings.Builder
	b.WriteString("/** Who may do what. This file is yours: what it does not grant is refused. */\n" +
		"import type { Policy } from \"./middleware/rbac.js\";\n\n" +
		"/** Roles, as the claim that ROLES_CLAIM names (roles) holds them. */\nexport type Role =")
	script.PrintDeclared(&b, script.Union(union...), script.Width("export type Role ="))
	b.WriteString(";\n\n/**\n * Who may call which operation: roles, or \"anyone\" who proves what the document\n" +
		" * asks for. An operation that is missing here does not compile.\n */\nexport const policy: Policy<Role> = ")
	script.Print(&b, script.Object(true, fields...), 0, 0, 1)
	b.WriteString(";\n")
	return b.String()
}

// limited puts the tiers into a framework's limits.
func limited(source string, tiers bool) string {
	const before = "import { type Count, countLogins, countRequests } from \"./limits.js\";\n"
	const after = "import { type Count, countLogins } from \"./limits.js\";\n"
	if !tiers || !strings.Contains(source, before) {
		return source
	}
	head, tail, _ := strings.Cut(source, before)
	line := "import { countRequests } from \"./tiers.js\";\n"
	if rest, found := strings.CutPrefix(tail, "import { report } from \"./log.js\";\n"); found {
		return head + after + "import { report } from \"./log.js\";\n" + line + rest
	}
	return head + after + line + tail
}

// guardSettings are the settings of what the options add.
func (w *writer) guardSettings() string {
	text := ""
	if w.options.Idempotency {
		text += "\n# How long answers are kept for requests that come again with their Idempotency-Key.\nIDEMPOTENCY_TTL_SECONDS=86400\n"
	}
	if w.options.Roles {
		text += "\n# The claim that names a caller's roles, or the path to it: realm_access.roles\nROLES_CLAIM=roles\n"
	}
	if w.options.Tiers != "" {
		text += "\n# NAME=REQUESTS/WINDOW,...; a caller's tier is in the claim, the first is for those without one.\n" +
			"RATE_LIMIT_TIERS=" + w.options.Tiers + "\nTIER_CLAIM=tier\n"
	}
	return text
}

// What the tests of a project replace where a guard stands in their way.
const (
	importOfTests  = "import { schemes } from \"./schemes.js\";\n"
	hashOfTests    = "    `${sha256(secret)},${sha256(`me:${secret}`)}`;\n"
	headersOfTests = "  const headers = new Headers(sent.headers);\n"
)

// harness lets a project's tests pass the guards: whoever asks has all roles, a
// key for each request, and a tier that suffices.
func (w *writer) harness(source string) string {
	var pairs []string
	settings := ""
	if w.options.Roles {
		settings += "process.env.ROLES_CLAIM = \"roles\";\n"
		pairs = append(pairs,
			importOfTests, "import { policy } from \"../policy.js\";\n"+importOfTests+
				"\n/** Whoever asks has all roles; of two or more, so that they are a list. */\n"+
				"const roles = [...new Set([...Object.values(policy).flat(), \"\", \"none\"])];\n"+
				"const claims = roles\n  .map((role) => `roles=${encodeURIComponent(role)}`)\n  .join(\"&\");\n",
			hashOfTests, "    `${sha256(secret)}?${claims},${sha256(`me:${secret}`)}?${claims}`;\n",
			"new SignJWT({ scope: scopes.join(\" \") })", "new SignJWT({ scope: scopes.join(\" \"), roles })",
		)
	}
	if w.options.Tiers != "" {
		settings += "process.env.RATE_LIMIT_TIERS = \"tests=1000000/1d\";\n"
	}
	if w.options.Idempotency {
		pairs = append(pairs,
			"import { createHash, generateKeyPairSync } from", "import { createHash, generateKeyPairSync, randomUUID } from",
			headersOfTests, headersOfTests+"  headers.set(\"Idempotency-Key\", randomUUID());\n")
	}
	if settings != "" {
		pairs = append(pairs, envOfTests, envOfTests+settings)
	}
	return strings.NewReplacer(pairs...).Replace(source)
}
