package http1_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/http1/http1test"
)

// reading is what a parser made of some bytes.
type reading struct {
	status   int
	body     int64
	taken    int
	reusable bool
	location string
	err      error
}

// read feeds raw in pieces of size bytes, and then the end of the connection.
func read(raw string, head bool, size int) reading {
	p := http1.Parser{MaxBody: http1test.MaxBody, SampleBody: 64, SampleHeaders: true}
	p.Reset(head)
	var r reading
	done := false
	for at := 0; at < len(raw) && !done && r.err == nil; at += size {
		piece := []byte(raw[at:min(at+size, len(raw))])
		var n int
		n, done, r.err = p.Feed(piece)
		r.taken += n
		clear(piece) // nothing may be kept of what was fed
	}
	if !done && r.err == nil {
		r.err = p.Close()
	}
	r.status, r.body, r.reusable, r.location = p.Status(), p.BodyBytes(), p.Reusable(), string(p.Location())
	return r
}

// pieces are the sizes in which answers arrive.
func pieces(raw string) []int { return []int{len(raw) + 1, 1, 2, 3, 7, 100} }

// oracle reads raw with net/http, passing over interim responses.
func oracle(raw string, head bool) (status int, body int64, closes bool, err error) {
	method := "GET"
	if head {
		method = "HEAD"
	}
	in := bufio.NewReader(strings.NewReader(raw))
	for {
		response, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			return 0, 0, false, err
		}
		if response.StatusCode < 200 && response.StatusCode != 101 {
			continue
		}
		body, err = io.Copy(io.Discard, response.Body)
		return response.StatusCode, body, response.Close, err
	}
}

func TestParserReadsWhatNetHTTPReads(t *testing.T) {
	for _, a := range http1test.WellFormed() {
		t.Run(a.Name, func(t *testing.T) {
			status, body, closes, err := oracle(a.Raw, a.Head)
			require.NoError(t, err)
			for _, size := range pieces(a.Raw) {
				got := read(a.Raw, a.Head, size)
				require.NoError(t, got.err, "in pieces of %d", size)
				require.Equal(t, status, got.status)
				require.Equal(t, body, got.body)
				require.Equal(t, len(a.Raw), got.taken)
				require.Equal(t, closes, !got.reusable)
			}
		})
	}
}

func TestParserClassifiesBadAnswers(t *testing.T) {
	for _, class := range []struct {
		answers []http1test.Answer
		want    error
	}{
		{http1test.Malformed(), http1.ErrMalformed},
		{http1test.TooLarge(), http1.ErrTooLarge},
		{http1test.Truncated(), http1.ErrTruncated},
	} {
		for _, a := range class.answers {
			t.Run(class.want.Error()+"/"+a.Name, func(t *testing.T) {
				for _, size := range pieces(a.Raw) {
					got := read(a.Raw, a.Head, size)
					require.ErrorIs(t, got.err, class.want, "in pieces of %d", size)
					require.False(t, got.reusable)
				}
			})
		}
	}
}

func TestParserLeavesWhatFollows(t *testing.T) {
	const first = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	const second = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n"
	var p http1.Parser
	p.Reset(false)
	n, done, err := p.Feed([]byte(first + second))
	require.NoError(t, err)
	require.True(t, done)
	require.Equal(t, len(first), n)
	p.Reset(false)
	require.False(t, p.Begun())
	n, done, err = p.Feed([]byte(second))
	require.NoError(t, err)
	require.True(t, done)
	require.Equal(t, len(second), n)
	require.Equal(t, 404, p.Status())
	require.Equal(t, int64(3), p.BodyBytes())
}

func TestParserKeepsWhatIsAskedFor(t *testing.T) {
	p := http1.Parser{SampleBody: 4, SampleHeaders: true}
	p.Reset(false)
	_, done, err := p.Feed([]byte("HTTP/1.1 302 Found\r\nLocation:  /a?b=c \r\nRetry-After: 3\r\nContent-Length: 6\r\n\r\nfollow"))
	require.NoError(t, err)
	require.True(t, done)
	require.Equal(t, "/a?b=c", string(p.Location()))
	require.Equal(t, "foll", string(p.Body()))
	require.Equal(t, "Location: /a?b=c\nRetry-After: 3\nContent-Length: 6\n", string(p.Headers()))
}

