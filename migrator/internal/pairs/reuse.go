package main

import (
	"context"
	"fmt"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
)

// worker tries one pair at a time. It keeps two databases and empties them in
// between, which is much faster than making new ones.
type worker struct {
	*runner
	databases [2]*scratch.Database
	base      *scratch.Database // what mutations are made of, loaded
	loaded    string            // the text that base holds
	left      *schema.Schema    // what the last migration left
	holds     [2]*schema.Schema // what the two databases hold where mutations start
	spoilt    bool              // they hold something else
}

// emptying takes everything out of a database that a schema file can have put there.
const emptying = `DO $$
DECLARE what record;
BEGIN
	FOR what IN SELECT format('DROP PUBLICATION %I', pubname) AS sql FROM pg_publication
		UNION ALL SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger
		UNION ALL SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		UNION ALL SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
		UNION ALL SELECT format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname) FROM pg_foreign_data_wrapper
		UNION ALL SELECT format('DROP CAST IF EXISTS (%s AS %s)', castsource::regtype, casttarget::regtype) FROM pg_cast WHERE oid >= 16384
		UNION ALL SELECT format('DROP LANGUAGE IF EXISTS %I CASCADE', lanname) FROM pg_language WHERE oid >= 16384
	LOOP
		BEGIN EXECUTE what.sql; EXCEPTION WHEN undefined_object OR undefined_function THEN NULL; END;
	END LOOP;
	FOR what IN SELECT DISTINCT pg_get_userbyid(defaclrole) AS role FROM pg_default_acl LOOP
		EXECUTE format('DROP OWNED BY %I', what.role);
	END LOOP;
	CREATE SCHEMA public AUTHORIZATION pg_database_owner;
	COMMENT ON SCHEMA public IS 'standard public schema';
	GRANT USAGE ON SCHEMA public TO PUBLIC;
END $$`

// database returns one of the two databases, empty.
func (w *worker) database(ctx context.Context, n int) (*scratch.Database, error) {
	if d := w.databases[n]; d != nil && w.emptied(ctx, d) {
		return d, nil
	}
	if d := w.databases[n]; d != nil {
		if err := d.Close(); err != nil {
			return nil, err
		}
	}
	d, err := w.server.Database(ctx)
	if err != nil {
		return nil, fmt.Errorf("make a database: %w", err)
	}
	w.databases[n] = d
	return d, nil
}

// left counts what emptying did not take away.
const left = `SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384) + (SELECT count(*) FROM pg_proc WHERE oid >= 16384)
	+ (SELECT count(*) FROM pg_type WHERE oid >= 16384) + (SELECT count(*) FROM pg_default_acl) + (SELECT count(*) FROM pg_operator WHERE oid >= 16384)
	+ (SELECT count(*) FROM pg_foreign_server) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_event_trigger)
	+ (SELECT count(*) FROM pg_extension WHERE oid >= 16384) + (SELECT count(*) FROM pg_language WHERE oid >= 16384)
	+ (SELECT count(*) FROM pg_namespace WHERE oid >= 16384 AND nspname <> 'public')`

// mutable returns one of the two databases with the text loaded that mutations
// are made of. The text is loaded once; copies of its database are much faster.
// Where one mutation came back to, on both sides, the next starts, so what was
// dropped in between has left its holes in the catalogs: a seed that fails only
// after others has met those.
func (w *worker) mutable(ctx context.Context, n int, name, text string) (*scratch.Database, error) {
	if err := w.loadBase(ctx, name, text); err != nil {
		return nil, err
	}
	if w.spoilt {
		w.holds = [2]*schema.Schema{}
		w.spoilt = false
	}
	if w.holds[n] != nil {
		return w.databases[n], nil
	}
	var err error
	if w.databases[n] == nil {
		if w.databases[n], err = w.server.Database(ctx); err != nil {
			return nil, err
		}
	}
	if err := w.databases[n].Become(ctx, w.base); err != nil {
		return nil, err
	}
	w.holds[n], err = catalog.Read(ctx, w.databases[n].DB())
	return w.databases[n], err
}

// loadBase loads the text that mutations are made of, if it is another.
func (w *worker) loadBase(ctx context.Context, name, text string) error {
	if w.base != nil && w.loaded == text {
		return nil
	}
	w.loaded, w.spoilt = "", true
	var err error
	if w.base != nil {
		if err = w.base.Close(); err != nil {
			return err
		}
	}
	if w.base, err = w.server.Database(ctx); err != nil {
		return err
	}
	if err = w.base.LoadText(ctx, name, text); err != nil {
		return err
	}
	w.base.DB().SetMaxIdleConns(0) // nobody may be connected to what is copied
	w.loaded = text
	return nil
}

func (w *worker) emptied(ctx context.Context, d *scratch.Database) bool {
	if _, err := d.DB().ExecContext(ctx, emptying); err != nil {
		return false
	}
	var n int
	return d.DB().QueryRowContext(ctx, left).Scan(&n) == nil && n == 0
}
