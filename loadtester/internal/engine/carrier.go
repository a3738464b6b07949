package engine

import (
	"context"
	"sync"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// carrier is a connection that carries the requests of several clients at once.
type carrier interface {
	// request does one request by the deadline.
	request(ctx context.Context, c *client, number uint64, h *hop, deadline int64) reply
	// usable tells whether it takes another request, now or later.
	usable() bool
	// retire makes it end as soon as nothing is asked for over it.
	retire()
}

// reply is what became of a request.
type reply struct {
	kind        stats.Kind
	moved       bool // the carrier takes no request any more, and never had this one
	unprocessed bool // the request failed in a way after which it may be sent again
	status      int
	location    string
	shown       shown
}

// pool is the carriers that clients share. It is safe for concurrent use.
type pool struct {
	mu       sync.Mutex
	carriers map[origin]carrier
	users    int
}

func newPool() *pool { return &pool{carriers: map[origin]carrier{}} }

// leave closes the trunks when the last client goes.
func (p *pool) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users > 0 {
		return
	}
	for _, t := range p.carriers {
		t.retire()
	}
	clear(p.carriers)
}
