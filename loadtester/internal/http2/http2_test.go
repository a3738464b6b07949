package http2_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2/hpack"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/http2/http2test"
)

// reading is what became of a request.
type reading struct {
	status   int
	body     int64
	location string
	headers  string
	sample   string
	ended    bool
	stream   error // why the stream failed
	conn     error // why the connection did
}

// read feeds raw in pieces of size bytes to a connection that has sent a request.
func read(raw string, head bool, size int) reading {
	c := http2.Conn{MaxBody: http2test.MaxBody, SampleBody: 64, SampleHeaders: true, Now: 1}
	c.Start()
	u := &url.URL{Scheme: "http", Host: "h", Path: "/"}
	method := "GET"
	if head {
		method = "HEAD"
	}
	var s http2.Stream
	c.Open(&s, http2.NewRequest(method, u, nil, nil))
	var r reading
	for at := 0; at < len(raw) && r.conn == nil; at += size {
		piece := []byte(raw[at:min(at+size, len(raw))])
		r.conn = c.Feed(piece)
		clear(piece) // nothing may be kept of what was fed
		r.ended = r.ended || len(c.Ended()) > 0
		if r.ended {
			break
		}
	}
	r.status, r.body, r.location, r.stream = s.Status(), s.BodyBytes(), string(s.Location()), s.Err()
	r.headers, r.sample = string(s.Headers()), string(s.Body())
	if r.stream != nil {
		r.body, r.sample = 0, "" // how much there was is no matter
	}
	return r
}

func TestAnswers(t *testing.T) {
	for _, group := range []struct {
		answers []http2test.Answer
		want    error
	}{
		{http2test.WellFormed(), nil},
		{http2test.Malformed(), http2.ErrMalformed},
		{http2test.TooLarge(), http2.ErrTooLarge},
		{http2test.Resets(), http2.ErrReset},
	} {
		for _, a := range group.answers {
			var first reading
			for i, size := range []int{len(a.Raw) + 100, 1, 2, 7, 100} {
				got := read(http2test.Greeting+a.Raw, a.Head, size)
				name := fmt.Sprintf("%s in pieces of %d", a.Name, size)
				if i == 0 {
					first = got
				}
				require.Equal(t, first, got, name)
				if group.want == nil {
					require.NoError(t, got.conn, name)
					require.NoError(t, got.stream, name)
					require.True(t, got.ended, name)
					continue
				}
				if got.conn == nil {
					require.True(t, got.ended, name)
					require.ErrorIs(t, got.stream, group.want, name)
				} else {
					require.ErrorIs(t, got.conn, group.want, name)
				}
			}
		}
	}
	for _, a := range http2test.Truncated() {
		got := read(http2test.Greeting+a.Raw, a.Head, 3)
		require.False(t, got.ended, a.Name)
		require.NoError(t, got.conn, a.Name)
	}
	for _, a := range http2test.BeforeGreeting() {
		for _, size := range []int{1, 100} {
			require.ErrorIs(t, read(a.Raw, a.Head, size).conn, http2.ErrMalformed, a.Name)
		}
	}
}

func TestWhatIsKeptOfAnAnswer(t *testing.T) {
	got := read(http2test.Greeting+
		http2test.Frame(http2test.Headers, http2test.EndHeaders, 1, http2test.Field(":status", "302")+http2test.Field("location", "/there")+http2test.Indexed("x-a", "b"))+
		http2test.Frame(http2test.Data, http2test.EndStream, 1, strings.Repeat("x", 100)), false, 5)
	require.Equal(t, reading{
		status: 302, body: 100, location: "/there", headers: "location: /there\nx-a: b\n", sample: strings.Repeat("x", 64), ended: true,
	}, got)
}

// A request refused with GOAWAY or RST_STREAM may be sent again, and its Conn says so.
func TestRefusedRequests(t *testing.T) {
	for name, raw := range map[string]string{
		"go away": http2test.Frame(http2test.GoAway, 0, 0, http2test.Word(0)+http2test.Word(0)),
		"reset":   http2test.Frame(http2test.Reset, 0, 1, http2test.Word(7)),
	} {
		require.ErrorIs(t, read(http2test.Greeting+raw, false, 4).stream, http2.ErrRefused, name)
	}
}

