package http2

// headers takes in a HEADERS frame.
func (c *Conn) headers(h frameHeader, payload []byte) error {
	if c.idle(h.stream) {
		return c.fail(codeProtocol, ErrMalformed)
	}
	pad, extra := 0, 0
	if h.flags&flagPadded != 0 {
		if len(payload) < 1 {
			return c.fail(codeFrameSize, ErrMalformed)
		}
		pad, extra = int(payload[0]), 1
	}
	if h.flags&flagPriority != 0 {
		extra += 5
	}
	if extra+pad > len(payload) {
		return c.fail(codeProtocol, ErrMalformed)
	}
	fragment := payload[extra : len(payload)-pad]
	ends := h.flags&flagEndStream != 0
	if h.flags&flagEndHeaders != 0 {
		return c.endBlock(h.stream, fragment, ends)
	}
	c.block = append(c.block[:0], fragment...)
	c.blockID, c.blockEnds, c.fragments = h.stream, ends, 1
	return nil
}

func (c *Conn) continuation(h frameHeader, payload []byte) error {
	if c.blockID == 0 {
		return c.fail(codeProtocol, ErrMalformed)
	}
	c.fragments++
	if len(c.block)+len(payload) > MaxHead || c.fragments > maxFragments {
		return c.fail(codeCalm, ErrTooLarge)
	}
	c.block = append(c.block, payload...)
	if h.flags&flagEndHeaders == 0 {
		return nil
	}
	c.blockID = 0
	return c.endBlock(h.stream, c.block, c.blockEnds)
}

// endBlock takes in a whole header block. It is decoded even when its stream has gone,
// for later ones to be understood.
func (c *Conn) endBlock(id uint32, block []byte, ends bool) error {
	s := c.streams.find(id)
	c.head.reset(s != nil && c.SampleHeaders)
	if !c.decoder.decode(block, &c.head) {
		return c.fail(codeCompression, ErrMalformed)
	}
	if s == nil {
		return nil
	}
	if s.BegunAt == 0 {
		s.BegunAt = c.Now
	}
	switch {
	case c.head.size > MaxHead, len(c.head.location) > maxLocation:
		c.failStream(s, codeCancel, ErrTooLarge)
	case c.head.malformed:
		c.failStream(s, codeProtocol, ErrMalformed)
	case s.final:
		c.trailers(s, ends)
	default:
		c.response(s, ends)
	}
	return nil
}

// trailers ends a stream; they must.
func (c *Conn) trailers(s *Stream, ends bool) {
	if !ends || c.head.status != 0 {
		c.failStream(s, codeProtocol, ErrMalformed)
		return
	}
	c.complete(s)
}

// response takes in the header block of a response, interim or final.
func (c *Conn) response(s *Stream, ends bool) {
	status := c.head.status
	switch {
	case status == 0, status == 101, status < 200 && ends:
		c.failStream(s, codeProtocol, ErrMalformed)
		return
	case status < 200:
		if s.interim++; s.interim > MaxInterim {
			c.failStream(s, codeCancel, ErrTooLarge)
		}
		return
	}
	s.final, s.status = true, status
	if c.head.hasLength && !s.head && status != 304 {
		s.length = c.head.length
	}
	if status >= 300 && status < 400 {
		s.location = append(s.location, c.head.location...)
	}
	if c.SampleHeaders {
		s.headers = append(s.headers, c.head.lines...)
	}
	switch {
	case ends:
		c.complete(s)
	case c.MaxBody > 0 && s.length > c.MaxBody:
		c.failStream(s, codeCancel, ErrTooLarge)
	}
}

// complete ends a stream whose response is whole. What of the request has not been sent
// by then is not wanted.
func (c *Conn) complete(s *Stream) {
	switch {
	case s.length >= 0 && s.length != s.body:
		c.failStream(s, codeProtocol, ErrMalformed)
		return
	case len(s.unsent) > 0:
		c.appendReset(s.id, codeCancel)
	}
	c.Served = true
	c.end(s, nil)
}

// beginData takes in the header of a DATA frame. All of its payload counts for the
// windows.
func (c *Conn) beginData(h frameHeader) error {
	if c.idle(h.stream) {
		return c.fail(codeProtocol, ErrMalformed)
	}
	c.padded = h.flags&flagPadded != 0
	if c.padded && h.length == 0 {
		return c.fail(codeFrameSize, ErrMalformed)
	}
	c.received += int64(h.length)
	if c.received > window {
		return c.fail(codeFlowControl, ErrMalformed)
	}
	if c.received > window/2 {
		c.out = appendWindowUpdate(c.out, 0, c.received)
		c.received = 0
	}
	c.data, c.dataLeft, c.padLeft, c.dataEnds = c.streams.find(h.stream), h.length, 0, h.flags&flagEndStream != 0
	if s := c.data; s != nil {
		if s.BegunAt == 0 {
			s.BegunAt = c.Now
		}
		s.received += int64(h.length)
		switch {
		case !s.final, s.head && h.length > 0:
			c.failStream(s, codeProtocol, ErrMalformed)
		case s.received > window:
			c.failStream(s, codeFlowControl, ErrMalformed)
		case s.received > window/2 && !c.dataEnds:
			c.out = appendWindowUpdate(c.out, h.stream, s.received)
			s.received = 0
		}
	}
	if h.length == 0 {
		c.endData()
	}
	return nil
}

// takeData takes what b has of a DATA frame's payload.
func (c *Conn) takeData(b []byte) (int, error) {
	n := 0
	if c.padded {
		c.padded = false
		c.padLeft = int(b[0])
		c.dataLeft -= 1 + c.padLeft
		n = 1
		if c.dataLeft < 0 {
			return n, c.fail(codeProtocol, ErrMalformed)
		}
	}
	take := min(c.dataLeft, len(b)-n)
	if s := c.data; s != nil && take > 0 {
		c.takeBody(s, b[n:n+take])
	}
	c.dataLeft -= take
	n += take
	if c.dataLeft == 0 {
		skip := min(c.padLeft, len(b)-n)
		c.padLeft -= skip
		n += skip
		if c.padLeft == 0 {
			c.endData()
		}
	}
	return n, nil
}

func (c *Conn) takeBody(s *Stream, b []byte) {
	s.body += int64(len(b))
	c.BodyIn += uint64(len(b))
	switch {
	case c.MaxBody > 0 && s.body > c.MaxBody:
		c.failStream(s, codeCancel, ErrTooLarge)
		return
	case s.length >= 0 && s.body > s.length:
		c.failStream(s, codeProtocol, ErrMalformed)
		return
	}
	if room := c.SampleBody - len(s.sample); room > 0 {
		s.sample = append(s.sample, b[:min(room, len(b))]...)
	}
}

// endData ends a DATA frame.
func (c *Conn) endData() {
	if s := c.data; s != nil && c.dataEnds {
		c.complete(s)
	}
	c.data = nil
}
