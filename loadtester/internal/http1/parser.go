// Package http1 reads HTTP/1.x responses and writes requests.
//
// Bytes go into a Parser as they arrive, in pieces of any size; out come the
// status, the framing and the counts of one response after the other. Bodies are
// counted, not kept, beyond what SampleBody asks for. Nothing is allocated for a
// response, except for the first line that is cut in two by the arrival of its
// bytes. Request serialises a request once, to be sent as often as wanted.
//
// Refused, each with its error: what isn't HTTP/1.x, malformed status lines,
// header lines, lengths and chunks, transfer codings other than chunked, responses
// beyond the limits, and connections that end in the middle of a response.
// Framing follows RFC 9112; where it leaves a choice, the parser does as Go's
// net/http client.
package http1

import (
	"bytes"
	"errors"
)

// Why a response can't be read.
var (
	ErrMalformed = errors.New("malformed response")
	ErrTooLarge  = errors.New("response exceeds the limits")
	ErrTruncated = errors.New("connection closed in the middle of the response")
)

// The limits of a response.
const (
	MaxHead          = 256 << 10 // bytes of status line, header and trailer, interim responses included
	MaxInterim       = 64        // 1xx responses before the final one
	maxChunkLine     = 4 << 10   // bytes of a chunk's size with its extensions
	keptHeader       = 8 << 10   // bytes of header lines that SampleHeaders keeps
	maxLocation      = 8 << 10   // bytes of a Location
	lengthUntilClose = -1
)

type state uint8

const (
	atStatus state = iota
	atHeader
	inBody      // of a known length
	inRest      // until the connection closes
	atChunkSize // a chunk's first line
	inChunk
	atChunkEnd // the empty line after a chunk's data
	atTrailer
	atEnd
)

// Parser reads the responses of one connection. The zero value is not ready: call
// Reset before each response.
type Parser struct {
	// MaxBody is the largest body in bytes; 0 is no limit.
	MaxBody int64
	// SampleBody is how many bytes of each body are kept for Body.
	SampleBody int
	// SampleHeaders keeps the header lines of each response for Headers.
	SampleHeaders bool

	state    state
	head     bool // the request was a HEAD
	begun    bool
	close    bool
	keep     bool // Connection: keep-alive
	chunked  bool
	http10   bool
	hasLen   bool
	badCode  bool // a transfer coding other than chunked
	framing  bool // the last header line was one that a continuation would change
	anyField bool
	interim  uint8
	status   int
	left     int64 // bytes of the body or chunk to come
	length   int64
	body     int64
	headSize int
	partial  []byte // the beginning of a line that has not ended yet
	location []byte
	sample   []byte
	headers  []byte
}

// Reset prepares for the next response; head tells that it answers a HEAD request,
// and so has no body.
func (p *Parser) Reset(head bool) {
	p.state, p.head = atStatus, head
	p.begun, p.interim, p.headSize = false, 0, 0
	p.partial = p.partial[:0]
	p.location = p.location[:0]
	p.sample = p.sample[:0]
	p.headers = p.headers[:0]
	p.body = 0
	p.startHead()
}

func (p *Parser) startHead() {
	p.status, p.close, p.keep, p.chunked, p.http10, p.badCode = 0, false, false, false, false, false
	p.hasLen, p.length, p.left = false, 0, 0
	p.framing, p.anyField = false, false
}

// Status is the response's status, 0 before it is known.
func (p *Parser) Status() int { return p.status }

// Begun tells whether anything of the response has arrived.
func (p *Parser) Begun() bool { return p.begun }

// BodyBytes is how many bytes of the body have arrived, without chunk framing.
func (p *Parser) BodyBytes() int64 { return p.body }

// Reusable tells, after a response, whether the connection can carry another one.
func (p *Parser) Reusable() bool {
	return p.state == atEnd && !p.close && p.status != 101
}

// Location is the Location of a 3xx response, valid until the next Reset.
func (p *Parser) Location() []byte { return p.location }

// Body is the head of the body, valid until the next Reset.
func (p *Parser) Body() []byte { return p.sample }

// Headers are the header lines, "Name: value\n" each, valid until the next Reset.
func (p *Parser) Headers() []byte { return p.headers }

// Feed reads b, or the beginning of b up to the end of the response. It returns how
// many bytes it took and whether the response is complete. After an error or a
// complete response, only Reset and the getters may be called.
func (p *Parser) Feed(b []byte) (n int, done bool, err error) {
	if len(b) > 0 {
		p.begun = true
	}
	for n < len(b) {
		switch p.state {
		case inBody, inChunk:
			take := min(int64(len(b)-n), p.left)
			if err := p.takeBody(b[n : n+int(take)]); err != nil {
				return n, false, err
			}
			n += int(take)
			p.left -= take
			if p.left > 0 {
				return n, false, nil
			}
			if p.state == inBody {
				p.state = atEnd
				return n, true, nil
			}
			p.state = atChunkEnd
		case inRest:
			return len(b), false, p.takeBody(b[n:])
		case atEnd:
			return n, true, nil
		default:
			taken, err := p.feedLine(b[n:])
			n += taken
			if err != nil {
				return n, false, err
			}
			if p.state == atEnd {
				return n, true, nil
			}
		}
	}
	return n, p.state == atEnd, nil
}

