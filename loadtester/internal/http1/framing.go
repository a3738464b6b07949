package http1

import "bytes"

// endHead decides how the body is framed, RFC 9112 section 6.3.
func (p *Parser) endHead() error {
	if p.status >= 100 && p.status < 200 && p.status != 101 {
		if p.interim++; p.interim > MaxInterim {
			return ErrTooLarge
		}
		p.headers = p.headers[:0]
		p.startHead()
		p.state = atStatus
		return nil
	}
	if p.http10 && !p.keep {
		p.close = true
	}
	switch {
	case p.badCode:
		return ErrMalformed
	case p.head, p.status == 101, p.status == 204, p.status == 304:
		p.state = atEnd
	case p.chunked:
		p.state = atChunkSize
	case !p.hasLen:
		p.state, p.close = inRest, true
	case p.length == 0:
		p.state = atEnd
	case p.MaxBody > 0 && p.length > p.MaxBody:
		return ErrTooLarge
	default:
		p.state, p.left = inBody, p.length
	}
	return nil
}

// chunkLine reads a chunk's size, in hexadecimal, and passes over its extensions.
func (p *Parser) chunkLine(line []byte) error {
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		line = line[:i]
	}
	line = trimSpace(line)
	if len(line) == 0 || len(line) > 15 {
		return ErrMalformed
	}
	var size int64
	for _, c := range line {
		digit := hexDigit(c)
		if digit < 0 {
			return ErrMalformed
		}
		size = size<<4 | int64(digit)
	}
	if size == 0 {
		p.state = atTrailer
		return nil
	}
	p.state, p.left = inChunk, size
	return nil
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	default:
		return -1
	}
}
