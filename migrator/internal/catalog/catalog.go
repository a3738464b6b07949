// Package catalog reads a live PostgreSQL database, version 13 to 18, into a
// schema.Schema.
//
// A connection goes in; the model of everything that `pg_dump --schema-only`
// would write comes out, deparsed by the server with an empty search_path and
// read in one snapshot with a fixed number of queries, however many objects
// there are. What belongs to an extension is left out. What the model cannot
// hold is named in Schema.Uncovered. Servers older than 13 are refused.
package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/fault"
)

// Oldest is the oldest server version number that can be read.
const Oldest = 130000

// Read reads the database behind db. It changes nothing there: it runs in one
// read-only repeatable-read transaction.
func Read(ctx context.Context, db *sql.DB) (*schema.Schema, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	r := &reader{ctx: ctx, tx: tx, ids: map[address]schema.ID{}, members: map[address]int64{}, attributes: map[address]string{}}
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	return r.schema, nil
}

// address is how the catalogs point at an object: the catalog, the row and,
// for columns, their number.
type address struct {
	class string
	oid   int64
	sub   int
}

// reader is one reading.
type reader struct {
	ctx     context.Context
	tx      *sql.Tx
	schema  *schema.Schema
	version int
	ids     map[address]schema.ID // where the objects of the model are
	members map[address]int64     // member of an extension -> the extension

	attributes map[address]string // fields of composite types
	holds      map[string]bool    // rare catalogs that have something of the user's
}

func (r *reader) read() error {
	if err := r.server(); err != nil {
		return err
	}
	for _, step := range []func() error{
		r.probe, r.extensions, r.namespaces, r.relations, r.types, r.columns, r.sequences,
		r.constraints, r.indexes, r.routines, r.triggers, r.rules, r.policies,
		r.definitions, r.textMappings, r.defaultGrants, r.comments, r.depends, r.uncovered,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	slices.Sort(r.schema.Uncovered)
	return nil
}

// server learns the version and fixes what deparsing depends on.
func (r *reader) server() error {
	var version int
	var role, database string
	err := r.tx.QueryRowContext(r.ctx, `SELECT /* migrator */ current_setting('server_version_num')::int, current_user, current_database()`).
		Scan(&version, &role, &database)
	if err != nil {
		return err
	}
	if version < Oldest {
		return &fault.Environment{
			Message: fmt.Sprintf("the server is PostgreSQL %d.%d", version/10000, version/100%100),
			Hint:    "PostgreSQL 13 or newer is needed",
		}
	}
	_, err = r.tx.ExecContext(r.ctx, `SELECT /* migrator */ set_config('search_path', '', true), set_config('quote_all_identifiers', 'off', true),
		set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
		set_config('extra_float_digits', '3', true), set_config('TimeZone', 'UTC', true),
		set_config('lock_timeout', '15s', true), set_config('jit', 'off', true)`)
	r.version = version
	r.schema = schema.New(version)
	r.schema.Role, r.schema.Database = role, database
	return err
}

// rows runs a query and decodes each row by its column names.
func rows[T any](r *reader, query string) ([]T, error) {
	result, err := r.tx.QueryContext(r.ctx, "SELECT to_json(q) FROM ("+r.dialect(query)+") q")
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var all []T
	for result.Next() {
		var (
			raw []byte
			row T
		)
		if err := result.Scan(&raw); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, fmt.Errorf("decode a catalog row: %w", err)
		}
		all = append(all, row)
	}
	return all, result.Err()
}

// head is what the queries read of every object. Its columns are named alike
// in all of them.
type head struct {
	Oid     int64
	Schema  string
	Name    string
	Owner   string
	ACL     []string
	Default []string `json:"acldefault"`
}

func (h head) common(kind schema.Kind, role string) schema.Head {
	grants, revoked := privileges(h.ACL, h.Default, h.Owner)
	return schema.Head{
		Identity: schema.ID{Kind: kind, Schema: h.Schema, Name: h.Name},
		Owner:    h.Owner, Grants: grants, Revoked: revoked,
	}
}

// add puts the object into the model and remembers where it is.
func (r *reader) add(class string, oid int64, object schema.Object) error {
	r.ids[address{class: class, oid: oid}] = object.ID()
	return r.schema.Add(object)
}

// userSchemas is the condition on pg_namespace n for schemas of the user's. One
// that holds the history of applied migrations and nothing else is the tool's:
// a comparison that saw it would propose to drop it.
const userSchemas = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.oid <> ALL (ARRAY(
	SELECT h.relnamespace FROM pg_catalog.pg_class h
	JOIN pg_catalog.pg_description hd ON hd.objoid = h.oid AND hd.classoid = 'pg_catalog.pg_class'::regclass AND hd.objsubid = 0
	WHERE h.relname = 'history' AND h.relkind = 'r' AND hd.description LIKE 'Migrations that migrator applied %'
		AND (SELECT count(*) FROM pg_catalog.pg_class x WHERE x.relnamespace = h.relnamespace AND x.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')) = 1))`

// notMember is the condition that a row is no extension's and no other object's inner part.
func notMember(class, oid string) string {
	return fmt.Sprintf(`NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.%s'::pg_catalog.regclass
		AND x.objid = %s AND x.objsubid = 0 AND x.deptype = 'e')`, class, oid)
}

func (r *reader) extensions() error {
	type row struct {
		head
		In      string
		Version string
	}
	found, err := rows[row](r, `SELECT e.oid::int8, e.extname AS name, pg_catalog.pg_get_userbyid(e.extowner) AS owner,
		n.nspname AS in, e.extversion AS version
		FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.oid >= 16384`)
	if err != nil {
		return fmt.Errorf("extensions: %w", err)
	}
	for _, e := range found {
		extension := &schema.Extension{Head: e.common(schema.KindExtension, r.schema.Role), In: e.In, Version: e.Version}
		if err := r.add("pg_extension", e.Oid, extension); err != nil {
			return err
		}
	}
	type member struct {
		Class string
		Oid   int64
		Ext   int64
	}
	members, err := rows[member](r, `SELECT c.relname AS class, d.objid::int8 AS oid, d.refobjid::int8 AS ext
		FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.classid WHERE d.deptype = 'e'`)
	if err != nil {
		return fmt.Errorf("extension members: %w", err)
	}
	for _, m := range members {
		at := address{class: m.Class, oid: m.Oid}
		r.members[at] = m.Ext
		if id, ok := r.ids[address{class: "pg_extension", oid: m.Ext}]; ok {
			r.ids[at] = id
		}
	}
	return nil
}

func (r *reader) namespaces() error {
	found, err := rows[head](r, `SELECT n.oid::int8, n.nspname AS name, pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
		n.nspacl::text[] AS acl, pg_catalog.acldefault('n', n.nspowner)::text[] AS acldefault
		FROM pg_catalog.pg_namespace n WHERE `+userSchemas)
	if err != nil {
		return fmt.Errorf("schemas: %w", err)
	}
	for _, n := range found {
		if r.isMember("pg_namespace", n.Oid) {
			continue
		}
		if err := r.add("pg_namespace", n.Oid, &schema.Namespace{Head: n.common(schema.KindSchema, r.schema.Role)}); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) isMember(class string, oid int64) bool {
	_, ok := r.members[address{class: class, oid: oid}]
	return ok
}
