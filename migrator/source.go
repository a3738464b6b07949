package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/shared/report"
)

// source is the schema that a mode works on, read.
type source struct {
	schema *schema.Schema
	db     *sql.DB // the database itself, or the temporary one that holds the file
	name   string  // for a person, without secrets
	label  string  // the same in short, for a title
	live   bool    // it is a database in use, not a file
	close  []func() error
}

// openSource connects to --connection, or loads the schema file into a
// temporary database, and reads the schema. The caller closes it.
func openSource(ctx context.Context, o options, s streams) (*source, error) {
	src := &source{}
	err := src.open(ctx, o, s)
	if err == nil {
		src.schema, err = catalog.Read(ctx, src.db)
	}
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	return src, nil
}

func (src *source) open(ctx context.Context, o options, s streams) error {
	if o.Connection != "" {
		db, err := scratch.Connect(ctx, o.Connection)
		if err != nil {
			return err
		}
		src.db, src.live, src.name, src.label = db, true, report.RedactURL(o.Connection), scratch.Label(o.Connection)
		src.close = append(src.close, db.Close)
		return nil
	}
	if err := scratch.Check(o.Schema); err != nil {
		return err
	}
	server, err := openScratch(ctx, o, s)
	if err != nil {
		return err
	}
	src.close = append(src.close, server.Close)
	database, err := server.Database(ctx)
	if err != nil {
		return err
	}
	src.db, src.name, src.label = database.DB(), o.Schema, o.Schema
	return database.Load(ctx, o.Schema)
}

// openScratch finds a server for temporary databases.
func openScratch(ctx context.Context, o options, s streams) (*scratch.Server, error) {
	return scratch.Open(ctx, scratch.Options{ScratchURL: o.Scratch, ConnectionURL: o.Connection, Version: o.Postgres, Log: s.log})
}

// Close drops the temporary database, if there is one, and disconnects.
func (src *source) Close() error {
	var errs []error
	for i := len(src.close) - 1; i >= 0; i-- {
		errs = append(errs, src.close[i]())
	}
	src.close = nil
	return errors.Join(errs...)
}

// detail is what a report says below a title that has the label.
func detail(server, name, label string) string {
	if name == label {
		return server
	}
	return server + " · " + name
}

// server names the server's version for a person.
func (src *source) server() string {
	return fmt.Sprintf("PostgreSQL %d.%d", src.schema.Version/10000, src.schema.Version%10000)
}
