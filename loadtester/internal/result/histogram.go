package result

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// encodeHistogram returns the counts as an HdrHistogram of three significant digits
// from 1 ns to an hour, in its compressed V2 encoding as base64, which tools of many
// languages read. Its buckets are those of stats.Histogram, so nothing is lost.
func encodeHistogram(bars []stats.Bar) string {
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	for _, bar := range bars {
		if err := h.RecordValues(int64(bar.From), int64(bar.Count)); err != nil {
			return "" // never: bars lie within the hour
		}
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return "" // never: it is encoded into memory
	}
	return string(encoded)
}
