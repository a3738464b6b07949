package main

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// keepData puts the tables and columns aside that the changes would drop, on the
// clone, and plans anew from there.
func (c *comparison) keepData(ctx context.Context, from, to *schema.Schema, options diff.Options) (was, wanted *schema.Schema, err error) {
	var carried []schema.ID
	k := keeper{from: from, to: to}
	for _, change := range c.result.Changes {
		drop, ok := change.(diff.Drop)
		if !ok {
			continue
		}
		switch o := drop.Object.(type) {
		case *schema.Table:
			carried = append(carried, k.table(o)...)
		case *schema.Column:
			carried = append(carried, k.column(o)...)
		}
	}
	if len(k.steps) == 0 {
		return from, to, nil
	}
	for _, step := range k.steps {
		if _, err := c.clone.DB().ExecContext(ctx, step.up.SQL); err != nil {
			return nil, nil, fmt.Errorf("put aside (%s): %w", step.up.SQL, err)
		}
	}
	c.before, c.kept = append(c.before, k.steps...), k.said
	if from, err = c.reread(ctx); err != nil {
		return nil, nil, err
	}
	to = carry(to, keepable(from, to, carried), carried)
	c.result.Changes = diff.Compare(from, to, options).Changes
	return from, to, nil
}

// keeper finds the statements that put things aside.
type keeper struct {
	from, to *schema.Schema
	steps    []renaming
	said     []string
	taken    map[schema.ID]bool
}

func (k *keeper) free(id schema.ID) bool {
	return !k.from.Has(id) && !k.to.Has(id) && !k.taken[id]
}

// name is a free one made of the old and a suffix.
func (k *keeper) name(id schema.ID, suffix string) string {
	old := id.Name
	for n := 1; ; n++ {
		tail := suffix
		if n > 1 {
			tail = fmt.Sprintf("%s%d", suffix, n)
		}
		head := old
		for len(head)+len(tail) > 63 {
			_, size := utf8.DecodeLastRuneInString(head)
			head = head[:len(head)-size]
		}
		if id.Name = head + tail; k.free(id) {
			if k.taken == nil {
				k.taken = map[schema.ID]bool{}
			}
			k.taken[id] = true
			return id.Name
		}
	}
}

// table moves a table into a schema of its own, where its indexes are in nobody's way.
func (k *keeper) table(o *schema.Table) []schema.ID {
	if o.IsForeign() || o.IsPartitioned() || len(o.Inherits) > 0 || !o.OfType.IsZero() || o.ID().Schema == keptSchema {
		return nil
	}
	id := o.ID()
	namespace := schema.ID{Kind: schema.KindSchema, Name: keptSchema}
	if k.free(namespace) {
		k.name(namespace, "")
		k.steps = append(k.steps, made(keptSchema), renaming{up: plan.Note(keptSchema, keptNote+": tables that a migration would have dropped")})
	}
	if o.IsPartition() {
		k.steps = append(k.steps, detached(o))
	}
	moved := id
	moved.Schema = keptSchema
	moved.Name = k.name(moved, "")
	if moved.Name != id.Name {
		k.steps = append(k.steps, renaming{up: plan.Rename(o, moved.Name), down: plan.RenameBack(o, moved.Name)})
	}
	k.steps = append(k.steps, movedTo(o, moved))
	k.said = append(k.said, id.String()+" is kept as "+moved.Path())
	return []schema.ID{namespace, moved}
}

// column renames a column away.
func (k *keeper) column(o *schema.Column) []schema.ID {
	if o.Table.Kind != schema.KindTable || o.Generated != "" || o.Inherited && !o.Local {
		return nil
	}
	aside := o.ID()
	aside.Name = k.name(aside, "__kept")
	step := renaming{up: plan.Rename(o, aside.Name), down: plan.RenameBack(o, aside.Name)}
	k.steps = append(k.steps, step)
	k.said = append(k.said, o.ID().String()+" is kept as "+aside.Path())
	return []schema.ID{aside}
}

// keepable is the schema with what is put aside as it shall be then: nothing is
// demanded of a kept column, and a kept table is tied to no other.
func keepable(from, to *schema.Schema, carried []schema.ID) *schema.Schema {
	kept := map[schema.ID]bool{}
	var changed []schema.Object
	for _, id := range carried {
		kept[id] = true
		if column, ok := from.Object(id).(*schema.Column); ok {
			bare := *column
			bare.NotNull, bare.NotNullName, bare.NotNullNotes = false, "", schema.NotNullNotes{}
			bare.Identity, bare.Sequence = "", nil
			bare.Comment = keptNote + ": a migration would have dropped it"
			changed = append(changed, &bare)
		}
	}
	stays := func(object schema.Object) bool {
		switch o := object.(type) {
		case *schema.Trigger:
			return !kept[o.Table]
		case *schema.Rule:
			return !kept[o.Table]
		case *schema.Policy:
			return !kept[o.Table]
		case *schema.Constraint:
			return !kept[o.Table] || o.Type != schema.ForeignKey && needsOnly(from, to, o.ID())
		case *schema.Default:
			return !kept[o.Table] || needsOnly(from, to, o.ID())
		case *schema.Index:
			return !kept[o.Table] || needsOnly(from, to, o.ID())
		}
		return true
	}
	return from.With(changed...).Subset(stays)
}

// needsOnly reports whether an object needs no routine that the target lacks.
func needsOnly(from, to *schema.Schema, id schema.ID) bool {
	for _, need := range from.Depends[id] {
		switch need.Kind {
		case schema.KindFunction, schema.KindAggregate, schema.KindOperator:
			if !to.Has(need) {
				return false
			}
		}
	}
	return true
}