// A server's windows are kept to, and its settings change those of open streams.
func TestBodiesKeepToTheWindows(t *testing.T) {
	var c http2.Conn
	c.Start()
	body := bytes.Repeat([]byte("x"), 200_000)
	u := &url.URL{Scheme: "http", Host: "h", Path: "/"}
	var s http2.Stream
	c.Open(&s, http2.NewRequest("POST", u, nil, body))
	sent := 0
	take := func() int {
		for {
			pending := c.Pending()
			if len(pending) == 0 {
				return sent
			}
			for b := pending; len(b) > 0; {
				if bytes.HasPrefix(b, []byte(http2.Preface)) {
					b = b[len(http2.Preface):]
					continue
				}
				n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
				require.LessOrEqual(t, n, 16<<10)
				if b[3] == http2test.Data {
					sent += n
				}
				b = b[9+n:]
			}
			c.Sent(len(pending))
		}
	}
	require.Equal(t, 65_535, take(), "the first windows")
	require.NoError(t, c.Feed([]byte(http2test.Frame(http2test.Settings, 0, 0, http2test.Setting(4, 100_000)))))
	require.Equal(t, 65_535, take(), "the connection's window is used up")
	require.NoError(t, c.Feed([]byte(http2test.Frame(http2test.WindowUpdate, 0, 0, http2test.Word(1<<20)))))
	require.Equal(t, 100_000, take(), "now the stream's is")
	require.NoError(t, c.Feed([]byte(http2test.Frame(http2test.Settings, 0, 0, http2test.Setting(4, 10)))))
	require.NoError(t, c.Feed([]byte(http2test.Frame(http2test.WindowUpdate, 0, 1, http2test.Word(100_000)))))
	require.Equal(t, 100_010, take(), "a window may have become negative")
	require.NoError(t, c.Feed([]byte(http2test.Frame(http2test.WindowUpdate, 0, 1, http2test.Word(1<<20)))))
	require.Equal(t, 200_000, take())
}

// The server is told to go on before its windows are used up.
func TestWindowsAreRefilled(t *testing.T) {
	var c http2.Conn
	c.Start()
	c.Sent(len(c.Pending()))
	var s http2.Stream
	c.Open(&s, http2.NewRequest("GET", &url.URL{Scheme: "http", Host: "h", Path: "/"}, nil, nil))
	c.Sent(len(c.Pending()))
	require.NoError(t, c.Feed([]byte(http2test.Greeting+http2test.Frame(http2test.Headers, http2test.EndHeaders, 1, http2test.OK))))
	c.Sent(len(c.Pending()))
	frame := []byte(http2test.Frame(http2test.Data, 0, 1, strings.Repeat("x", 16<<10)))
	var updates int
	for range 3 << 30 / (16 << 10) {
		require.NoError(t, c.Feed(frame))
		for b := c.Pending(); len(b) > 0; b = b[13:] {
			require.Equal(t, byte(http2test.WindowUpdate), b[3])
			updates++
		}
		c.Sent(len(c.Pending()))
	}
	require.Equal(t, 10, updates, "each half a window of 1 GiB for the stream, and for the connection")
	require.Equal(t, int64(3<<30), s.BodyBytes())
}

// What a server asks for without reading the answers doesn't pile up.
func TestAskingWithoutReadingEndsTheConnection(t *testing.T) {
	var c http2.Conn
	c.Start()
	require.NoError(t, c.Feed([]byte(http2test.Greeting)))
	ping := []byte(http2test.Frame(http2test.Ping, 0, 0, "12345678"))
	var err error
	for range 1_000_000 {
		if err = c.Feed(ping); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, http2.ErrMalformed)
	require.Less(t, len(c.Pending()), 2<<20)
}

// Header blocks of x/net's encoder, which uses its table and Huffman's code, are read the
// same as by its decoder, one after the other on the same connection.
func TestHeaderBlocksOfAnotherEncoder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	c := http2.Conn{SampleHeaders: true, Now: 1}
	c.Start()
	require.NoError(t, c.Feed([]byte(http2test.Greeting)))
	u := &url.URL{Scheme: "http", Host: "h", Path: "/"}
	request := http2.NewRequest("GET", u, nil, nil)
	for i := range 3000 {
		var s http2.Stream
		c.Open(&s, request)
		c.Sent(len(c.Pending()))
		block.Reset()
		if random.IntN(50) == 0 {
			encoder.SetMaxDynamicTableSize(uint32(random.IntN(4097)))
		}
		fields := []hpack.HeaderField{{Name: ":status", Value: fmt.Sprint(200 + random.IntN(5))}}
		var want strings.Builder
		for range random.IntN(8) {
			f := hpack.HeaderField{
				Name:      fmt.Sprint("x-", random.IntN(20)),
				Value:     strings.Trim(strings.Repeat(string(rune('!'+random.IntN(90))), random.IntN(100)), " "),
				Sensitive: random.IntN(10) == 0,
			}
			if random.IntN(3) == 0 {
				f.Name, f.Value = "date", "Mon, 01 Jan 2024 00:00:0"+fmt.Sprint(random.IntN(3))
			}
			fields = append(fields, f)
			want.WriteString(f.Name + ": " + f.Value + "\n")
		}
		for _, f := range fields {
			require.NoError(t, encoder.WriteField(f))
		}
		frame := http2test.Frame(http2test.Headers, http2test.EndHeaders|http2test.EndStream, uint32(2*i+1), block.String())
		require.NoError(t, c.Feed([]byte(frame)), "%d %x %v", i, block.String(), fields)
		require.Len(t, c.Ended(), 1)
		require.NoError(t, s.Err(), "%d %x %v", i, block.String(), fields)
		require.Equal(t, fields[0].Value, fmt.Sprint(s.Status()))
		require.Equal(t, want.String(), string(s.Headers()))
	}
}

