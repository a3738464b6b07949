package plan

import (
	"slices"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Protocol is which HTTP to speak.
type Protocol uint8

// The protocols. Without one being asked for, it is what the server chooses of HTTP/2
// and HTTP/1.1 over TLS, and HTTP/1.1 otherwise.
const (
	ProtocolChosen Protocol = iota
	ProtocolHTTP1
	ProtocolHTTP2
	ProtocolHTTP3
)

// protocol checks what is said of the protocol.
func (o Options) protocol(p *Plan) error {
	asked := ""
	for _, flag := range []struct {
		given bool
		name  string
		means Protocol
	}{
		{o.HTTP1, "--http1.1", ProtocolHTTP1},
		{o.HTTP2, "--http2", ProtocolHTTP2},
		{o.HTTP3, "--http3", ProtocolHTTP3},
	} {
		if !flag.given {
			continue
		}
		if asked != "" {
			return fault.Usagef("%s and %s: choose one", asked, flag.name)
		}
		asked, p.Protocol = flag.name, flag.means
	}
	p.Streams = max(o.Streams, 1)
	switch {
	case o.Streams < 0 || o.Streams > MaxStreams:
		return fault.Usagef("--streams %d: must be from 1 to %d", o.Streams, MaxStreams)
	case p.Streams > 1 && p.Protocol == ProtocolHTTP1:
		return fault.Usagef("--streams %d: HTTP/1.1 has one request at a time on a connection", o.Streams)
	case p.Streams > 1 && p.Protocol == ProtocolChosen && slices.ContainsFunc(p.Targets, func(t Target) bool { return t.URL.Scheme == "http" }):
		return fault.Usagef("--streams %d: http:// URLs get HTTP/1.1, which has one request at a time on a connection; add --http2", o.Streams)
	case p.Streams > 1 && o.NoKeepAlive:
		return fault.Usagef("--streams %d and --no-keepalive: a connection for each request has one stream", o.Streams)
	case p.Streams > 1 && p.MaxConnections*p.Streams > maxLanes:
		return fault.Usagef("%d connections with %d streams each: more than %d requests at once", p.MaxConnections, p.Streams, maxLanes)
	}
	if p.Protocol == ProtocolHTTP3 {
		for _, t := range p.Targets {
			if t.URL.Scheme != "https" {
				return &fault.Input{Message: t.Name + ": HTTP/3 is spoken over TLS alone", Hint: "write https://, or leave out --http3"}
			}
		}
	}
	return nil
}

// maxLanes is how many requests there may be at once over all connections.
const maxLanes = 1_000_000
