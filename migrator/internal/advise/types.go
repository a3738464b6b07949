package advise

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// each makes a finding of every column for which look returns one.
func (d *digest) each(look func(*schema.Table, *schema.Column) (Finding, bool)) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		if bookkeeping(t) {
			continue
		}
		for _, c := range d.columns(t) {
			if f, ok := look(t, c); ok {
				f.Table, f.Columns = t.Identity, []string{c.ID().Name}
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// retype is a finding whose repair is another type.
func (d *digest) retype(c *schema.Column, to, using, message, advice string) (Finding, bool) {
	f := Finding{
		Message: fmt.Sprintf("%s is %s: %s", columnNames(c.Table, []string{c.ID().Name}), c.Type, message),
		Advice:  advice,
		SQL:     d.alterType(c, to, using),
	}
	if f.SQL == nil {
		f.Advice = d.rebuildAdvice(c, to)
	}
	return f, true
}

// timestampWithoutZone finds points in time that do not say which.
func timestampWithoutZone(d *digest) []Finding {
	return d.each(func(_ *schema.Table, c *schema.Column) (Finding, bool) {
		if typeOf(c) != "timestamp without time zone" {
			return Finding{}, false
		}
		to := "timestamptz" + modifier(c)
		return d.retype(c, to, quote(c.ID().Name)+" AT TIME ZONE 'UTC'",
			"what moment it means depends on who reads it",
			"make it timestamptz; the statement takes the values there are for UTC")
	})
}

// modifier is what a column's type has in parentheses, with them.
func modifier(c *schema.Column) string {
	open, end := strings.IndexByte(c.Type, '('), strings.IndexByte(c.Type, ')')
	if open < 0 || end < open {
		return ""
	}
	return c.Type[open : end+1]
}

// charType finds blank-padded columns.
func charType(d *digest) []Finding {
	return d.each(func(_ *schema.Table, c *schema.Column) (Finding, bool) {
		if typeOf(c) != "character" {
			return Finding{}, false
		}
		return d.retype(c, "varchar"+modifier(c), "",
			"it pads with blanks, which comparisons ignore and length checks do not see",
			"make it varchar of the same length, or text with a check")
	})
}

// moneyType finds amounts whose currency depends on a server's setting.
func moneyType(d *digest) []Finding {
	return d.each(func(_ *schema.Table, c *schema.Column) (Finding, bool) {
		if c.Type != "money" {
			return Finding{}, false
		}
		return d.retype(c, "numeric(19,4)", quote(c.ID().Name)+"::numeric",
			"its currency and its decimals depend on lc_monetary", "make it numeric, with the currency in a column of its own")
	})
}

var amountName = regexp.MustCompile(`(?i)(^|_)(amount|price|cost|total|subtotal|balance|fee|tax|discount|salary|wage|payment|revenue|budget)(s|_|$)`)

// floatAmount finds amounts of money in binary fractions.
func floatAmount(d *digest) []Finding {
	return d.each(func(_ *schema.Table, c *schema.Column) (Finding, bool) {
		if c.Type != "real" && c.Type != "double precision" || !amountName.MatchString(c.ID().Name) {
			return Finding{}, false
		}
		return d.retype(c, "numeric(19,4)", quote(c.ID().Name)+"::numeric",
			"sums of amounts go wrong in binary fractions, as 0.1 + 0.2 does", "make it numeric")
	})
}

// jsonType finds json, which is parsed at each use and takes no index.
func jsonType(d *digest) []Finding {
	return d.each(func(_ *schema.Table, c *schema.Column) (Finding, bool) {
		if c.Type != "json" {
			return Finding{}, false
		}
		return d.retype(c, "jsonb", quote(c.ID().Name)+"::jsonb",
			"it is parsed again at each use, and takes neither an index nor =",
			"make it jsonb, unless the order of keys or the white space must be kept")
	})
}

// varcharWithoutLength finds varchar that limits nothing.
func varcharWithoutLength(d *digest) []Finding {
	return d.each(func(_ *schema.Table, c *schema.Column) (Finding, bool) {
		if c.Type != "character varying" {
			return Finding{}, false
		}
		return d.retype(c, "text", "", "without a length it is text by another name",
			"make it text, and add a check where a length is meant; nothing is rewritten")
	})
}

// serialColumn finds columns fed by a sequence of their own where identity
// would do: its rights and its default cannot come apart.
func serialColumn(d *digest) []Finding {
	return d.each(func(t *schema.Table, c *schema.Column) (Finding, bool) {
		s := d.feeding(c)
		value := d.Schema.Default(t.Identity, c.ID().Name)
		if s == nil || value == nil || c.ID().Name == "" || s.OwnedBy != schema.ColumnID(t.Identity, c.ID().Name) ||
			!strings.HasPrefix(value.Expr, "nextval(") || t.IsPartitioned() || c.Inherited || width(c.Type) == 0 {
			return Finding{}, false
		}
		f := Finding{
			Message:  fmt.Sprintf("%s is a serial column; identity does the same by the standard", columnNames(t.Identity, []string{c.ID().Name})),
			Evidence: "its default is " + value.Expr,
			Advice:   "make it an identity column that goes on where the sequence stands",
		}
		if len(d.dependents[s.Identity]) > 1 {
			f.Advice = "make it an identity column; other defaults use its sequence, so that takes a person"
			return f, true
		}
		f.SQL = identity(t, c, s)
		return f, true
	})
}

func identity(t *schema.Table, c *schema.Column, s *schema.Sequence) []string {
	table, column := path(t.Identity), quote(c.ID().Name)
	statements := []string{"BEGIN", fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT", table, column)}
	if !c.NotNull {
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", table, column))
	}
	return append(statements,
		fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s ADD GENERATED BY DEFAULT AS IDENTITY", table, column),
		fmt.Sprintf("SELECT setval(pg_get_serial_sequence(%s, %s), last_value, is_called) FROM %s",
			literal(path(t.Identity)), literal(c.ID().Name), path(s.Identity)),
		"DROP SEQUENCE "+path(s.Identity),
		"COMMIT")
}