// Skippable is how many bytes from here on are body of which nothing is kept, so that
// they can be thrown away unseen and told to Skip.
func (p *Parser) Skippable() int64 {
	switch {
	case p.SampleBody > len(p.sample):
		return 0
	case p.state == inBody, p.state == inChunk:
		return p.left
	case p.state == inRest:
		return 1 << 40
	default:
		return 0
	}
}

// Skip takes n bytes of those that Skippable told of. It reports whether the response is
// complete.
func (p *Parser) Skip(n int64) (done bool, err error) {
	if err := p.countBody(n); err != nil || p.state == inRest {
		return false, err
	}
	if p.left -= n; p.left > 0 {
		return false, nil
	}
	if p.state == inChunk {
		p.state = atChunkEnd
		return false, nil
	}
	p.state = atEnd
	return true, nil
}

// Close tells that the peer sends no more. It returns nil if that completes the
// response, ErrTruncated otherwise.
func (p *Parser) Close() error {
	if p.state == inRest {
		p.state, p.close = atEnd, true
		return nil
	}
	return ErrTruncated
}

// Spoil makes Reusable false: something came that no request asked for.
func (p *Parser) Spoil() { p.close = true }

func (p *Parser) countBody(n int64) error {
	p.body += n
	if p.MaxBody > 0 && p.body > p.MaxBody {
		return ErrTooLarge
	}
	return nil
}

func (p *Parser) takeBody(b []byte) error {
	if err := p.countBody(int64(len(b))); err != nil {
		return err
	}
	if room := p.SampleBody - len(p.sample); room > 0 {
		p.sample = append(p.sample, b[:min(room, len(b))]...)
	}
	return nil
}

// feedLine takes bytes up to the end of a line and handles the line if it is whole.
func (p *Parser) feedLine(b []byte) (int, error) {
	end := bytes.IndexByte(b, '\n')
	size := end + 1
	if end < 0 {
		size = len(b)
	}
	limit := maxChunkLine
	if p.state != atChunkSize && p.state != atChunkEnd {
		p.headSize += size
		limit = MaxHead
		if p.headSize > limit {
			return size, ErrTooLarge
		}
	}
	if len(p.partial)+size > limit {
		return size, ErrTooLarge
	}
	if end < 0 {
		p.partial = append(p.partial, b...)
		if p.state == atStatus && !looksLikeHTTP(p.partial) {
			return size, ErrMalformed
		}
		return size, nil
	}
	line := b[:end]
	if len(p.partial) > 0 {
		p.partial = append(p.partial, line...)
		line = p.partial
		p.partial = p.partial[:0] // its bytes stay valid until the next append
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	} else if p.state == atChunkSize || p.state == atChunkEnd {
		return size, ErrMalformed // a bare newline there has been used to smuggle requests
	}
	return size, p.line(line)
}

// looksLikeHTTP tells whether a status line could begin with b, so that a peer that
// speaks something else is found out before its first line ends.
func looksLikeHTTP(b []byte) bool {
	const prefix = "HTTP/1."
	n := min(len(b), len(prefix))
	return string(b[:n]) == prefix[:n]
}

func (p *Parser) line(line []byte) error {
	switch p.state {
	case atStatus:
		if err := p.statusLine(line); err != nil {
			return err
		}
		p.state = atHeader
		return nil
	case atHeader:
		if len(line) == 0 {
			return p.endHead()
		}
		return p.headerLine(line)
	case atChunkSize:
		return p.chunkLine(line)
	case atChunkEnd:
		if len(line) != 0 {
			return ErrMalformed
		}
		p.state = atChunkSize
		return nil
	default: // atTrailer
		if len(line) == 0 {
			p.state = atEnd
			return nil
		}
		if _, _, ok := splitField(line); !ok && line[0] != ' ' && line[0] != '\t' {
			return ErrMalformed
		}
		return nil
	}
}

// statusLine reads "HTTP/1.x NNN", followed by nothing or a space and a reason.
func (p *Parser) statusLine(line []byte) error {
	const shortest = len("HTTP/1.1 200")
	if len(line) < shortest || string(line[:7]) != "HTTP/1." || line[8] != ' ' {
		return ErrMalformed
	}
	switch line[7] {
	case '1':
	case '0':
		p.http10 = true
	default:
		return ErrMalformed
	}
	status := 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return ErrMalformed
		}
		status = status*10 + int(c-'0')
	}
	if status < 100 || (len(line) > shortest && line[shortest] != ' ') {
		return ErrMalformed
	}
	p.status = status
	return nil
}
