package advise

import (
	"regexp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// What it costs to keep an index when a row is written, in the planner's unit
// of one page read in sequence: the way down the tree, a leaf dirtied and
// logged. A GIN index takes an entry for each of a value's elements.
const (
	keepTree  = 1.5
	keepGIN   = 8
	keepGiST  = 3
	keepBRIN  = 0.05
	usualTime = 0.5 // share of updates that cannot spare an index, when it is not known
)

// written is what a statement wrote.
type written struct {
	table   schema.ID
	verb    string // insert, update, copy; a delete leaves indexes alone
	columns []string
	rows    float64
}

// writes lists what the counted statements wrote.
func (d *digest) writes() []written {
	var all []written
	if d.Statistics == nil {
		return nil
	}
	for _, s := range d.Statistics.Statements {
		verb, name, columns := target(s.Text)
		if verb == "" {
			continue
		}
		for _, t := range d.tables {
			if t.Identity.Name == name.Name && (name.Schema == "" || name.Schema == t.Identity.Schema) {
				all = append(all, written{table: t.Identity, verb: verb, columns: columns, rows: float64(s.Rows)})
			}
		}
	}
	return all
}

var settled = regexp.MustCompile(`^[a-z_0-9]+$`)

// target is what a statement that writes writes to.
func target(text string) (verb string, name schema.ID, columns []string) {
	tokens := tokenize(text)
	at := slices.IndexFunc(tokens, func(t token) bool {
		return t.depth == 0 && slices.ContainsFunc([]string{"insert", "update", "copy", "merge", "select", "delete"}, t.is)
	})
	if at < 0 || !slices.ContainsFunc([]string{"insert", "update", "copy", "merge"}, tokens[at].is) {
		return "", name, nil
	}
	verb = strings.ToLower(tokens[at].text)
	for at++; at < len(tokens) && (tokens[at].is("into") || tokens[at].is("only")); at++ {
	}
	if at >= len(tokens) || tokens[at].name() == "" {
		return "", name, nil
	}
	name.Name = tokens[at].name()
	if at+2 < len(tokens) && tokens[at+1].is(".") {
		name.Schema, name.Name = name.Name, tokens[at+2].name()
	}
	if verb == "copy" && !slices.ContainsFunc(tokens, func(t token) bool { return t.depth == 0 && t.is("from") }) {
		return "", name, nil
	}
	if verb == "update" {
		columns = assigned(tokens)
	}
	return verb, name, columns
}

// assigned lists the columns of SET a = …, (b, c) = ….
func assigned(tokens []token) []string {
	from := slices.IndexFunc(tokens, func(t token) bool { return t.depth == 0 && t.is("set") })
	if from < 0 {
		return nil
	}
	var columns []string
	grouped := false // within (b, c) on the left
	for n := from + 1; n < len(tokens); n++ {
		t := tokens[n]
		if t.depth == 0 && (t.is("where") || t.is("from") || t.is("returning")) {
			break
		}
		if t.depth == 0 {
			grouped = t.is("(") && (n == from+1 || tokens[n-1].is(","))
		}
		alone := t.depth == 0 && n+1 < len(tokens) && tokens[n+1].text == "="
		if t.name() != "" && (alone || grouped && t.depth == 1) {
			columns = append(columns, t.name())
		}
	}
	return columns
}

// upkeep is how many written rows an index has to follow, and what that costs.
// Where no statements are counted, the table's own counters serve.
func (d *digest) upkeep(c candidate) (rows, cost float64) {
	each := map[string]float64{"gin": keepGIN, "gist": keepGiST, "brin": keepBRIN}[c.method]
	if each == 0 {
		each = keepTree
	}
	if d.Statistics == nil {
		return 0, 0
	}
	counters := d.Statistics.Tables[c.table.Identity]
	if d.Statistics.Statements == nil {
		rows = float64(counters.Inserted) + float64(counters.Updated)*(1-hot(counters))
		return rows, rows * each
	}
	for _, w := range d.writes() {
		if root := d.root(w.table); root == nil || root.Identity != c.table.Identity && w.table != c.table.Identity {
			continue
		}
		share := 1.0
		if w.verb == "update" && !slices.ContainsFunc(c.reads(), func(name string) bool { return slices.Contains(w.columns, name) }) {
			share = 1 - hot(counters) // only rows that move to another page need a new entry
		}
		rows += w.rows * share
	}
	return rows, rows * each
}

// hot is the share of updates that touch no index.
func hot(t TableStatistics) float64 {
	if t.Updated == 0 {
		return 1 - usualTime
	}
	return float64(t.UpdatedHot) / float64(t.Updated)
}

// reads lists all columns whose change changes the index.
func (c candidate) reads() []string {
	columns := slices.Concat(c.columns(), c.include)
	for _, t := range tokenize(c.where) {
		if name := t.name(); settled.MatchString(name) {
			columns = append(columns, name)
		}
	}
	return columns
}
