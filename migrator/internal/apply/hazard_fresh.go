package apply

import (
	"fmt"
	"strings"
)

// wideIndex is how many key columns an index has at most before it is doubted.
const wideIndex = 3

// fresh is what may be regretted about what the statement made, as it stands at
// the end of the rehearsal.
func (o Observation) fresh(end snapshot) []Hazard {
	var found []Hazard
	for _, m := range o.made {
		is, stays := end[m.id]
		if !stays {
			continue
		}
		h := Hazard{Severity: "info", Object: is.name}
		switch {
		case is.isIndex():
			count, isUnique := strings.CutSuffix(is.details, "u")
			if isUnique || len(count) == 1 && count[0] <= '0'+wideIndex {
				continue
			}
			h.Code, h.Message = "wide-index", fmt.Sprintf("index %s has %s columns: every write pays for all of them, and few queries use the last ones", is.name, count)
			h.Advice = "begin with the columns that narrow the most, and leave the others out"
		case is.kind == kindForeignKey:
			if is.details == "indexed" {
				continue
			}
			h.Code, h.Message = "fk-without-index", fmt.Sprintf("no index serves foreign key %s: a delete of what it refers to reads the whole table", is.name)
			h.Advice = "CREATE INDEX CONCURRENTLY on its columns"
		default:
			c, stays := is.columns()[m.column.number]
			if !stays || c.has("i") || is.kind == "m" { // the type is another's choice
				continue
			}
			h.Code, h.Object = "column-type", is.name+"."+c.name
			what, advice := c.doubt()
			if what == "" {
				continue
			}
			h.Message, h.Advice = h.Object+what, advice
		}
		found = append(found, h)
	}
	return found
}

// doubt says what may be regretted about a new column's type, and what to take.
func (c column) doubt() (what, advice string) {
	switch {
	case c.kind == "json":
		return " is json, which has no equality: SELECT DISTINCT, GROUP BY and UNION over it fail", "jsonb"
	case c.kind == "character" || strings.HasPrefix(c.kind, "character("):
		return " is " + c.kind + ", which pads with blanks", "text, with a CHECK of its length"
	case c.kind == "timestamp without time zone" || strings.HasPrefix(c.kind, "timestamp(") && strings.HasSuffix(c.kind, "without time zone"):
		return " is a timestamp without a time zone, which means another moment to each reader", "timestamptz"
	case c.has("k") && (c.kind == "integer" || c.kind == "smallint"):
		return " is a key of type " + c.kind + ", whose numbers run out", "bigint"
	case c.has("s"):
		return " is serial, whose sequence has rights and an owner of its own", "GENERATED ALWAYS AS IDENTITY"
	case strings.HasPrefix(c.kind, "character varying("):
		return " is " + c.kind + ", and to make that shorter or otherwise is a change of its type", "text, with a CHECK of its length"
	}
	return "", ""
}

// remarks are what the server itself remarked.
func (o Observation) remarks() []Hazard {
	var found []Hazard
	for _, n := range o.Notices {
		h := Hazard{Code: "name-cut", Severity: "warning", Message: n.Message, Advice: "choose a name of at most 63 bytes"}
		if n.Code != codeTooLong {
			h.Code, h.Severity = "nothing-done", "info"
			h.Advice = "see that what is there is what the file would have made"
		}
		found = append(found, h)
	}
	return found
}
