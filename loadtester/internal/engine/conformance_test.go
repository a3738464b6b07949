package engine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/http1/http1test"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// one makes a run of a single request over one connection, with the tests' limits.
func one(p *plan.Plan) {
	p.Requests, p.MaxBody = 1, http1test.MaxBody
	p.FollowRedirects = false
}

func TestAnswersAreClassified(t *testing.T) {
	type wanted struct {
		answer http1test.Answer
		kind   stats.Kind
	}
	var all []wanted
	add := func(kind stats.Kind, answers []http1test.Answer) {
		for _, a := range answers {
			all = append(all, wanted{a, kind})
		}
	}
	add(stats.KindNone, http1test.WellFormed())
	add(stats.KindProtocol, http1test.Malformed())
	add(stats.KindTooLarge, http1test.TooLarge())
	add(stats.KindClosed, http1test.Truncated())
	require.GreaterOrEqual(t, len(all), 150)
	// The path says which answer is wanted, in pieces of which size.
	url := rawServer(t, func(path string, conn *net.TCPConn) bool {
		var index, size int
		if _, err := fmt.Sscanf(path, "%d/%d", &index, &size); err == nil {
			write(conn, all[index].answer.Raw, size)
			conn.CloseWrite()
			io.Copy(io.Discard, conn) // a close with unread bytes would reset the connection
		}
		return false
	})
	onEach(t, func(t *testing.T, load loader) {
		for i, w := range all {
			sizes := []int{1 << 20, 1, 5}
			if len(w.answer.Raw) > 1000 {
				sizes = []int{1 << 20, 1000}
			}
			for _, size := range sizes {
				o := options(url + strconv.Itoa(i) + "/" + strconv.Itoa(size))
				if w.answer.Head {
					o.Method = "HEAD"
				}
				s := load(context.Background(), o, one)
				name := fmt.Sprintf("%s in pieces of %d", w.answer.Name, size)
				require.Equal(t, uint64(1), s.Tally.Requests(), name)
				if w.kind != stats.KindNone {
					require.Equal(t, map[string]uint64{w.kind.String(): 1}, errorsOf(s), name)
					continue
				}
				require.Empty(t, errorsOf(s), name)
				status, body := byNetHTTP(t, w.answer)
				require.Equal(t, uint64(1), s.Tally.Status[status], name)
				require.Equal(t, body, s.Tally.BodyIn, name)
			}
		}
	})
}

// byNetHTTP is what net/http reads.
func byNetHTTP(t *testing.T, a http1test.Answer) (status int, body uint64) {
	t.Helper()
	method := "GET"
	if a.Head {
		method = "HEAD"
	}
	in := bufio.NewReader(strings.NewReader(a.Raw))
	for {
		response, err := http.ReadResponse(in, &http.Request{Method: method})
		require.NoError(t, err)
		if response.StatusCode < 200 {
			continue
		}
		n, err := io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		return response.StatusCode, uint64(n)
	}
}

