package result

import (
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// encodeHistogram returns the counts as an HdrHistogram of three significant digits
// from 1 ns to an hour, in its compressed V2 encoding as base64, which tools of many
// languages read. Its buckets are those of stats.Histogram, so nothing is lost.
func encodeHistogram(bars []stats.Bar) string {
	encoded, err := hdrOf(bars).Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return "" // never: it is encoded into memory
	}
	return string(encoded)
}

func hdrOf(bars []stats.Bar) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	for _, bar := range bars {
		if err := h.RecordValues(int64(bar.From), int64(bar.Count)); err != nil {
			break // never: bars lie within the hour
		}
	}
	return h
}

// ReadHistogram makes the distribution of a record that was read from a file known from
// its LatencyHistogram. It fails when that is none.
func (r *Record) ReadHistogram() error {
	if r.LatencyHistogram == "" {
		return errors.New("no histogram")
	}
	h, err := hdrhistogram.Decode([]byte(r.LatencyHistogram))
	if err != nil {
		return fmt.Errorf("decode histogram: %w", err)
	}
	r.bars = r.bars[:0]
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			r.bars = append(r.bars, stats.Bar{From: time.Duration(bar.From), To: time.Duration(bar.To), Count: uint64(bar.Count)})
		}
	}
	return nil
}
