package main

import (
	"context"
	"fmt"
	"slices"
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
	Functions        bool
	IncludeSensitive bool
	Auth             string // what requests must prove: bearer, api-key or none
}

const authNone = "none"

func (o *databaseOptions) flags() []cli.Flag {
	const group = "With --from-db"
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "schema", Usage: "only tables of the schemas `NAME,...`; repeatable", Category: group},
		&cli.StringSliceFlag{Name: "tables", Usage: "only the tables `NAME,...`, with or without their schema; repeatable", Category: group},
		&cli.StringSliceFlag{Name: "exclude", Usage: "not the tables `NAME,...`; repeatable", Category: group},
		&cli.BoolFlag{Name: "functions", Usage: "serve the functions of the database too", Category: group, Destination: &o.Functions},
		&cli.BoolFlag{Name: "include-sensitive", Usage: "show columns too that look like passwords, hashes and tokens", Category: group, Destination: &o.IncludeSensitive},
		&cli.StringFlag{Name: "auth", Usage: "`KIND` of proof that requests need: bearer, api-key or none", Value: authNone, Category: group, Destination: &o.Auth},
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
	given := len(o.Schemas) > 0 || len(o.Tables) > 0 || len(o.Exclude) > 0 || o.Functions || o.IncludeSensitive || o.Auth != authNone
	if given && !fromDatabase {
		return fault.Usagef("--schema, --tables, --exclude, --functions, --include-sensitive and --auth go with --from-db")
	}
	if !slices.Contains([]string{authNone, database.AuthBearer, database.AuthKey}, o.Auth) {
		return fault.Usagef("argument --auth: invalid choice: %q (choose from bearer, api-key, none)", o.Auth)
	}
	return nil
}

// runDatabase writes a server or a document from a database.
func runDatabase(ctx context.Context, o options, s streams) error {
	read, err := database.Read(ctx, database.Options{
		URL: o.Database, Schemas: o.FromDB.Schemas, Tables: o.FromDB.Tables, Exclude: o.FromDB.Exclude, Functions: o.FromDB.Functions,
	})
	if err != nil {
		return err
	}
	described := database.Describe(read, database.Choice{Sensitive: o.FromDB.IncludeSensitive, Auth: o.FromDB.Auth})
	a := described.API
	r := result{Spec: report.RedactURL(o.Database)}
	for _, note := range described.Notes {
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
	return writeServer(ctx, o, s, a, described.Rows, r, tree.File{Path: "openapi.yaml", Content: string(document)})
}
