package scratch

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

// batchSize is how many statements are sent at once.
const batchSize = 50

// loader runs one file's pieces on one connection.
type loader struct {
	database *Database
	conn     *sql.Conn
	path     string

	inTransaction bool // of the file's own
}

// note follows the file's own transactions.
func (l *loader) note(control script.Control) {
	switch control {
	case script.Begins:
		l.inTransaction = true
	case script.Commits, script.RollsBack:
		l.inTransaction = false
	}
}

func (l *loader) run(ctx context.Context, pieces []script.Piece) error {
	var batch []script.Piece
	for i, p := range pieces {
		var err error
		switch p.Kind {
		case script.Statement:
			switch {
			case copyFollows(pieces[i+1:]): // runs together with its rows
			case p.Control() == script.NoControl && !p.OutsideTransaction():
				if batch = append(batch, p); len(batch) < batchSize {
					continue
				}
				err = l.flush(ctx, &batch)
			default:
				if err = l.flush(ctx, &batch); err == nil {
					err = l.statement(ctx, p)
				}
				l.note(p.Control())
			}
		case script.CopyData:
			if err = l.flush(ctx, &batch); err == nil {
				err = l.rows(ctx, lastStatement(pieces[:i]), p)
			}
		case script.Meta:
			if err = l.flush(ctx, &batch); err == nil {
				err = l.meta(p)
			}
		}
		if err != nil {
			return err
		}
	}
	return l.flush(ctx, &batch)
}

// flush runs statements together, which the server takes for one transaction:
// far fewer messages, and either all have run or none. In the latter case they
// run one by one, so that the one at fault is known, a missing role is made, and
// what cannot follow another in one transaction gets its own.
func (l *loader) flush(ctx context.Context, batch *[]script.Piece) error {
	pieces := *batch
	*batch = pieces[:0]
	var together strings.Builder
	for _, p := range pieces {
		run, err := l.allowed(p)
		if err != nil {
			together.Reset() // what stands before it comes first
			break
		}
		if run {
			together.WriteString(p.Text + "\n;\n")
		}
	}
	if together.Len() > 0 {
		if err := l.inTurn(ctx, together.String()); err == nil {
			return nil
		}
	}
	for _, p := range pieces {
		if err := l.statement(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// inTurn runs statements together. Within a transaction of the file's own, a
// failure must not end that transaction.
func (l *loader) inTurn(ctx context.Context, statements string) error {
	if !l.inTransaction {
		_, err := l.conn.ExecContext(ctx, statements)
		return err
	}
	const mark = "migrator_load"
	if _, err := l.conn.ExecContext(ctx, "SAVEPOINT "+mark); err != nil {
		return err
	}
	_, err := l.conn.ExecContext(ctx, statements)
	end := "RELEASE SAVEPOINT " + mark
	if err != nil {
		end = "ROLLBACK TO SAVEPOINT " + mark
	}
	_, endErr := l.conn.ExecContext(ctx, end)
	return cmp.Or(err, endErr)
}

// statement runs one statement, again after a missing role was made.
func (l *loader) statement(ctx context.Context, p script.Piece) error {
	run, err := l.allowed(p)
	if err != nil || !run {
		return err
	}
	for {
		_, err := l.conn.ExecContext(ctx, p.Text)
		if err == nil {
			return nil
		}
		made, stubErr := l.database.stubMissingRole(ctx, err)
		if stubErr != nil {
			return l.failure(ctx, p, stubErr)
		}
		if !made {
			return l.failure(ctx, p, err)
		}
		if _, err := l.conn.ExecContext(ctx, "SELECT 1"); err != nil { // inside a failed transaction
			return errRestart
		}
	}
}

// failure turns the server's error into a place in the file.
func (l *loader) failure(ctx context.Context, p script.Piece, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	in := &fault.Input{Path: l.path, Line: p.Line, Column: p.Column, Message: err.Error(), Err: err}
	var e *pq.Error
	if !errors.As(err, &e) {
		return in
	}
	if position, err := strconv.Atoi(e.Position); err == nil {
		in.Line, in.Column = p.Locate(position)
	}
	in.Message = e.Message
	if e.Detail != "" {
		in.Message += " (" + firstLine(e.Detail) + ")"
	}
	in.Hint = e.Hint
	if hint := advice(e, l.database.server); hint != "" {
		in.Hint = hint
	}
	return in
}
