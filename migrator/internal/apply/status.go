package apply

import (
	"context"
	"database/sql"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// Entry is what the history and the disk say about one migration.
type Entry struct {
	Name      string
	State     State
	Record    *Record              // nil when the history lacks it
	Migration *migration.Migration // nil when the disk lacks it
	Elsewhere string               // the tool whose own history has it
}

// State is how a migration stands.
type State string

// The states.
const (
	StatePending     State = "pending"
	StateApplied     State = "applied"
	StateChanged     State = "changed on disk" // since it was applied
	StateFailed      State = "failed"
	StateInterrupted State = "interrupted" // or running at this moment
	StateMissing     State = "missing on disk"
	StateRolledBack  State = "rolled back"
)

// Status compares the history with the migrations of a directory. It only reads.
func Status(ctx context.Context, db *sql.DB, historySchema string, migrations []*migration.Migration) ([]Entry, error) {
	h := &history{schema: historySchema}
	records, err := h.all(ctx, db)
	if err != nil {
		return nil, err
	}
	byName := map[string]*Record{}
	for i := range records {
		byName[records[i].Name] = &records[i]
	}
	var entries []Entry
	onDisk := map[string]bool{}
	for _, m := range migrations {
		onDisk[m.Name] = true
		entry := Entry{Name: m.Name, Record: byName[m.Name], Migration: m}
		if entry.Record == nil {
			if entry.Elsewhere, err = appliedElsewhere(ctx, db, m); err != nil {
				return nil, err
			}
		}
		entry.State = stateOf(entry)
		entries = append(entries, entry)
	}
	for i := range records {
		if !onDisk[records[i].Name] {
			entry := Entry{Name: records[i].Name, Record: &records[i]}
			entry.State = stateOf(entry)
			entries = append(entries, entry)
		}
	}
	return entries, nil
}

func stateOf(e Entry) State {
	switch {
	case e.Record == nil && e.Elsewhere != "":
		return StateApplied
	case e.Record == nil:
		return StatePending
	case e.Record.State == stateRolledBack:
		return StateRolledBack
	case e.Record.State == stateFailed && e.Record.Direction == directionDown && e.Record.Done == 0:
		return StateApplied
	case e.Record.State == stateFailed:
		return StateFailed
	case e.Record.State == stateRunning:
		return StateInterrupted
	case e.Migration == nil:
		return StateMissing
	case e.Migration.Checksum != e.Record.Checksum:
		return StateChanged
	}
	return StateApplied
}
