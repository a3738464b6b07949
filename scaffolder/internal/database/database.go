// Package database reads the tables of a PostgreSQL database and describes a
// REST API over them.
//
// Into Read goes a connection; out come the tables, views, their columns with
// types, keys and checks, in a fixed number of queries within one read-only
// transaction. Describe turns them into an api.API: for each table a list with
// filters, sorting and pages, and what its key and kind allow of fetching,
// creating, replacing, changing and deleting a row. Columns that look like
// secrets are never in responses. Refused are connections that cannot be made
// and selections that match no table.
package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Options is what Read reads.
type Options struct {
	URL     string   // postgres:// or key=value pairs
	Schemas []string // only these; empty means all but the system's
	Tables  []string // only these, as "table" or "schema.table"; empty means all
	Exclude []string // not these, likewise
	// Functions reads the functions of those schemas too.
	Functions bool
}

// Database is what was read.
type Database struct {
	Name   string
	Tables []*Table
	// Functions are empty unless they were asked for.
	Functions []*Function
}

// Table is a table, a view or a materialised view.
type Table struct {
	Schema, Name string
	Comment      string
	View         bool // it is a view of either kind, and only read
	Plain        bool // its rows are stored in itself and may be read whole: it is neither a view nor partitioned nor foreign
	Columns      []*Column
	Key          []string // columns of the primary key
	Unique       []Unique // the unique indexes, the primary key's first
	Foreign      []ForeignKey
	Checks       []Check
}

// Unique is a unique index, or one that excludes rows from each other.
type Unique struct {
	Name    string
	Columns []string // those that are indexed as they are
	Whole   bool     // no two rows have the same in Columns: it is no expression, nor of some rows only
}

// Check is a check constraint.
type Check struct {
	Name       string
	Columns    []string
	Expression string // as PostgreSQL prints it
}

// Column is a column of a table, or a field of a composite type.
type Column struct {
	Name    string
	Comment string
	Type    *Type
	Limits
	NotNull    bool
	HasDefault bool
	Default    string // expression, as PostgreSQL prints it
	Readable   bool   // the role may read it
	Generated  bool   // computed from other columns, or an identity that is always generated
}

// ForeignKey says that Columns name a row of another table.
type ForeignKey struct {
	Name       string
	Columns    []string
	Schema     string
	Table      string
	References []string
}

// Read connects and reads. Errors are of package fault.
func Read(ctx context.Context, o Options) (*Database, error) {
	db, err := connect(ctx, o.URL)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read database: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	c := &catalog{tx: tx, tables: map[int64]*Table{}, types: map[int64]*Type{}, withFunctions: o.Functions}
	if err := c.read(ctx); err != nil {
		return nil, fmt.Errorf("read database: %w", err)
	}
	out := &Database{Name: c.name}
	for _, table := range c.order {
		if o.selects(table) {
			out.Tables = append(out.Tables, table)
		}
	}
	for _, f := range c.functions {
		if len(o.Schemas) == 0 || slices.Contains(o.Schemas, f.Schema) {
			out.Functions = append(out.Functions, f)
		}
	}
	if len(out.Tables) == 0 {
		return nil, &fault.Input{Message: fmt.Sprintf("database %q has no table that was asked for", c.name), Hint: "check --schema, --tables and --exclude, and the role's permissions"}
	}
	return out, nil
}

func (o Options) selects(t *Table) bool {
	named := func(list []string) bool {
		return slices.Contains(list, t.Name) || slices.Contains(list, t.Schema+"."+t.Name)
	}
	// The migrator's history of a database is none of its API's business.
	ours := t.Schema == "migrator" && t.Name == "history"
	return (len(o.Schemas) == 0 && !ours || slices.Contains(o.Schemas, t.Schema)) &&
		(len(o.Tables) == 0 || named(o.Tables)) && !named(o.Exclude)
}
