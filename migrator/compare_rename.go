package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/fault"
)

// renaming is a statement that goes before all others, with its way back, if it
// needs one.
type renaming struct {
	up, down plan.Statement
}

// rename carries the hints out on the clone, so that what is compared with the
// target has the new names already: columns first, which are named with the old
// names of their tables.
func (c *comparison) rename(ctx context.Context) error {
	type hint struct {
		old        schema.Object
		name, into string
	}
	var columns, others []hint
	for _, text := range c.o.Comparing.Renames {
		before, after, _ := strings.Cut(text, ":")
		old, err := find(c.source.schema, before)
		if err != nil {
			return err
		}
		h := hint{old: old, name: after}
		if _, isColumn := old.(*schema.Column); isColumn {
			h.name = after[strings.LastIndexByte(after, '.')+1:]
			columns = append(columns, h)
			continue
		}
		if into, name, ok := strings.Cut(after, "."); ok && c.target.schema.Has(schema.ID{Kind: schema.KindSchema, Name: into}) {
			h.into, h.name = into, name
		}
		others = append(others, h)
	}
	for _, h := range append(columns, others...) {
		id := h.old.ID()
		var steps []renaming
		if h.name != id.Name {
			steps = append(steps, renaming{up: plan.Rename(h.old, h.name), down: plan.RenameBack(h.old, h.name)})
		}
		if h.into != "" && h.into != id.Schema {
			if namespace := (schema.ID{Kind: schema.KindSchema, Name: h.into}); !c.source.schema.Has(namespace) {
				steps = append(steps, made(h.into))
			}
			id.Schema, id.Name = h.into, h.name
			steps = append(steps, movedTo(h.old, id))
		}
		for _, step := range steps {
			if _, err := c.clone.DB().ExecContext(ctx, step.up.SQL); err != nil {
				return fmt.Errorf("rename %s: %w", h.old.ID().Path(), err)
			}
			c.before = append(c.before, step)
		}
	}
	return nil
}

// made is a schema that others move into.
func made(name string) renaming {
	up, down := plan.MakeSchema(name)
	return renaming{up: up, down: down}
}

// movedTo takes an object, which has its new name already, to another schema.
func movedTo(old schema.Object, to schema.ID) renaming {
	up, down := plan.Move(old, to)
	return renaming{up: up, down: down}
}

// detached takes a partition from its parent.
func detached(table *schema.Table) renaming {
	up, down := plan.Part(table)
	return renaming{up: up, down: down}
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
