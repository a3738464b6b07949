package engine

import (
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
	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/http2/http2test"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// rawHTTP2Server calls answer for the request of each connection, with its path and the
// connection, which is closed after it. Settings have been exchanged by then.
func rawHTTP2Server(t *testing.T, answer func(path string, conn *net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if path, ok := readRequest(conn); ok {
					answer(path, conn.(*net.TCPConn))
				}
			}()
		}
	}()
	t.Cleanup(func() { listener.Close() })
	return "http://" + listener.Addr().String() + "/"
}

// readRequest greets the client and reads the path of its first request.
func readRequest(conn net.Conn) (path string, ok bool) {
	if _, err := io.ReadFull(conn, make([]byte, len(http2.Preface))); err != nil {
		return "", false
	}
	io.WriteString(conn, http2test.Greeting)
	framer := xhttp2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return "", false
		}
		if headers, is := frame.(*xhttp2.MetaHeadersFrame); is {
			return strings.TrimPrefix(headers.PseudoValue("path"), "/"), true
		}
	}
}

func TestHTTP2AnswersAreClassified(t *testing.T) {
	type wanted struct {
		answer http2test.Answer
		kind   stats.Kind
	}
	var all []wanted
	for _, group := range []struct {
		kind    stats.Kind
		answers []http2test.Answer
	}{
		{stats.KindNone, http2test.WellFormed()},
		{stats.KindProtocol, http2test.Malformed()},
		{stats.KindTooLarge, http2test.TooLarge()},
		{stats.KindStreamReset, http2test.Resets()},
		{stats.KindClosed, http2test.Truncated()},
	} {
		for _, a := range group.answers {
			all = append(all, wanted{a, group.kind})
		}
	}
	require.GreaterOrEqual(t, len(all), 150)
	// The path says which answer is wanted, in pieces of which size.
	url := rawHTTP2Server(t, func(path string, conn *net.TCPConn) {
		var index, size int
		if _, err := fmt.Sscanf(path, "%d/%d", &index, &size); err == nil {
			write(conn, all[index].answer.Raw, size)
			conn.CloseWrite()
			io.Copy(io.Discard, conn) // a close with unread bytes would reset the connection
		}
	})
	oracle := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true, Protocols: new(http.Protocols)},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	oracle.Transport.(*http.Transport).Protocols.SetUnencryptedHTTP2(true)
	onEach(t, func(t *testing.T, load loader) {
		for i, w := range all {
			sizes := []int{1 << 20, 1}
			if len(w.answer.Raw) > 1000 {
				sizes = []int{1 << 20, 1000}
			}
			for _, size := range sizes {
				o := options(url + strconv.Itoa(i) + "/" + strconv.Itoa(size))
				o.HTTP2 = true
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
				if w.answer.Alone {
					require.Equal(t, uint64(1), s.Tally.OK.Count(), name)
					continue
				}
				request, err := http.NewRequest(o.Method, o.URLs[0], nil)
				require.NoError(t, err)
				response, err := oracle.Do(request)
				require.NoError(t, err, name)
				body, err := io.Copy(io.Discard, response.Body)
				require.NoError(t, err, name)
				response.Body.Close()
				require.Equal(t, uint64(1), s.Tally.Status[response.StatusCode], name)
				require.Equal(t, uint64(body), s.Tally.BodyIn, name)
			}
		}
	})
}

