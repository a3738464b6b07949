package plan

import (
	"fmt"
	"math"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Code is the stable name of a kind of danger.
type Code string

// The codes of hazards.
const (
	DataLoss             Code = "DATA_LOSS"             // rows or values are gone for good
	TableRewrite         Code = "TABLE_REWRITE"         // every row is written anew
	LongLock             Code = "LONG_LOCK"             // others wait while rows are read or written
	IndexBuild           Code = "INDEX_BUILD"           // reads the whole table
	BackwardIncompatible Code = "BACKWARD_INCOMPATIBLE" // a running application breaks
	DependencyUntracked  Code = "DEPENDENCY_UNTRACKED"  // text that may use this is not known to the server
)

// Codes are all codes, the gravest first.
var Codes = []Code{DataLoss, TableRewrite, LongLock, BackwardIncompatible, IndexBuild, DependencyUntracked}

// Hazard is one danger of one statement.
type Hazard struct {
	Code    Code      `json:"code"`
	Object  string    `json:"object"`
	Message string    `json:"message"`
	Rows    float64   `json:"rows,omitempty"`    // the planner's estimate of the table's rows; 0 when unknown
	Bytes   int64     `json:"bytes,omitempty"`   // the table's size
	Seconds float64   `json:"seconds,omitempty"` // an estimate from the size; 0 when unknown or no matter of size
	ID      schema.ID `json:"-"`
}

// hazard describes a danger to a relation, with the relation's size when known.
func (g *generator) hazard(code Code, of schema.ID, format string, args ...any) Hazard {
	h := Hazard{Code: code, Object: of.String(), Message: fmt.Sprintf(format, args...), ID: of}
	if table, ok := g.source.Object(of).(*schema.Table); ok && table.Rows > 0 {
		h.Rows, h.Bytes = table.Rows, table.Bytes
		h.Seconds = math.Round(float64(table.Bytes)/speed[code]*10) / 10
	}
	return h
}

// speed is how many bytes of a table a middling server gets through in a
// second, indexes and write-ahead log included; what is not here is no matter
// of size.
var speed = map[Code]float64{TableRewrite: 30 << 20, IndexBuild: 50 << 20, LongLock: 100 << 20, DataLoss: math.Inf(1), BackwardIncompatible: math.Inf(1), DependencyUntracked: math.Inf(1)}

// brief is a hazard that lasts a moment, however large the table is.
func brief(h Hazard) Hazard {
	h.Seconds = 0
	return h
}

// lossOf is the hazard of dropping what holds data, or that it is none.
func (g *generator) lossOf(object schema.Object) []Hazard {
	id := object.ID()
	switch o := object.(type) {
	case *schema.Table:
		if o.IsForeign() || o.IsPartitioned() {
			return []Hazard{g.hazard(BackwardIncompatible, id, "whatever uses the table breaks")}
		}
		return []Hazard{
			g.hazard(DataLoss, id, "the table's rows are lost"),
			g.hazard(BackwardIncompatible, id, "whatever uses the table breaks"),
		}
	case *schema.Column:
		if o.Generated != "" {
			return []Hazard{g.hazard(BackwardIncompatible, o.Table, "whatever uses column %s breaks", id.Name)}
		}
		return []Hazard{
			g.hazard(DataLoss, o.Table, "the values of column %s are lost", id.Name),
			g.hazard(BackwardIncompatible, o.Table, "whatever uses column %s breaks", id.Name),
		}
	case *schema.Sequence:
		return []Hazard{g.hazard(DataLoss, id, "the sequence's position is lost")}
	case *schema.View, *schema.Routine, *schema.Enum, *schema.Domain, *schema.Composite:
		return []Hazard{g.hazard(BackwardIncompatible, id, "whatever uses it breaks")}
	case *schema.Extension:
		return []Hazard{g.hazard(BackwardIncompatible, id, "whatever uses what it brings breaks")}
	}
	return nil
}
