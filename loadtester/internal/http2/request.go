package http2

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
)

// Request is a request, encoded to be sent as often as wanted over any connection.
type Request struct {
	Head bool // it is a HEAD request
	Body []byte

	// The header block in three forms: for the first request of a connection, which puts
	// its fields into the server's dynamic table; for those after it, which refer to
	// them; and without the table, for when it is too small or holds other fields.
	first, again, plain []byte
	varies              bool // from one time to the next, so that the table is of no use
}

// Refill makes r the request with the header block, which AppendBlock and its like have
// made, and the body. Both must stay as they are until the request has been sent.
func (r *Request) Refill(head bool, block, body []byte) {
	*r = Request{Head: head, Body: body, plain: block, varies: true}
}

// NewRequest encodes a request to u. As in http1.Request, Content-Length and, with a
// user in u, Authorization are added unless fields has them; a Host field becomes the
// authority. What only HTTP/1 knows is left out.
func NewRequest(method string, u *url.URL, fields []http1.Field, body []byte) *Request {
	all := Fields(method, u, fields, len(body))
	r := &Request{Head: method == "HEAD", Body: body}
	r.plain = AppendBlock(nil, all)
	r.index(all)
	return r
}

// Fields are the fields of a request in the order and form in which HTTP/2 wants them.
func Fields(method string, u *url.URL, fields []http1.Field, bodySize int) []http1.Field {
	all := []http1.Field{{Name: ":method", Value: method}, {Name: ":scheme", Value: u.Scheme}, {Name: ":authority"}, {Name: ":path", Value: u.RequestURI()}}
	for _, f := range slices.Concat(http1.Implied(u, fields), fields) {
		if strings.EqualFold(f.Name, "host") {
			all[2].Value = f.Value
		} else if name, sent := FieldName(f); sent {
			all = append(all, http1.Field{Name: name, Value: f.Value})
		}
	}
	if bodySize > 0 || http1.ExpectsBody(method) {
		all = append(all, http1.Field{Name: "content-length", Value: strconv.Itoa(bodySize)})
	}
	return all
}

// FieldName is the name of a field in HTTP/2, and whether it is sent as one: what only
// HTTP/1 knows is not, and neither is Host, which is the authority.
func FieldName(f http1.Field) (name string, sent bool) {
	name = strings.ToLower(f.Name)
	switch name {
	case "host", "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		return name, false
	case "te":
		return name, strings.EqualFold(f.Value, "trailers")
	default:
		return name, true
	}
}

// AppendName appends the beginning of a field to a header block; its value must follow
// with AppendValue.
func AppendName(b []byte, name string) []byte {
	index, _ := staticIndex(http1.Field{Name: name})
	b = appendInt(b, 0, 4, index)
	if index == 0 {
		b = appendText(b, name)
	}
	return b
}

// AppendValue appends the value of a field.
func AppendValue(b, value []byte) []byte {
	return append(appendInt(b, 0, 7, len(value)), value...)
}

// AppendBlock appends a header block of the fields to b, without any use of a dynamic
// table, so that it can be sent at any time.
func AppendBlock(b []byte, fields []http1.Field) []byte {
	for _, f := range fields {
		name, whole := staticIndex(f)
		if whole > 0 {
			b = appendInt(b, 0x80, 7, whole)
			continue
		}
		// Not to be indexed; what is secret says so for those who pass it on, too.
		flag := byte(0)
		if f.Name == "authorization" || f.Name == "cookie" {
			flag = 0x10
		}
		b = appendLiteral(b, flag, 4, name, f)
	}
	return b
}

// index makes the forms of the block that use the table, as far as it has room.
func (r *Request) index(fields []http1.Field) {
	room := tableSize
	var inserted int
	for _, f := range fields {
		_, whole := staticIndex(f)
		if size := len(f.Name) + len(f.Value) + entryOverhead; whole == 0 && size <= room {
			room -= size
			inserted++
		}
	}
	room = tableSize
	done := 0
	for i, f := range fields {
		name, whole := staticIndex(f)
		size := len(f.Name) + len(f.Value) + entryOverhead
		switch {
		case whole > 0:
			r.first = appendInt(r.first, 0x80, 7, whole)
			r.again = appendInt(r.again, 0x80, 7, whole)
		case size <= room:
			room -= size
			done++
			r.first = appendLiteral(r.first, 0x40, 6, name, f)
			r.again = appendInt(r.again, 0x80, 7, len(staticFields)+inserted-done+1)
		default:
			r.first = AppendBlock(r.first, fields[i:i+1])
			r.again = AppendBlock(r.again, fields[i:i+1])
		}
	}
}

// staticIndex finds a field in the static table: the number of one with its name, and of
// one that is the same; 0 where there is none.
func staticIndex(f http1.Field) (name, whole int) {
	for i := range staticFields {
		if string(staticFields[i].name) != f.Name {
			continue
		}
		if string(staticFields[i].value) == f.Value {
			return i + 1, i + 1
		}
		if name == 0 {
			name = i + 1
		}
	}
	return name, 0
}

func appendLiteral(b []byte, flag byte, prefix uint, name int, f http1.Field) []byte {
	b = appendInt(b, flag, prefix, name)
	if name == 0 {
		b = appendText(b, f.Name)
	}
	return appendText(b, f.Value)
}

func appendText(b []byte, s string) []byte {
	return append(appendInt(b, 0, 7, len(s)), s...)
}

// appendInt appends a number that begins in the lowest bits of a byte, whose others are
// flag, RFC 7541 section 5.1.
func appendInt(b []byte, flag byte, prefix uint, n int) []byte {
	most := 1<<prefix - 1
	if n < most {
		return append(b, flag|byte(n))
	}
	b = append(b, flag|byte(most))
	for n -= most; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}
