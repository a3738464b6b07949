package engine

import (
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/template"
)

// filled2 writes the header block of a request that differs each time: what stays the
// same is encoded once.
type filled2 struct {
	pieces []piece2
	tail   []byte
	sized  bool // the length of the body, which varies, is a field behind the tail
}

// piece2 is a part of a header block that stays the same, up to the name of a field, and
// the field's value, which doesn't.
type piece2 struct {
	fixed []byte
	value template.Text
}

// newFilled2 returns nil for what it can't write, the authority being one that varies.
func newFilled2(r *plan.Request) *filled2 {
	f := &filled2{}
	f.tail = http2.AppendBlock(nil, http2.Fields(r.Method, r.URL, r.Fields, 0)[:3])
	f.add(":path", r.URL.RequestURI(), r.Parts.Path)
	for _, field := range http1.Implied(r.URL, r.Fields) {
		if name, sent := http2.FieldName(field); sent {
			f.add(name, field.Value, template.Text{})
		}
	}
	for i, field := range r.Fields {
		name, sent := http2.FieldName(field)
		if strings.EqualFold(name, "host") && r.Parts.Values[i].Dynamic() {
			return nil
		}
		if sent {
			f.add(name, field.Value, r.Parts.Values[i])
		}
	}
	switch {
	case r.Parts.Body.Dynamic():
		f.sized = true
		f.tail = http2.AppendName(f.tail, "content-length")
	case len(r.Body) > 0 || http1.ExpectsBody(r.Method):
		f.add("content-length", strconv.Itoa(len(r.Body)), template.Text{})
	}
	return f
}

func (f *filled2) add(name, example string, value template.Text) {
	if !value.Dynamic() {
		f.tail = http2.AppendBlock(f.tail, []http1.Field{{Name: name, Value: example}})
		return
	}
	f.pieces = append(f.pieces, piece2{fixed: http2.AppendName(f.tail, name), value: value})
	f.tail = nil
}

// scratch2 is what is to hold a request of HTTP/2 until it has been sent.
type scratch2 struct {
	request            http2.Request
	block, value, body []byte
}

// fill is the request with the number as HTTP/2 sends it, valid until the next call.
func (c *scratch2) fill(s *source, number uint64, h *hop) *http2.Request {
	if h.filled == nil {
		return h.encoded
	}
	if h.filled2 == nil {
		now := s.frozen(number, h)
		return now.encoded
	}
	v, f := s.values(number), h.filled2
	c.block = c.block[:0]
	for i := range f.pieces {
		c.block = append(c.block, f.pieces[i].fixed...)
		c.value = f.pieces[i].value.Append(c.value[:0], &v)
		c.block = http2.AppendValue(c.block, c.value)
	}
	c.block = append(c.block, f.tail...)
	c.body = h.filled.body.Append(c.body[:0], &v)
	if f.sized {
		c.value = strconv.AppendInt(c.value[:0], int64(len(c.body)), 10)
		c.block = http2.AppendValue(c.block, c.value)
	}
	c.request.Refill(h.head, c.block, c.body)
	return &c.request
}
