package http2

import "encoding/binary"

// frame takes in a whole frame other than DATA.
func (c *Conn) frame(h frameHeader, payload []byte) error {
	switch h.kind {
	case frameHeaders:
		return c.headers(h, payload)
	case frameContinuation:
		return c.continuation(h, payload)
	case frameReset:
		return c.reset(h, payload)
	case frameSettings:
		return c.settings(h, payload)
	case framePing:
		return c.ping(h, payload)
	case frameGoAway:
		return c.goAway(h, payload)
	case frameWindowUpdate:
		return c.windowUpdate(h, payload)
	case framePriority:
		if h.stream == 0 {
			return c.fail(codeProtocol, ErrMalformed)
		}
		if h.length != 5 {
			return c.fail(codeFrameSize, ErrMalformed)
		}
		return nil
	case framePushPromise: // which the settings forbid
		return c.fail(codeProtocol, ErrMalformed)
	default: // of an extension
		return nil
	}
}

// idle tells whether a stream has never been opened.
func (c *Conn) idle(id uint32) bool { return id == 0 || id%2 == 0 || id >= c.nextID }

func (c *Conn) reset(h frameHeader, payload []byte) error {
	if len(payload) != 4 {
		return c.fail(codeFrameSize, ErrMalformed)
	}
	if c.idle(h.stream) {
		return c.fail(codeProtocol, ErrMalformed)
	}
	c.Resets++
	s := c.streams.find(h.stream)
	if s == nil {
		return nil
	}
	err := ErrReset
	if code(binary.BigEndian.Uint32(payload)) == codeRefused && !s.Begun() {
		err = ErrRefused
	}
	c.end(s, err)
	return nil
}

func (c *Conn) settings(h frameHeader, payload []byte) error {
	switch {
	case h.stream != 0:
		return c.fail(codeProtocol, ErrMalformed)
	case h.flags&flagAck != 0 && len(payload) != 0, len(payload)%6 != 0:
		return c.fail(codeFrameSize, ErrMalformed)
	case h.flags&flagAck != 0:
		return nil
	}
	if !c.greeted {
		c.greeted = true
		c.most = 1<<31 - 1 // unless it says less
	}
	for ; len(payload) > 0; payload = payload[6:] {
		value := binary.BigEndian.Uint32(payload[2:])
		if err := c.setting(binary.BigEndian.Uint16(payload), value); err != nil {
			return err
		}
	}
	c.out = appendHeader(c.out, 0, frameSettings, flagAck, 0)
	c.pump()
	return c.checkUnread()
}

func (c *Conn) setting(id uint16, value uint32) error {
	switch id {
	case settingTableSize:
		// Requests are encoded for a table of at least the size that all begin with.
		if value < tableSize && !c.noTable {
			c.noTable, c.shrunk = true, true
		}
	case settingPush:
		if value != 0 {
			return c.fail(codeProtocol, ErrMalformed)
		}
	case settingStreams:
		c.most = int(min(value, 1<<31-1))
	case settingInitialWindow:
		if value > maxWindow {
			return c.fail(codeFlowControl, ErrMalformed)
		}
		return c.changeWindows(int64(value))
	case settingFrameSize:
		if value < maxFrame || value > 1<<24-1 {
			return c.fail(codeProtocol, ErrMalformed)
		}
		c.frameSize = int(min(value, maxUnread/2))
	}
	return nil
}

// changeWindows applies a new initial window to the streams that are open, RFC 9113
// section 6.9.2.
func (c *Conn) changeWindows(initial int64) error {
	change := initial - c.initialWindow
	c.initialWindow = initial
	for _, s := range c.streams.slots {
		if s == nil {
			continue
		}
		if s.window += change; s.window > maxWindow {
			return c.fail(codeFlowControl, ErrMalformed)
		}
	}
	return nil
}

func (c *Conn) ping(h frameHeader, payload []byte) error {
	if len(payload) != 8 {
		return c.fail(codeFrameSize, ErrMalformed)
	}
	if h.stream != 0 {
		return c.fail(codeProtocol, ErrMalformed)
	}
	if h.flags&flagAck == 0 {
		c.out = append(appendHeader(c.out, 8, framePing, flagAck, 0), payload...)
	}
	return c.checkUnread()
}

// checkUnread ends the connection when the server asks for more and more answers and
// reads none.
func (c *Conn) checkUnread() error {
	if len(c.out)-c.sent > maxUnread {
		return c.fail(codeCalm, ErrMalformed)
	}
	return nil
}

func (c *Conn) goAway(h frameHeader, payload []byte) error {
	if len(payload) < 8 {
		return c.fail(codeFrameSize, ErrMalformed)
	}
	if h.stream != 0 {
		return c.fail(codeProtocol, ErrMalformed)
	}
	c.GoAways++
	c.away = true
	last := binary.BigEndian.Uint32(payload) &^ (1 << 31)
	refused := len(c.ended)
	for _, s := range c.streams.slots {
		if s != nil && s.id > last {
			c.ended = append(c.ended, s)
		}
	}
	for _, s := range c.ended[refused:] {
		c.forget(s)
		s.err = ErrRefused
	}
	return nil
}

func (c *Conn) windowUpdate(h frameHeader, payload []byte) error {
	if len(payload) != 4 {
		return c.fail(codeFrameSize, ErrMalformed)
	}
	n := int64(binary.BigEndian.Uint32(payload) &^ (1 << 31))
	if h.stream == 0 {
		c.window += n
		switch {
		case n == 0:
			return c.fail(codeProtocol, ErrMalformed)
		case c.window > maxWindow:
			return c.fail(codeFlowControl, ErrMalformed)
		}
		c.pump()
		return nil
	}
	if c.idle(h.stream) {
		return c.fail(codeProtocol, ErrMalformed)
	}
	s := c.streams.find(h.stream)
	if s == nil {
		return nil
	}
	s.window += n
	switch {
	case n == 0:
		c.failStream(s, codeProtocol, ErrMalformed)
	case s.window > maxWindow:
		c.failStream(s, codeFlowControl, ErrMalformed)
	default:
		c.pump()
	}
	return nil
}
