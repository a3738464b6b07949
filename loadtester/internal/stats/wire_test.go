package stats

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// someTally is a tally with something of everything in it.
func someTally(random *rand.Rand, requests int) *Tally {
	t := &Tally{}
	for range requests {
		took := time.Duration(random.ExpFloat64() * float64(3*time.Millisecond))
		part := t.Part(random.IntN(7))
		switch random.IntN(10) {
		case 0:
			t.Failed.Record(took)
			t.Status[503]++
			t.Bad[503]++
			part.RecordAnswer(503, false, took)
		case 1:
			t.Failed.Record(took)
			kind := Kind(1 + random.IntN(Kinds-1))
			t.Errors[kind]++
			part.RecordError(kind)
		default:
			t.OK.Record(took)
			t.Service.Record(took / 2)
			t.Status[200]++
			part.RecordAnswer(200, true, took)
		}
		t.Tenths[random.IntN(10)]++
		for _, n := range t.counters() {
			*n += random.Uint64N(1000)
		}
		for _, s := range t.spans() {
			s.Record(took)
		}
	}
	return t
}

func TestTalliesAreCarriedWithoutLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var again Tally // used over and over, as it is when messages come
	for _, n := range []int{0, 1, 2, 5000} {
		sent := someTally(random, n)
		text, err := sent.AppendBinary(nil)
		require.NoError(t, err)
		require.NoError(t, again.UnmarshalBinary(text))
		var want, got Tally
		want.Merge(sent)
		got.Merge(&again)
		require.Equal(t, want, got)
	}
}

func TestTalliesOfManyRequestsGoInPieces(t *testing.T) {
	sent := someTally(rand.New(rand.NewPCG(3, 4)), 5000)
	whole, err := sent.AppendBinary(nil)
	require.NoError(t, err)
	var got, piece Tally
	pieces := 0
	sent.Encode(len(whole)-100, func(text []byte) {
		pieces++
		require.Less(t, len(text), len(whole))
		require.NoError(t, piece.UnmarshalBinary(text))
		got.Merge(&piece)
	})
	require.Greater(t, pieces, 1)
	require.Equal(t, sent.OK, got.OK)
	require.Equal(t, sent.Parts, got.Parts)
}

func FuzzTally(f *testing.F) {
	for _, n := range []int{0, 1, 50} {
		text, err := someTally(rand.New(rand.NewPCG(5, 6)), n).AppendBinary(nil)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got, sum Tally
		if got.UnmarshalBinary(text) != nil {
			require.Zero(t, got.Requests())
			return
		}
		sum.Merge(&got)
		sum.Merge(&got)
		require.Equal(t, 2*got.OK.Count(), sum.OK.Count())
		require.LessOrEqual(t, got.OK.Quantile(0.5), got.OK.Max())
	})
}

// TestCollectorOfSeveralMachines relays what two machines count through their encoding,
// one of them seconds late, to one collector.
func TestCollectorOfSeveralMachines(t *testing.T) {
	var machines [2]*Collector
	sum, alone := NewCollector(0), NewCollector(0)
	sum.Hold()
	random := rand.New(rand.NewPCG(7, 8))
	for i := range machines {
		machines[i] = NewCollector(0)
		machines[i].Relay()
		for second := range 6 {
			counted := someTally(random, 100)
			copied := &Tally{}
			copied.Merge(counted)
			alone.Add(0, copied)
			machines[i].Add(second, counted)
		}
	}
	deliver := func(i int) {
		machines[i].Drain(func(second int, counted *Tally) {
			text, err := counted.AppendBinary(nil)
			require.NoError(t, err)
			var got Tally
			require.NoError(t, got.UnmarshalBinary(text))
			sum.Add(second, &got)
		})
	}
	deliver(0)
	sum.Complete(0)
	require.Zero(t, sum.Live().Seconds, "the second machine has sent none")
	deliver(1)
	sum.Complete(6)
	require.Equal(t, 6, sum.Live().Seconds)
	require.Equal(t, uint64(200), sum.Live().Last.Requests)
	got, want := sum.Close(), alone.Close()
	require.Equal(t, want.Tally.Requests(), got.Tally.Requests())
	require.Equal(t, want.Tally.OK.counts, got.Tally.OK.counts)
	require.Len(t, got.Seconds, 6)
	for _, second := range got.Seconds {
		require.Equal(t, uint64(200), second.Requests)
	}
}
