package advise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

const (
	manyLoops = 1000    // passes over a table that are too many
	longLoop  = 100_000 // look-ups after which a hash join does better
	farOff    = 10      // times that an estimate may be wrong
	someRows  = 100     // rows from which on a wrong estimate matters
)

// flaws gathers what is wrong in the nodes of a plan that are no scans.
type flaws struct {
	d     *digest
	union bool    // the statement drops duplicates of a UNION
	total float64 // cost of the whole plan
	words []string
}

func (f *flaws) say(format string, args ...any) {
	f.words = append(f.words, fmt.Sprintf(format, args...))
}

func (f *flaws) look(n node) {
	switch n.Type {
	case "Sort", "Incremental Sort":
		f.sort(n)
	case "Nested Loop":
		f.loop(n)
	case "Hash":
		if bytes := n.bytes(); !n.Parallel && f.d.Statistics.Server.HashMem > 0 && bytes > f.d.Statistics.Server.HashMem {
			f.say("builds a hash table of about %s for a join, which spills to disk as %s", size(bytes), f.memory())
		}
	case "Aggregate", "Unique":
		f.unite(n)
	}
	for _, below := range n.Plans {
		if below.Parent == "SubPlan" {
			f.repeated(n, below)
		}
		f.look(below)
	}
}

func (n node) bytes() int64 { return int64(n.Rows * n.Width) }

// memory says how much a hash table may take.
func (f *flaws) memory() string {
	s := f.d.Statistics.Server
	text := "work_mem is " + size(s.WorkMem)
	if s.HashMem > s.WorkMem {
		text += fmt.Sprintf(", with hash_mem_multiplier %s", size(s.HashMem))
	}
	return text
}

func (f *flaws) sort(n node) {
	word := "sorts by " + strings.Join(n.SortKey, ", ")
	if bytes := n.bytes(); f.d.Statistics.Server.WorkMem > 0 && bytes > f.d.Statistics.Server.WorkMem {
		word += fmt.Sprintf(" about %s, which spills to disk as work_mem is %s", size(bytes), size(f.d.Statistics.Server.WorkMem))
	}
	f.words = append(f.words, word)
}

func (f *flaws) loop(n node) {
	if len(n.Plans) != 2 {
		return
	}
	inner := n.Plans[1]
	if inner.Type == "Materialize" && len(inner.Plans) == 1 {
		inner = inner.Plans[0]
	}
	switch rows := n.Plans[0].Rows; {
	case inner.Type == "Seq Scan" && rows >= manyLoops:
		f.say("goes through all of %s for each of about %.0f rows, in a nested loop", inner.Relation, rows)
	case rows >= longLoop:
		f.say("looks rows up one by one, about %.0f times, in a nested loop", rows)
	}
}

// unite says that a UNION compares all its rows with each other.
func (f *flaws) unite(n node) {
	below := n
	for slices.Contains([]string{"Aggregate", "Unique", "Sort", "Incremental Sort", "Gather", "Gather Merge"}, below.Type) && len(below.Plans) == 1 {
		below = below.Plans[0]
	}
	if !f.union || below.Type != "Append" && below.Type != "Merge Append" || below.Rows < manyLoops {
		return
	}
	f.union = false // said once
	f.say("compares about %.0f rows with each other, as UNION drops duplicates: UNION ALL spares that where there can be none", below.Rows)
}

// repeated says that a subquery runs for each row. One that is hashed runs once.
func (f *flaws) repeated(n, below node) {
	if strings.Contains(strings.Join(append(slices.Clone(n.Output), n.Filter, n.JoinFilter), " "), "hashed "+below.Subplan) {
		return
	}
	rows := n.Rows
	if n.Type == "Aggregate" { // in what it adds up
		for _, outer := range n.Plans {
			if outer.Parent == "Outer" {
				rows = outer.Rows
			}
		}
	}
	if t, _ := f.d.Schema.Object(schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Relation}).(*schema.Table); t != nil &&
		n.Type == "Seq Scan" && strings.Contains(n.Filter, below.Subplan) {
		rows = f.d.rows(t) // the condition is looked at for all of them
	}
	if rows < someRows || below.Cost*rows < heavyShare*f.total {
		return
	}
	what := "a subquery"
	if whole := below.wholly(); whole != "" {
		what += " that reads all of " + whole
	}
	f.say("runs %s once for each of about %.0f rows: a JOIN, or a join with what it groups, runs it once", what, rows)
}

// wholly is a table that the node or one below it reads from end to end.
func (n node) wholly() string {
	if n.Type == "Seq Scan" {
		return n.Relation
	}
	for _, below := range n.Plans {
		if name := below.wholly(); name != "" {
			return name
		}
	}
	return ""
}

// unites says whether the statement has a UNION that drops duplicates.
func (s Statement) unites() bool {
	tokens := tokenize(s.Text)
	for n, t := range tokens {
		if t.is("union") && n+1 < len(tokens) && !tokens[n+1].is("all") {
			return true
		}
	}
	return false
}
