package apply

import (
	"context"
	"database/sql/driver"
	"errors"
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// exec runs SQL of ours.
func (s *session) exec(ctx context.Context, query string) error {
	_, err := s.conn.ExecContext(ctx, query)
	return err
}

// run runs a statement exactly as the file has it, watched while it takes long.
func (s *session) run(ctx context.Context, step migration.Step) error {
	_, err := s.count(ctx, step)
	return err
}

// count is run, and returns how many rows the statement touched.
func (s *session) count(ctx context.Context, step migration.Step) (rows int64, err error) {
	watch := s.watch(ctx, step)
	defer func() {
		watch.stop()
		err = s.afterWatch(ctx, watch, err)
		if err == nil && setsTimeout(step) {
			s.limit, err = s.lockWait(ctx)
		}
	}()
	if step.Data != nil {
		return s.copy(ctx, step)
	}
	result, err := s.conn.ExecContext(ctx, step.Text)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// afterWatch says of a statement that was ended for others' sake that it may be
// tried again.
func (s *session) afterWatch(ctx context.Context, w *watch, err error) error {
	if w.gaveWay && err == nil { // it ended by itself: what was sent to end it shall not end the next one
		missed := s.exec(ctx, "SELECT pg_sleep(0.05)")
		if s.since.IsZero() || missed == nil {
			return nil
		}
		err = missed // and it has ended the transaction
	}
	if answer := serverError(err); w.gaveWay && answer != nil && string(answer.Code) == codeCanceled {
		answer.Code, answer.Message = codeLockNotAvailable, gaveWay
	}
	return err
}

const gaveWay = "gave way, since others would have waited behind it"

// setsTimeout says that the lock timeout may be another after a statement.
func setsTimeout(step migration.Step) bool {
	switch step.Verb() {
	case "SET", "RESET", "DISCARD", "SELECT", "DO":
		return step.Verb() == "RESET" || step.Verb() == "DISCARD" || mentionsTimeout.MatchString(step.Text)
	}
	return false
}

var mentionsTimeout = regexp.MustCompile(`(?i)lock_timeout`)

// rowSink is what the driver's COPY statement takes rows by.
type rowSink interface {
	driver.Stmt
	CopyData(ctx context.Context, line string) (driver.Result, error)
}

// copy sends a COPY ... FROM stdin with its data. The driver wants a transaction
// for it, which every COPY here has.
func (s *session) copy(ctx context.Context, step migration.Step) (rows int64, err error) {
	err = s.conn.Raw(func(raw any) error {
		conn, takes := raw.(driver.ConnPrepareContext)
		if !takes {
			return errors.New("the driver takes no rows")
		}
		statement, err := conn.PrepareContext(ctx, step.Text)
		if err != nil {
			return err
		}
		sink, takes := statement.(rowSink)
		if !takes {
			return errors.Join(errors.New("this statement takes no rows"), statement.Close())
		}
		for line := range strings.Lines(step.Data.Rows()) {
			if _, err := sink.CopyData(ctx, strings.TrimRight(line, "\r\n")); err != nil {
				return errors.Join(err, sink.Close())
			}
		}
		result, err := sink.Exec(nil) //nolint:staticcheck // the driver's COPY ends with an empty Exec
		if err != nil {
			return errors.Join(err, sink.Close())
		}
		rows, err = result.RowsAffected()
		return err
	})
	return rows, err
}
