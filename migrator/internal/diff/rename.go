package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// pairRenames finds the constraints and indexes that only have another name:
// renaming them costs nothing, making them again does. No rows can be lost by
// it, so the same definition on the same table is evidence enough.
func (c *comparison) pairRenames() {
	for c.pairSome() { // parts of partitioned ones follow those
		c.followParents()
	}
}

// pairSome pairs what can be paired now, and reports whether there was any.
func (c *comparison) pairSome() bool {
	gone := map[string][]schema.Object{}
	for _, old := range c.source.Objects() {
		if c.fates[old.ID()] != drop {
			continue
		}
		if key := c.renameKey(old); key != "" && c.steady(old) {
			gone[key] = append(gone[key], old)
		}
	}
	paired := false
	for _, object := range c.target.Objects() {
		if c.fates[object.ID()] != create || c.renamed[object.ID()] != nil {
			continue
		}
		key := c.renameKey(object)
		at := slices.IndexFunc(gone[key], func(old schema.Object) bool { return c.sameParent(old, object) })
		if at < 0 {
			continue
		}
		old := gone[key][at]
		gone[key] = slices.Delete(gone[key], at, at+1)
		paired = true
		c.rename(old, object)
		if constraint, ok := object.(*schema.Constraint); ok && constraint.HasIndex() {
			c.rename(c.source.Object(indexOf(old.ID())), c.target.Object(indexOf(object.ID())))
		}
	}
	return paired
}

// sameParent reports whether two are attached to the same, or to what is renamed
// from the one to the other.
func (c *comparison) sameParent(old, object schema.Object) bool {
	from, to := attachedTo(old), attachedTo(object)
	return from == to || c.renamed[to] != nil && c.renamed[to].ID() == from
}

// attachedTo is the index or constraint of a partitioned table that this is a
// partition's part of.
func attachedTo(object schema.Object) schema.ID {
	switch o := object.(type) {
	case *schema.Index:
		return o.Parent
	case *schema.Constraint:
		return o.Parent
	}
	return schema.ID{}
}

// followParents lets be what differs only in the name of what it is attached to.
func (c *comparison) followParents() {
	for id, fate := range c.fates {
		old, wanted := c.source.Object(id), c.target.Object(id)
		if fate != alter && fate != replace || old == nil || wanted == nil || c.renamed[attachedTo(wanted)] == nil || !c.sameParent(old, wanted) {
			continue
		}
		switch {
		case !SameBody(parentless(old), parentless(wanted)):
			c.fates[id] = c.change(parentless(old), parentless(wanted))
		case SameHead(old.Common(), wanted.Common(), c.options):
			delete(c.fates, id)
		default:
			c.fates[id] = alter
		}
	}
}

func (c *comparison) rename(old, object schema.Object) {
	if old == nil || object == nil {
		return
	}
	c.renamed[object.ID()] = old
	c.fates[old.ID()], c.fates[object.ID()] = keep, alter
}

// indexOf is the index behind a constraint.
func indexOf(constraint schema.ID) schema.ID {
	constraint.Kind = schema.KindIndex
	return constraint
}

// renameKey is the same for objects that differ in nothing but their name;
// empty for those that are not renamed.
func (c *comparison) renameKey(object schema.Object) string {
	id := object.ID()
	switch o := object.(type) {
	case *schema.Constraint:
		if o.Table.Kind == schema.KindDomain || c.ignored(o) {
			return ""
		}
		nameless := *parentless(o).(*schema.Constraint)
		if o.HasIndex() {
			nameless.Options = nil // they change in place
		}
		return fmt.Sprintf("%s.%s %+v", id.Schema, id.Parent, body(&nameless))
	case *schema.Index:
		if o.Constraint != "" || !o.Valid {
			return ""
		}
		nameless := *o
		for _, name := range []string{id.Name, `"` + strings.ReplaceAll(id.Name, `"`, `""`) + `"`} {
			nameless.Definition = strings.Replace(nameless.Definition, " INDEX "+name+" ON ", " INDEX ON ", 1)
		}
		return fmt.Sprintf("%s.%s %+v", id.Schema, id.Parent, body(parentless(&nameless)))
	}
	return ""
}

// steady reports whether nothing that the object stands on changes.
func (c *comparison) steady(object schema.Object) bool {
	for _, need := range c.source.Depends[object.ID()] {
		switch c.fates[need] {
		case drop, replace, create:
			return false
		case alter:
			was, isColumn := c.source.Object(need).(*schema.Column)
			is, _ := c.target.Object(need).(*schema.Column)
			if isColumn && (is == nil || was.Type != is.Type || was.Collation != is.Collation || was.Generated != is.Generated) {
				return false
			}
		}
	}
	return true
}

// undoRenames makes again what cannot be renamed after all, because its table
// is made again.
func (c *comparison) undoRenames() {
	for id, old := range c.renamed {
		owner, _ := ownerOf(old)
		if fate := c.fates[owner]; fate == replace || fate == drop {
			c.fates[old.ID()], c.fates[id] = drop, create
			delete(c.renamed, id)
		}
	}
}

// unrename makes one thing again of those that wait for each other's names.
func (c *comparison) unrename(circles [][]*node) bool {
	for _, circle := range circles {
		var renamed []schema.ID
		for _, n := range circle {
			if id := n.key.id; n.key.step == stepAlter && c.renamed[id] != nil {
				renamed = append(renamed, id)
			}
		}
		if len(renamed) == 0 {
			continue
		}
		id := slices.MinFunc(renamed, schema.ID.Compare)
		ids := []schema.ID{id}
		if constraint, ok := c.target.Object(id).(*schema.Constraint); ok && constraint.HasIndex() {
			ids = append(ids, indexOf(id))
		}
		for _, id := range ids {
			if old := c.renamed[id]; old != nil {
				c.fates[old.ID()], c.fates[id] = drop, create
				delete(c.renamed, id)
			}
		}
		return true
	}
	return false
}
