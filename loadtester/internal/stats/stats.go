// Package stats is what is known about a load run: histograms and counters.
//
// Samples go in, one Tally for each worker, which it alone writes to, so that
// nothing is locked for a request. Once a second a worker adds its tally to the
// run's Collector, which keeps the totals and one Second for each second of the
// run. Tallies merge without loss, in any order. Memory is constant in requests;
// it grows by about a hundred bytes for each second.
// Nothing is refused: durations are cut off at one hour.
package stats

import "time"

// Tally is everything counted in a stretch of time. It is not safe for concurrent
// use. The zero value is empty and ready.
type Tally struct {
	OK      Histogram // response times of the requests that succeeded
	Failed  Histogram // of those that failed, in whatever way
	Service Histogram // of successes, from when they were sent; only kept when there is a rate

	Status [1000]uint64      // answers by status; index 0 is not used
	Bad    [1000]uint64      // those of them that are failures
	Errors [kindCount]uint64 // requests without an answer, by kind; answers that are failures are not in it

	Tenths [10]uint32 // requests that ended, by tenths of the second that the tally is of

	WireIn, WireOut uint64 // bytes received and sent, headers included, before TLS
	BodyIn          uint64 // bytes of response bodies, as they came over the wire

	Opened    uint64 // connections opened
	Reused    uint64 // requests sent over a connection that had served one before
	Retried   uint64 // requests sent again since an idle connection turned out to be closed
	Redirects uint64 // redirects followed; the requests they caused are not counted as requests
	Resets    uint64 // HTTP/2 RST_STREAM frames that came
	GoAways   uint64 // HTTP/2 GOAWAY frames that came, each the end of a connection
	Late      uint64 // requests sent more than LateAfter past the moment they were due

	Lookup, Connect, Handshake, FirstByte Span
	Body                                  Span // from the first byte of an answer to its last

	Resent    uint64 // TCP segments sent again since the other side had not said that they came
	Unordered uint64 // TCP segments that came before an earlier one, which may have been lost

	Parts []Part // by request, where several are sent together
}

// Part is that of the i-th of several requests.
func (t *Tally) Part(i int) *Part {
	if i >= len(t.Parts) {
		t.Parts = append(t.Parts, make([]Part, i+1-len(t.Parts))...)
	}
	return &t.Parts[i]
}

// LateAfter is the lateness from which on a request of a fixed schedule counts as late.
const LateAfter = 10 * time.Millisecond

// Span sums up one phase of requests.
type Span struct {
	Count uint64
	Sum   time.Duration
	Max   time.Duration
}

// Record adds one duration.
func (s *Span) Record(d time.Duration) {
	s.Count++
	s.Sum += d
	s.Max = max(s.Max, d)
}

// Mean is 0 when nothing was recorded.
func (s Span) Mean() time.Duration {
	if s.Count == 0 {
		return 0
	}
	return s.Sum / time.Duration(s.Count)
}

func (s *Span) merge(o Span) {
	s.Count += o.Count
	s.Sum += o.Sum
	s.Max = max(s.Max, o.Max)
}

// Requests is how many requests ended, well or not.
func (t *Tally) Requests() uint64 { return t.OK.n + t.Failed.n }

// Answers is how many requests got an answer, whatever its status.
func (t *Tally) Answers() uint64 {
	n := t.Requests()
	for _, e := range t.Errors {
		n -= e
	}
	return n
}

// Merge adds the counts of other, which is left as it is.
func (t *Tally) Merge(other *Tally) {
	t.mergeWhole(other)
	for i := range other.Parts {
		if p := &other.Parts[i]; p.Requests() > 0 {
			t.Part(i).merge(p)
		}
	}
}

// mergeWhole merges all but the parts.
func (t *Tally) mergeWhole(other *Tally) {
	t.OK.Merge(&other.OK)
	t.Failed.Merge(&other.Failed)
	t.Service.Merge(&other.Service)
	for i, n := range other.Status {
		t.Status[i] += n
	}
	for i, n := range other.Bad {
		t.Bad[i] += n
	}
	for i, n := range other.Errors {
		t.Errors[i] += n
	}
	for i, n := range other.Tenths {
		t.Tenths[i] += n
	}
	t.WireIn += other.WireIn
	t.WireOut += other.WireOut
	t.BodyIn += other.BodyIn
	t.Opened += other.Opened
	t.Reused += other.Reused
	t.Retried += other.Retried
	t.Redirects += other.Redirects
	t.Resets += other.Resets
	t.GoAways += other.GoAways
	t.Late += other.Late
	t.Lookup.merge(other.Lookup)
	t.Connect.merge(other.Connect)
	t.Handshake.merge(other.Handshake)
	t.FirstByte.merge(other.FirstByte)
	t.Body.merge(other.Body)
	t.Resent += other.Resent
	t.Unordered += other.Unordered
}

// Reset empties the tally and keeps its memory.
func (t *Tally) Reset() {
	ok, failed, service := t.OK, t.Failed, t.Service
	ok.Reset()
	failed.Reset()
	service.Reset()
	for i := range t.Parts {
		t.Parts[i].reset()
	}
	*t = Tally{OK: ok, Failed: failed, Service: service, Parts: t.Parts}
}
