package advise

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// node is a node of a plan in EXPLAIN's JSON form.
type node struct {
	Type      string   `json:"Node Type"`
	Schema    string   `json:"Schema"`
	Relation  string   `json:"Relation Name"`
	Alias     string   `json:"Alias"`
	IndexCond string   `json:"Index Cond"`
	Recheck   string   `json:"Recheck Cond"`
	Filter    string   `json:"Filter"`
	SortKey   []string `json:"Sort Key"`
	Rows      float64  `json:"Plan Rows"`
	Plans     []node   `json:"Plans"`

	Parent     string   `json:"Parent Relationship"`
	Subplan    string   `json:"Subplan Name"`
	Parallel   bool     `json:"Parallel Aware"`  // its rows are those of one process
	Workers    float64  `json:"Workers Planned"` // of a Gather
	Index      string   `json:"Index Name"`
	JoinFilter string   `json:"Join Filter"`
	HashCond   string   `json:"Hash Cond"`
	MergeCond  string   `json:"Merge Cond"`
	GroupKey   []string `json:"Group Key"`
	Output     []string `json:"Output"`
	Width      float64  `json:"Plan Width"`
	Cost       float64  `json:"Total Cost"`
}

// collect writes what the node and those below it do into the statement.
func (n node) collect(s *Statement) { n.collectOf(s, 1) }

// collectOf is collect for a node of which so many processes do a share each:
// the workers and, less the more there are of them, their leader, as the
// planner's get_parallel_divisor has it.
func (n node) collectOf(s *Statement, processes float64) {
	if n.Workers > 0 {
		processes = n.Workers + max(0, 1-0.3*n.Workers)
	}
	rows := n.Rows
	if n.Parallel {
		rows *= processes
	}
	if n.Relation != "" && strings.HasSuffix(n.Type, "Scan") && n.Schema != "pg_catalog" {
		condition := strings.Join(slices.DeleteFunc([]string{n.IndexCond, n.Recheck, n.Filter}, func(c string) bool { return c == "" }), " AND ")
		scan := Scan{
			Table:     schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Relation},
			Whole:     n.Type == "Seq Scan",
			Condition: condition,
			Rows:      rows,
		}
		scan.Equal = compared(condition, n.Alias, `=`)
		scan.Between = compared(condition, n.Alias, `[<>]=?`)
		s.Scans = append(s.Scans, scan)
	}
	if n.Type == "Sort" {
		s.Sorts = append(s.Sorts, n.SortKey...)
	}
	for _, below := range n.Plans {
		below.collectOf(s, processes)
	}
}

// compared lists the columns of a table that a condition compares with a
// parameter by the operator: "(order_items.order_id = $1)".
func compared(condition, alias, operator string) []string {
	const name = `("(?:[^"]|"")+"|[a-z_][a-zA-Z0-9_$]*)`
	of := regexp.QuoteMeta(quote(alias)) + `\.` + name
	pattern := regexp.MustCompile(`\((?:` + of + `|\(` + of + `\)::[a-z ]+) ` + operator + ` \(*\$\d+`)
	if strings.Contains(condition, " OR ") {
		return nil // such conditions are not what a single look-up makes
	}
	var columns []string
	for _, match := range pattern.FindAllStringSubmatch(condition, -1) {
		column := cmp.Or(match[1], match[2])
		if strings.HasPrefix(column, `"`) {
			column = strings.ReplaceAll(column[1:len(column)-1], `""`, `"`)
		}
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
	}
	return columns
}
