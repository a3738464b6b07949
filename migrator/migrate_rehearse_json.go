package main

import (
	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/shared/report"
)

// rehearsalResult is the JSON of --dry-run.
type rehearsalResult struct {
	Status     string            `json:"status"` // "success" or "failed"
	Error      string            `json:"error,omitempty"`
	OnCopy     bool              `json:"proved_on_copy"`
	OnDatabase bool              `json:"proved_on_database"`
	Migrations []rehearsedResult `json:"migrations"`
	Hazards    []hazardResult    `json:"hazards"`
	Sequences  []string          `json:"sequences_moved"`
}

type rehearsedResult struct {
	Name       string              `json:"name"`
	Path       string              `json:"path"`
	State      string              `json:"state"`
	Statements []observationResult `json:"statements"`
}

type observationResult struct {
	Number    int             `json:"number"`
	Line      int             `json:"line"`
	SQL       string          `json:"sql"`
	Alone     bool            `json:"outside_transaction"`
	Locks     []lockResult    `json:"locks"`
	Rewritten []touchedResult `json:"rewritten"`
	Scanned   []touchedResult `json:"scanned"`
	Gone      []string        `json:"gone"`
	Remade    []string        `json:"remade"`
	Lost      []touchedResult `json:"lost"`
	Phases    []string        `json:"phases"`
	Copy      proofResult     `json:"copy"`
	Database  proofResult     `json:"database"`
}

type lockResult struct {
	Mode   string `json:"mode"`
	Object string `json:"object"`
	Blocks string `json:"blocks"`
}

type touchedResult struct {
	Object string `json:"object"`
	Reason string `json:"reason,omitempty"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"` // -1 when unknown
}

type proofResult struct {
	Result     string  `json:"result"` // "proved", "failed", "needs data", "not here" or empty
	Note       string  `json:"note,omitempty"`
	DurationMS float64 `json:"duration_ms"`
	Rows       int64   `json:"rows"`
}

type hazardResult struct {
	Code      string `json:"code"`
	Severity  string `json:"severity"`
	Migration string `json:"migration"`
	Statement int    `json:"statement,omitempty"`
	Line      int    `json:"line"`
	Object    string `json:"object,omitempty"`
	Message   string `json:"message"`
	Advice    string `json:"advice"`
}

func rehearsalJSON(r *apply.Rehearsal) rehearsalResult {
	result := rehearsalResult{Status: "success", OnCopy: r.OnClone, OnDatabase: r.OnTarget, Migrations: []rehearsedResult{}, Hazards: []hazardResult{}, Sequences: append([]string{}, r.Sequences...)}
	if r.Err != nil {
		result.Status, result.Error = "failed", report.Redact(r.Err.Error())
	}
	for _, m := range r.Migrations {
		one := rehearsedResult{Name: m.Name, Path: m.Path, State: string(m.State), Statements: []observationResult{}}
		for _, o := range m.Statements {
			one.Statements = append(one.Statements, observationJSON(o))
		}
		result.Migrations = append(result.Migrations, one)
	}
	for _, h := range r.Hazards {
		result.Hazards = append(result.Hazards, hazardResult(h))
	}
	return result
}

func observationJSON(o apply.Observation) observationResult {
	result := observationResult{
		Number: o.Step.Number, Line: o.Step.Line, SQL: o.Step.Text, Alone: o.Alone,
		Locks: []lockResult{}, Rewritten: touchedJSON(o.Rewritten), Scanned: touchedJSON(o.Scanned),
		Gone: append([]string{}, o.Gone...), Remade: append([]string{}, o.Remade...), Lost: touchedJSON(o.Lost), Phases: append([]string{}, o.Phases...),
		Copy: proofJSON(o.Clone), Database: proofJSON(o.Target),
	}
	for _, lock := range o.Locks {
		result.Locks = append(result.Locks, lockResult{Mode: lock.SQLMode(), Object: lock.Object, Blocks: lock.Blocks()})
	}
	return result
}

func touchedJSON(touched []apply.Touched) []touchedResult {
	found := []touchedResult{}
	for _, t := range touched {
		found = append(found, touchedResult{Object: t.Object, Reason: t.Reason, Bytes: t.Bytes, Rows: t.Rows})
	}
	return found
}

func proofJSON(p apply.Proof) proofResult {
	return proofResult{Result: string(p.Result), Note: p.Note, DurationMS: float64(p.Duration.Microseconds()) / 1000, Rows: p.Rows}
}
