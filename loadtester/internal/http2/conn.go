package http2

import (
	"encoding/binary"
	"slices"
)

// Conn is the client's end of one connection. It is used by one goroutine. Start it
// before use; it can be started again for another connection.
type Conn struct {
	// MaxBody is the largest body in bytes; 0 is no limit.
	MaxBody int64
	// SampleBody is how many bytes of each body are kept for Stream.Body.
	SampleBody int
	// SampleHeaders keeps the header lines of each response for Stream.Headers.
	SampleHeaders bool
	// Now is the caller's clock, not 0, from which Stream.BegunAt is taken.
	Now int64
	// Resets and GoAways count the frames of these types that came.
	Resets, GoAways uint64
	// BodyIn counts the bytes of bodies that came.
	BodyIn uint64
	// Served tells whether a response has come whole since Start.
	Served bool

	streams streamSet
	ended   []*Stream
	nextID  uint32
	most    int // streams at once that the server takes
	away    bool
	greeted bool // the server's first SETTINGS have come
	failed  bool

	// What is received.
	decoder   decoder
	head      head
	partial   []byte // a frame that has not come whole
	data      *Stream
	dataLeft  int  // bytes of the DATA frame's data to come
	padLeft   int  // and of its padding
	padded    bool // its first byte tells how much of it is padding
	dataEnds  bool // the stream, after it
	received  int64
	block     []byte // the fragments of a header block
	blockID   uint32
	blockEnds bool
	fragments int

	// What is sent.
	out           []byte
	sent          int // bytes of out
	window        int64
	initialWindow int64
	frameSize     int
	indexed       *Request // whose fields are in the server's dynamic table
	noTable       bool     // the server's dynamic table can't be counted on
	shrunk        bool     // and it has not been told so
	blocked       []*Stream
}

// Start begins a connection: the preface and the settings are the first to be sent.
func (c *Conn) Start() {
	*c = Conn{
		MaxBody: c.MaxBody, SampleBody: c.SampleBody, SampleHeaders: c.SampleHeaders, Now: c.Now,
		streams: streamSet{slots: c.streams.slots}, ended: c.ended[:0], partial: c.partial[:0], block: c.block[:0],
		out: c.out[:0], blocked: c.blocked[:0],
		decoder: decoder{scratch: c.decoder.scratch, table: dynamicTable{data: c.decoder.table.data[:0], limit: tableSize}},
		nextID:  1, most: assumedStreams, window: defaultWindow, initialWindow: defaultWindow, frameSize: maxFrame,
	}
	clear(c.streams.slots)
	c.out = append(c.out, Preface...)
	c.out = appendHeader(c.out, 12, frameSettings, 0, 0)
	c.out = appendSetting(c.out, settingPush, 0)
	c.out = appendSetting(c.out, settingInitialWindow, window)
	c.out = appendWindowUpdate(c.out, 0, window-defaultWindow)
}

func appendSetting(b []byte, id uint16, value uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, id), value)
}

func appendWindowUpdate(b []byte, stream uint32, n int64) []byte {
	return binary.BigEndian.AppendUint32(appendHeader(b, 4, frameWindowUpdate, 0, stream), uint32(n))
}

// Active is how many streams are open.
func (c *Conn) Active() int { return c.streams.count }

// Draining tells whether the connection takes no new streams any more, because the
// server said so, the numbers have run out, or it has failed.
func (c *Conn) Draining() bool { return c.away || c.failed || c.nextID > lastStream }

// Takes tells whether a stream can be opened now.
func (c *Conn) Takes() bool { return c.streams.count < c.most && !c.Draining() }

// Greeted tells whether the server's first settings have come.
func (c *Conn) Greeted() bool { return c.greeted }

// Used tells whether a stream has been opened since Start.
func (c *Conn) Used() bool { return c.nextID > 1 }

// Ended are the streams that ended since the last call, in the order in which they did.
// The slice is valid until the next Feed.
func (c *Conn) Ended() []*Stream {
	ended := c.ended
	c.ended = c.ended[:0]
	return ended
}

// Each calls f for each open stream; f must not open or cancel any.
func (c *Conn) Each(f func(*Stream)) {
	for _, s := range c.streams.slots {
		if s != nil {
			f(s)
		}
	}
}

