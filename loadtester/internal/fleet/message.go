package fleet

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// message is what an agent sends of a load. Those with a sequence number come one after
// the other, from 1; one without is a mere sign of life.
type message struct {
	Agent    string
	Round    int
	Sequence uint64
	Through  int // seconds of the load that are over, and sent with this or before
	Tallies  []tallyOf
	End      *end // nil until the last
}

type tallyOf struct {
	second int
	tally  []byte
}

// end is how a load went on one agent.
type end struct {
	Run         stats.Run
	Began       int64 // in the agent's time
	Answers     []stats.Answer
	Causes      map[stats.Kind]string
	Requests    uint64
	Failed      uint64
	Fingerprint uint64 // of the histograms of successes and failures
	P50, P99    time.Duration
	Fault       string // why it ended early; empty when it didn't
}

var errMessage = errors.New("not a message of an agent")

func (m *message) encode() ([]byte, error) {
	b := binary.AppendUvarint(nil, uint64(len(m.Agent)))
	b = append(b, m.Agent...)
	for _, n := range []uint64{uint64(m.Round), m.Sequence, uint64(m.Through), uint64(len(m.Tallies))} {
		b = binary.AppendUvarint(b, n)
	}
	for _, t := range m.Tallies {
		b = binary.AppendUvarint(b, uint64(t.second))
		b = binary.AppendUvarint(b, uint64(len(t.tally)))
		b = append(b, t.tally...)
	}
	if m.End == nil {
		return b, nil
	}
	text, err := json.Marshal(m.End)
	return append(b, text...), err
}

// maxSecond is a second that no load has.
const maxSecond = 1 << 21

func decodeMessage(b []byte) (*message, error) {
	m := &message{}
	bad := false
	number := func() uint64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			bad, b = true, nil
			return 0
		}
		b = b[size:]
		return n
	}
	take := func() []byte {
		n := number()
		if n > uint64(len(b)) {
			bad, b = true, nil
			return nil
		}
		taken := b[:n]
		b = b[n:]
		return taken
	}
	m.Agent = string(take())
	round, sequence, through, count := number(), number(), number(), number()
	if round > 1<<30 || through > maxSecond || count > uint64(len(b)) {
		return nil, errMessage
	}
	m.Round, m.Sequence, m.Through = int(round), sequence, int(through)
	for range count {
		second := number()
		tally := take()
		if bad || second > maxSecond {
			return nil, errMessage
		}
		m.Tallies = append(m.Tallies, tallyOf{second: int(second), tally: tally})
	}
	if bad {
		return nil, errMessage
	}
	if len(b) > 0 {
		m.End = &end{}
		if err := json.Unmarshal(b, m.End); err != nil {
			return nil, errMessage
		}
	}
	return m, nil
}

// receipt acknowledges messages.
type receipt struct {
	Round    int
	Accepted uint64 // all up to this number have come
	Stop     bool   // the agent counts as lost: it shall stop
}
