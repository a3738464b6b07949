package scratch

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/script"
)

// copyFollows says whether the next piece besides blanks is a statement's rows.
func copyFollows(pieces []script.Piece) bool {
	for _, p := range pieces {
		if p.Kind != script.Blank {
			return p.Kind == script.CopyData
		}
	}
	return false
}

func lastStatement(pieces []script.Piece) script.Piece {
	for i := len(pieces) - 1; i >= 0; i-- {
		if pieces[i].Kind == script.Statement {
			return pieces[i]
		}
	}
	return script.Piece{}
}

// rowSink is what the driver's COPY statement takes rows by.
type rowSink interface {
	CopyData(ctx context.Context, line string) (driver.Result, error)
}

// rows sends the data of a COPY ... FROM stdin as it stands. The driver takes
// rows inside a transaction only: outside of one it gets its own.
func (l *loader) rows(ctx context.Context, statement, data script.Piece) error {
	err := l.send(ctx, statement, data)
	var server *pq.Error
	if err != nil && !errors.As(err, &server) {
		if _, err = l.conn.ExecContext(ctx, "BEGIN"); err == nil {
			err = l.send(ctx, statement, data)
			end := "COMMIT"
			if err != nil {
				end = "ROLLBACK"
			}
			_, endErr := l.conn.ExecContext(ctx, end)
			err = cmp.Or(err, endErr)
		}
	}
	if err != nil {
		return l.failure(ctx, statement, err)
	}
	return nil
}

func (l *loader) send(ctx context.Context, statement, data script.Piece) error {
	return l.conn.Raw(func(raw any) error {
		conn, ok := raw.(driver.ConnPrepareContext)
		if !ok {
			return errors.New("the driver takes no rows")
		}
		stmt, err := conn.PrepareContext(ctx, strings.TrimRight(strings.TrimSpace(statement.Text), ";"))
		if err != nil {
			return err
		}
		sink, ok := stmt.(rowSink)
		if !ok {
			return errors.Join(errors.New("not a COPY statement that takes rows"), stmt.Close())
		}
		for line := range strings.Lines(data.Rows()) {
			if _, err := sink.CopyData(ctx, strings.TrimRight(line, "\r\n")); err != nil {
				return errors.Join(err, stmt.Close())
			}
		}
		if exec, ok := stmt.(driver.StmtExecContext); ok {
			_, err = exec.ExecContext(ctx, nil)
		} else {
			//lint:ignore SA1019 the driver has no other way to end the rows
			_, err = stmt.Exec(nil)
		}
		return errors.Join(err, stmt.Close())
	})
}
