package migration

import (
	"fmt"

	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

// parse reads a section's statements and forms the units that they run in.
//
// Where the file says nothing, it is one transaction, unless a statement in it
// cannot run inside one, or it begins transactions of its own: those stay as
// they are, and each statement between them stands alone.
func parse(s section) (*Script, error) {
	steps, err := readSteps(s)
	if err != nil {
		return nil, err
	}
	stepwise := s.mode == modeStepwise
	for _, step := range steps {
		stepwise = stepwise || step.Control() == script.Begins || s.mode == modeUnsaid && step.OutsideTransaction()
	}
	parsed := &Script{Path: s.path}
	if stepwise {
		parsed.Units, err = formUnits(s.path, steps)
	} else {
		parsed.Units, err = oneUnit(s.path, steps)
	}
	if err != nil {
		return nil, err
	}
	for u := range parsed.Units {
		for i := range parsed.Units[u].Steps {
			parsed.Count++
			parsed.Units[u].Steps[i].Number = parsed.Count
		}
	}
	return parsed, nil
}

func readSteps(s section) ([]Step, error) {
	var steps []Step
	for piece, err := range script.Pieces(s.path, s.text) {
		if err != nil {
			return nil, err
		}
		switch piece.Kind {
		case script.Statement:
			steps = append(steps, Step{Piece: piece})
		case script.CopyData:
			steps[len(steps)-1].Data = &piece
		case script.Meta:
			if name := piece.MetaName(); name == `\restrict` || name == `\unrestrict` {
				continue // pg_dump's guard for psql; without psql there is nothing to guard
			}
			return nil, refuse(s.path, piece, fmt.Sprintf("%s is a command of psql, not of the server", piece.MetaName()), "write the migration in SQL alone")
		}
	}
	return steps, nil
}

func oneUnit(path string, steps []Step) ([]Unit, error) {
	if len(steps) == 0 {
		return nil, nil
	}
	for _, step := range steps {
		if err := refuseStray(path, step); err != nil {
			return nil, err
		}
	}
	return []Unit{{Transaction: true, Begin: "BEGIN", Steps: steps}}, nil
}

func formUnits(path string, steps []Step) ([]Unit, error) {
	var units []Unit
	var open *Unit
	var begin Step
	for _, step := range steps {
		switch control := step.Control(); {
		case control == script.Begins && open != nil:
			return nil, refuse(path, step.Piece, "a transaction begins inside the one of line "+fmt.Sprint(begin.Line), "commit that one first")
		case control == script.Begins:
			open, begin = &Unit{Transaction: true, Begin: step.Text}, step
		case open != nil && control == script.Commits:
			if len(open.Steps) > 0 {
				units = append(units, *open)
			}
			open = nil
		case open != nil && control == script.RollsBack:
			return nil, refuse(path, step.Piece, "the migration rolls back what it did", "remove it, or the whole transaction")
		case open != nil:
			open.Steps = append(open.Steps, step)
		default:
			if err := refuseStray(path, step); err != nil {
				return nil, err
			}
			units = append(units, Unit{Transaction: !step.OutsideTransaction(), Begin: "BEGIN", Steps: []Step{step}})
		}
	}
	if open != nil {
		return nil, refuse(path, begin.Piece, "the transaction that begins here is never committed", "end it with COMMIT;")
	}
	return units, nil
}

func refuseStray(path string, step Step) error {
	switch step.Control() {
	case script.Commits:
		return refuse(path, step.Piece, "a transaction is committed that this file did not begin", "remove it, or begin the transaction with BEGIN;")
	case script.RollsBack:
		return refuse(path, step.Piece, "a transaction is rolled back that this file did not begin", "remove it")
	}
	return nil
}

func refuse(path string, at script.Piece, message, hint string) error {
	return &fault.Input{Path: path, Line: at.Line, Column: at.Column, Message: message, Hint: hint}
}
