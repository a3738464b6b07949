package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// offer is a drop and an add that may be one rename.
type offer struct {
	Hint   string `json:"hint"` // what --rename takes
	Reason string `json:"reason"`
}

// offers finds what goes and what comes in the same shape, where there is only
// one of each. They are never taken for renames unasked: rows would be at stake.
func offers(changes []diff.Change) []offer {
	gone, come := map[string][]schema.Object{}, map[string][]schema.Object{}
	var order []string
	note := func(in map[string][]schema.Object, object schema.Object, parts []schema.Object) {
		if key := shape(object, parts); key != "" {
			in[key] = append(in[key], object)
			order = append(order, key)
		}
	}
	for _, change := range changes {
		switch c := change.(type) {
		case diff.Drop:
			if !c.Again {
				note(gone, c.Object, c.Parts)
			}
		case diff.Create:
			if !c.Again {
				note(come, c.Object, c.Parts)
			}
		}
	}
	var found []offer
	for _, key := range order {
		if len(gone[key]) != 1 || len(come[key]) != 1 {
			continue
		}
		old, object := gone[key][0], come[key][0]
		delete(gone, key)
		to := object.ID().Name
		if object.ID().Schema != old.ID().Schema {
			to = strings.TrimPrefix(object.ID().Path(), "public.")
		}
		found = append(found, offer{
			Hint:   strings.TrimPrefix(old.ID().Path(), "public.") + ":" + to,
			Reason: fmt.Sprintf("%s goes and %s comes in the same shape", old.ID(), object.ID()),
		})
	}
	return found
}

// shape is alike for objects that may be the same under another name; empty for
// those that hold nothing to be lost.
func shape(object schema.Object, parts []schema.Object) string {
	switch o := object.(type) {
	case *schema.Column:
		if o.Table.Kind != schema.KindTable || o.Generated != "" {
			return ""
		}
		return "column of " + o.Table.String() + " " + o.Type
	case *schema.Table:
		var columns []string
		for _, part := range parts {
			if column, ok := part.(*schema.Column); ok && column.Table == o.ID() {
				columns = append(columns, column.ID().Name+" "+column.Type)
			}
		}
		if len(columns) == 0 || o.IsForeign() || o.IsPartition() {
			return ""
		}
		return "table " + strings.Join(slices.Sorted(slices.Values(columns)), ", ")
	}
	return ""
}
