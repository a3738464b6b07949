package http2

// Stream is one request and its response. It can be used again once it has ended. The
// zero value is ready for Open.
type Stream struct {
	// Tag is the caller's.
	Tag int
	// BegunAt is Conn.Now of when the response's first frame came, 0 before.
	BegunAt int64

	id       uint32 // 0 when it isn't open
	head     bool
	final    bool // the final header block has come
	queued   bool // it waits in Conn.blocked
	interim  uint8
	status   int
	err      error
	unsent   []byte // of the request's body
	window   int64  // bytes that may still be sent
	received int64  // bytes that came since the server was last told to go on
	body     int64
	length   int64 // of the body as the server said it, -1 when it didn't
	location []byte
	sample   []byte
	headers  []byte
}

func (s *Stream) reset(id uint32, r *Request, window int64) {
	*s = Stream{
		Tag: s.Tag, queued: s.queued, id: id, head: r.Head, unsent: r.Body, window: window, length: -1,
		location: s.location[:0], sample: s.sample[:0], headers: s.headers[:0],
	}
}

// Open tells whether the stream is one of a connection's, waiting for its response.
func (s *Stream) Open() bool { return s.id != 0 }

// Status is the response's status, 0 before it is known.
func (s *Stream) Status() int { return s.status }

// Err is why the stream ended without a response, nil when it has one.
func (s *Stream) Err() error { return s.err }

// Begun tells whether anything of the response has arrived.
func (s *Stream) Begun() bool { return s.BegunAt != 0 }

// BodyBytes is how many bytes of the body have arrived, without framing.
func (s *Stream) BodyBytes() int64 { return s.body }

// Location is the Location of a 3xx response, valid until the stream is used again.
func (s *Stream) Location() []byte { return s.location }

// Body is the head of the body, valid until the stream is used again.
func (s *Stream) Body() []byte { return s.sample }

// Headers are the header lines, "name: value\n" each, valid until the stream is used
// again.
func (s *Stream) Headers() []byte { return s.headers }

// streamSet finds open streams by their number. It is a hash table with linear probing,
// since a map would allocate now and then.
type streamSet struct {
	slots []*Stream // a power of two, at most half full
	count int
}

func (t *streamSet) home(id uint32) int { return int(id>>1) & (len(t.slots) - 1) }

func (t *streamSet) find(id uint32) *Stream {
	if len(t.slots) == 0 {
		return nil
	}
	for i := t.home(id); t.slots[i] != nil; i = (i + 1) & (len(t.slots) - 1) {
		if t.slots[i].id == id {
			return t.slots[i]
		}
	}
	return nil
}

func (t *streamSet) add(s *Stream) {
	if 2*(t.count+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]*Stream, max(4, 2*len(old)))
		for _, o := range old {
			if o != nil {
				t.put(o)
			}
		}
	}
	t.put(s)
	t.count++
}

func (t *streamSet) put(s *Stream) {
	i := t.home(s.id)
	for t.slots[i] != nil {
		i = (i + 1) & (len(t.slots) - 1)
	}
	t.slots[i] = s
}

// remove takes a stream out and moves up those that were put off by it.
func (t *streamSet) remove(s *Stream) {
	mask := len(t.slots) - 1
	i := t.home(s.id)
	for t.slots[i] != s {
		i = (i + 1) & mask
	}
	t.slots[i] = nil
	t.count--
	for j := (i + 1) & mask; t.slots[j] != nil; j = (j + 1) & mask {
		if (j-t.home(t.slots[j].id))&mask >= (j-i)&mask {
			t.slots[i], t.slots[j] = t.slots[j], nil
			i = j
		}
	}
}
