package catalog

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

type typeRow struct {
	head
	Kind       string
	Relation   int64
	Array      int64
	Values     []string
	Base       string
	Collation  string
	NotNull    bool   `json:"not_null"`
	DefaultTo  string `json:"default_to"`
	Range      []string
	Multirange int64
	Qualified  string
}

const typeQuery = `
SELECT t.oid::int8, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind, t.typrelid::int8 AS relation, t.typarray::int8 AS array,
	pg_catalog.pg_get_userbyid(t.typowner) AS owner, t.typacl::text[] AS acl, pg_catalog.acldefault('T', t.typowner)::text[] AS acldefault,
	e.labels AS values, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname) AS qualified,
	CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) ELSE '' END AS base,
	CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) ELSE '' END AS collation,
	t.typnotnull AS not_null,
	CASE WHEN t.typtype = 'd' THEN coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::pg_catalog.regclass), '') ELSE '' END AS default_to,
	CASE WHEN rg.rngtypid IS NOT NULL THEN pg_catalog.array_remove(ARRAY[
		'subtype = ' || pg_catalog.format_type(rg.rngsubtype, NULL),
		CASE WHEN NOT oc.opcdefault THEN 'subtype_opclass = ' || pg_catalog.quote_ident(ocn.nspname) || '.' || pg_catalog.quote_ident(oc.opcname) END,
		CASE WHEN rg.rngcollation <> st.typcollation THEN 'collation = ' || pg_catalog.quote_ident(rcn.nspname) || '.' || pg_catalog.quote_ident(rc.collname) END,
		CASE WHEN rg.rngcanonical::oid <> 0 THEN 'canonical = ' || rg.rngcanonical END,
		CASE WHEN rg.rngsubdiff::oid <> 0 THEN 'subtype_diff = ' || rg.rngsubdiff END,
		'multirange_type_name = ' || «multirange»], NULL) END AS range,
	coalesce(«multirangeoid», 0) AS multirange
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN (SELECT enumtypid, pg_catalog.array_agg(enumlabel::text ORDER BY enumsortorder) AS labels FROM pg_catalog.pg_enum GROUP BY 1) e ON e.enumtypid = t.oid
LEFT JOIN pg_catalog.pg_range rg ON rg.rngtypid = t.oid
LEFT JOIN pg_catalog.pg_type st ON st.oid = rg.rngsubtype
LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = rg.rngsubopc
LEFT JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
LEFT JOIN pg_catalog.pg_collation rc ON rc.oid = rg.rngcollation
LEFT JOIN pg_catalog.pg_namespace rcn ON rcn.oid = rc.collnamespace
«multirangejoin»
LEFT JOIN pg_catalog.pg_class rel ON rel.oid = t.typrelid
WHERE t.oid >= 16384 AND (t.typtype <> 'c' OR rel.relkind = 'c') AND t.typtype <> 'm'
	AND NOT (t.typelem <> 0 AND t.typcategory = 'A') AND ` + userSchemas

func (r *reader) types() error {
	found, err := rows[typeRow](r, typeQuery)
	if err != nil {
		return fmt.Errorf("types: %w", err)
	}
	for _, t := range found {
		if r.isMember("pg_type", t.Oid) {
			continue
		}
		object := r.typeObject(t)
		if object == nil {
			r.schema.Uncovered = append(r.schema.Uncovered, fmt.Sprintf("base or shell type %s.%s", t.Schema, t.Name))
			continue
		}
		if err := r.add("pg_type", t.Oid, object); err != nil {
			return err
		}
		for _, oid := range []int64{t.Array, t.Multirange} {
			if oid != 0 {
				r.ids[address{class: "pg_type", oid: oid}] = object.ID()
			}
		}
	}
	return nil
}

func (r *reader) typeObject(t typeRow) schema.Object {
	switch t.Kind {
	case "e":
		return &schema.Enum{Head: t.common(schema.KindEnum, r.schema.Role), Values: t.Values}
	case "d":
		return &schema.Domain{
			Head: t.common(schema.KindDomain, r.schema.Role), Type: t.Base, Collation: t.Collation, NotNull: t.NotNull, Default: t.DefaultTo,
		}
	case "c":
		return &schema.Composite{Head: t.common(schema.KindComposite, r.schema.Role)}
	case "r":
		name := t.Qualified
		return &schema.Definition{
			Head:   t.common(schema.KindRange, r.schema.Role),
			Create: []string{"CREATE TYPE " + name + " AS RANGE (\n    " + strings.Join(t.Range, ",\n    ") + "\n)"},
			Drop:   "DROP TYPE " + name, Name: "TYPE " + name,
		}
	}
	return nil
}
