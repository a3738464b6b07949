package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/scaffolder/internal/database"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/tree"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// databaseOptions is what only --from-db reads.
type databaseOptions struct {
	Schemas          []string
	Tables           []string
	Exclude          []string
	IncludeSensitive bool
}

func (o *databaseOptions) flags() []cli.Flag {
	const group = "With --from-db"
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "schema", Usage: "only tables of the schemas `NAME,...`; repeatable", Category: group},
		&cli.StringSliceFlag{Name: "tables", Usage: "only the tables `NAME,...`, with or without their schema; repeatable", Category: group},
		&cli.StringSliceFlag{Name: "exclude", Usage: "not the tables `NAME,...`; repeatable", Category: group},
		&cli.BoolFlag{Name: "include-sensitive", Usage: "show columns too that look like passwords, hashes and tokens", Category: group, Destination: &o.IncludeSensitive},
	}
}

func (o *databaseOptions) read(c *cli.Context) {
	o.Schemas, o.Tables, o.Exclude = listed(c, "schema"), listed(c, "tables"), listed(c, "exclude")
}

// listed are the names that a flag gives, one or several at a time.
func listed(c *cli.Context, flag string) []string {
	var out []string
	for _, value := range c.StringSlice(flag) {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

func (o databaseOptions) validate(fromDatabase bool) error {
	given := len(o.Schemas) > 0 || len(o.Tables) > 0 || len(o.Exclude) > 0 || o.IncludeSensitive
	if given && !fromDatabase {
		return fault.Usagef("--schema, --tables, --exclude and --include-sensitive go with --from-db")
	}
	return nil
}

// runDatabase writes a server or a document from a database.
func runDatabase(ctx context.Context, o options, s streams) error {
	read, err := database.Read(ctx, database.Options{
		URL: o.Database, Schemas: o.FromDB.Schemas, Tables: o.FromDB.Tables, Exclude: o.FromDB.Exclude,
	})
	if err != nil {
		return err
	}
	a, notes := database.Describe(read, o.FromDB.IncludeSensitive)
	r := result{Spec: report.RedactURL(o.Database)}
	for _, note := range notes {
		r.Problems = append(r.Problems, openapi.Problem{Severity: openapi.Unsupported, Message: note})
	}
	s.log.Debug().Int("tables", len(read.Tables)).Msg("read database " + read.Name)
	logProblems(s, r.Problems, o.Verbose)
	if o.GenerateSpec {
		return writeDocument(o, s, a, r)
	}
	document, err := openapi.Write(a, openapi.YAML)
	if err != nil {
		return fmt.Errorf("write document: %w", err)
	}
	if !o.TypesOnly {
		s.log.Warn().Msg("the handlers check every request and answer 501 until they are written: queries are not generated yet")
	}
	return writeServer(ctx, o, s, a, r, tree.File{Path: "openapi.yaml", Content: string(document)})
}
