// Package http2 is the client's end of HTTP/2 connections, without their sockets.
//
// Requests and the bytes that a server sends go into a Conn; out come the bytes to send
// and the streams that ended, each with its status and counts or with the reason of its
// failure. Bodies are counted, not kept, beyond what SampleBody asks for. A request's
// header block is encoded once, to be sent as often as wanted, and nothing is allocated
// for a response once a connection's buffers have grown to the size of what comes.
//
// Refused, each with its error: what isn't HTTP/2, frames that RFC 9113 forbids in their
// form, their size or their place, header blocks that RFC 7541 can't decode, responses
// that are malformed or beyond the limits, and more data than the windows allow. What is
// wrong with one stream ends that stream; what is wrong with the connection, or leaves
// the two ends with different ideas of it, ends the connection.
package http2

import (
	"encoding/binary"
	"errors"
)

// Why a stream or a connection ended without a response.
var (
	ErrMalformed = errors.New("malformed HTTP/2")
	ErrTooLarge  = errors.New("response exceeds the limits")
	// ErrReset says that the server ended the stream with RST_STREAM.
	ErrReset = errors.New("stream reset by the server")
	// ErrRefused says that the server has not processed the request and promises so,
	// with RST_STREAM or with GOAWAY: whatever the method is, it may be sent again.
	ErrRefused = errors.New("request refused unprocessed")
)

// The limits of a response, and what is asked of servers.
const (
	MaxHead       = 256 << 10 // bytes of a header block, and of its fields when decoded
	MaxInterim    = 64        // 1xx responses before the final one
	maxFrame      = 16 << 10  // bytes of a frame's payload
	maxFragments  = 1 << 10   // CONTINUATION frames of one header block
	maxUnread     = 1 << 20   // bytes that wait to be sent, beyond which the server is one that only asks
	keptHeader    = 8 << 10   // bytes of header lines that SampleHeaders keeps
	maxLocation   = 8 << 10   // bytes of a Location
	window        = 1 << 30   // bytes that the server may send unacknowledged, on a stream and in all
	defaultWindow = 65_535
	maxWindow     = 1<<31 - 1
	tableSize     = 4096 // bytes of each side's dynamic table, which is what they begin with
	// assumedStreams is how many streams at once are opened before the server has said
	// how many it takes; RFC 9113 wants no limit below it.
	assumedStreams = 100
	lastStream     = 1<<31 - 1
)

// Preface is what the client's side of a connection begins with.
const Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// The types of frames, RFC 9113 section 6.
const (
	frameData         = 0x0
	frameHeaders      = 0x1
	framePriority     = 0x2
	frameReset        = 0x3
	frameSettings     = 0x4
	framePushPromise  = 0x5
	framePing         = 0x6
	frameGoAway       = 0x7
	frameWindowUpdate = 0x8
	frameContinuation = 0x9
)

// Their flags.
const (
	flagEndStream  = 0x1
	flagAck        = 0x1
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

// The settings, RFC 9113 section 6.5.2.
const (
	settingTableSize     = 0x1
	settingPush          = 0x2
	settingStreams       = 0x3
	settingInitialWindow = 0x4
	settingFrameSize     = 0x5
)

// code is an error code, RFC 9113 section 7.
type code uint32

const (
	codeNone        code = 0x0
	codeProtocol    code = 0x1
	codeFlowControl code = 0x3
	codeFrameSize   code = 0x6
	codeRefused     code = 0x7
	codeCancel      code = 0x8
	codeCompression code = 0x9
	codeCalm        code = 0xb
)

// frameHeader is the first nine bytes of a frame.
type frameHeader struct {
	length int
	kind   byte
	flags  byte
	stream uint32
}

const frameHeaderSize = 9

// parseHeader reads a frame's header from b, which holds it.
func parseHeader(b []byte) frameHeader {
	_ = b[8]
	return frameHeader{
		length: int(b[0])<<16 | int(b[1])<<8 | int(b[2]),
		kind:   b[3], flags: b[4],
		stream: binary.BigEndian.Uint32(b[5:]) &^ (1 << 31),
	}
}

// appendHeader appends a frame's header to b.
func appendHeader(b []byte, length int, kind, flags byte, stream uint32) []byte {
	return append(b, byte(length>>16), byte(length>>8), byte(length), kind, flags,
		byte(stream>>24), byte(stream>>16), byte(stream>>8), byte(stream))
}
