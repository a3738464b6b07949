package plan

import (
	"time"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Share is the part of a run that one of several machines does: of all requests, and of
// all connections, those whose number modulo Of is Index. The parts of all make up the
// whole: nothing is left out or done twice. The zero value is the whole.
type Share struct{ Index, Of int }

// Number is the number in the whole run of the share's own k-th, both from 0.
func (s Share) Number(k uint64) uint64 {
	if s.Of <= 1 {
		return k
	}
	return k*uint64(s.Of) + uint64(s.Index)
}

// own is the inverse of Number.
func (s Share) own(number uint64) uint64 {
	if s.Of <= 1 {
		return number
	}
	return number / uint64(s.Of)
}

// Count is how many of the first total of the whole run are the share's own.
func (s Share) Count(total uint64) uint64 {
	if s.Of <= 1 {
		return total
	}
	own := total / uint64(s.Of)
	if uint64(s.Index) < total%uint64(s.Of) {
		own++
	}
	return own
}

// Divide refuses a plan that so many machines can't share. Each then takes its part with
// Take.
func (p *Plan) Divide(machines int) error {
	switch {
	case p.Rate == 0 && p.Concurrency < machines:
		return fault.Usagef("--concurrency %d: less than one connection for each of %d agents", p.Concurrency, machines)
	case p.Rate > 0 && p.MaxConnections < machines:
		return fault.Usagef("--max-connections %d: less than one connection for each of %d agents", p.MaxConnections, machines)
	}
	for i := range p.Targets {
		if d := p.Targets[i].Data; d != nil && d.Rows() < machines {
			return &fault.Input{
				Path: d.Path, Message: "has fewer rows than there are agents, which share them out",
				Hint: "add rows, or take fewer agents",
			}
		}
	}
	return nil
}

// Take is the part of the plan that one of several machines does. Rate, stages and times
// stay those of the whole: what is due when follows from them and from the share. Rows are
// left as they are.
func (p *Plan) Take(s Share) *Plan {
	part := *p
	part.Share = s
	part.Concurrency = int(s.Count(uint64(p.Concurrency)))
	part.MaxConnections = int(s.Count(uint64(p.MaxConnections)))
	part.Requests = s.Count(p.Requests)
	part.Threads = max(1, min(p.Threads, part.MaxConnections))
	part.Targets = make([]Target, len(p.Targets))
	for i, t := range p.Targets {
		t.Share = s
		part.Targets[i] = t
	}
	return &part
}

// Idle tells whether the share of a plan is nothing at all: fewer connections or requests
// than machines.
func (p *Plan) Idle(whole *Plan) bool {
	return p.MaxConnections == 0 || whole.Requests > 0 && p.Requests == 0
}

// Allowed is how many connections of this share there may be at a moment of a plan with a
// shape.
func (p *Plan) Allowed(moment time.Duration) int {
	return int(p.Share.Count(uint64(p.Shape.Connections(moment))))
}

// Reach is the first moment, not before the given one, at which this share may have so
// many connections, at least one, of a plan with a shape.
func (p *Plan) Reach(connections int, from time.Duration) time.Duration {
	return p.Shape.Reach(int(p.Share.Number(uint64(connections-1)))+1, from)
}
