package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// noTimestamps finds tables that do not say when a row came and changed.
func noTimestamps(d *digest) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		if bookkeeping(t) || len(t.Inherits) > 0 || d.joinColumns(t) != nil || d.joinsByKey(t) {
			continue
		}
		var missing, statements []string
		for _, name := range []string{"created_at", "updated_at"} {
			if !d.hasTime(t, strings.TrimSuffix(name, "_at")) {
				missing = append(missing, name)
				statements = append(statements, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s timestamptz NOT NULL DEFAULT now()", path(t.Identity), name))
			}
		}
		if len(missing) > 0 {
			findings = append(findings, Finding{
				Table:   t.Identity,
				Message: fmt.Sprintf("table %s has no %s", TableName(t.Identity), strings.Join(missing, " and no ")),
				Advice:  "add the columns; the application or a trigger keeps updated_at",
				SQL:     statements,
			})
		}
	}
	return findings
}

// hasTime says whether a column tells when a row was created or updated, by one
// of the usual names.
func (d *digest) hasTime(t *schema.Table, what string) bool {
	names := map[string][]string{
		"created": {"created", "createdat", "inserted", "insertedat", "createdon", "createddate", "creationdate", "createtime", "added", "addedat", "createdts"},
		"updated": {"updated", "updatedat", "modified", "modifiedat", "modifieddate", "updatedon", "lastupdate", "lastupdated", "lastmodified", "changed", "changedat", "updatedts", "updatetime"},
	}[what]
	return slices.ContainsFunc(d.Schema.Columns(t.Identity), func(c *schema.Column) bool {
		return slices.Contains(names, strings.ToLower(strings.ReplaceAll(c.ID().Name, "_", "")))
	})
}

// joinsByKey says whether all of a table's columns belong to its foreign keys.
func (d *digest) joinsByKey(t *schema.Table) bool {
	var held []string
	for _, fk := range d.foreignKeys(t.Identity) {
		held = append(held, fk.Columns...)
	}
	return !slices.ContainsFunc(d.Schema.Columns(t.Identity), func(c *schema.Column) bool {
		return !slices.Contains(held, c.ID().Name)
	})
}
