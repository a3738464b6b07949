package catalog

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

type columnRow struct {
	head
	Table       int64
	Position    int
	Type        string
	TypeOid     int64 `json:"type_oid"`
	Collation   string
	NotNull     bool `json:"not_null"`
	Identity    string
	Generated   string
	Expr        string
	ExprOid     int64 `json:"expr_oid"`
	Storage     string
	TypeStorage string `json:"type_storage"`
	Compression string
	Statistics  int
	Options     []string
	ForeignOpts []string `json:"foreign_options"`
	Inherited   bool
	Local       bool
	TableOwner  string `json:"table_owner"`
}

const columnQuery = `
SELECT a.attrelid::int8 AS table, a.attnum AS position, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
	CASE WHEN t.typelem <> 0 AND t.typcategory = 'A' THEN t.typelem ELSE t.oid END::int8 AS type_oid,
	CASE WHEN a.attcollation <> t.typcollation THEN pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) ELSE '' END AS collation,
	a.attnotnull AS not_null, a.attidentity::text AS identity, a.attgenerated::text AS generated,
	coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') AS expr, coalesce(d.oid, 0)::int8 AS expr_oid,
	a.attstorage::text AS storage, t.typstorage::text AS type_storage, «compression» AS compression,
	coalesce(a.attstattarget, -1) AS statistics, a.attoptions AS options, a.attfdwoptions AS foreign_options,
	a.attinhcount > 0 AS inherited, a.attislocal AS local,
	pg_catalog.pg_get_userbyid(c.relowner) AS owner, a.attacl::text[] AS acl, pg_catalog.acldefault('c', c.relowner)::text[] AS acldefault
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped AND c.oid >= 16384 AND ` + userSchemas + `
ORDER BY a.attrelid, a.attnum`

func (r *reader) columns() error {
	found, err := rows[columnRow](r, columnQuery)
	if err != nil {
		return fmt.Errorf("columns: %w", err)
	}
	for _, a := range found {
		table, ok := r.ids[address{class: "pg_class", oid: a.Table}]
		if !ok || r.isMember("pg_class", a.Table) || !r.schema.Has(table) {
			continue // an extension's, whose composite types are no members as relations
		}
		at := address{class: "pg_class", oid: a.Table, sub: a.Position}
		if composite, ok := r.schema.Object(table).(*schema.Composite); ok {
			composite.Attributes = append(composite.Attributes, schema.Attribute{Name: a.Name, Type: a.Type, Collation: a.Collation})
			r.ids[at], r.attributes[at] = table, a.Name
			continue
		}
		column := r.column(table, a)
		r.ids[at] = column.ID()
		if err := r.schema.Add(column); err != nil {
			return err
		}
		if a.ExprOid == 0 {
			continue
		}
		value := &schema.Default{Head: schema.Head{Identity: schema.DefaultID(table, a.Name)}, Table: table, Expr: a.Expr}
		if err := r.add("pg_attrdef", a.ExprOid, value); err != nil {
			return err
		}
	}
	return nil
}

var (
	storageNames     = map[string]string{"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
	compressionNames = map[string]string{"p": "pglz", "l": "lz4"}
	identityNames    = map[string]string{"a": "ALWAYS", "d": "BY DEFAULT"}
	generatedNames   = map[string]string{"s": "STORED", "v": "VIRTUAL"}
)

func (r *reader) column(table schema.ID, a columnRow) *schema.Column {
	common := a.common(schema.KindColumn, r.schema.Role)
	common.Identity = schema.ColumnID(table, a.Name)
	common.Owner = ""
	return &schema.Column{
		Head: common, Table: table, Position: a.Position, Type: a.Type, TypeID: r.ids[address{class: "pg_type", oid: a.TypeOid}],
		Collation: a.Collation, NotNull: a.NotNull, Identity: identityNames[a.Identity], Generated: generatedNames[a.Generated],
		Storage: storageNames[a.Storage], TypeStorage: storageNames[a.TypeStorage], Compression: compressionNames[a.Compression], Statistics: a.Statistics,
		Options: a.Options, ForeignOpts: a.ForeignOpts, Inherited: a.Inherited, Local: a.Local,
	}
}

type sequenceRow struct {
	head
	Persistence string
	Type        string
	Start       int64
	Increment   int64
	Min         int64
	Max         int64
	Cache       int64
	Cycle       bool
	Readable    bool
	Table       int64
	Column      int
	Dependency  string
}

const sequenceQuery = `
SELECT c.oid::int8, n.nspname AS schema, c.relname AS name, c.relpersistence::text AS persistence,
	pg_catalog.pg_get_userbyid(c.relowner) AS owner, c.relacl::text[] AS acl, pg_catalog.acldefault('s', c.relowner)::text[] AS acldefault,
	pg_catalog.format_type(s.seqtypid, NULL) AS type, s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min, s.seqmax AS max,
	s.seqcache AS cache, s.seqcycle AS cycle,
	pg_catalog.has_sequence_privilege(c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS readable,
	coalesce(d.refobjid, 0)::int8 AS table, coalesce(d.refobjsubid, 0) AS column, coalesce(d.deptype::text, '') AS dependency
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
	AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
WHERE c.relkind = 'S' AND c.oid >= 16384 AND ` + userSchemas

func (r *reader) sequences() error {
	found, err := rows[sequenceRow](r, sequenceQuery)
	if err != nil {
		return fmt.Errorf("sequences: %w", err)
	}
	last, err := r.lastValues(found)
	if err != nil {
		return fmt.Errorf("sequences: %w", err)
	}
	for _, s := range found {
		if r.isMember("pg_class", s.Oid) {
			continue
		}
		options := schema.SequenceOptions{
			Type: s.Type, Start: s.Start, Increment: s.Increment, Min: s.Min, Max: s.Max, Cache: s.Cache, Cycle: s.Cycle, Last: last[s.Oid],
		}
		owner := r.ids[address{class: "pg_class", oid: s.Table, sub: s.Column}]
		if s.Dependency == "i" {
			options.Name = s.Schema + "." + s.Name
			options.Unlogged = s.Persistence == "u"
			if column, ok := r.schema.Object(owner).(*schema.Column); ok {
				column.Sequence = &options
			}
			r.ids[address{class: "pg_class", oid: s.Oid}] = owner
			continue
		}
		sequence := &schema.Sequence{
			Head: s.common(schema.KindSequence, r.schema.Role), SequenceOptions: options, Unlogged: s.Persistence == "u", OwnedBy: owner,
		}
		if err := r.add("pg_class", s.Oid, sequence); err != nil {
			return err
		}
	}
	return nil
}

// columnNames are the names behind an array of column numbers, as the catalogs keep keys.
func (r *reader) columnNames(table int64, numbers []int) []string {
	var names []string
	for _, n := range numbers {
		names = append(names, r.ids[address{class: "pg_class", oid: table, sub: n}].Name)
	}
	return names
}

// vector reads an int2vector's text form.
func vector(text string) []int {
	var numbers []int
	for _, field := range strings.Fields(text) {
		var n int
		if _, err := fmt.Sscan(field, &n); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
