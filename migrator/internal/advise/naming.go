package advise

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

// mixedCaseName finds names that must be quoted wherever they are written.
func mixedCaseName(d *digest) []Finding {
	return d.named(func(name string) (string, string) {
		if unquoted.MatchString(name) {
			return "", ""
		}
		to := snake(name)
		if to == name || !unquoted.MatchString(to) {
			to = ""
		}
		return "must be quoted wherever it is written", to
	})
}

// reservedName finds names that are key words.
func reservedName(d *digest) []Finding {
	return d.named(func(name string) (string, string) {
		if !isReserved(name) {
			return "", ""
		}
		return "is a reserved word and must be quoted", name + "_"
	})
}

// named looks at the names of tables and columns; look returns what is wrong
// with one and a better one, which may be empty.
func (d *digest) named(look func(name string) (wrong, better string)) []Finding {
	var findings []Finding
	for _, t := range d.own() {
		if bookkeeping(t) {
			continue
		}
		for _, c := range d.columns(t) {
			wrong, better := look(c.ID().Name)
			if wrong == "" {
				continue
			}
			f := Finding{
				Table: t.Identity, Columns: []string{c.ID().Name},
				Message: fmt.Sprintf("column name %s.%s %s", TableName(t.Identity), quote(c.ID().Name), wrong),
			}
			rename(&f, "column", better != "" && d.Schema.Column(t.Identity, better) == nil,
				fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", path(t.Identity), quote(c.ID().Name), quote(better)))
			findings = append(findings, f)
		}
		// The table comes last: its columns are renamed under its old name.
		if wrong, better := look(t.Identity.Name); wrong != "" {
			f := Finding{Table: t.Identity, Message: fmt.Sprintf("table name %s %s", quote(t.Identity.Name), wrong)}
			rename(&f, "table", better != "" && !d.taken(t.Identity.Schema, better),
				fmt.Sprintf("ALTER TABLE %s RENAME TO %s", path(t.Identity), quote(better)))
			findings = append(findings, f)
		}
	}
	return findings
}

func rename(f *Finding, what string, free bool, statement string) {
	f.Advice = "rename the " + what + " together with the code that uses it"
	if free {
		f.SQL = []string{statement}
	}
}

// snake turns "OrderItems" and "order items" into "order_items".
func snake(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		switch {
		case unicode.IsUpper(r):
			if i > 0 && letters[i-1] != '_' && (unicode.IsLower(letters[i-1]) || unicode.IsDigit(letters[i-1]) ||
				i+1 < len(letters) && unicode.IsLower(letters[i+1]) && unicode.IsUpper(letters[i-1])) {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToLower(r))
		case r == ' ' || r == '-' || r == '.':
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// mixedPlural finds tables named in the number that most others are not named in.
func mixedPlural(d *digest) []Finding {
	var one, many []*schema.Table
	for _, t := range d.own() {
		name := t.Identity.Name
		switch {
		case bookkeeping(t) || !plain.MatchString(name):
		case singular(name) != name:
			many = append(many, t)
		case countable(name):
			one = append(one, t)
		}
	}
	// A handful of exceptions to a clear custom; an even mix has no custom.
	odd, custom := one, "plural"
	if len(many) < len(one) {
		odd, custom = many, "singular"
	}
	if len(odd) == 0 || len(odd)*4 > len(one)+len(many) {
		return nil
	}
	var findings []Finding
	for _, t := range odd {
		to := plural(t.Identity.Name)
		if custom == "singular" {
			to = singular(t.Identity.Name)
		}
		f := Finding{
			Table:    t.Identity,
			Severity: report.SeverityInfo,
			Message:  fmt.Sprintf("table %s breaks with the %s names of the others", TableName(t.Identity), custom),
			Evidence: fmt.Sprintf("%d names are plural, %d singular", len(many), len(one)),
		}
		rename(&f, "table", !d.taken(t.Identity.Schema, to), fmt.Sprintf("ALTER TABLE %s RENAME TO %s", path(t.Identity), quote(to)))
		findings = append(findings, f)
	}
	return findings
}

// uncountable are words whose number cannot be told from their form.
const uncountable = " data info information metadata news series species equipment history media content audit staff status " +
	"feedback evidence advice software hardware inventory stock traffic usage access progress knowledge research money cash work "

// inflected matches words that are no nouns, such as "deleted", and compounds
// that are countable in the middle, such as "billofmaterials".
var inflected = regexp.MustCompile(`([^e]ed|[a-z]{3}of[a-z]{3,}s)$`)

func countable(name string) bool {
	last := name[strings.LastIndexByte(name, '_')+1:]
	return !listed(uncountable, last) && (!inflected.MatchString(last) || slices.Contains([]string{"bed", "shed", "sled"}, last))
}

// singular is the singular of an English word in the last part of a name; the
// name itself when it has none.
func singular(name string) string {
	switch {
	case !countable(name), len(name) < 4, strings.HasSuffix(name, "ss"), strings.HasSuffix(name, "us"), strings.HasSuffix(name, "is"):
		return name
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "xes"), strings.HasSuffix(name, "ches"), strings.HasSuffix(name, "shes"), strings.HasSuffix(name, "uses"):
		return strings.TrimSuffix(name, "es")
	case strings.HasSuffix(name, "people"):
		return strings.TrimSuffix(name, "people") + "person"
	case strings.HasSuffix(name, "children"):
		return strings.TrimSuffix(name, "ren")
	}
	return strings.TrimSuffix(name, "s")
}

func plural(name string) string {
	switch {
	case strings.HasSuffix(name, "y") && len(name) > 1 && !strings.ContainsRune("aeiou", rune(name[len(name)-2])):
		return strings.TrimSuffix(name, "y") + "ies"
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "sh"):
		return name + "es"
	case strings.HasSuffix(name, "person"):
		return strings.TrimSuffix(name, "person") + "people"
	case strings.HasSuffix(name, "child"):
		return name + "ren"
	}
	return name + "s"
}
