package http2_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2/hpack"

	"github.com/senior-backend/toolkit/loadtester/internal/http2/http2test"
)

// Whatever a server sends, and however it is cut in pieces, it is read to the same end.
func FuzzFeed(f *testing.F) {
	for _, answers := range [][]http2test.Answer{
		http2test.WellFormed(), http2test.Malformed(), http2test.TooLarge(), http2test.Truncated(), http2test.Resets(),
	} {
		for _, a := range answers {
			f.Add(http2test.Greeting+a.Raw, a.Head, 3)
		}
	}
	f.Fuzz(func(t *testing.T, raw string, head bool, size int) {
		whole := read(raw, head, len(raw)+1)
		if size < 1 || size > len(raw) {
			size = 1
		}
		pieces := read(raw, head, size)
		if pieces.ended && !whole.ended || whole.ended && pieces.ended {
			// What comes after the end of the stream may have ended the connection.
			whole.conn = pieces.conn
		}
		require.Equal(t, whole, pieces)
	})
}

// A header block that is read is one to x/net's decoder, too, which is less strict about
// where the table's size may change and how long a number may be.
func FuzzHeaderBlock(f *testing.F) {
	for _, block := range []string{
		http2test.OK, http2test.OK + http2test.Indexed("x-a", "b") + "\xbe", "\x20\x3f\xe1\x1f" + http2test.OK, "\x08\x82\x10\x01",
	} {
		f.Add(block)
	}
	f.Fuzz(func(t *testing.T, block string) {
		if len(block) > 10_000 {
			return
		}
		var want strings.Builder
		decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) {
			if !f.IsPseudo() {
				want.WriteString(f.Name + ": " + f.Value + "\n")
			}
		})
		_, err := decoder.Write([]byte(block))
		if err == nil {
			err = decoder.Close()
		}
		got := read(http2test.Greeting+http2test.Frame(http2test.Headers, http2test.EndHeaders|http2test.EndStream, 1, block), false, 1<<20)
		if got.conn == nil {
			require.NoError(t, err)
		}
		if got.conn == nil && got.stream == nil && want.Len() < 8000 {
			require.Equal(t, want.String(), got.headers)
		}
	})
}