// All forms of a request's block say the same to another decoder.
func TestRequestsAreReadByAnotherDecoder(t *testing.T) {
	u, err := url.Parse("https://me:secret@example.org:443/a%20b?c=d")
	require.NoError(t, err)
	for name, fields := range map[string][]http1.Field{
		"few":  {{Name: "Accept", Value: "*/*"}, {Name: "User-Agent", Value: "test"}},
		"many": {{Name: "X-Long", Value: strings.Repeat("v", 3000)}, {Name: "X-Longer", Value: strings.Repeat("w", 3000)}, {Name: "X-Short", Value: "s"}, {Name: "Cookie", Value: "a=b"}},
	} {
		var want []string
		for _, f := range http2.Fields("POST", u, fields, 2) {
			want = append(want, f.Name+": "+f.Value)
		}
		require.Subset(t, want, []string{":method: POST", ":scheme: https", ":authority: example.org", ":path: /a%20b?c=d", "content-length: 2", "authorization: Basic bWU6c2VjcmV0"}, name)
		var got []string
		decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) { got = append(got, f.Name+": "+f.Value) })
		var c http2.Conn
		c.Start()
		request := http2.NewRequest("POST", u, fields, []byte("{}"))
		for i, settings := range []string{"", "", http2test.Setting(1, 100), "", ""} {
			c.Sent(len(c.Pending()))
			if settings != "" {
				require.NoError(t, c.Feed([]byte(http2test.Frame(http2test.Settings, 0, 0, settings))))
				c.Sent(len(c.Pending()))
				decoder.SetAllowedMaxDynamicTableSize(100)
			}
			got = nil
			var s http2.Stream
			c.Open(&s, request)
			pending := c.Pending()
			if i == 0 {
				pending = pending[bytes.Index(pending, []byte{http2test.Headers, http2test.EndHeaders, 0, 0, 0, 1})-3:]
			}
			size := int(pending[0])<<16 | int(pending[1])<<8 | int(pending[2])
			_, err := decoder.Write(pending[9 : 9+size])
			require.NoError(t, err, "%s, request %d", name, i)
			require.NoError(t, decoder.Close())
			require.Equal(t, want, got, "%s, request %d", name, i)
		}
	}
}

// Nothing is allocated for a request and its answer.
func TestNothingIsAllocated(t *testing.T) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range []hpack.HeaderField{{Name: ":status", Value: "200"}, {Name: "server", Value: "some server/1.2.3"}, {Name: "date", Value: "Mon, 01 Jan 2024 00:00:00 GMT"}} {
		require.NoError(t, encoder.WriteField(f))
	}
	c := http2.Conn{Now: 1}
	c.Start()
	require.NoError(t, c.Feed([]byte(http2test.Greeting)))
	request := http2.NewRequest("GET", &url.URL{Scheme: "http", Host: "h", Path: "/"}, nil, nil)
	var s http2.Stream
	answer := []byte(http2test.Frame(http2test.Headers, http2test.EndHeaders, 0, block.String()) + http2test.Frame(http2test.Data, http2test.EndStream, 0, "hello"))
	second := 9 + block.Len()
	id := uint32(1)
	exchange := func() {
		c.Open(&s, request)
		c.Sent(len(c.Pending()))
		for _, at := range []int{5, second + 5} {
			answer[at], answer[at+1], answer[at+2], answer[at+3] = byte(id>>24), byte(id>>16), byte(id>>8), byte(id)
		}
		id += 2
		if c.Feed(answer) != nil || len(c.Ended()) != 1 || s.Status() != 200 {
			t.Fail()
		}
	}
	for range 200 { // fills the table
		exchange()
	}
	require.Zero(t, testing.AllocsPerRun(1000, exchange))
}
