// Package plan is what a load run is to do: validated, complete, and the model that
// the other packages meet through.
//
// Options go in as the command line gave them; a Plan comes out, with targets parsed,
// headers checked, the body read and every default filled in. Refused, each with one
// line saying where and what to do: URLs that are not http(s), header fields that
// can't be sent, numbers out of range, contradictory options, unreadable bodies.
package plan

import (
	"net/url"
	"slices"
	"time"
)

// Plan is a load run, ready to be carried out. It is not changed by running it.
type Plan struct {
	Targets     []Target
	Concurrency int           // connections of a closed model; those to begin with when there is a rate
	Duration    time.Duration // how long to send requests, after the warm-up
	Warmup      time.Duration // before it; nothing is recorded
	Timeout     time.Duration // of one request, connecting and redirects included
	Grace       time.Duration // for requests in flight at the end

	Requests       uint64  // how many requests to send at most; 0 is no limit
	Rate           float64 // requests a second on a fixed schedule; 0 is the closed model
	MaxConnections int     // with a rate, how many connections may be opened
	Shape          *Shape  // how the load changes; nil when it doesn't. Concurrency and Rate are then the most
	Stages         string  // as given, for a person
	Think          Span    // pause of a connection between an answer and its next request
	ThinkText      string  // as given

	Protocol Protocol
	Streams  int // requests at once on one connection, where the protocol carries several; at least 1

	FollowRedirects bool
	KeepAlive       bool
	Threads         int // event loops or shards, at least 1
	MaxBody         int64
	TLS             TLS
	Network         Network
	Cookies         bool // each connection keeps those it is given

	Share    Share // what this machine does of it
	Together bool  // other runs go on in the same process

	// Observe is told of each request that counts; nil when nobody wants to know. It is
	// called by many goroutines at once.
	Observe func(Sample)

	Success StatusSet // the statuses that count as success
	Samples int       // how many answers to keep that are failures or rate limits
}

// Sample is one request that ended.
type Sample struct {
	Due    time.Time     // when it was to be sent
	Took   time.Duration // from then on
	Status int           // 0 without an answer
	Good   bool          // it counts as success
}

// Steady is the plan with a load that doesn't change, all of it at once.
func (p *Plan) Steady() *Plan {
	steady := *p
	steady.Shape, steady.Stages, steady.Think, steady.ThinkText = nil, "", Span{}, ""
	return &steady
}

// TLS is how to talk TLS.
type TLS struct {
	Insecure bool   // take any certificate
	CAFile   string // PEM file of authorities to trust besides the system's; may be empty
	CertFile string // PEM file of the client's certificate; may be empty
	KeyFile  string // PEM file of its key; may be empty

	CA, Cert, Key []byte // what the files hold; nil where they are still to be read
}

// Target is what one result is about: a URL, or several requests that are sent together.
type Target struct {
	URL    *url.URL // of its first request, or the one that all are relative to
	Name   string   // the URL as it may be shown: without a password
	Method string   // Mixed when its requests have several

	Requests []Request // at least one
	Mix      Mix       // which of them is sent when
	Data     *Data     // what templates are filled in from; may be nil
	Seed     uint64    // of everything random
	Share    Share     // what this machine does of it
}

// ByRequest tells whether results are told by request: there are several, or they come
// from a file and have expectations of their own.
func (t *Target) ByRequest() bool { return len(t.Requests) > 1 || t.Requests[0].Line > 0 }

// Random tells whether the seed has a part in what is sent.
func (t *Target) Random() bool {
	return t.Data != nil && t.Data.Random || slices.ContainsFunc(t.Requests, func(r Request) bool { return r.Parts != nil })
}

// Mixed is the method of a target whose requests have several.
const Mixed = "MIX"

// StatusSet is a set of HTTP statuses.
type StatusSet [1000]bool

// Has tells whether status is in the set.
func (s *StatusSet) Has(status int) bool { return status > 0 && status < len(s) && s[status] }

// AddRange adds the statuses from first to last.
func (s *StatusSet) AddRange(first, last int) {
	for i := first; i <= last; i++ {
		s[i] = true
	}
}
