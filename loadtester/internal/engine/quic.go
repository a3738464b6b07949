package engine

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// quicTrunk is an HTTP/3 connection that clients share. What is spoken over it is
// quic-go's, which costs several times what the other transports do.
type quicTrunk struct {
	r      *run
	socket *net.UDPConn
	quic   *quic.Conn
	http   *http3.ClientConn
	served atomic.Bool

	mu      sync.Mutex
	active  int
	retired bool
	told    quic.ConnectionStats // as far as a client has counted it
}

// openQUIC opens an HTTP/3 connection to an origin by ctx's deadline.
func (e *Engine) openQUIC(ctx context.Context, o origin) (*quicTrunk, time.Duration, stats.Kind, error) {
	if !e.dialer.network.Permits(o.url()) {
		return nil, 0, stats.KindForbidden, errForbidden
	}
	addrs, err := e.dialer.resolve(ctx, e.dialer.diverted(o))
	if err != nil {
		return nil, 0, stats.KindDNS, err
	}
	to := net.UDPAddrFromAddrPort(addrs[e.dialer.nextTurn(len(addrs))])
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		return nil, 0, classify(err, whileConnecting), err
	}
	config := e.dialer.config.Clone()
	config.ServerName, config.NextProtos, config.MinVersion = o.host, []string{http3.NextProtoH3}, tls.VersionTLS13
	config.ClientSessionCache = ownSessions{config.ClientSessionCache}
	began := time.Now()
	conn, err := quic.Dial(ctx, socket, to, config, &quic.Config{HandshakeIdleTimeout: e.plan.Timeout / 2, MaxIdleTimeout: 10 * time.Minute})
	if err != nil {
		socket.Close() //nolint:errcheck // given up
		return nil, 0, classifyQUIC(ctx, err, whileConnecting), err
	}
	t := &quicTrunk{socket: socket, quic: conn}
	t.http = (&http3.Transport{DisableCompression: true, MaxResponseHeaderBytes: http1.MaxHead}).NewClientConn(conn)
	return t, time.Since(began), stats.KindNone, nil
}

// ownSessions hands each connection a copy of a session: quic-go writes into the one that
// it resumes, and connections that open at once would share it.
type ownSessions struct{ tls.ClientSessionCache }

// Get returns a session of the server that nobody else has.
func (s ownSessions) Get(server string) (*tls.ClientSessionState, bool) {
	shared, ok := s.ClientSessionCache.Get(server)
	if !ok {
		return nil, false
	}
	ticket, state, err := shared.ResumptionState()
	if err != nil || state == nil {
		return nil, false
	}
	text, err := state.Bytes()
	if err != nil {
		return nil, false
	}
	own, err := tls.ParseSessionState(text)
	if err != nil {
		return nil, false
	}
	session, err := tls.NewResumptionState(ticket, own)
	return session, err == nil
}

func (t *quicTrunk) usable() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.retired && t.quic.Context().Err() == nil
}

func (t *quicTrunk) retire() {
	t.mu.Lock()
	t.retired = true
	over := t.active == 0
	t.mu.Unlock()
	if over {
		t.close()
	}
}

func (t *quicTrunk) close() {
	t.quic.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "") //nolint:errcheck // nothing more is expected of it
	t.socket.Close()                                                           //nolint:errcheck // likewise
}

// enter begins a request, unless the trunk takes none any more.
func (t *quicTrunk) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.retired {
		return false
	}
	t.active++
	t.retired = !t.r.plan.KeepAlive
	return true
}

// depart ends a request, and the trunk with the last one if it is to end.
func (t *quicTrunk) depart(u *usage) {
	t.mu.Lock()
	now := t.quic.ConnectionStats()
	u.wireIn += now.BytesReceived - t.told.BytesReceived
	u.wireOut += now.BytesSent - t.told.BytesSent
	t.told = now
	t.active--
	over := t.retired && t.active == 0
	t.mu.Unlock()
	if over {
		t.close()
	}
}

