package engine

import (
	"strconv"
	"sync/atomic"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/template"
)

// source says which request is sent next. It is safe for concurrent use. What is sent
// follows from the request's number alone, so a request that has to be sent again, or
// whose sending was put off in the middle, is filled in again rather than kept.
type source struct {
	target *plan.Target
	hops   []hop
	next   atomic.Uint64 // the number of the next request
	same   bool          // there is one request, and it is always the same
}

func newSource(network *plan.Network, t *plan.Target) *source {
	s := &source{target: t}
	for i, r := range t.Requests {
		s.hops = append(s.hops, newHop(network, r, i))
	}
	s.same = len(s.hops) == 1 && s.hops[0].filled == nil
	return s
}

// draw returns the number of the next request and what it is.
func (s *source) draw() (number uint64, h *hop) {
	if s.same {
		return 0, &s.hops[0]
	}
	v := template.Values{Seed: s.target.Seed, Index: s.target.Share.Number(s.next.Add(1) - 1)}
	return v.Index, &s.hops[s.target.Draw(&v)]
}

// values are what the request with the number is filled in from.
func (s *source) values(number uint64) template.Values {
	v := template.Values{Seed: s.target.Seed, Index: number}
	s.target.Draw(&v)
	return v
}

// frozen is h, the request with the number, as one that is always the same.
func (s *source) frozen(number uint64, h *hop) hop {
	if h.filled == nil {
		return *h
	}
	v := s.values(number)
	return newHop(h.network, h.request.Filled(&v), h.index)
}

// filled writes a request that differs each time.
type filled struct {
	head     template.Text
	measured bool // the head says how long the body is, or there is none
	body     template.Text
}

func newFilled(r *plan.Request, absolute bool) *filled {
	f := &filled{body: r.Parts.Body}
	f.head, f.measured = r.Head(absolute)
	return f
}

// scratch is what a worker writes requests into.
type scratch struct{ wire, body []byte }

// wire is the request with the number as HTTP/1 sends it, valid until the next call.
func (c *scratch) fill(s *source, number uint64, h *hop) []byte {
	if h.filled == nil {
		return h.wire
	}
	v := s.values(number)
	f := h.filled
	c.wire = f.head.Append(c.wire[:0], &v)
	if f.measured {
		return c.wire
	}
	c.body = f.body.Append(c.body[:0], &v)
	c.wire = append(c.wire, "Content-Length: "...)
	c.wire = strconv.AppendInt(c.wire, int64(len(c.body)), 10)
	c.wire = append(c.wire, "\r\n\r\n"...)
	c.wire = append(c.wire, c.body...)
	return c.wire
}
