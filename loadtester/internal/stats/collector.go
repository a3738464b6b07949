package stats

import (
	"sync"
	"time"
)

// Second is one second of a run.
type Second struct {
	Requests uint64 // requests that ended in it
	Failed   uint64
	P50      time.Duration // of its successes; 0 when there were none
	P90      time.Duration
	P99      time.Duration
	Max      time.Duration
	WireIn   uint64
	Classes  [10]uint64 // answers by the first digit of their status
	Errors   uint64     // requests without an answer
	Tenths   [10]uint32 // requests that ended in each tenth of it
	Troubles []Trouble  // what failed in it; nil when nothing did
	Resent   uint64     // TCP segments that were sent again
}

// Trouble is how often something failed: an error, or a status that is none when there is
// a kind.
type Trouble struct {
	Kind   Kind
	Status int
	Count  uint64
}

// Answer is one answer that was kept to be shown.
type Answer struct {
	At      time.Duration // since the run began
	Before  uint64        // requests of the same worker that ended before it
	Status  int
	Headers string // header lines, as far as kept
	Body    string // head of the body, as far as kept
}

// Collector gathers the tallies of a run's workers. It is safe for concurrent use.
type Collector struct {
	mu      sync.Mutex
	total   Tally
	seconds []Second
	open    map[int]*Tally // seconds to which a worker may still add
	spare   []*Tally
	newest  int
	answers []Answer
	limit   int         // of answers with the same status
	kept    map[int]int // by status
	run     Run
	causes  map[Kind]string
	watch   func(second int, ok *Histogram)

	relays   bool // seconds are handed on rather than summed up
	held     bool // seconds end when Complete says so
	complete int  // seconds that are, when they are held
}

// Run is what is known of a run besides its tallies.
type Run struct {
	Started   time.Time     // when measuring began
	Elapsed   time.Duration // from then to the last request that is counted
	Unended   uint64        // requests in flight when the run was cut off; in no other count
	Unsent    uint64        // requests of a schedule that were due and never sent
	Addresses []string      // the addresses that the host's name stood for
	Busy      float64       // share of the run's time in which its threads computed, 0 to 1; 0 when unknown
	Transport string        // the transport that was used, for a person
	Protocol  string        // what was spoken, such as HTTP/1.1
	Streams   int           // requests at once on one connection; 0 where the protocol has only one
}

// openSeconds is how many of the latest seconds stay open for workers that are a
// little behind.
const openSeconds = 3

// NewCollector returns an empty collector that keeps up to answers answers of each
// status.
func NewCollector(answers int) *Collector {
	return &Collector{open: map[int]*Tally{}, limit: answers, kept: map[int]int{}}
}

// Watch makes the collector call f with the successes of each second of the run, from 0,
// once they are complete. Workers wait meanwhile, and f must not keep the histogram. Call
// it before the run.
func (c *Collector) Watch(f func(second int, ok *Histogram)) { c.watch = f }

// Add merges t, counted in the given second of the run (from 0), and resets it.
func (c *Collector) Add(second int, t *Tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total.Merge(t)
	second = max(second, len(c.seconds)) // a closed second takes no more
	into := c.open[second]
	if into == nil {
		into = c.take()
		c.open[second] = into
	}
	if c.relays {
		into.Merge(t)
	} else {
		into.mergeWhole(t) // seconds don't tell requests apart
	}
	t.Reset()
	c.newest = max(c.newest, second)
	for !c.relays && !c.held && len(c.seconds)+openSeconds <= c.newest {
		c.closeSecond()
	}
}

// maxKept is how many answers are kept in all, whatever their statuses.
const maxKept = 50

// Keep keeps an answer to show it, unless there are enough like it.
func (c *Collector) Keep(a Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept[a.Status] < c.limit && len(c.answers) < maxKept {
		c.kept[a.Status]++
		c.answers = append(c.answers, a)
	}
}

// Note keeps what the first error of a kind said, beyond its kind.
func (c *Collector) Note(k Kind, cause string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.causes[k]; !known {
		if c.causes == nil {
			c.causes = map[Kind]string{}
		}
		c.causes[k] = cause
	}
}

