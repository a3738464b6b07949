package advise

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
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

// flaw is a type that is not the best one.
type flaw struct {
	message string // what is wrong with it
	advice  string
	look    func(*schema.Column) (to, using string, wrong bool)
}

// retype makes one finding of all columns of a table that have the flaw, so
// that one statement rewrites the table once.
func (d *digest) retype(f flaw) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		if bookkeeping(t) {
			continue
		}
		var wrong []*schema.Column
		var clauses, stuck []string
		for _, c := range d.columns(t) {
			to, using, is := f.look(c)
			if !is {
				continue
			}
			wrong = append(wrong, c)
			if !d.retypable(c) {
				stuck = append(stuck, c.ID().Name)
				continue
			}
			clauses = append(clauses, retypeClause(c, to, using))
		}
		if len(wrong) == 0 {
			continue
		}
		found := Finding{Table: t.Identity, Advice: f.advice, Columns: columnsOf(wrong)}
		found.Message = fmt.Sprintf("%s %s %s: %s", columnNames(t.Identity, found.Columns), verb(len(wrong), "is", "are"), typesOf(wrong), f.message)
		if len(clauses) > 0 {
			found.SQL = []string{"ALTER TABLE " + path(t.Identity) + " " + strings.Join(clauses, ", ")}
		}
		if len(stuck) > 0 {
			found.Advice += fmt.Sprintf("; before that of %s, what depends on it (views, policies, triggers, generated columns) must go and be made anew after: --compare writes that", strings.Join(stuck, ", "))
		}
		findings = append(findings, found)
	}
	return findings
}

func columnsOf(columns []*schema.Column) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.ID().Name)
	}
	return names
}

// typesOf names the columns' types, each once.
func typesOf(columns []*schema.Column) string {
	var types []string
	for _, c := range columns {
		if !slices.Contains(types, typeOf(c)) {
			types = append(types, typeOf(c))
		}
	}
	return strings.Join(types, " and ")
}

// modifier is what a column's type has in parentheses, with them.
func modifier(c *schema.Column) string {
	open, end := strings.IndexByte(c.Type, '('), strings.IndexByte(c.Type, ')')
	if open < 0 || end < open {
		return ""
	}
	return c.Type[open : end+1]
}

// timestampWithoutZone finds points in time that do not say which.
func timestampWithoutZone(d *digest) []Finding {
	return d.retype(flaw{
		message: "what moment it means depends on who reads it",
		advice:  "make it timestamptz; the statement takes the values there are for UTC",
		look: func(c *schema.Column) (string, string, bool) {
			return "timestamptz" + modifier(c), quote(c.ID().Name) + " AT TIME ZONE 'UTC'", typeOf(c) == "timestamp without time zone"
		},
	})
}

// charType finds blank-padded columns.
func charType(d *digest) []Finding {
	findings := d.retype(flaw{
		message: "it pads with blanks, which comparisons ignore and length checks do not see",
		advice:  "make it varchar of the same length, or text with a check",
		look: func(c *schema.Column) (string, string, bool) {
			return "varchar" + modifier(c), "", typeOf(c) == "character"
		},
	})
	for n := range findings {
		f := &findings[n]
		if !slices.ContainsFunc(f.Columns, func(name string) bool { return modifier(d.Schema.Column(f.Table, name)) != "(1)" }) {
			f.Severity = report.SeverityInfo // only the empty string can be padded
		}
	}
	return findings
}

// moneyType finds amounts whose currency depends on a server's setting.
func moneyType(d *digest) []Finding {
	return d.retype(flaw{
		message: "its currency and its decimals depend on lc_monetary",
		advice:  "make it numeric, with the currency in a column of its own",
		look: func(c *schema.Column) (string, string, bool) {
			return "numeric(19,4)", quote(c.ID().Name) + "::numeric", c.Type == "money"
		},
	})
}

// amountName matches the names of columns that hold amounts of money.
const amountName = `(?i)(^|_)(amount|price|cost|total|subtotal|balance|fee|tax|discount|salary|wage|payment|revenue|budget)(s|_|$)`

// floatAmount finds amounts of money in binary fractions.
func floatAmount(d *digest) []Finding {
	named := regexp.MustCompile(amountName)
	return d.retype(flaw{
		message: "sums of amounts go wrong in binary fractions, as 0.1 + 0.2 does",
		advice:  "make it numeric, and give it a scale, as in numeric(19,4), once no value has more digits",
		look: func(c *schema.Column) (string, string, bool) {
			return "numeric", quote(c.ID().Name) + "::numeric", // a scale would round what is there
				(c.Type == "real" || c.Type == "double precision") && named.MatchString(c.ID().Name)
		},
	})
}

// jsonType finds json, which is parsed at each use and takes no index.
func jsonType(d *digest) []Finding {
	return d.retype(flaw{
		message: "it is parsed again at each use, and takes neither an index nor =",
		advice:  "make it jsonb, unless the order of keys or the white space must be kept",
		look: func(c *schema.Column) (string, string, bool) {
			return "jsonb", quote(c.ID().Name) + "::jsonb", c.Type == "json"
		},
	})
}

// varcharWithoutLength finds varchar that limits nothing.
func varcharWithoutLength(d *digest) []Finding {
	return d.retype(flaw{
		message: "without a length it is text by another name",
		advice:  "make it text, and add a check where a length is meant; nothing is rewritten",
		look: func(c *schema.Column) (string, string, bool) {
			return "text", "", c.Type == "character varying"
		},
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
