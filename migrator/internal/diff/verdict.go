package diff

import (
	"slices"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// change decides whether an object whose body differs can be altered in place.
func (c *comparison) change(old, wanted schema.Object) fate {
	switch o := old.(type) {
	case *schema.Table:
		return tableChange(o, wanted.(*schema.Table), c.target.Version)
	case *schema.Column:
		return columnChange(o, wanted.(*schema.Column))
	case *schema.Default:
		return c.defaultChange(o)
	case *schema.Constraint:
		return constraintChange(o, wanted.(*schema.Constraint))
	case *schema.Index:
		return indexChange(o, wanted.(*schema.Index))
	case *schema.Enum:
		if subsequence(o.Values, wanted.(*schema.Enum).Values) {
			return alter
		}
		return replace
	case *schema.Domain:
		w := wanted.(*schema.Domain)
		if o.Type != w.Type || o.Collation != w.Collation {
			return replace
		}
	case *schema.Composite:
		return compositeChange(o, wanted.(*schema.Composite))
	case *schema.View:
		return c.viewChange(o, wanted.(*schema.View))
	case *schema.Routine:
		return routineChange(o, wanted.(*schema.Routine))
	case *schema.Trigger:
		if o.Definition != wanted.(*schema.Trigger).Definition {
			return replace
		}
	case *schema.Policy:
		w := wanted.(*schema.Policy)
		if o.Command != w.Command || o.Permissive != w.Permissive || o.Using != "" && w.Using == "" || o.Check != "" && w.Check == "" {
			return replace
		}
	case *schema.Definition:
		if !slices.Equal(o.Create, wanted.(*schema.Definition).Create) {
			return replace
		}
	}
	return alter
}

func tableChange(old, wanted *schema.Table, version int) fate {
	switch {
	case old.PartitionKey != wanted.PartitionKey, old.Server != wanted.Server:
		return replace
	case old.AccessMethod != wanted.AccessMethod && version < 150000:
		return replace
	}
	return alter
}

func columnChange(old, wanted *schema.Column) fate {
	if old.Generated != wanted.Generated && wanted.Generated != "" {
		return replace
	}
	if old.Generated == "VIRTUAL" && wanted.Generated == "" {
		return replace
	}
	return alter
}

// defaultChange: the expression of a generated column changes with the column,
// which is computed anew.
func (c *comparison) defaultChange(old *schema.Default) fate {
	id := schema.ColumnID(old.Table, old.ID().Name)
	if column, ok := c.target.Object(id).(*schema.Column); ok && column.Generated != "" {
		c.fates[id] = replace
		return replace
	}
	for _, need := range c.source.Depends[old.ID()] {
		if c.overloads(c.source.Object(need)) != nil {
			return replace
		}
	}
	return alter
}

// overloads are the routines that come under the name of one that goes, so that
// a call might mean either.
func (c *comparison) overloads(old schema.Object) []*schema.Routine {
	gone, ok := old.(*schema.Routine)
	if !ok || c.target.Has(gone.ID()) {
		return nil
	}
	var found []*schema.Routine
	for _, object := range c.target.Objects() {
		wanted, ok := object.(*schema.Routine)
		if ok && wanted.ID().Schema == gone.ID().Schema && wanted.ID().Name == gone.ID().Name && !c.source.Has(wanted.ID()) && gone.Defaults+wanted.Defaults > 0 {
			found = append(found, wanted)
		}
	}
	return found
}

func constraintChange(old, wanted *schema.Constraint) fate {
	relaxed := *old
	relaxed.Validated = wanted.Validated
	if old.Type == schema.ForeignKey {
		relaxed.Deferrable, relaxed.Deferred = wanted.Deferrable, wanted.Deferred
	}
	if old.HasIndex() {
		relaxed = *old
		if relaxed.Options = wanted.Options; SameBody(&relaxed, wanted) {
			return alter
		}
		return replace
	}
	relaxed.Definition = wanted.Definition
	if old.Validated && !wanted.Validated {
		return replace
	}
	if SameBody(&relaxed, wanted) && (old.Type == schema.ForeignKey || old.Validated != wanted.Validated) {
		if old.Type == schema.ForeignKey && !sameForeignKey(old, wanted) {
			return replace
		}
		if old.Type == schema.Check && old.Expression != wanted.Expression {
			return replace
		}
		return alter
	}
	return replace
}

func sameForeignKey(old, wanted *schema.Constraint) bool {
	return slices.Equal(old.Columns, wanted.Columns) && slices.Equal(old.RefColumns, wanted.RefColumns) &&
		old.RefTable == wanted.RefTable && old.OnDelete == wanted.OnDelete && old.OnUpdate == wanted.OnUpdate &&
		bareForeignKey(old.Definition) == bareForeignKey(wanted.Definition)
}

func indexChange(old, wanted *schema.Index) fate {
	if (old.Constraint == "") != (wanted.Constraint == "") {
		return replace
	}
	if old.Constraint != "" {
		return alter
	}
	if !old.Valid || !wanted.Valid && !wanted.OnPartitioned || old.Tablespace != wanted.Tablespace ||
		bareIndex(old) != bareIndex(wanted) || old.OnPartitioned != wanted.OnPartitioned {
		return replace
	}
	if old.Parent != wanted.Parent && !old.Parent.IsZero() {
		return replace
	}
	return alter
}

// compositeChange: fields can be added at the end and dropped; any other order
// or type needs the type made anew.
func compositeChange(old, wanted *schema.Composite) fate {
	n := 0
	for _, attribute := range wanted.Attributes {
		at := slices.IndexFunc(old.Attributes, func(a schema.Attribute) bool { return a.Name == attribute.Name })
		switch {
		case at < 0:
			n = len(old.Attributes)
		case at < n:
			return replace
		case old.Attributes[at].Type != attribute.Type || old.Attributes[at].Collation != attribute.Collation:
			return replace
		default:
			n = at + 1
		}
	}
	return alter
}

// viewChange: CREATE OR REPLACE VIEW can only add columns at the end.
func (c *comparison) viewChange(old, wanted *schema.View) fate {
	materialized := old.ID().Kind == schema.KindMaterialized
	if old.Query == wanted.Query {
		if materialized && (old.AccessMethod != wanted.AccessMethod || old.Populated && !wanted.Populated) {
			return replace
		}
		if old.Unlogged != wanted.Unlogged {
			return replace
		}
	} else if materialized {
		return replace
	}
	before, after := c.source.Columns(old.ID()), c.target.Columns(old.ID())
	if len(before) > len(after) {
		return replace
	}
	for n := range before {
		if before[n].Identity != after[n].Identity || before[n].ID().Name != after[n].ID().Name ||
			before[n].Type != after[n].Type || before[n].Collation != after[n].Collation {
			return replace
		}
	}
	return alter
}

// routineChange: CREATE OR REPLACE keeps what callers rely on.
func routineChange(old, wanted *schema.Routine) fate {
	if old.Returns != wanted.Returns || old.Outputs != wanted.Outputs || old.Defaults > wanted.Defaults {
		return replace
	}
	for n := range old.Inputs {
		if n < len(wanted.Inputs) && old.Inputs[n] != "" && old.Inputs[n] != wanted.Inputs[n] {
			return replace
		}
	}
	return alter
}

// subsequence reports whether all of part stands in whole, in the same order.
func subsequence(part, whole []string) bool {
	n := 0
	for _, value := range whole {
		if n < len(part) && part[n] == value {
			n++
		}
	}
	return n == len(part)
}