func TestBrokenConnectionsAreClassified(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
	reset := func(conn *net.TCPConn, before string) {
		write(conn, before, 1<<20)
		time.Sleep(20 * time.Millisecond) // a reset takes with it what has not been read
		conn.SetLinger(0)
		conn.Close()
	}
	stall := func(conn *net.TCPConn, before string) {
		write(conn, before, 1<<20)
		io.Copy(io.Discard, conn) // until the client goes away
	}
	endless := func(conn *net.TCPConn, before, again string) {
		write(conn, before, 1<<20)
		for {
			if _, err := io.WriteString(conn, strings.Repeat(again, 100)); err != nil {
				return
			}
		}
	}
	drip := func(conn *net.TCPConn, text string) {
		for _, err := io.WriteString(conn, ok[:5]); err == nil; _, err = io.WriteString(conn, text) {
			time.Sleep(5 * time.Millisecond)
		}
	}
	cases := map[string]struct {
		do   func(*net.TCPConn)
		want stats.Kind
	}{
		"close":             {func(*net.TCPConn) {}, stats.KindClosed},
		"reset":             {func(c *net.TCPConn) { reset(c, "") }, stats.KindReset},
		"reset-in-head":     {func(c *net.TCPConn) { reset(c, ok[:20]) }, stats.KindReset},
		"reset-in-body":     {func(c *net.TCPConn) { reset(c, ok+"he") }, stats.KindReset},
		"stall":             {func(c *net.TCPConn) { stall(c, "") }, stats.KindTimeoutFirstByte},
		"stall-in-status":   {func(c *net.TCPConn) { stall(c, ok[:5]) }, stats.KindTimeoutBody},
		"stall-in-head":     {func(c *net.TCPConn) { stall(c, ok[:20]) }, stats.KindTimeoutBody},
		"stall-in-body":     {func(c *net.TCPConn) { stall(c, ok+"he") }, stats.KindTimeoutBody},
		"stall-after-100":   {func(c *net.TCPConn) { stall(c, "HTTP/1.1 100 Continue\r\n\r\n") }, stats.KindTimeoutBody},
		"stall-half-closed": {func(c *net.TCPConn) { write(c, ok, 99); c.CloseWrite(); stall(c, "") }, stats.KindClosed},
		"drip":              {func(c *net.TCPConn) { drip(c, "x") }, stats.KindProtocol},
		"drip-header":       {func(c *net.TCPConn) { write(c, ok[:17], 99); drip(c, "X: y\r\n") }, stats.KindProtocol},
		"drip-body":         {func(c *net.TCPConn) { write(c, "HTTP/1.1 200 OK\r\n\r\n", 99); drip(c, "x") }, stats.KindTimeoutBody},
		"endless-headers":   {func(c *net.TCPConn) { endless(c, ok[:17], "X: y\r\n") }, stats.KindTooLarge},
		"endless-header":    {func(c *net.TCPConn) { endless(c, ok[:17]+"X: ", "yyyyyy") }, stats.KindTooLarge},
		"endless-body":      {func(c *net.TCPConn) { endless(c, "HTTP/1.1 200 OK\r\n\r\n", "x") }, stats.KindTooLarge},
		"endless-chunks": {func(c *net.TCPConn) {
			endless(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n")
		}, stats.KindTooLarge},
		"endless-100": {func(c *net.TCPConn) { endless(c, "", "HTTP/1.1 100 Continue\r\n\r\n") }, stats.KindTooLarge},
		"endless-trailers": {func(c *net.TCPConn) {
			endless(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n")
		}, stats.KindTooLarge},
		"answer-and-more":        {func(c *net.TCPConn) { stall(c, ok+"helloHTTP/1.1 500 Unasked\r\n\r\n") }, stats.KindNone},
		"answer-then-stall":      {func(c *net.TCPConn) { stall(c, ok+"hello") }, stats.KindNone},
		"answer-then-half-close": {func(c *net.TCPConn) { write(c, ok+"hello", 99); c.CloseWrite(); stall(c, "") }, stats.KindNone},
	}
	url := rawServer(t, func(path string, conn *net.TCPConn) bool {
		cases[path].do(conn)
		return false
	})
	onEach(t, func(t *testing.T, load loader) {
		for name, c := range cases {
			o := options(url + name)
			if isTimeout(c.want) {
				o.Timeout = "0.8"
			}
			s := load(context.Background(), o, one)
			require.Equal(t, uint64(1), s.Tally.Requests(), name)
			if c.want == stats.KindNone {
				require.Equal(t, uint64(1), s.Tally.OK.Count(), name)
				continue
			}
			require.Equal(t, map[string]uint64{c.want.String(): 1}, errorsOf(s), name)
			require.Less(t, s.Tally.Failed.Max(), 15*time.Second, "%s: before the timeout", name)
		}
	})
}

// A body without limit is cut off by the timeout, even if it comes faster than it can
// be read.
func TestEndlessBodyEndsWithTheTimeout(t *testing.T) {
	url := rawServer(t, func(_ string, conn *net.TCPConn) bool {
		block := make([]byte, 1<<20)
		write(conn, "HTTP/1.1 200 OK\r\n\r\n", 99)
		for {
			if _, err := conn.Write(block); err != nil {
				return false
			}
		}
	})
	onEach(t, func(t *testing.T, load loader) {
		o := options(url)
		o.Timeout, o.Requests = "1", 1
		s := load(context.Background(), o)
		require.Equal(t, map[string]uint64{"timeout_body": 1}, errorsOf(s))
	})
}

// Servers may close a connection after any answer without a word; requests that may be
// sent again then aren't failures.
func TestConnectionsClosedWithoutAWord(t *testing.T) {
	url := rawServer(t, func(_ string, conn *net.TCPConn) bool {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 1<<20)
		return false
	})
	onEach(t, func(t *testing.T, load loader) {
		o := options(url)
		o.Requests = 50
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(50), s.Tally.OK.Count())
		require.Equal(t, uint64(50), s.Tally.Opened)

		o.Method = "POST"
		s = load(context.Background(), o)
		require.Equal(t, uint64(50), s.Tally.Requests())
		require.Zero(t, s.Tally.Retried, "a POST is never sent twice")
	})
}
