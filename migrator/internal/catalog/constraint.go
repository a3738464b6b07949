package catalog

import (
	"fmt"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

type constraintRow struct {
	head
	Table      int64
	Domain     int64
	Type       string
	Definition string
	Expr       string
	Key        []int
	RefTable   int64  `json:"ref_table"`
	RefKey     []int  `json:"ref_key"`
	OnUpdate   string `json:"on_update"`
	OnDelete   string `json:"on_delete"`
	Validated  bool
	NoInherit  bool `json:"no_inherit"`
	Deferrable bool
	Deferred   bool
	Enforced   bool
	Local      bool
	Inherited  bool
	Parent     int64
	Index      int64
	Options    []string
}

const constraintQuery = `
SELECT c.oid::int8, c.conname AS name, c.conrelid::int8 AS table, c.contypid::int8 AS domain, c.contype::text AS type,
	pg_catalog.pg_get_constraintdef(c.oid) AS definition,
	CASE WHEN c.contype = 'c' THEN pg_catalog.pg_get_expr(c.conbin, c.conrelid) ELSE '' END AS expr,
	c.conkey AS key, c.confrelid::int8 AS ref_table, c.confkey AS ref_key, c.confupdtype::text AS on_update, c.confdeltype::text AS on_delete,
	c.convalidated AS validated, c.connoinherit AS no_inherit, c.condeferrable AS deferrable, c.condeferred AS deferred,
	«enforced» AS enforced, c.conislocal AS local, c.coninhcount > 0 AS inherited, c.conparentid::int8 AS parent,
	CASE WHEN c.contype IN ('p', 'u', 'x') THEN c.conindid ELSE 0 END::int8 AS index, ix.reloptions AS options
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
LEFT JOIN pg_catalog.pg_class ix ON ix.oid = c.conindid AND c.contype IN ('p', 'u', 'x')
WHERE c.oid >= 16384 AND ` + userSchemas + ` ORDER BY c.oid`

var constraintTypes = map[string]schema.ConstraintType{
	"p": schema.PrimaryKey, "u": schema.Unique, "f": schema.ForeignKey, "c": schema.Check, "x": schema.Exclusion, "n": schema.NotNull,
}

var actionNames = map[string]string{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

func (r *reader) constraints() error {
	found, err := rows[constraintRow](r, constraintQuery)
	if err != nil {
		return fmt.Errorf("constraints: %w", err)
	}
	for _, c := range found {
		owner, ok := r.ids[address{class: "pg_class", oid: c.Table}]
		if c.Table == 0 {
			owner, ok = r.ids[address{class: "pg_type", oid: c.Domain}]
		}
		if !ok || !r.schema.Has(owner) || constraintTypes[c.Type] == "" {
			continue // an extension's, or a constraint trigger, which is a Trigger
		}
		at := address{class: "pg_constraint", oid: c.Oid}
		if c.Type == "n" && c.Table != 0 {
			r.notNull(owner, c)
			continue
		}
		r.ids[at] = schema.ID{Kind: schema.KindConstraint, Schema: owner.Schema, Parent: owner.Name, Name: c.Name}
		if c.Index != 0 {
			r.ids[address{class: "pg_class", oid: c.Index}] = r.ids[at]
		}
	}
	rows := make(map[int64]constraintRow, len(found))
	for _, c := range found {
		rows[c.Oid] = c
	}
	for _, c := range found {
		id, ok := r.ids[address{class: "pg_constraint", oid: c.Oid}]
		if !ok || id.Kind != schema.KindConstraint {
			continue
		}
		if c.Type == "f" && c.Parent != 0 {
			// A partition's copy of its parent's foreign key, or the inner half
			// of one that points at partitions: made and unmade with the parent's.
			r.copied(id, c, rows[c.Parent])
			r.ids[address{class: "pg_constraint", oid: c.Oid}] = r.ids[address{class: "pg_constraint", oid: c.Parent}]
			continue
		}
		owner := r.ids[address{class: "pg_class", oid: c.Table}]
		if c.Table == 0 {
			owner = r.ids[address{class: "pg_type", oid: c.Domain}]
		}
		if err := r.schema.Add(r.constraint(id, owner, c)); err != nil {
			return err
		}
	}
	return nil
}

// copied remembers a partition's copy of its parent's foreign key.
func (r *reader) copied(id schema.ID, c, parent constraintRow) {
	owner := r.ids[address{class: "pg_class", oid: c.Table}]
	table, ok := r.schema.Object(owner).(*schema.Table)
	if !ok || parent.Table == c.Table || parent.RefTable != c.RefTable {
		return
	}
	c.Parent, c.Inherited = 0, false
	table.Copies = append(table.Copies, r.constraint(id, owner, c))
}

func (r *reader) constraint(id, owner schema.ID, c constraintRow) *schema.Constraint {
	constraint := &schema.Constraint{
		Head: schema.Head{Identity: id}, Table: owner, Type: constraintTypes[c.Type], Definition: c.Definition,
		Columns: r.columnNames(c.Table, c.Key), Validated: c.Validated, NoInherit: c.NoInherit,
		Deferrable: c.Deferrable, Deferred: c.Deferred, Enforced: c.Enforced, Inherited: c.Inherited && !c.Local,
		Expression: c.Expr, Options: c.Options,
	}
	if c.Type == "f" {
		constraint.RefTable = r.ids[address{class: "pg_class", oid: c.RefTable}]
		constraint.RefColumns = r.columnNames(c.RefTable, c.RefKey)
		constraint.OnDelete, constraint.OnUpdate = actionNames[c.OnDelete], actionNames[c.OnUpdate]
	}
	if c.Parent != 0 {
		constraint.Parent = r.ids[address{class: "pg_constraint", oid: c.Parent}]
	}
	return constraint
}

// notNull keeps the name of a NOT NULL constraint of 18 and later where it is
// not the one that the server would choose.
func (r *reader) notNull(table schema.ID, c constraintRow) {
	names := r.columnNames(c.Table, c.Key)
	if len(names) != 1 {
		return
	}
	column := r.schema.Column(table, names[0])
	if column == nil {
		return
	}
	of, _ := r.schema.Object(table).(*schema.Table)
	isPartition := of != nil && of.IsPartition()
	if c.Name != table.Name+"_"+names[0]+"_not_null" {
		column.NotNullName = c.Name
	}
	column.NotNullNotes = schema.NotNullNotes{Inherited: c.Inherited && (!c.Local || isPartition), Invalid: !c.Validated, NoInherit: c.NoInherit}
	r.ids[address{class: "pg_constraint", oid: c.Oid}] = schema.ColumnID(table, names[0])
}

type indexRow struct {
	head
	Table         int64
	Kind          string
	Method        string
	Definition    string
	Keys          []indexKeyRow
	Include       []int
	Predicate     string
	Unique        bool
	Primary       bool
	NullsDistinct bool `json:"nulls_not_distinct"`
	Valid         bool
	Ready         bool
	Constraint    string
	Parent        int64
	Options       []string
	Tablespace    string
	Bytes         int64
	Statistics    map[string]int
}

type indexKeyRow struct {
	N         int
	Expr      string
	OpClass   string
	DefaultOp bool `json:"defaultop"`
	Collation string
	Desc      bool
	Nulls     bool
}

const indexQuery = `
SELECT c.oid::int8, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, i.indrelid::int8 AS table, am.amname AS method,
	pg_catalog.pg_get_indexdef(c.oid) AS definition, k.keys, k.include,
	coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS predicate, i.indisunique AS unique, i.indisprimary AS primary,
	«nullsdistinct» AS nulls_not_distinct, i.indisvalid AS valid, i.indisready AS ready, coalesce(co.conname, '') AS constraint,
	coalesce(p.inhparent, 0)::int8 AS parent, c.reloptions AS options, coalesce(ts.spcname, '') AS tablespace,
	pg_catalog.pg_relation_size(c.oid) AS bytes,
	(SELECT pg_catalog.json_object_agg(a.attnum, a.attstattarget) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND coalesce(a.attstattarget, -1) >= 0) AS statistics
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_inherits p ON p.inhrelid = c.oid
LEFT JOIN pg_catalog.pg_constraint co ON co.conindid = c.oid AND co.contype IN ('p', 'u', 'x') AND co.conrelid = i.indrelid
LEFT JOIN LATERAL (
	SELECT pg_catalog.json_agg(pg_catalog.json_build_object('n', i.indkey[g], 'expr', pg_catalog.pg_get_indexdef(c.oid, g + 1, false),
			'opclass', CASE WHEN ocn.nspname = 'pg_catalog' THEN '' ELSE pg_catalog.quote_ident(ocn.nspname) || '.' END || pg_catalog.quote_ident(oc.opcname),
			'defaultop', oc.opcdefault, 'collation', coalesce(cl.collname, ''),
			'desc', i.indoption[g] & 1 = 1, 'nulls', i.indoption[g] & 2 = 2) ORDER BY g) FILTER (WHERE g < i.indnkeyatts) AS keys,
		pg_catalog.array_agg(i.indkey[g]::int ORDER BY g) FILTER (WHERE g >= i.indnkeyatts) AS include
	FROM pg_catalog.generate_series(0, i.indnatts - 1) g
	LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[g] AND g < i.indnkeyatts
	LEFT JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
	LEFT JOIN pg_catalog.pg_collation cl ON cl.oid = i.indcollation[g] AND g < i.indnkeyatts
) k ON true
WHERE c.oid >= 16384 AND ` + userSchemas

func (r *reader) indexes() error {
	found, err := rows[indexRow](r, indexQuery)
	if err != nil {
		return fmt.Errorf("indexes: %w", err)
	}
	for _, i := range found {
		table := r.ids[address{class: "pg_class", oid: i.Table}]
		at := address{class: "pg_class", oid: i.Oid}
		if _, enforces := r.ids[at]; !enforces && r.schema.Has(table) {
			r.ids[at] = schema.ID{Kind: schema.KindIndex, Schema: i.Schema, Parent: table.Name, Name: i.Name}
		}
	}
	for _, i := range found {
		table := r.ids[address{class: "pg_class", oid: i.Table}]
		if !r.schema.Has(table) {
			continue
		}
		index := &schema.Index{
			Head:  schema.Head{Identity: schema.ID{Kind: schema.KindIndex, Schema: i.Schema, Parent: table.Name, Name: i.Name}},
			Table: table, Method: i.Method, Definition: i.Definition, Include: r.columnNames(i.Table, i.Include), Predicate: i.Predicate,
			Unique: i.Unique, Primary: i.Primary, NullsNotDistinct: i.NullsDistinct, Valid: i.Valid, Ready: i.Ready, Constraint: i.Constraint,
			OnPartitioned: i.Kind == "I", Options: i.Options, Tablespace: i.Tablespace, Bytes: i.Bytes,
		}
		for _, k := range i.Keys {
			key := schema.IndexKey{Expr: k.Expr, OpClass: k.OpClass, DefaultOp: k.DefaultOp, Collation: k.Collation, Descending: k.Desc, NullsFirst: k.Nulls}
			if k.N > 0 {
				key.Column = r.ids[address{class: "pg_class", oid: i.Table, sub: k.N}].Name
			}
			index.Keys = append(index.Keys, key)
		}
		for n, target := range i.Statistics {
			if index.Statistics == nil {
				index.Statistics = map[int]int{}
			}
			index.Statistics[vector(n)[0]] = target
		}
		if i.Parent != 0 {
			index.Parent = r.ids[address{class: "pg_class", oid: i.Parent}]
		}
		if err := r.schema.Add(index); err != nil {
			return err
		}
		r.indexAt(i.Oid, index.Identity)
	}
	return nil
}

// indexAt remembers where the index's comment is, also that of one behind a constraint.
func (r *reader) indexAt(oid int64, id schema.ID) {
	r.ids[address{class: "index", oid: oid}] = id
}
