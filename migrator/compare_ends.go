package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// end is one side of a comparison, read.
type end struct {
	name     string // for a person, without secrets
	label    string // the same in short, for titles
	schema   *schema.Schema
	database *scratch.Database // that holds the file; nil for a live database
	live     *sql.DB           // the live database; nil for a file
	close    func() error
}

func isURL(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

func urlOf(name string) string {
	if isURL(name) {
		return name
	}
	return ""
}

// connect reads a live database; without a URL there is none.
func (c *comparison) connect(ctx context.Context, url string) (*end, error) {
	if url == "" {
		return nil, nil
	}
	db, err := scratch.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	e := &end{name: report.RedactURL(url), label: scratch.Label(url), live: db, close: db.Close}
	e.schema, err = catalog.Read(ctx, db)
	return e, err
}

// load makes a schema file real and reads it. A file without any statement is
// an empty schema.
func (c *comparison) load(ctx context.Context, path string) (*end, error) {
	empty, err := holdsNothing(path)
	if err != nil {
		return nil, err
	}
	database, err := c.server.Database(ctx)
	if err != nil {
		return nil, err
	}
	e := &end{name: path, label: path, database: database}
	if empty {
		c.s.log.Warn().Msgf("%s holds no statement: it stands for an empty schema", path)
	} else if err := database.Load(ctx, path); err != nil {
		return e, err
	}
	e.schema, err = catalog.Read(ctx, database.DB())
	return e, err
}

// holdsNothing reports whether a file has no statement in it.
func holdsNothing(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Size() > 1<<20 {
		return false, scratch.Check(path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false, &fault.Input{Path: path, Message: "it cannot be read", Hint: "check its permissions", Err: err}
	}
	pieces, err := script.Split(path, string(text))
	if err != nil {
		return false, fmt.Errorf("read the schema: %w", err)
	}
	for _, piece := range pieces {
		if piece.Kind == script.Statement {
			return false, nil
		}
	}
	return true, nil
}
