package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

const (
	enumRows   = 1000 // fewer rows do not show what values there are
	enumValues = 10   // more values are no enumeration
)

// enumLikeText finds text that only ever holds a few words, or yes and no.
func enumLikeText(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	return d.each(func(t *schema.Table, c *schema.Column) (Finding, bool) {
		name := typeOf(c)
		stats, ok := d.Statistics.Columns[c.ID()]
		if name != "text" && name != "character varying" && name != "character" || !ok || d.rows(t) < enumRows || t.IsPartitioned() {
			return Finding{}, false
		}
		values := stats.Common
		if stats.Distinct < 2 || stats.Distinct > enumValues || len(values) != int(stats.Distinct) || d.checked(c) {
			return Finding{}, false
		}
		slices.Sort(values)
		f := Finding{Evidence: fmt.Sprintf("all of about %.0f rows hold one of %s", t.Rows, strings.Join(values, ", "))}
		if yes, ok := truth(values); ok && c.NotNull {
			f.Message = fmt.Sprintf("%s is a boolean in text", columnNames(t.Identity, []string{c.ID().Name}))
			f.Advice = "make it boolean; this rewrites the table"
			if d.Schema.Default(t.Identity, c.ID().Name) == nil {
				f.SQL = d.alterType(c, "boolean", fmt.Sprintf("%s = %s", quote(c.ID().Name), literal(yes)))
			}
			return f, true
		}
		f.Message = fmt.Sprintf("%s is an enumeration that nothing enforces", columnNames(t.Identity, []string{c.ID().Name}))
		f.Advice = "let a check say which values there are; other values, if they are to come, belong in it"
		f.SQL = d.enforce(t, c, values)
		return f, true
	})
}

func (d *digest) enforce(t *schema.Table, c *schema.Column, values []string) []string {
	literals := make([]string, len(values))
	for i, v := range values {
		literals[i] = literal(v)
	}
	name := quote(shorten(t.Identity.Name+"_"+c.ID().Name+"_check", func(name string) bool {
		return d.Schema.Has(schema.ID{Kind: schema.KindConstraint, Schema: t.Identity.Schema, Parent: t.Identity.Name, Name: name})
	}))
	return []string{
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IN (%s)) NOT VALID", path(t.Identity), name, quote(c.ID().Name), strings.Join(literals, ", ")),
		fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", path(t.Identity), name),
	}
}

// checked says whether a check or a foreign key already limits the column.
func (d *digest) checked(c *schema.Column) bool {
	return slices.ContainsFunc(d.Schema.Constraints(c.Table), func(k *schema.Constraint) bool {
		return (k.Type == schema.Check || k.Type == schema.ForeignKey) && slices.Contains(k.Columns, c.ID().Name)
	})
}

// truth returns the value that means yes, if the two values mean yes and no.
func truth(values []string) (string, bool) {
	for _, pair := range [][2]string{{"n", "y"}, {"no", "yes"}, {"f", "t"}, {"false", "true"}, {"0", "1"}, {"off", "on"}} {
		if len(values) == 2 && strings.EqualFold(values[0], pair[0]) && strings.EqualFold(values[1], pair[1]) {
			return values[1], true
		}
	}
	return "", false
}
