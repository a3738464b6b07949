package engine

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// Answers of all sizes follow each other over one connection: large ones, of which most is
// thrown away unseen, and small ones that fill what is asked for after them to the byte,
// or by one less or more.
func TestBodiesOfAllSizesOverOneConnection(t *testing.T) {
	head := func(n int) string { return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", n) }
	var answers [][]byte
	var total uint64
	add := func(body int, answer string) {
		total += uint64(body)
		answers = append(answers, append([]byte(answer), bytes.Repeat([]byte("x"), body)...))
	}
	for _, whole := range []int{4 << 10, 16 << 10, 32 << 10, 256 << 10} {
		for _, more := range []int{-1, 0, 1} {
			add(1<<20, head(1<<20))
			body := whole + more - len(head(whole))
			add(body, head(body))
			add(0, head(0))
		}
	}
	const chunk = 200_000
	add(chunk, fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", chunk))
	answers[len(answers)-1] = append(answers[len(answers)-1], "\r\n0\r\nX: y\r\n\r\n"...)
	onEach(t, func(t *testing.T, load loader) {
		next := 0
		url := rawServer(t, func(_ string, conn *net.TCPConn) bool {
			_, err := conn.Write(answers[next%len(answers)])
			next++
			return err == nil
		})
		o := options(url)
		o.Requests = 3 * int64(len(answers))
		s := load(context.Background(), o)
		require.Empty(t, errorsOf(s))
		require.Equal(t, uint64(o.Requests), s.Tally.OK.Count())
		require.Equal(t, 3*total, s.Tally.BodyIn)
		require.Equal(t, uint64(1), s.Tally.Opened, "a connection is kept whatever the size of its answers")
	})
}

// What follows a large answer is not taken for the next one.
func TestSurplusAfterLargeBodies(t *testing.T) {
	const size = 1 << 20
	answer := append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size), make([]byte, size)...)
	answer = append(answer, "HTTP/1.1 500 Nobody asked\r\nContent-Length: 0\r\n\r\n"...)
	url := rawServer(t, func(_ string, conn *net.TCPConn) bool {
		_, err := conn.Write(answer)
		return err == nil
	})
	onEach(t, func(t *testing.T, load loader) {
		o := options(url)
		o.Requests = 10
		s := load(context.Background(), o)
		require.Equal(t, uint64(10), s.Tally.Requests())
		require.Zero(t, s.Tally.Status[500])
		require.Equal(t, uint64(10), s.Tally.Status[200])
	})
}
