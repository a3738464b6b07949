package http2

// field is one header field.
type field struct{ name, value []byte }

// entryOverhead is what an entry of a table counts beyond its bytes, RFC 7541 section 4.1.
const entryOverhead = 32

// dynamicTable is the fields that a peer refers to by number, RFC 7541 section 2.3.2. The
// newest is 0. Its memory grows with what is in it and is used again.
type dynamicTable struct {
	data    []byte // the strings of the entries one after the other, below them some that have gone
	base    uint32 // what the first byte of data counts as
	entries [tableSize / entryOverhead]tableEntry
	oldest  int // in entries, which is a ring
	count   int
	size    int // as RFC 7541 counts it
	limit   int
}

// tableEntry tells where in data a field stands: name first, from at on.
type tableEntry struct {
	at          uint32
	name, value uint16
}

// get is the field with a number, valid until the next insert.
func (t *dynamicTable) get(i int) (field, bool) {
	if i < 0 || i >= t.count {
		return field{}, false
	}
	e := &t.entries[(t.oldest+t.count-1-i)%len(t.entries)]
	at := e.at - t.base
	middle := at + uint32(e.name)
	return field{t.data[at:middle], t.data[middle : middle+uint32(e.value)]}, true
}

// insert adds a field, whose strings may be those of another one in the table, and
// drops the oldest as long as there is no room.
func (t *dynamicTable) insert(f field) {
	size := len(f.name) + len(f.value) + entryOverhead
	if size > t.limit {
		t.shrink(0)
		return
	}
	at := t.base + uint32(len(t.data))
	t.data = append(append(t.data, f.name...), f.value...)
	t.shrink(t.limit - size)
	t.entries[(t.oldest+t.count)%len(t.entries)] = tableEntry{at: at, name: uint16(len(f.name)), value: uint16(len(f.value))}
	t.count++
	t.size += size
	t.compact()
}

// resize changes the limit.
func (t *dynamicTable) resize(limit int) {
	t.limit = limit
	t.shrink(limit)
}

// shrink drops the oldest fields until the size is small enough.
func (t *dynamicTable) shrink(size int) {
	for t.size > size {
		e := t.entries[t.oldest]
		t.size -= int(e.name) + int(e.value) + entryOverhead
		t.oldest = (t.oldest + 1) % len(t.entries)
		t.count--
	}
}

// compact moves the strings down once most of data is gone, so that moving costs less
// than what was inserted since.
func (t *dynamicTable) compact() {
	gone := int(t.entries[t.oldest].at - t.base)
	if gone < 512 || gone < len(t.data)/2 {
		return
	}
	t.data = t.data[:copy(t.data, t.data[gone:])]
	t.base += uint32(gone)
}

// staticFields is the static table, RFC 7541 appendix A; its first is number 1. It is
// never changed.
var staticFields = [...]field{
	{[]byte(":authority"), nil},
	{[]byte(":method"), []byte("GET")},
	{[]byte(":method"), []byte("POST")},
	{[]byte(":path"), []byte("/")},
	{[]byte(":path"), []byte("/index.html")},
	{[]byte(":scheme"), []byte("http")},
	{[]byte(":scheme"), []byte("https")},
	{[]byte(":status"), []byte("200")},
	{[]byte(":status"), []byte("204")},
	{[]byte(":status"), []byte("206")},
	{[]byte(":status"), []byte("304")},
	{[]byte(":status"), []byte("400")},
	{[]byte(":status"), []byte("404")},
	{[]byte(":status"), []byte("500")},
	{[]byte("accept-charset"), nil},
	{[]byte("accept-encoding"), []byte("gzip, deflate")},
	{[]byte("accept-language"), nil},
	{[]byte("accept-ranges"), nil},
	{[]byte("accept"), nil},
	{[]byte("access-control-allow-origin"), nil},
	{[]byte("age"), nil},
	{[]byte("allow"), nil},
	{[]byte("authorization"), nil},
	{[]byte("cache-control"), nil},
	{[]byte("content-disposition"), nil},
	{[]byte("content-encoding"), nil},
	{[]byte("content-language"), nil},
	{[]byte("content-length"), nil},
	{[]byte("content-location"), nil},
	{[]byte("content-range"), nil},
	{[]byte("content-type"), nil},
	{[]byte("cookie"), nil},
	{[]byte("date"), nil},
	{[]byte("etag"), nil},
	{[]byte("expect"), nil},
	{[]byte("expires"), nil},
	{[]byte("from"), nil},
	{[]byte("host"), nil},
	{[]byte("if-match"), nil},
	{[]byte("if-modified-since"), nil},
	{[]byte("if-none-match"), nil},
	{[]byte("if-range"), nil},
	{[]byte("if-unmodified-since"), nil},
	{[]byte("last-modified"), nil},
	{[]byte("link"), nil},
	{[]byte("location"), nil},
	{[]byte("max-forwards"), nil},
	{[]byte("proxy-authenticate"), nil},
	{[]byte("proxy-authorization"), nil},
	{[]byte("range"), nil},
	{[]byte("referer"), nil},
	{[]byte("refresh"), nil},
	{[]byte("retry-after"), nil},
	{[]byte("server"), nil},
	{[]byte("set-cookie"), nil},
	{[]byte("strict-transport-security"), nil},
	{[]byte("transfer-encoding"), nil},
	{[]byte("user-agent"), nil},
	{[]byte("vary"), nil},
	{[]byte("via"), nil},
	{[]byte("www-authenticate"), nil},
}
