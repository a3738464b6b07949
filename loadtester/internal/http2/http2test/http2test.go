// Package http2test is what HTTP/2 servers send, good and bad, for the tests of whatever
// reads it: the frames, and answers made of them.
package http2test

import (
	"strings"
)

// The types and flags of frames that answers are made of.
const (
	Data         = 0x0
	Headers      = 0x1
	Priority     = 0x2
	Reset        = 0x3
	Settings     = 0x4
	PushPromise  = 0x5
	Ping         = 0x6
	GoAway       = 0x7
	WindowUpdate = 0x8
	Continuation = 0x9

	EndStream   = 0x1
	Ack         = 0x1
	EndHeaders  = 0x4
	Padded      = 0x8
	HasPriority = 0x20
)

// Frame is a frame.
func Frame(kind, flags byte, stream uint32, payload string) string {
	return Lying(len(payload), kind, flags, stream, payload)
}

// Lying is a frame whose header claims another length than its payload has.
func Lying(length int, kind, flags byte, stream uint32, payload string) string {
	return string([]byte{byte(length >> 16), byte(length >> 8), byte(length), kind, flags}) + Word(stream) + payload
}

// Word is a number of four bytes.
func Word(n uint32) string {
	return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// Setting is one setting of a SETTINGS frame.
func Setting(id uint16, value uint32) string {
	return string([]byte{byte(id >> 8), byte(id)}) + Word(value)
}

// Greeting is the frame that a server begins with.
var Greeting = Frame(Settings, 0, 0, "")

// Field is a field of a header block as a literal that isn't indexed.
func Field(name, value string) string { return "\x00" + text(name) + text(value) }

// Indexed is a field as a literal that the receiver's table takes.
func Indexed(name, value string) string { return "\x40" + text(name) + text(value) }

func text(s string) string {
	if len(s) < 127 {
		return string([]byte{byte(len(s))}) + s
	}
	length := "\x7f"
	n := len(s) - 127
	for ; n >= 0x80; n >>= 7 {
		length += string([]byte{byte(n) | 0x80})
	}
	return length + string([]byte{byte(n)}) + s
}

// OK is the field ":status: 200".
const OK = "\x88"

// Answer is what a server sends after its greeting, when the client has sent a request
// on stream 1, up to the end of the connection.
type Answer struct {
	Name string
	Raw  string
	Head bool // it answers a HEAD request
	// Alone says that net/http doesn't read it: it waits for the body of a 304 whose length
	// is told, which RFC 9110 section 8.6 allows.
	Alone bool
}

// MaxBody is the limit of a body's bytes that TooLarge exceeds and WellFormed doesn't.
const MaxBody = 10_000

// head is a HEADERS frame for stream 1.
func head(flags byte, fields ...string) string {
	return Frame(Headers, flags|EndHeaders, 1, strings.Join(fields, ""))
}

// data is a DATA frame for stream 1.
func data(flags byte, body string) string { return Frame(Data, flags, 1, body) }

// WellFormed are responses that net/http reads as well, but those that stand alone.
func WellFormed() []Answer {
	hello := head(0, OK) + data(EndStream, "hello")
	return []Answer{
		{Name: "status alone", Raw: head(EndStream, OK)},
		{Name: "body", Raw: hello},
		{Name: "status as a literal", Raw: head(0, Field(":status", "200")) + data(EndStream, "ok")},
		{Name: "status as an indexed literal", Raw: head(0, Indexed(":status", "418")) + data(EndStream, "ok")},
		{Name: "status by a static name", Raw: head(0, "\x08\x03404") + data(EndStream, "no")},
		{Name: "status never indexed", Raw: head(0, "\x18\x03503") + data(EndStream, "no")},
		{Name: "status in Huffman's code", Raw: head(EndStream, "\x08\x82\x10\x01")},
		{Name: "status 999", Raw: head(EndStream, Field(":status", "999"))},
		{Name: "empty data ends", Raw: head(0, OK) + data(EndStream, "")},
		{Name: "empty data first", Raw: head(0, OK) + data(0, "") + data(0, "") + data(EndStream, "ok")},
		{Name: "body in pieces", Raw: head(0, OK) + data(0, "a") + data(0, "bc") + data(EndStream, "def")},
		{Name: "largest frame", Raw: head(0, OK) + data(EndStream, strings.Repeat("x", 9999))},
		{Name: "padded data", Raw: head(0, OK) + data(Padded|EndStream, "\x05hello\x00\x00\x00\x00\x00")},
		{Name: "padding of none", Raw: head(0, OK) + data(Padded|EndStream, "\x00hello")},
		{Name: "data of padding alone", Raw: head(0, OK) + data(Padded|EndStream, "\x03\x00\x00\x00")},
		{Name: "padded headers", Raw: Frame(Headers, EndHeaders|EndStream|Padded, 1, "\x02"+OK+"\x00\x00")},
		{Name: "headers with priority", Raw: Frame(Headers, EndHeaders|EndStream|HasPriority, 1, "\x00\x00\x00\x00\x10"+OK)},
		{Name: "headers padded with priority", Raw: Frame(Headers, EndHeaders|EndStream|HasPriority|Padded, 1, "\x01\x00\x00\x00\x00\x10"+OK+"\x00")},
		{Name: "continuation", Raw: Frame(Headers, EndStream, 1, OK) + Frame(Continuation, EndHeaders, 1, Field("a", "b"))},
		{Name: "continuations that cut a field", Raw: Frame(Headers, EndStream, 1, OK+"\x00") + Frame(Continuation, 0, 1, "\x01") + Frame(Continuation, EndHeaders, 1, "a\x01b")},
		{Name: "empty continuation", Raw: Frame(Headers, 0, 1, "") + Frame(Continuation, 0, 1, OK) + Frame(Continuation, EndHeaders, 1, "") + data(EndStream, "ok")},
		{Name: "content-length", Raw: head(0, OK, Field("content-length", "5")) + data(EndStream, "hello")},
		{Name: "content-length of zero", Raw: head(EndStream, OK, Field("content-length", "0"))},
		{Name: "content-length in pieces", Raw: head(0, OK, Field("content-length", "5")) + data(0, "hel") + data(0, "lo") + data(EndStream, "")},
		{Name: "trailers", Raw: head(0, OK) + data(0, "hello") + head(EndStream, Field("x-sum", "1"))},
		{Name: "trailers without a body", Raw: head(0, OK) + head(EndStream, Field("x-sum", "1"))},
		{Name: "100 first", Raw: head(0, Field(":status", "100")) + hello},
		{Name: "103 twice first", Raw: head(0, Field(":status", "103"), Field("link", "</a>")) + head(0, Field(":status", "103")) + head(EndStream, Field(":status", "204"))},
		{Name: "204", Raw: head(EndStream, Field(":status", "204"))},
		{Name: "304 with length", Raw: head(EndStream, Field(":status", "304"), Field("content-length", "5")), Alone: true},
		{Name: "HEAD with length", Raw: head(EndStream, OK, Field("content-length", "5000")), Head: true},
		{Name: "HEAD ended by empty data", Raw: head(0, OK, Field("content-length", "5000")) + data(EndStream, ""), Head: true},
		{Name: "redirect", Raw: head(EndStream, Field(":status", "302"), Field("location", "/next"))},
		{Name: "gzip stays as it is", Raw: head(0, OK, Field("content-encoding", "gzip")) + data(EndStream, "\x1f\x8b\x08")},
		{Name: "colons in value", Raw: head(EndStream, OK, Field("x-time", "10:20:30"))},
		{Name: "latin 1 in value", Raw: head(EndStream, OK, Field("x-name", "caf\xe9"))},
		{Name: "odd characters in name", Raw: head(EndStream, OK, Field("x!#$%&'*+-.^_`|~9", "v"))},
		{Name: "empty value", Raw: head(EndStream, OK, Field("x-empty", ""))},
		{Name: "long value", Raw: head(EndStream, OK, Field("x-long", strings.Repeat("v", 9000)))},
		{Name: "field for the table", Raw: head(EndStream, OK, Indexed("x-a", "b"), "\xbe")},
		{Name: "table is emptied", Raw: head(EndStream, "\x20\x3f\xe1\x1f", OK, Indexed("x-a", "b"), "\xbe")},
		{Name: "field larger than the table", Raw: head(EndStream, OK, Indexed("x-a", strings.Repeat("v", 5000)))},
		{Name: "settings in between", Raw: head(0, OK) + Frame(Settings, 0, 0, Setting(4, 70000)+Setting(3, 100)) + data(EndStream, "ok")},
		{Name: "unknown setting", Raw: Frame(Settings, 0, 0, Setting(99, 1)) + hello},
		{Name: "table size of none", Raw: Frame(Settings, 0, 0, Setting(1, 0)) + hello},
		{Name: "settings acknowledged", Raw: Frame(Settings, Ack, 0, "") + hello},
		{Name: "ping in between", Raw: head(0, OK) + Frame(Ping, 0, 0, "12345678") + data(EndStream, "ok")},
		{Name: "ping acknowledged", Raw: Frame(Ping, Ack, 0, "12345678") + hello},
		{Name: "windows grow", Raw: Frame(WindowUpdate, 0, 0, Word(1000)) + Frame(WindowUpdate, 0, 1, Word(1000)) + hello},
		{Name: "reserved bit in window update", Raw: Frame(WindowUpdate, 0, 0, Word(1000|1<<31)) + hello},
		{Name: "priority frame", Raw: Frame(Priority, 0, 1, "\x00\x00\x00\x00\x10") + hello},
		{Name: "unknown frame", Raw: Frame(0xfa, 0xff, 0, "whatever") + Frame(0xfb, 0, 1, "") + hello},
		{Name: "unknown flags", Raw: Frame(Headers, EndHeaders|0xc2, 1, OK) + Frame(Data, EndStream|0xf6, 1, "ok")},
		{Name: "go away after the request", Raw: Frame(GoAway, 0, 0, Word(1)+Word(0)+"bye") + hello},
		{Name: "go away with the answer", Raw: hello + Frame(GoAway, 0, 0, Word(1)+Word(0))},
	}
}