func TestParserAllocatesNothing(t *testing.T) {
	raw := []byte("HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	var p http1.Parser
	allocations := testing.AllocsPerRun(100, func() {
		p.Reset(false)
		for i := 0; i < len(raw); i += 10 {
			if _, _, err := p.Feed(raw[i:min(i+10, len(raw))]); err != nil {
				panic(err)
			}
		}
	})
	require.Zero(t, allocations)
}

// FuzzParser holds that bytes mean the same however they are cut, and that a response
// which net/http reads to its end too has the same status and size there.
func FuzzParser(f *testing.F) {
	for _, list := range [][]http1test.Answer{http1test.WellFormed(), http1test.Malformed(), http1test.Truncated()} {
		for _, a := range list {
			f.Add([]byte(a.Raw), a.Head, uint8(3))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, head bool, size uint8) {
		if bytes.Count(data, []byte("\n")) > 500 {
			return
		}
		raw := string(data)
		whole := read(raw, head, len(raw)+1)
		cut := read(raw, head, int(size)+1)
		require.Equal(t, whole.err, cut.err)
		if whole.err != nil {
			return // how much was looked at before may differ
		}
		require.Equal(t, whole, cut)
		status, body, _, err := oracle(raw, head)
		if err != nil || strings.Contains(raw, "\n ") || strings.Contains(raw, "\n\t") {
			return // net/http refuses more, such as bad trailers, and joins continued lines
		}
		require.Equal(t, status, whole.status)
		require.Equal(t, body, whole.body)
	})
}

func BenchmarkParser(b *testing.B) {
	raw := []byte("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 02:28:00 GMT\r\n" +
		"Content-Type: application/octet-stream\r\nContent-Length: 13\r\nConnection: keep-alive\r\n\r\nhello, world\n")
	b.SetBytes(int64(len(raw)))
	var p http1.Parser
	for b.Loop() {
		p.Reset(false)
		if _, done, err := p.Feed(raw); !done || err != nil {
			b.Fatal(err)
		}
	}
}

// What is skipped unseen counts as what is fed.
func TestSkipping(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, tt := range map[string]struct {
		parts []string // every second one is skipped
		err   error
	}{
		"length":      {parts: []string{ok + "Content-Length: 9\r\n\r\n", "123456789"}},
		"in part":     {parts: []string{ok + "Content-Length: 9\r\n\r\n12", "345", "67", "89"}},
		"chunk":       {parts: []string{ok + "Transfer-Encoding: chunked\r\n\r\n9\r\n1", "2345678", "9\r\n0\r\n\r\n"}},
		"whole chunk": {parts: []string{ok + "Transfer-Encoding: chunked\r\n\r\n9\r\n", "123456789", "\r\n0\r\n\r\n"}},
		"too large":   {parts: []string{ok + "\r\n", strings.Repeat("x", http1test.MaxBody), "", "x"}, err: http1.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			p := http1.Parser{MaxBody: http1test.MaxBody}
			p.Reset(false)
			var done bool
			var err error
			for i, part := range tt.parts {
				if i%2 == 0 {
					_, done, err = p.Feed([]byte(part))
					continue
				}
				require.GreaterOrEqual(t, p.Skippable(), int64(len(part)))
				done, err = p.Skip(int64(len(part)))
			}
			require.ErrorIs(t, err, tt.err)
			if tt.err == nil {
				require.True(t, done)
				require.True(t, p.Reusable())
				require.Equal(t, int64(9), p.BodyBytes())
				require.Zero(t, p.Skippable())
			}
		})
	}
	p := http1.Parser{SampleBody: 4}
	p.Reset(false)
	_, _, err := p.Feed([]byte(ok + "Content-Length: 9\r\n\r\n123"))
	require.NoError(t, err)
	require.Zero(t, p.Skippable(), "some of it is to be kept")
}
