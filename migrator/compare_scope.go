package main

import (
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// keptSchema is where --keep-data puts tables; keptNote begins the comments of
// what it put aside, by which later comparisons know it.
const (
	keptSchema = "migrator_kept"
	keptNote   = "Kept by migrator"
)

// scope is the target as far as it is to be compared: what --schema leaves out,
// and what --keep-data once put aside, is as it is in the source.
func (c *comparison) scope(from *schema.Schema) *schema.Schema {
	to := c.target.schema
	var carried []schema.ID
	if len(c.o.Schemas) > 0 {
		inside := func(id schema.ID) bool { return wantedSchema(c.o, namespaceOf(id)) }
		for _, object := range from.Objects() {
			if !inside(object.ID()) {
				carried = append(carried, object.ID())
			}
		}
		whole := to
		to = to.Subset(func(object schema.Object) bool { return inside(object.ID()) })
		to = carry(to, from, carried)
		var wanted []schema.ID
		for _, object := range to.Objects() {
			if inside(object.ID()) {
				wanted = append(wanted, object.ID())
			}
		}
		return carry(to, whole, wanted)
	}
	for _, object := range from.Objects() {
		id := object.ID()
		_, isColumn := object.(*schema.Column)
		aside := isColumn && strings.HasPrefix(object.Common().Comment, keptNote) || namespaceOf(id) == keptSchema && from.Has(schema.ID{Kind: schema.KindSchema, Name: keptSchema})
		if aside && !to.Has(id) {
			carried = append(carried, id)
		}
	}
	return carry(to, from, carried)
}

// namespaceOf is the schema that an object is in; a schema is in itself.
func namespaceOf(id schema.ID) string {
	if id.Kind == schema.KindSchema {
		return id.Name
	}
	return id.Schema
}

// carry adds objects of one schema to another, with what they need and it lacks.
func carry(to, from *schema.Schema, ids []schema.ID) *schema.Schema {
	var (
		objects []schema.Object
		seen    = map[schema.ID]bool{}
		needs   = map[schema.ID][]schema.ID{}
	)
	for len(ids) > 0 {
		id := ids[0]
		ids = ids[1:]
		object := from.Object(id)
		if seen[id] || object == nil {
			continue
		}
		seen[id] = true
		if !to.Has(id) {
			objects = append(objects, object)
			needs[id] = from.Depends[id]
			if id.IsRelation() {
				ids = append(ids, from.Parts(id)...)
			}
		}
		for _, need := range from.Depends[id] {
			if !to.Has(need) {
				ids = append(ids, need)
			}
		}
	}
	if len(objects) == 0 {
		return to
	}
	whole := to.With(objects...)
	for id, needed := range needs {
		whole.Depends[id] = needed
	}
	return whole
}

// sized gives tables their size in the live database: a clone has no rows.
func sized(clone, live *schema.Schema) {
	for _, table := range clone.Tables() {
		if old, ok := live.Object(table.ID()).(*schema.Table); ok {
			table.Rows, table.Bytes = old.Rows, old.Bytes
		}
	}
}
