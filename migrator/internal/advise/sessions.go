package advise

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	longTransaction = 5 * time.Minute
	idleTransaction = time.Minute
	longWait        = time.Second
)

// longTransactions finds transactions that keep vacuum from its work and locks
// from others.
func longTransactions(d *digest) []Finding {
	return d.sessions(func(s Session) (string, string) {
		if s.Began.IsZero() || strings.HasPrefix(s.State, "idle") || d.Now.Sub(s.Began) < longTransaction {
			return "", ""
		}
		return fmt.Sprintf("a transaction of %s runs for %s", s.Role, d.Now.Sub(s.Began).Round(time.Second)),
			"let it end or end it; vacuum can remove no row that died since it began"
	})
}

// idleTransactions finds transactions in which nothing happens.
func idleTransactions(d *digest) []Finding {
	return d.sessions(func(s Session) (string, string) {
		if !strings.HasPrefix(s.State, "idle in transaction") || d.Now.Sub(s.Changed) < idleTransaction {
			return "", ""
		}
		return fmt.Sprintf("a transaction of %s has been idle for %s", s.Role, d.Now.Sub(s.Changed).Round(time.Second)),
			"mend the application that leaves it open; idle_in_transaction_session_timeout ends such by itself"
	})
}

// lockWaits finds sessions that wait for others, and names those.
func lockWaits(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, s := range d.Statistics.Sessions {
		if !s.Waits || d.Now.Sub(s.Changed) < longWait {
			continue
		}
		f := Finding{
			Message:  fmt.Sprintf("session %d of %s waits for a lock that session %s holds", s.PID, s.Role, strings.Trim(fmt.Sprint(s.BlockedBy), "[]")),
			Evidence: fmt.Sprintf("it waits for %s with %s", d.Now.Sub(s.Changed).Round(time.Second), s.statement()),
			Advice:   "let the holder end or end it",
		}
		for _, holder := range d.Statistics.Sessions {
			if slices.Contains(s.BlockedBy, holder.PID) {
				f.Evidence += fmt.Sprintf("; session %d of %s is %s, application %q: %s", holder.PID, holder.Role, holder.State, holder.Application, holder.statement())
				f.SQL = append(f.SQL, fmt.Sprintf("SELECT pg_terminate_backend(%d)", holder.PID))
			}
		}
		findings = append(findings, f)
	}
	return findings
}

// statement is the session's current or last one, on one line.
func (s Session) statement() string {
	return clip(strings.Join(strings.Fields(s.Query), " "), 300)
}

// sessions makes a finding of each session that look objects to.
func (d *digest) sessions(look func(Session) (message, advice string)) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, s := range d.Statistics.Sessions {
		message, advice := look(s)
		if message == "" {
			continue
		}
		findings = append(findings, Finding{
			Message:  message,
			Evidence: fmt.Sprintf("process %d, %s, application %q: %s", s.PID, s.State, s.Application, s.statement()),
			Advice:   advice,
			SQL:      []string{fmt.Sprintf("SELECT pg_terminate_backend(%d)", s.PID)},
		})
	}
	return findings
}
