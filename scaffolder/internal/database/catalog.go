package database

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// Kinds of Type.
const (
	kindBase      = "b"
	kindComposite = "c"
	kindDomain    = "d"
	kindEnum      = "e"
	kindRange     = "r"
	kindMulti     = "m" // multirange
	kindPseudo    = "p"
)

// Type is a data type.
type Type struct {
	Schema, Name string
	Comment      string
	Kind         string // as pg_type has it
	Element      *Type  // of arrays
	Base         *Type  // of domains
	Limits              // of domains
	NotNull      bool   // of domains
	HasDefault   bool   // of domains
	Checks       []string
	Labels       []string // of enums
	Fields       []*Column
	Ordered      bool   // its values can be compared and sorted
	SQL          string // as SQL writes it, quoted, with its schema unless that is PostgreSQL's own

	elementOID, baseOID, relationOID, modifier int64
}

// catalog reads pg_catalog. It is the only place that does.
type catalog struct {
	tx     *sql.Tx
	name   string
	tables map[int64]*Table
	order  []*Table
	types  map[int64]*Type

	withFunctions bool
	functions     []*Function
}

func (c *catalog) read(ctx context.Context) error {
	type step struct {
		what string
		read func(context.Context) error
	}
	steps := []step{
		{"types", c.readTypes},
		{"labels of enums", c.readLabels},
		{"tables", c.readTables},
		{"columns", c.readColumns},
		{"constraints", c.readConstraints},
		{"unique indexes", c.readUnique},
	}
	if c.withFunctions {
		steps = append(steps, step{"functions", c.readFunctions})
	}
	if err := c.tx.QueryRowContext(ctx, "SELECT current_database()").Scan(&c.name); err != nil {
		return err
	}
	for _, step := range steps {
		if err := step.read(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// each runs a query and calls scan for every row.
func (c *catalog) each(ctx context.Context, query string, scan func(*sql.Rows) error) error {
	rows, err := c.tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (c *catalog) readTypes(ctx context.Context) error {
	const query = `
SELECT t.oid, n.nspname, t.typname, t.typtype::text, CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END,
       t.typbasetype, t.typrelid, t.typnotnull, t.typdefault IS NOT NULL, t.typtypmod,
       coalesce(obj_description(t.oid, 'pg_type'), ''),
       CASE WHEN n.nspname = 'pg_catalog' THEN format_type(t.oid, -1) ELSE quote_ident(n.nspname) || '.' || quote_ident(t.typname) END,
       t.typtype IN ('e', 'r', 'm') OR EXISTS (
         SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
         WHERE o.opcdefault AND (o.opcintype = t.oid OR EXISTS (
           SELECT FROM pg_cast k WHERE k.castsource = t.oid AND k.casttarget = o.opcintype AND k.castmethod = 'b' AND k.castcontext = 'i')))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace`
	err := c.each(ctx, query, func(rows *sql.Rows) error {
		var oid int64
		t := &Type{}
		err := rows.Scan(&oid, &t.Schema, &t.Name, &t.Kind, &t.elementOID, &t.baseOID, &t.relationOID, &t.NotNull, &t.HasDefault, &t.modifier, &t.Comment, &t.SQL, &t.Ordered)
		c.types[oid] = t
		return err
	})
	for _, t := range c.types {
		t.Element, t.Base = c.types[t.elementOID], c.types[t.baseOID]
		t.Limits = limitsOf(t.Base, t.modifier)
	}
	return err
}

func (c *catalog) readLabels(ctx context.Context) error {
	const query = `SELECT enumtypid, enumlabel FROM pg_enum ORDER BY enumtypid, enumsortorder`
	return c.each(ctx, query, func(rows *sql.Rows) error {
		var oid int64
		var label string
		if err := rows.Scan(&oid, &label); err != nil {
			return err
		}
		if t := c.types[oid]; t != nil {
			t.Labels = append(t.Labels, label)
		}
		return nil
	})
}

// readTables reads what the role may read, but for partitions, which are read
// through their parents, and what extensions brought.
func (c *catalog) readTables(ctx context.Context) error {
	const query = `
SELECT c.oid, n.nspname, c.relname, c.relkind IN ('v', 'm'), c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT'), coalesce(obj_description(c.oid, 'pg_class'), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
ORDER BY n.nspname, c.relname`
	return c.each(ctx, query, func(rows *sql.Rows) error {
		var oid int64
		t := &Table{}
		err := rows.Scan(&oid, &t.Schema, &t.Name, &t.View, &t.Plain, &t.Comment)
		c.tables[oid] = t
		c.order = append(c.order, t)
		return err
	})
}

func (c *catalog) readColumns(ctx context.Context) error {
	const query = `
SELECT a.attrelid, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef OR a.attidentity <> '',
       coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attgenerated <> '' OR a.attidentity = 'a',
       coalesce(col_description(a.attrelid, a.attnum), ''), has_column_privilege(a.attrelid, a.attnum, 'SELECT')
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`
	composites := map[int64]*Type{}
	for _, t := range c.types {
		if t.Kind == kindComposite {
			composites[t.relationOID] = t
		}
	}
	return c.each(ctx, query, func(rows *sql.Rows) error {
		var relation, typeOID, modifier int64
		col := &Column{}
		if err := rows.Scan(&relation, &col.Name, &typeOID, &modifier, &col.NotNull, &col.HasDefault, &col.Default, &col.Generated, &col.Comment, &col.Readable); err != nil {
			return err
		}
		col.Type = c.types[typeOID]
		col.Limits = limitsOf(col.Type, modifier)
		if t := c.tables[relation]; t != nil {
			for domain := col.Type; domain != nil && domain.Kind == kindDomain && !t.View; domain = domain.Base {
				col.NotNull = col.NotNull || domain.NotNull
				col.HasDefault = col.HasDefault || domain.HasDefault
			}
			t.Columns = append(t.Columns, col)
		} else if t := composites[relation]; t != nil {
			t.Fields = append(t.Fields, col)
		}
		return nil
	})
}

// Limits are what a type modifier says.
type Limits struct {
	Length    int // of character types in characters, of bit strings in bits; 0 for none
	Precision int // of numeric, in digits; 0 for none
	Scale     int
}

// limitsOf reads a type modifier as the type's own input function packed it.
func limitsOf(t *Type, modifier int64) Limits {
	if t == nil || modifier < 1 {
		return Limits{}
	}
	if t.Element != nil {
		t = t.Element
	}
	switch packed := modifier - 4; t.Name {
	case "bit", "varbit":
		return Limits{Length: int(modifier)}
	case "varchar", "bpchar":
		return Limits{Length: int(packed)}
	case "numeric":
		return Limits{Precision: int(packed >> 16 & 0xffff), Scale: int((packed&0x7ff)^1024) - 1024}
	}
	return Limits{}
}

func (c *catalog) readConstraints(ctx context.Context) error {
	const query = `
SELECT k.conrelid, k.contypid, k.contype::text, k.conname,
       ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY u (n, i) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i)::text[],
       coalesce(n.nspname, ''), coalesce(f.relname, ''),
       ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY u (n, i) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i)::text[],
       coalesce(pg_get_expr(k.conbin, k.conrelid), '')
FROM pg_constraint k
LEFT JOIN pg_class f ON f.oid = k.confrelid
LEFT JOIN pg_namespace n ON n.oid = f.relnamespace
WHERE k.contype IN ('p', 'f', 'c')
ORDER BY k.conrelid, k.contypid, k.contype DESC, k.conname`
	return c.each(ctx, query, func(rows *sql.Rows) error {
		var relation, typeOID int64
		var kind, name, schema, table, check string
		var columns, references []string
		if err := rows.Scan(&relation, &typeOID, &kind, &name, pq.Array(&columns), &schema, &table, pq.Array(&references), &check); err != nil {
			return err
		}
		if t := c.types[typeOID]; t != nil && kind == "c" {
			t.Checks = append(t.Checks, check)
		}
		t := c.tables[relation]
		if t == nil {
			return nil
		}
		switch kind {
		case "p":
			t.Key = columns
		case "f":
			t.Foreign = append(t.Foreign, ForeignKey{Name: name, Columns: columns, Schema: schema, Table: table, References: references})
		case "c":
			t.Checks = append(t.Checks, Check{Name: name, Columns: columns, Expression: check})
		}
		return nil
	})
}

// readUnique reads the unique indexes, those of constraints included: their names
// are what errors mention.
func (c *catalog) readUnique(ctx context.Context) error {
	const query = `
SELECT i.indrelid, x.relname, i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid AND i.indimmediate,
       ARRAY(SELECT a.attname FROM unnest(i.indkey::smallint[]) WITH ORDINALITY u (n, o) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.n
             WHERE u.o <= i.indnkeyatts ORDER BY u.o)::text[]
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
WHERE i.indisunique OR i.indisexclusion
ORDER BY i.indrelid, i.indisprimary DESC, x.relname`
	return c.each(ctx, query, func(rows *sql.Rows) error {
		var relation int64
		u := Unique{}
		if err := rows.Scan(&relation, &u.Name, &u.Whole, pq.Array(&u.Columns)); err != nil {
			return err
		}
		if t := c.tables[relation]; t != nil {
			t.Unique = append(t.Unique, u)
		}
		return nil
	})
}
