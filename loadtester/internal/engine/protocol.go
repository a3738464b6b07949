package engine

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/fault"
)

// settleProtocol finds out over a first connection what is spoken with the target.
func (e *Engine) settleProtocol(ctx context.Context, o origin, conn net.Conn) error {
	wanted := e.plan.Protocol == plan.ProtocolHTTP2
	secured, ok := conn.(*tls.Conn)
	if ok {
		speaks := secured.ConnectionState().NegotiatedProtocol == alpnHTTP2
		if o == e.home {
			e.http2 = speaks
		}
		if wanted && !speaks {
			return e.noHTTP2(o, "offers no HTTP/2 over TLS", nil)
		}
		if e.plan.Streams > 1 && !speaks {
			return &fault.Environment{
				Message: fmt.Sprintf("several streams with %s: the server chose HTTP/1.1, which has one request at a time on a connection", o),
				Hint:    "leave out --streams, or turn HTTP/2 on in the server",
			}
		}
		return nil
	}
	if !wanted {
		return nil
	}
	e.http2 = true
	return e.greet(ctx, o, conn)
}

// isNoCommonProtocol tells whether a server refused all protocols that it was offered.
func isNoCommonProtocol(err error) bool {
	// crypto/tls gives alerts no type or value of their own.
	return err != nil && strings.Contains(err.Error(), "no application protocol")
}

// greet sees whether a server in the clear takes HTTP/2 without having been asked.
func (e *Engine) greet(ctx context.Context, o origin, conn net.Conn) error {
	stop := context.AfterFunc(ctx, func() { conn.Close() }) //nolint:errcheck // it ends the reading
	defer stop()
	var h http2.Conn
	h.Start()
	if _, err := conn.Write(h.Pending()); err != nil {
		return e.explainFailure(ctx, o, classify(err, whileWaiting), err)
	}
	buf := make([]byte, 1<<10)
	for !h.Greeted() {
		n, err := conn.Read(buf)
		if n > 0 && h.Feed(buf[:n]) != nil {
			return e.noHTTP2(o, "answers in another protocol", nil)
		}
		switch {
		case h.Greeted():
		case err == io.EOF: //nolint:errorlint // connections return it bare
			return e.noHTTP2(o, "hangs up", err)
		case err != nil && ctx.Err() == context.DeadlineExceeded: //nolint:errorlint // bare as well
			return e.noHTTP2(o, fmt.Sprintf("says nothing for %v", e.plan.Timeout), err)
		case err != nil:
			return e.explainFailure(ctx, o, classify(err, whileWaiting), err)
		}
	}
	return nil
}

func (e *Engine) noHTTP2(o origin, what string, err error) error {
	return &fault.Environment{
		Message: fmt.Sprintf("speak HTTP/2 with %s: the server %s", o, what),
		Hint:    "leave out --http2, or turn HTTP/2 on in the server", Err: err,
	}
}

// reachQUIC makes an HTTP/3 connection to an origin, as a trial.
func (e *Engine) reachQUIC(ctx context.Context, o origin) error {
	// quic-go would print a warning of its own where the system's buffers are small.
	os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true") //nolint:errcheck // then it is printed
	t, _, kind, err := e.openQUIC(ctx, o)
	switch {
	case kind == stats.KindTimeoutConnect && ctx.Err() != context.Canceled: //nolint:errorlint // contexts return it bare
		return &fault.Environment{
			Message: fmt.Sprintf("speak HTTP/3 with %s: nothing answers over QUIC, which is UDP", o),
			Hint:    "leave out --http3, or turn HTTP/3 on in the server and let UDP pass", Err: err,
		}
	case err != nil:
		return e.explainFailure(ctx, o, kind, err)
	}
	t.close()
	return nil
}
