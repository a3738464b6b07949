package catalog

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

type routineRow struct {
	head
	Kind       string
	Args       string
	Definition string
	Returns    string
	Arguments  string
	ArgNames   []string `json:"arg_names"`
	ArgModes   []string `json:"arg_modes"`
	Inputs     int
	Outputs    string
	Defaults   int
	Language   string
	Volatility string
	Strict     bool
	Support    bool
}

// An aggregate has no deparsing function on the server; definition.go reads those.
const routineQuery = `
SELECT p.oid::int8, n.nspname AS schema, p.proname AS name, p.prokind::text AS kind, pg_catalog.pg_get_userbyid(p.proowner) AS owner,
	p.proacl::text[] AS acl, pg_catalog.acldefault('f', p.proowner)::text[] AS acldefault,
	pg_catalog.oidvectortypes(p.proargtypes) AS args, pg_catalog.pg_get_functiondef(p.oid) AS definition,
	coalesce(pg_catalog.pg_get_function_result(p.oid), '') AS returns, pg_catalog.pg_get_function_arguments(p.oid) AS arguments,
	p.proargnames AS arg_names, p.proargmodes::text[] AS arg_modes, p.pronargs AS inputs,
	coalesce((SELECT pg_catalog.string_agg(coalesce(p.proargnames[g], '') || ' ' || pg_catalog.format_type(p.proallargtypes[g], NULL), ', ' ORDER BY g)
		FROM pg_catalog.generate_subscripts(p.proargmodes, 1) g WHERE p.proargmodes[g] IN ('o', 't', 'b')), '') AS outputs,
	p.pronargdefaults AS defaults, l.lanname AS language, p.provolatile::text AS volatility, p.proisstrict AS strict, p.prosupport::oid <> 0 AS support
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p', 'w') AND p.oid >= 16384 AND ` + userSchemas + `
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND x.objid = p.oid AND x.deptype IN ('e', 'i'))`

var volatilityNames = map[string]string{"i": "immutable", "s": "stable", "v": "volatile"}

func (r *reader) routines() error {
	found, err := rows[routineRow](r, routineQuery)
	if err != nil {
		return fmt.Errorf("functions: %w", err)
	}
	for _, p := range found {
		kind := schema.KindFunction
		if p.Kind == "p" {
			kind = schema.KindProcedure
		}
		routine := &schema.Routine{
			Head: p.common(kind, r.schema.Role), Definition: strings.TrimRight(p.Definition, " \n;"), Returns: p.Returns, Arguments: p.Arguments,
			Inputs: inputNames(p), Outputs: p.Outputs, Defaults: p.Defaults, Language: p.Language,
			Volatility: volatilityNames[p.Volatility], Strict: p.Strict, Support: p.Support,
		}
		routine.Identity.Args = p.Args
		if err := r.add("pg_proc", p.Oid, routine); err != nil {
			return err
		}
	}
	return nil
}

// inputNames are the names of the arguments that a call passes.
func inputNames(p routineRow) []string {
	names := make([]string, 0, p.Inputs)
	for n := 0; len(names) < p.Inputs; n++ {
		if n < len(p.ArgModes) && (p.ArgModes[n] == "o" || p.ArgModes[n] == "t") {
			continue
		}
		name := ""
		if n < len(p.ArgNames) {
			name = p.ArgNames[n]
		}
		names = append(names, name)
	}
	return names
}

type attachedRow struct {
	head
	Table      int64
	Definition string
	Enabled    string
	Parent     int64
	Constraint int64
	Internal   bool
	ParentOn   string `json:"parent_enabled"`
}

