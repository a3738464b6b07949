package result

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// Log is an HdrHistogram interval log: a histogram of the successes of each second, or
// slice, of a run, in nanoseconds. It is safe for concurrent use. Histograms are encoded
// while the run goes on, on a goroutine of their own, so that an hour of them needs a few
// megabytes and no worker waits for the encoding.
type Log struct {
	mu      sync.Mutex
	waiting chan interval // nil once closed
	done    chan struct{}
	begun   time.Time
	lines   bytes.Buffer
	err     error
}

type interval struct {
	tag    string
	start  time.Time
	length time.Duration
	bars   []stats.Bar
}

// NewLog begins a log; end it with WriteTo or Close.
func NewLog() *Log {
	l := &Log{waiting: make(chan interval, 64), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for i := range l.waiting {
			l.encode(i)
		}
	}()
	return l
}

// Add logs the durations of an interval. The tag tells the targets of a run apart; it may
// be empty.
func (l *Log) Add(tag string, start time.Time, length time.Duration, ok *stats.Histogram) {
	i := interval{tag: tagText(tag), start: start, length: length, bars: slices.Collect(ok.Bars)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting != nil {
		l.waiting <- i
	}
}

// tagText leaves out what a tag can't hold.
func tagText(tag string) string {
	return strings.NewReplacer(",", "%2C", " ", "%20", "\r", "", "\n", "").Replace(tag)
}

func (l *Log) encode(i interval) {
	if l.begun.IsZero() || i.start.Before(l.begun) {
		l.begun = i.start
	}
	h := hdrOf(i.bars)
	h.SetTag(i.tag)
	h.SetStartTimeMs(i.start.UnixMilli())
	h.SetEndTimeMs(i.start.Add(i.length).UnixMilli())
	if err := hdrhistogram.NewHistogramLogWriter(&l.lines).OutputIntervalHistogram(h); err != nil && l.err == nil {
		l.err = fmt.Errorf("encode histogram: %w", err)
	}
}

// Close ends the log; closing it again does nothing.
func (l *Log) Close() {
	l.mu.Lock()
	if l.waiting != nil {
		close(l.waiting)
		l.waiting = nil
	}
	l.mu.Unlock()
	<-l.done
}

// WriteTo ends the log and writes it.
func (l *Log) WriteTo(w io.Writer) (int64, error) {
	l.Close()
	if l.err != nil {
		return 0, l.err
	}
	var head bytes.Buffer
	log := hdrhistogram.NewHistogramLogWriter(&head)
	for _, err := range []error{
		log.OutputComment("[Latency of successful requests in nanoseconds, by loadtester]"),
		log.OutputLogFormatVersion(),
		log.OutputStartTime(l.begun.UnixMilli()),
		log.OutputLegend(),
	} {
		if err != nil {
			return 0, fmt.Errorf("write histogram log: %w", err)
		}
	}
	n, err := io.Copy(w, io.MultiReader(&head, &l.lines))
	if err != nil {
		return n, fmt.Errorf("write histogram log: %w", err)
	}
	return n, nil
}