func TestBrokenHTTP2ConnectionsAreClassified(t *testing.T) {
	head := http2test.Frame(http2test.Headers, http2test.EndHeaders, 1, http2test.OK)
	data := http2test.Frame(http2test.Data, 0, 1, "hello")
	last := http2test.Frame(http2test.Data, http2test.EndStream, 1, "")
	stall := func(conn *net.TCPConn, before string) {
		write(conn, before, 1<<20)
		io.Copy(io.Discard, conn) // until the client goes away
	}
	reset := func(conn *net.TCPConn, before string) {
		write(conn, before, 1<<20)
		time.Sleep(20 * time.Millisecond) // a reset takes with it what has not been read
		conn.SetLinger(0)
		conn.Close()
	}
	endless := func(conn *net.TCPConn, before, again string) {
		write(conn, before, 1<<20)
		for {
			if _, err := io.WriteString(conn, strings.Repeat(again, 100)); err != nil {
				return
			}
		}
	}
	cases := map[string]struct {
		do   func(*net.TCPConn)
		want stats.Kind
	}{
		"close":            {func(c *net.TCPConn) { c.CloseWrite(); stall(c, "") }, stats.KindClosed},
		"reset":            {func(c *net.TCPConn) { reset(c, "") }, stats.KindReset},
		"reset-in-body":    {func(c *net.TCPConn) { reset(c, head+data) }, stats.KindReset},
		"stall":            {func(c *net.TCPConn) { stall(c, "") }, stats.KindTimeoutFirstByte},
		"stall-in-header":  {func(c *net.TCPConn) { stall(c, "\x00\x00") }, stats.KindTimeoutFirstByte},
		"stall-after-head": {func(c *net.TCPConn) { stall(c, head) }, stats.KindTimeoutBody},
		"stall-in-body":    {func(c *net.TCPConn) { stall(c, head+data) }, stats.KindTimeoutBody},
		"half-closed":      {func(c *net.TCPConn) { write(c, head, 99); c.CloseWrite(); stall(c, "") }, stats.KindClosed},
		"endless-body":     {func(c *net.TCPConn) { endless(c, head, data) }, stats.KindTooLarge},
		"endless-nothing":  {func(c *net.TCPConn) { endless(c, head, http2test.Frame(http2test.Data, 0, 1, "")) }, stats.KindTimeoutBody},
		"endless-unknown":  {func(c *net.TCPConn) { endless(c, "", http2test.Frame(0xfa, 0, 0, "x")) }, stats.KindTimeoutFirstByte},
		"endless-block": {func(c *net.TCPConn) {
			endless(c, http2test.Frame(http2test.Headers, 0, 1, http2test.OK), http2test.Frame(http2test.Continuation, 0, 1, ""))
		}, stats.KindTooLarge},
		"answer-and-more":   {func(c *net.TCPConn) { stall(c, head+last+data) }, stats.KindNone},
		"answer-then-close": {func(c *net.TCPConn) { write(c, head+last, 99); c.CloseWrite(); stall(c, "") }, stats.KindNone},
	}
	url := rawHTTP2Server(t, func(path string, conn *net.TCPConn) { cases[path].do(conn) })
	onEach(t, func(t *testing.T, load loader) {
		for name, c := range cases {
			o := options(url + name)
			o.HTTP2 = true
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

// A server that takes one answer to a connection and says so: nothing fails, and what it
// has refused is sent again.
func TestGoAwayMovesRequestsToAnotherConnection(t *testing.T) {
	url := rawHTTP2Server(t, func(_ string, conn *net.TCPConn) {
		io.WriteString(conn, http2test.Frame(http2test.GoAway, 0, 0, http2test.Word(1)+http2test.Word(0))+
			http2test.Frame(http2test.Headers, http2test.EndHeaders|http2test.EndStream, 1, http2test.OK))
		conn.CloseWrite()
		io.Copy(io.Discard, conn)
	})
	onEach(t, func(t *testing.T, load loader) {
		o := options(url)
		o.HTTP2, o.Method, o.Requests = true, "POST", 50
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(50), s.Tally.OK.Count())
		require.Equal(t, uint64(50), s.Tally.Opened)
		require.Equal(t, uint64(50), s.Tally.GoAways)
	})
}

// More requests than the server takes at once wait for their turn.
func TestServersMayLimitStreams(t *testing.T) {
	onEachHTTP2(t, func(t *testing.T, load loader, serve func(http.HandlerFunc) string) {
		url := serve(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Millisecond) })
		o := options(url)
		o.Streams, o.Requests = 600, 2000 // net/http takes 250 at once
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(2000), s.Tally.OK.Count())
		require.Equal(t, uint64(1), s.Tally.Opened)
	})
}
