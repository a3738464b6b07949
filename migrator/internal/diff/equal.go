package diff

import (
	"reflect"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// verdict is the fate of an object that is on both sides.
func (c *comparison) verdict(old, wanted schema.Object) fate {
	if reflect.TypeOf(old) != reflect.TypeOf(wanted) {
		return replace
	}
	if before, ok := ownerOf(old); ok {
		if after, _ := ownerOf(wanted); before != after {
			return replace // a view's, say, that becomes a table
		}
		if c.moves(before) {
			old, wanted = parentless(old), parentless(wanted)
		}
	}
	if !SameBody(old, wanted) {
		return c.change(old, wanted)
	}
	if c.keepsOwn(old, wanted) {
		return alter
	}
	if SameHead(old.Common(), wanted.Common(), c.options) {
		return keep
	}
	return alter
}

// keepsOwn reports whether a column shall only come from a parent, or shall be
// the table's own too, and is not: no statement changes that, so that the
// difference stays, and the migration is not taken for proved.
func (c *comparison) keepsOwn(old, wanted schema.Object) bool {
	was, ok := old.(*schema.Column)
	is, still := wanted.(*schema.Column)
	if !ok || !still || was.Local == is.Local || !is.Inherited {
		return false
	}
	before, _ := c.source.Object(was.Table).(*schema.Table)
	after, _ := c.target.Object(is.Table).(*schema.Table)
	return before != nil && after != nil && !before.IsPartition() && !after.IsPartition()
}

// moves reports whether a table becomes another parent's partition, or nobody's:
// the server then parts and matches the indexes by itself.
func (c *comparison) moves(id schema.ID) bool {
	before, ok := c.source.Object(id).(*schema.Table)
	after, still := c.target.Object(id).(*schema.Table)
	return ok && still && before.PartitionOf != after.PartitionOf
}

// rebound reports whether a table stays its parent's partition, for other rows.
func (c *comparison) rebound(id schema.ID) bool {
	before, ok := c.source.Object(id).(*schema.Table)
	after, still := c.target.Object(id).(*schema.Table)
	return ok && still && before.IsPartition() && before.PartitionOf == after.PartitionOf && before.Bound != after.Bound &&
		c.fates[id] != replace && c.fates[before.PartitionOf] != replace
}

// parentless is an index or constraint without what it is attached to.
func parentless(object schema.Object) schema.Object {
	switch o := object.(type) {
	case *schema.Index:
		alone := *o
		alone.Parent = schema.ID{}
		return &alone
	case *schema.Constraint:
		alone := *o
		alone.Parent, alone.Inherited = schema.ID{}, false
		return &alone
	}
	return object
}

// SameHead reports whether comment, privileges and, when asked, owner agree.
func SameHead(a, b *schema.Head, options Options) bool {
	return a.Comment == b.Comment && slices.Equal(a.Grants, b.Grants) && slices.Equal(a.Revoked, b.Revoked) &&
		(!options.Owner || a.Owner == b.Owner)
}

// SameBody reports whether two objects of one identity agree in everything but
// comment, privileges and owner.
func SameBody(a, b schema.Object) bool {
	return reflect.DeepEqual(body(a), body(b))
}

// body is a copy of an object without what is compared separately, what is no
// part of the schema, and what only the order of creation decides.
func body(object schema.Object) any {
	switch o := object.(type) {
	case *schema.Namespace:
		return nil
	case *schema.DefaultGrants:
		return nil
	case *schema.Extension:
		return o.In
	case *schema.Sequence:
		return []any{sequenceBody(&o.SequenceOptions), o.Unlogged, o.OwnedBy}
	case *schema.Table:
		t := *o
		t.Head, t.Rows, t.Bytes, t.Copies = schema.Head{}, 0, 0, nil
		t.Options, t.ToastOptions, t.ForeignOpts = sorted(t.Options), sorted(t.ToastOptions), sorted(t.ForeignOpts)
		t.Inherits = append([]schema.ID{}, t.Inherits...)
		return t
	case *schema.Column:
		return columnBody(o)
	case *schema.Index:
		return indexBody(o)
	case *schema.View:
		v := *o
		v.Head, v.Rows, v.Bytes, v.Options = schema.Head{}, 0, 0, sorted(v.Options)
		return v
	case *schema.Constraint:
		k := *o
		k.Head, k.Options = schema.Head{}, sorted(k.Options)
		if k.HasIndex() {
			k.Inherited, k.NoInherit = false, false // only how it was attached
		}
		k.Columns, k.RefColumns = append([]string{}, k.Columns...), append([]string{}, k.RefColumns...)
		return k
	case *schema.Policy:
		p := *o
		p.Head, p.Roles = schema.Head{}, sorted(p.Roles)
		return p
	case *schema.Enum:
		return append([]string{}, o.Values...)
	case *schema.Composite:
		return append([]schema.Attribute{}, o.Attributes...)
	}
	return generalBody(object)
}

func generalBody(object schema.Object) any {
	switch o := object.(type) {
	case *schema.Domain:
		d := *o
		d.Head = schema.Head{}
		return d
	case *schema.Routine:
		return []any{o.Definition, o.Returns}
	case *schema.Trigger:
		return []any{o.Definition, o.Enabled}
	case *schema.Rule:
		return []any{o.Definition, o.Enabled}
	case *schema.Default:
		return o.Expr
	case *schema.Definition:
		return []any{strings.Join(o.Create, ";"), strings.Join(o.Settings, ";")}
	}
	return object
}

func columnBody(o *schema.Column) any {
	column := *o
	column.Head, column.Position, column.TypeID = schema.Head{}, 0, schema.ID{}
	column.Options, column.ForeignOpts = sorted(column.Options), sorted(column.ForeignOpts)
	column.Local, column.Inherited, column.PartitionKey, column.Sequence = false, false, false, nil
	if column.NotNullNotes.Inherited {
		column.NotNullName, column.NotNullNotes = "", schema.NotNullNotes{}
	}
	if column.Storage == column.TypeStorage {
		column.Storage = ""
	}
	column.TypeStorage = ""
	if o.Table.Kind == schema.KindView || o.Table.Kind == schema.KindMaterialized {
		// The view's query decides these.
		column.Type, column.Collation, column.NotNull, column.Storage = "", "", false, ""
		return []any{column, nil}
	}
	var sequence any
	if o.Sequence != nil {
		sequence = [2]any{sequenceBody(o.Sequence), o.Sequence.Name}
	}
	return []any{column, sequence}
}

func indexBody(o *schema.Index) any {
	if o.Constraint != "" {
		return len(o.Statistics) // the constraint speaks for it
	}
	return []any{o.Definition, o.Valid, o.Parent, sorted(o.Options), o.Statistics, o.Tablespace}
}

func sequenceBody(o *schema.SequenceOptions) any {
	return []any{o.Type, o.Start, o.Increment, o.Min, o.Max, o.Cache, o.Cycle, o.Unlogged}
}

func sorted(of []string) []string {
	copied := append([]string{}, of...)
	slices.Sort(copied)
	return copied
}
