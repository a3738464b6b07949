package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
)

// Requests that waited for others of their connection are due and sent when they are
// sent, unless they were due before they came to the connection.
func TestHeldRequestsAreTimedFromWhenTheyAreSent(t *testing.T) {
	l := &eventLoop{r: &run{base: time.Now().Add(-time.Second), plan: &plan.Plan{}}}
	l.tick()
	k := &link{}
	begin := func(due int64, retried bool) *slot {
		s := &slot{state: slotReading, retried: retried, lane: &lane{link: k}, outcome: outcome{due: due, sent: due}}
		l.held(k, s)
		return s
	}
	at := l.now
	fresh, waited, again := begin(at, false), begin(at-int64(time.Millisecond), false), begin(at, true)
	failed := begin(at, false)
	failed.state = slotThinking
	require.Equal(t, 4, k.unsent)
	l.stamp(k)
	require.Greater(t, l.now, at)
	require.Equal(t, outcome{due: l.now, sent: l.now}, fresh.outcome)
	require.Equal(t, at-int64(time.Millisecond), waited.outcome.due)
	require.Equal(t, at, again.outcome.due)
	require.Equal(t, at, failed.outcome.due)
	require.Zero(t, k.unsent)
	require.Empty(t, k.begun)
}
