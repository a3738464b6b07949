package apply

import (
	"context"
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// patience is how long the statements of one transaction may still wait for
// locks. Whoever needs a lock that the transaction has already waits as long as
// it does: so all its waits together shall not exceed the lock timeout.
type patience struct {
	total time.Duration
	given int64 // what was set last, in milliseconds
	since time.Time
}

// patienceOf is how long a session waits for a lock so that who queues behind it
// is done waiting within the lock timeout: a tenth of that is for stepping back.
func patienceOf(timeout time.Duration) time.Duration {
	return max(timeout*9/10, time.Millisecond)
}

func newPatience(total time.Duration) *patience {
	return &patience{total: total, given: total.Milliseconds(), since: time.Now()}
}

// least is the part of the lock timeout that a wait always gets: a transaction
// that computes for long would else never get another lock.
const least = 10

// wane gives the next statement what is left, unless the script has set a lock
// timeout of its own.
func (p *patience) wane(ctx context.Context, s *session, step migration.Step) error {
	left := max(p.total-time.Since(p.since), p.total/least).Milliseconds()
	left = max(left, 1)
	if left >= p.given*9/10 || writesRows(step) {
		return nil // not worth a question to the server
	}
	err := s.exec(ctx, fmt.Sprintf("SELECT set_config('lock_timeout', '%d', true) FROM pg_settings WHERE name = 'lock_timeout' AND setting = '%d'", left, p.given))
	p.given = left
	return err
}
