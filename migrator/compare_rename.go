package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/fault"
)

// renaming is one --rename, found in the source.
type renaming struct {
	up, down plan.Statement
}

// rename carries the hints out on the clone, so that what is compared with the
// target has the new names already.
func (c *comparison) rename(ctx context.Context) error {
	for _, hint := range c.o.Comparing.Renames {
		before, after, _ := strings.Cut(hint, ":")
		old, err := find(c.source.schema, before)
		if err != nil {
			return err
		}
		wanted := after[strings.LastIndexByte(after, '.')+1:]
		r := renaming{up: plan.Rename(old, wanted), down: plan.RenameBack(old, wanted)}
		if _, err := c.clone.DB().ExecContext(ctx, r.up.SQL); err != nil {
			return fmt.Errorf("rename %s: %w", before, err)
		}
		c.renames = append(c.renames, r)
	}
	return nil
}

// find looks an object up by [schema.]table or [schema.]table.column, or by the
// name of a type, view or sequence.
func find(s *schema.Schema, name string) (schema.Object, error) {
	var found []schema.Object
	for _, object := range s.Objects() {
		id := object.ID()
		switch id.Kind {
		case schema.KindTable, schema.KindView, schema.KindMaterialized, schema.KindSequence, schema.KindEnum, schema.KindDomain,
			schema.KindComposite, schema.KindColumn, schema.KindForeignTable, schema.KindSchema:
			path := id.Path()
			if path == name || id.Schema == "public" && strings.TrimPrefix(path, "public.") == name {
				found = append(found, object)
			}
		}
	}
	if len(found) != 1 {
		return nil, &fault.Input{
			Message: fmt.Sprintf("--rename: the source has %d objects named %s", len(found), name), Hint: "write schema.table:name or schema.table.column:name",
		}
	}
	return found[0], nil
}
