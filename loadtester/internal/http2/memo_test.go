package http2

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2/hpack"

	"github.com/senior-backend/toolkit/loadtester/internal/http2/http2test"
)

// Blocks that follow each other, some of them the same, say what they say to x/net's
// decoder: whatever is remembered of one is true for the next.
func FuzzHeaderBlocks(f *testing.F) {
	insert := http2test.OK + http2test.Indexed("x-a", "b")
	f.Add(insert, "\x88\xbe", "aab")
	f.Add(http2test.OK+http2test.Indexed("location", "/x"), http2test.OK+"\xbe\xbf", "abaab")
	f.Add("\x20"+insert, "\x3f\xe1\x1f"+insert, "aabbab")
	f.Add("\x88\x0f\x2f\x01c", "\x88\x7e\x01d", "abab")
	f.Fuzz(func(t *testing.T, a, b, order string) {
		if len(a)+len(b) > 4000 || len(order) > 10 {
			return
		}
		theirs := hpack.NewDecoder(tableSize, nil)
		ours, fresh := decoder{}, decoder{}
		ours.table.resize(tableSize)
		fresh.table.resize(tableSize)
		for _, which := range order {
			block := []byte(a)
			if which == 'b' {
				block = []byte(b)
			}
			var h, want head
			fresh.memo.forget()
			ok := fresh.decode(block, &want)
			require.Equal(t, ok, ours.decode(block, &h))
			if !ok {
				return
			}
			require.Equal(t, string(want.location), string(h.location))
			want.location, h.location, h.lines = nil, nil, nil
			require.Equal(t, want, h)
			fields, err := theirs.DecodeFull(block)
			if err != nil {
				return
			}
			size := 0 // as head counts it
			for _, f := range fields {
				size += len(f.Name) + len(f.Value) + entryOverhead
			}
			require.Equal(t, size, h.size)
			for i := range fresh.table.count {
				want, _ := fresh.table.get(i)
				got, ok := ours.table.get(i)
				require.True(t, ok)
				require.Equal(t, want, got)
			}
			require.Equal(t, fresh.table.count, ours.table.count)
		}
	})
}
