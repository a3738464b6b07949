package http1

import "bytes"

// headerLine reads one header line; only those that matter to the framing and the
// connection are looked into.
func (p *Parser) headerLine(line []byte) error {
	if line[0] == ' ' || line[0] == '\t' {
		// A continuation, which RFC 9112 makes obsolete. It is passed over, unless it
		// would change how the response is framed.
		if !p.anyField || p.framing {
			return ErrMalformed
		}
		return nil
	}
	name, value, ok := splitField(line)
	if !ok {
		return ErrMalformed
	}
	p.anyField, p.framing = true, false
	if p.SampleHeaders && len(p.headers)+len(line) < keptHeader {
		p.headers = append(p.headers, name...)
		p.headers = append(p.headers, ": "...)
		p.headers = append(p.headers, value...)
		p.headers = append(p.headers, '\n')
	}
	// The length tells apart nearly all names before a comparison is made.
	switch len(name) {
	case len("location"):
		if p.status >= 300 && p.status < 400 && len(p.location) == 0 && equalFold(name, "location") {
			if len(value) > maxLocation {
				return ErrTooLarge
			}
			p.location = append(p.location, value...)
		}
	case len("connection"):
		if equalFold(name, "connection") {
			p.close = p.close || hasToken(value, "close")
			p.keep = p.keep || hasToken(value, "keep-alive")
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			p.framing = true
			return p.contentLength(value)
		}
	case len("transfer-encoding"):
		if equalFold(name, "transfer-encoding") && !p.http10 {
			p.framing = true
			if p.chunked || p.badCode || !equalFold(value, "chunked") {
				p.badCode = true
			}
			p.chunked = true
		}
	}
	return nil
}

func (p *Parser) contentLength(value []byte) error {
	if len(value) == 0 || len(value) > 18 {
		return ErrMalformed
	}
	var n int64
	for _, c := range value {
		if c < '0' || c > '9' {
			return ErrMalformed
		}
		n = n*10 + int64(c-'0')
	}
	if p.hasLen && n != p.length {
		return ErrMalformed
	}
	p.hasLen, p.length = true, n
	return nil
}

// splitField cuts a line into its name and its trimmed value.
func splitField(line []byte) (name, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return nil, nil, false
	}
	name = line[:colon]
	// One look at the whole, rather than a branch for each byte: this is the hottest loop.
	wrong := byte(0)
	for _, c := range name {
		wrong |= classes[c] & notToken
	}
	value = trimSpace(line[colon+1:])
	for _, c := range value {
		wrong |= classes[c] & notText
	}
	return name, value, wrong == 0
}

// What a byte can't be part of: a header's name, RFC 9110 section 5.6.2, or its value,
// section 5.5.
const (
	notToken = 1 << iota
	notText
)

// classes holds for each byte what it can't be part of.
const classes = "" +
	"\x03\x03\x03\x03\x03\x03\x03\x03\x03\x01\x03\x03\x03\x03\x03\x03" +
	"\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03" +
	"\x01\x00\x01\x00\x00\x00\x00\x00\x01\x01\x00\x00\x01\x00\x00\x01" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x01\x01\x01" +
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01\x00\x03" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// equalFold compares b with lower, which is in lower case, whatever the case of b.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := range b {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// hasToken tells whether a comma-separated list holds the token, in any case.
func hasToken(list []byte, lower string) bool {
	for len(list) > 0 {
		item := list
		if comma := bytes.IndexByte(list, ','); comma >= 0 {
			item, list = list[:comma], list[comma+1:]
		} else {
			list = nil
		}
		if equalFold(trimSpace(item), lower) {
			return true
		}
	}
	return false
}
