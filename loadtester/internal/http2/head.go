package http2

// head is what the header block of a response says.
type head struct {
	keep bool // the fields are wanted for SampleHeaders

	status    int
	length    int64
	hasLength bool
	regular   bool // a field that is no pseudo-header has come
	malformed bool
	size      int
	location  []byte
	lines     []byte
}

// reset prepares for the next block.
func (h *head) reset(keep bool) {
	*h = head{keep: keep, location: h.location[:0], lines: h.lines[:0]}
}

// add takes in one field.
func (h *head) add(f field) {
	h.size += len(f.name) + len(f.value) + entryOverhead
	if len(f.name) > 0 && f.name[0] == ':' {
		h.pseudo(f)
		return
	}
	h.regular = true
	if !validName(f.name) || !validValue(f.value) {
		h.malformed = true
		return
	}
	if h.keep && len(h.lines)+len(f.name)+len(f.value) < keptHeader {
		h.lines = append(h.lines, f.name...)
		h.lines = append(h.lines, ": "...)
		h.lines = append(h.lines, f.value...)
		h.lines = append(h.lines, '\n')
	}
	switch string(f.name) {
	case "content-length":
		h.contentLength(f.value)
	case "location":
		if len(h.location) == 0 {
			h.location = append(h.location, f.value...)
		}
	case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		h.malformed = true // RFC 9113 section 8.2.2
	}
}

// pseudo takes in a field whose name begins with a colon. Responses have one of them,
// once, before all other fields.
func (h *head) pseudo(f field) {
	if string(f.name) != ":status" || h.regular || h.status != 0 || len(f.value) != 3 {
		h.malformed = true
		return
	}
	for _, c := range f.value {
		if c < '0' || c > '9' {
			h.malformed = true
			return
		}
		h.status = h.status*10 + int(c-'0')
	}
	if h.status < 100 {
		h.malformed = true
	}
}

func (h *head) contentLength(value []byte) {
	var n int64
	for _, c := range value {
		if c < '0' || c > '9' || len(value) > 18 {
			h.malformed = true
			return
		}
		n = n*10 + int64(c-'0')
	}
	if len(value) == 0 || h.hasLength && n != h.length {
		h.malformed = true
	}
	h.hasLength, h.length = true, n
}

// validName tells whether b can be a field's name: a token without capitals.
func validName(b []byte) bool {
	wrong := uint8(0)
	for _, c := range b {
		wrong |= notName[c]
	}
	return wrong == 0 && len(b) > 0
}

// notName holds 1 for the bytes that no name holds. It is never changed.
var notName = func() (table [256]uint8) {
	for c := range table {
		digit := c >= '0' && c <= '9'
		letter := c >= 'a' && c <= 'z'
		mark := false
		for _, m := range []byte("!#$%&'*+-.^_`|~") {
			mark = mark || c == int(m)
		}
		if !digit && !letter && !mark {
			table[c] = 1
		}
	}
	return table
}()

// validValue tells whether b can be a field's value: no control characters, no white
// space at its ends.
func validValue(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return len(b) == 0 || !isBlank(b[0]) && !isBlank(b[len(b)-1])
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