// Abandon forgets all open streams, because the connection has ended.
func (c *Conn) Abandon() {
	for _, s := range c.streams.slots {
		if s != nil {
			s.id, s.unsent, s.queued = 0, nil, false
		}
	}
	clear(c.streams.slots)
	c.streams.count = 0
	c.blocked = c.blocked[:0]
	c.failed = true
}

// Feed takes what the server sent. After an error, which is ErrMalformed or ErrTooLarge,
// the connection is to be closed once what is to be sent has been sent.
func (c *Conn) Feed(b []byte) error {
	if c.failed {
		return ErrMalformed
	}
	for len(b) > 0 {
		var n int
		var err error
		switch {
		case c.dataLeft > 0 || c.padLeft > 0:
			n, err = c.takeData(b)
		case len(c.partial) > 0:
			n, err = c.takePartial(b)
		default:
			n, err = c.takeFrame(b)
		}
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// takeFrame takes a frame, or the beginning of one, from b.
func (c *Conn) takeFrame(b []byte) (int, error) {
	if len(b) < frameHeaderSize {
		c.partial = append(c.partial, b...)
		return len(b), c.checkGreeting(b)
	}
	h := parseHeader(b)
	if err := c.checkHeader(h, b); err != nil {
		return 0, err
	}
	if h.kind == frameData {
		return frameHeaderSize, c.beginData(h)
	}
	size := frameHeaderSize + h.length
	if len(b) < size {
		c.partial = append(c.partial, b...)
		return len(b), nil
	}
	return size, c.frame(h, b[frameHeaderSize:size])
}

// takePartial adds to a frame that has not come whole.
func (c *Conn) takePartial(b []byte) (int, error) {
	n := 0
	if missing := frameHeaderSize - len(c.partial); missing > 0 {
		n = min(missing, len(b))
		c.partial = append(c.partial, b[:n]...)
		if n < missing {
			return n, c.checkGreeting(c.partial)
		}
		if err := c.checkHeader(parseHeader(c.partial), c.partial); err != nil {
			return n, err
		}
	}
	h := parseHeader(c.partial)
	if h.kind == frameData {
		c.partial = c.partial[:0]
		return n, c.beginData(h)
	}
	missing := frameHeaderSize + h.length - len(c.partial)
	more := min(missing, len(b)-n)
	c.partial = append(c.partial, b[n:n+more]...)
	if more < missing {
		return n + more, nil
	}
	err := c.frame(h, c.partial[frameHeaderSize:])
	c.partial = c.partial[:0]
	return n + more, err
}

// checkGreeting finds out servers that don't speak HTTP/2 before a frame's header has
// come: the first frame is one of settings, whose length is a multiple of six.
func (c *Conn) checkGreeting(b []byte) error {
	if !c.greeted && b[0] != 0 {
		return c.fail(codeProtocol, ErrMalformed)
	}
	return nil
}

// checkHeader refuses frames that are too large or out of place.
func (c *Conn) checkHeader(h frameHeader, b []byte) error {
	switch {
	case !c.greeted && (h.kind != frameSettings || h.flags&flagAck != 0):
		return c.fail(codeProtocol, ErrMalformed)
	case h.length > maxFrame:
		return c.fail(codeFrameSize, ErrMalformed)
	case c.blockID != 0 && (h.kind != frameContinuation || h.stream != c.blockID):
		return c.fail(codeProtocol, ErrMalformed)
	}
	return nil
}

// fail ends the connection with an error, and tells the server.
func (c *Conn) fail(why code, err error) error {
	c.failed = true
	c.out = appendHeader(c.out, 8, frameGoAway, 0, 0)
	c.out = binary.BigEndian.AppendUint32(c.out, 0)
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(why))
	return err
}

// failStream ends a stream with an error, and tells the server.
func (c *Conn) failStream(s *Stream, why code, err error) {
	c.appendReset(s.id, why)
	c.end(s, err)
}

func (c *Conn) appendReset(id uint32, why code) {
	c.out = binary.BigEndian.AppendUint32(appendHeader(c.out, 4, frameReset, 0, id), uint32(why))
}

// end takes a stream out and tells its caller.
func (c *Conn) end(s *Stream, err error) {
	c.forget(s)
	s.err = err
	c.ended = append(c.ended, s)
}

func (c *Conn) forget(s *Stream) {
	c.streams.remove(s)
	if c.data == s {
		c.data = nil
	}
	if s.queued {
		s.queued = false
		c.blocked = slices.DeleteFunc(c.blocked, func(other *Stream) bool { return other == s })
	}
	s.id, s.unsent = 0, nil
}
