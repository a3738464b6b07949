package http2

// enoughUnsent is how many bytes may wait to be sent before the bodies of requests wait
// in their streams.
const enoughUnsent = 64 << 10

// Open sends a request on s, which must not be open. Takes must hold.
func (c *Conn) Open(s *Stream, r *Request) {
	s.reset(c.nextID, r, c.initialWindow)
	c.nextID += 2
	c.streams.add(s)
	flags := byte(0)
	if len(r.Body) == 0 {
		flags = flagEndStream
	}
	switch {
	case c.shrunk:
		c.shrunk = false
		c.appendBlock(s.id, flags, append([]byte{0x20}, r.plain...))
	case c.noTable, r.varies:
		c.appendBlock(s.id, flags, r.plain)
	case c.indexed == r:
		c.appendBlock(s.id, flags, r.again)
	case c.indexed == nil:
		c.indexed = r
		c.appendBlock(s.id, flags, r.first)
	default:
		c.appendBlock(s.id, flags, r.plain)
	}
	if len(r.Body) > 0 {
		c.pour(s)
	}
}

// appendBlock sends a header block in as many frames as it needs.
func (c *Conn) appendBlock(id uint32, flags byte, block []byte) {
	kind := byte(frameHeaders)
	for len(block) > c.frameSize {
		c.out = append(appendHeader(c.out, c.frameSize, kind, flags, id), block[:c.frameSize]...)
		block = block[c.frameSize:]
		kind, flags = frameContinuation, 0
	}
	c.out = append(appendHeader(c.out, len(block), kind, flags|flagEndHeaders, id), block...)
}

// Cancel ends a stream whose response is not waited for any more.
func (c *Conn) Cancel(s *Stream) {
	if s.id != 0 {
		c.appendReset(s.id, codeCancel)
		c.forget(s)
	}
}

// Pending is what is to be sent, valid until the next call of another method.
func (c *Conn) Pending() []byte { return c.out[c.sent:] }

// Sent says that the first n bytes of Pending have been sent.
func (c *Conn) Sent(n int) {
	c.sent += n
	if c.sent == len(c.out) {
		c.out, c.sent = c.out[:0], 0
		c.pump()
	}
}

// pour sends as much of a stream's body as the windows and the buffer take.
func (c *Conn) pour(s *Stream) {
	for len(s.unsent) > 0 {
		n := min(len(s.unsent), c.frameSize, int(max(0, min(c.window, s.window))))
		if n == 0 || len(c.out)-c.sent >= enoughUnsent {
			if !s.queued {
				s.queued = true
				c.blocked = append(c.blocked, s)
			}
			return
		}
		flags := byte(0)
		if n == len(s.unsent) {
			flags = flagEndStream
		}
		c.out = append(appendHeader(c.out, n, frameData, flags, s.id), s.unsent[:n]...)
		s.unsent = s.unsent[n:]
		c.window -= int64(n)
		s.window -= int64(n)
	}
}

// pump goes on with the bodies that wait, those that wait longest first.
func (c *Conn) pump() {
	waiting := len(c.blocked)
	for i := range waiting {
		s := c.blocked[i]
		s.queued = false
		if s.id != 0 {
			c.pour(s)
		}
	}
	c.blocked = c.blocked[:copy(c.blocked, c.blocked[waiting:])]
}