// request does one request. Its body is always sent and its answer read whole.
func (t *quicTrunk) request(ctx context.Context, c *client, number uint64, h *hop, deadline int64) reply {
	if !t.enter() {
		return reply{moved: true}
	}
	defer t.depart(&c.count)
	ctx, cancel := context.WithDeadline(ctx, t.r.at(deadline))
	defer cancel()
	served, sent := t.served.Load(), t.r.now()
	now := t.r.source.frozen(number, h)
	response, err := t.http.RoundTrip(requestOf(ctx, &now.request))
	if err != nil {
		kind := classifyQUIC(ctx, err, whileWaiting)
		silent := kind == stats.KindClosed && served && h.idempotent
		return reply{kind: kind, unprocessed: silent || isRejected(err)}
	}
	defer response.Body.Close() //nolint:errcheck // it is read to its end, or given up
	begun := t.r.now()
	c.count.firstByte.Record(time.Duration(begun - sent))
	answer := answerOf(response, t.r.plan)
	n, err := t.readBody(c, response.Body, answer)
	c.count.bodyIn += uint64(n)
	if err != nil {
		return reply{kind: classifyQUIC(ctx, err, whileReading)}
	}
	t.served.Store(true)
	c.count.body.Record(time.Duration(t.r.now() - begun))
	return reply{status: response.StatusCode, location: response.Header.Get("Location"), shown: answer}
}

// readBody counts a body, and keeps its head for the answer to be shown.
func (t *quicTrunk) readBody(c *client, body io.Reader, answer *keptAnswer) (total int64, err error) {
	for {
		n, err := body.Read(c.buf)
		if room := sampledBody - len(answer.body); room > 0 && t.r.plan.Samples > 0 {
			answer.body = append(answer.body, c.buf[:min(room, n)]...)
		}
		total += int64(n)
		switch {
		case t.r.plan.MaxBody > 0 && total > t.r.plan.MaxBody:
			return total, http1.ErrTooLarge
		case errors.Is(err, io.EOF):
			return total, nil
		case err != nil:
			return total, err
		}
	}
}

// requestOf is a request as net/http has it.
func requestOf(ctx context.Context, r *plan.Request) *http.Request {
	u := *r.URL
	u.User = nil
	request := (&http.Request{
		Method: r.Method, URL: &u, Host: u.Host, Header: http.Header{},
		Proto: "HTTP/3.0", ProtoMajor: 3, ContentLength: int64(len(r.Body)),
	}).WithContext(ctx)
	for _, f := range append(http1.Implied(r.URL, r.Fields), r.Fields...) {
		switch strings.ToLower(f.Name) {
		case "host":
			request.Host = f.Value
		case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		default:
			request.Header.Add(f.Name, f.Value)
		}
	}
	if len(r.Body) > 0 || http1.ExpectsBody(r.Method) {
		request.Body = io.NopCloser(bytes.NewReader(r.Body))
	}
	return request
}

// keptAnswer is what is kept of an answer that net/http's types describe.
type keptAnswer struct{ headers, body []byte }

func (a *keptAnswer) Headers() []byte { return a.headers }
func (a *keptAnswer) Body() []byte    { return a.body }

func answerOf(response *http.Response, p *plan.Plan) *keptAnswer {
	a := &keptAnswer{}
	if p.Samples == 0 {
		return a
	}
	for name, values := range response.Header {
		for _, v := range values {
			a.headers = fmt.Appendf(a.headers, "%s: %s\n", strings.ToLower(name), v)
		}
	}
	return a
}

// isRejected tells whether the server promises that it has not processed the request.
func isRejected(err error) bool {
	var failure *http3.Error
	return errors.As(err, &failure) && failure.ErrorCode == http3.ErrCodeRequestRejected
}

// classifyQUIC finds the kind of an error of quic-go.
func classifyQUIC(ctx context.Context, err error, p phase) stats.Kind {
	var (
		idle      *quic.IdleTimeoutError
		handshake *quic.HandshakeTimeoutError
		stream    *quic.StreamError
		transport *quic.TransportError
		app       *quic.ApplicationError
		failure   *http3.Error
	)
	switch {
	case errors.As(err, &handshake), p == whileConnecting && errors.As(err, &idle):
		return stats.KindTimeoutConnect
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return timeoutIn(p)
	case isVerification(err), errors.Is(err, http1.ErrTooLarge):
		return classify(err, p)
	case errors.As(err, &stream) && stream.Remote:
		return stats.KindStreamReset
	case errors.As(err, &failure) && !failure.Remote:
		return stats.KindProtocol
	case errors.As(err, &app), errors.As(err, &idle):
		return stats.KindClosed
	case errors.As(err, &transport) && transport.ErrorCode.IsCryptoError():
		return stats.KindTLS
	case errors.As(err, &transport):
		return stats.KindProtocol
	default:
		return classify(err, p)
	}
}