func (r *reader) triggers() error {
	found, err := rows[attachedRow](r, `SELECT t.oid::int8, t.tgname AS name, t.tgrelid::int8 AS table, t.tgenabled::text AS enabled,
		CASE WHEN «internal» THEN '' ELSE pg_catalog.pg_get_triggerdef(t.oid) END AS definition, t.tgparentid::int8 AS parent,
		t.tgconstraint::int8 AS constraint, «internal» AS internal, coalesce(pt.tgenabled::text, '') AS parent_enabled
		FROM pg_catalog.pg_trigger t
		JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_catalog.pg_trigger pt ON pt.oid = t.tgparentid
		WHERE t.oid >= 16384 AND (NOT «internal» OR t.tgenabled = 'O') AND `+userSchemas)
	if err != nil {
		return fmt.Errorf("triggers: %w", err)
	}
	for _, t := range found {
		table := r.ids[address{class: "pg_class", oid: t.Table}]
		at := address{class: "pg_trigger", oid: t.Oid}
		if t.Internal && t.Parent == 0 {
			r.ids[at] = r.ids[address{class: "pg_constraint", oid: t.Constraint}]
			continue
		}
		if !r.schema.Has(table) || r.isMember("pg_trigger", t.Oid) || t.Internal {
			continue
		}
		id := schema.ID{Kind: schema.KindTrigger, Schema: table.Schema, Parent: table.Name, Name: t.Name}
		r.ids[at] = id
		if t.Constraint != 0 {
			r.ids[address{class: "pg_constraint", oid: t.Constraint}] = id
		}
		if t.Parent != 0 && t.Enabled == t.ParentOn {
			continue
		}
		trigger := &schema.Trigger{
			Head: schema.Head{Identity: id}, Table: table, Definition: t.Definition, Enabled: t.Enabled, Copied: t.Parent != 0,
		}
		if err := r.schema.Add(trigger); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) rules() error {
	found, err := rows[attachedRow](r, `SELECT w.oid::int8, w.rulename AS name, w.ev_class::int8 AS table, w.ev_enabled::text AS enabled,
		CASE WHEN w.rulename = '_RETURN' THEN '' ELSE pg_catalog.pg_get_ruledef(w.oid) END AS definition
		FROM pg_catalog.pg_rewrite w
		JOIN pg_catalog.pg_class c ON c.oid = w.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE w.oid >= 16384 AND `+userSchemas)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	for _, w := range found {
		table := r.ids[address{class: "pg_class", oid: w.Table}]
		at := address{class: "pg_rewrite", oid: w.Oid}
		if w.Definition == "" {
			r.ids[at] = table
			continue
		}
		if !r.schema.Has(table) {
			continue
		}
		id := schema.ID{Kind: schema.KindRule, Schema: table.Schema, Parent: table.Name, Name: w.Name}
		rule := &schema.Rule{Head: schema.Head{Identity: id}, Table: table, Definition: strings.TrimRight(w.Definition, "; \n"), Enabled: w.Enabled}
		if err := r.add("pg_rewrite", w.Oid, rule); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) policies() error {
	type row struct {
		head
		Table      int64
		Command    string
		Permissive bool
		Roles      []string
		Using      string
		Check      string
	}
	found, err := rows[row](r, `SELECT p.oid::int8, p.polname AS name, p.polrelid::int8 AS table, p.polpermissive AS permissive,
		CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
		(SELECT pg_catalog.array_agg(rolname::text ORDER BY rolname) FROM pg_catalog.pg_roles WHERE oid = ANY (p.polroles)) AS roles,
		coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '') AS using, coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '') AS check
		FROM pg_catalog.pg_policy p`)
	if err != nil {
		return fmt.Errorf("policies: %w", err)
	}
	for _, p := range found {
		table := r.ids[address{class: "pg_class", oid: p.Table}]
		if !r.schema.Has(table) {
			continue
		}
		id := schema.ID{Kind: schema.KindPolicy, Schema: table.Schema, Parent: table.Name, Name: p.Name}
		policy := &schema.Policy{
			Head: schema.Head{Identity: id}, Table: table, Command: p.Command, Permissive: p.Permissive, Roles: p.Roles, Using: p.Using, Check: p.Check,
		}
		if err := r.add("pg_policy", p.Oid, policy); err != nil {
			return err
		}
	}
	return nil
}