// SetRun says how the run went; the engine calls it once, at the end.
func (c *Collector) SetRun(r Run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = r
}

// Live is the state of a run that goes on.
type Live struct {
	Requests, Failed uint64
	P50, P99         time.Duration // of all successes so far
	Last             Second        // the latest second that was handed over
	Seconds          int           // seconds handed over so far
	History          []uint64      // requests of the latest of them, up to liveHistory
}

// liveHistory is how many seconds a live view looks back.
const liveHistory = 60

// Live returns the state so far, up to a second old.
func (c *Collector) Live() Live {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := Live{
		Requests: c.total.Requests(), Failed: c.total.Failed.Count(),
		P50: c.total.OK.Quantile(0.5), P99: c.total.OK.Quantile(0.99),
		Seconds: len(c.seconds),
	}
	// The newest second may lack a worker that is a moment behind; the next look has it.
	if c.held {
		c.lastOfAll(&l)
	} else if t := c.open[c.newest]; t != nil {
		l.Last, l.Seconds = secondOf(t), c.newest+1
	} else if l.Seconds > 0 {
		l.Last = c.seconds[l.Seconds-1]
	}
	for _, s := range c.seconds[max(0, len(c.seconds)-liveHistory):] {
		l.History = append(l.History, s.Requests)
	}
	for i := len(c.seconds); i < l.Seconds; i++ {
		n := uint64(0)
		if t := c.open[i]; t != nil {
			n = t.Requests()
		}
		l.History = append(l.History, n)
	}
	return l
}

// Summary is a finished run.
type Summary struct {
	Run
	Tally   *Tally
	Seconds []Second
	Answers []Answer
	Causes  map[Kind]string // what the first error of some kinds said
}

// Close returns what was collected. The collector must not be used afterwards.
func (c *Collector) Close() *Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open) > 0 {
		c.closeSecond()
	}
	return &Summary{Run: c.run, Tally: &c.total, Seconds: c.seconds, Answers: c.answers, Causes: c.causes}
}

// Merge adds another run to this one, as if their seconds followed each other.
func (s *Summary) Merge(other *Summary) {
	s.Tally.Merge(other.Tally)
	s.Seconds = append(s.Seconds, other.Seconds...)
	s.Answers = append(s.Answers, other.Answers...)
	for k, cause := range other.Causes {
		if _, known := s.Causes[k]; !known {
			if s.Causes == nil {
				s.Causes = map[Kind]string{}
			}
			s.Causes[k] = cause
		}
	}
	s.Elapsed += other.Elapsed
	s.Unended += other.Unended
	s.Unsent += other.Unsent
	s.Busy = max(s.Busy, other.Busy)
}

func (c *Collector) take() *Tally {
	if n := len(c.spare); n > 0 {
		t := c.spare[n-1]
		c.spare = c.spare[:n-1]
		return t
	}
	return new(Tally)
}

func (c *Collector) closeSecond() {
	s := len(c.seconds)
	t := c.open[s]
	if t == nil {
		c.seconds = append(c.seconds, Second{})
		return
	}
	c.seconds = append(c.seconds, secondOf(t))
	if c.watch != nil {
		c.watch(s, &t.OK)
	}
	delete(c.open, s)
	t.Reset()
	c.spare = append(c.spare, t)
}

func secondOf(t *Tally) Second {
	s := Second{
		Requests: t.Requests(), Failed: t.Failed.Count(), WireIn: t.WireIn, Resent: t.Resent,
		P50: t.OK.Quantile(0.5), P90: t.OK.Quantile(0.9), P99: t.OK.Quantile(0.99), Max: t.OK.Max(),
		Tenths: t.Tenths,
	}
	for status, n := range t.Status {
		s.Classes[status/100] += n
	}
	for kind, n := range t.Errors {
		s.Errors += n
		if n > 0 {
			s.Troubles = append(s.Troubles, Trouble{Kind: Kind(kind), Count: n})
		}
	}
	if s.Failed > s.Errors {
		for status, n := range t.Bad {
			if n > 0 {
				s.Troubles = append(s.Troubles, Trouble{Status: status, Count: n})
			}
		}
	}
	return s
}
