package http2test

import "strings"

// Malformed are answers that break the protocol.
func Malformed() []Answer {
	hello := head(0, OK) + data(EndStream, "hello")
	return []Answer{
		{Name: "no status", Raw: head(EndStream, Field("a", "b"))},
		{Name: "no fields", Raw: head(EndStream)},
		{Name: "two statuses", Raw: head(EndStream, OK, OK)},
		{Name: "status after a field", Raw: head(EndStream, Field("a", "b"), OK)},
		{Name: "status of two digits", Raw: head(EndStream, Field(":status", "20"))},
		{Name: "status of four digits", Raw: head(EndStream, Field(":status", "2000"))},
		{Name: "status of letters", Raw: head(EndStream, Field(":status", "abc"))},
		{Name: "status below 100", Raw: head(EndStream, Field(":status", "099"))},
		{Name: "status empty", Raw: head(EndStream, Field(":status", ""))},
		{Name: "status 101", Raw: head(0, Field(":status", "101")) + data(EndStream, "")},
		{Name: "interim that ends", Raw: head(EndStream, Field(":status", "100"))},
		{Name: "pseudo-header of requests", Raw: head(EndStream, OK, Field(":path", "/"))},
		{Name: "pseudo-header unknown", Raw: head(EndStream, OK, Field(":new", "/"))},
		{Name: "capital in name", Raw: head(EndStream, OK, Field("X-a", "b"))},
		{Name: "empty name", Raw: head(EndStream, OK, Field("", "b"))},
		{Name: "space in name", Raw: head(EndStream, OK, Field("a b", "c"))},
		{Name: "colon in name", Raw: head(EndStream, OK, Field("a:", "c"))},
		{Name: "NUL in value", Raw: head(EndStream, OK, Field("a", "b\x00"))},
		{Name: "newline in value", Raw: head(EndStream, OK, Field("a", "b\nc: d"))},
		{Name: "CR in value", Raw: head(EndStream, OK, Field("a", "b\rc"))},
		{Name: "space before value", Raw: head(EndStream, OK, Field("a", " b"))},
		{Name: "tab after value", Raw: head(EndStream, OK, Field("a", "b\t"))},
		{Name: "connection field", Raw: head(EndStream, OK, Field("connection", "close"))},
		{Name: "transfer-encoding field", Raw: head(EndStream, OK, Field("transfer-encoding", "chunked"))},
		{Name: "upgrade field", Raw: head(EndStream, OK, Field("upgrade", "h2c"))},
		{Name: "two lengths", Raw: head(0, OK, Field("content-length", "5"), Field("content-length", "6")) + data(EndStream, "hello")},
		{Name: "length of letters", Raw: head(0, OK, Field("content-length", "five")) + data(EndStream, "hello")},
		{Name: "length negative", Raw: head(0, OK, Field("content-length", "-5")) + data(EndStream, "hello")},
		{Name: "length empty", Raw: head(0, OK, Field("content-length", "")) + data(EndStream, "")},
		{Name: "body shorter than said", Raw: head(0, OK, Field("content-length", "6")) + data(EndStream, "hello")},
		{Name: "body longer than said", Raw: head(0, OK, Field("content-length", "4")) + data(EndStream, "hello")},
		{Name: "no body where one was said", Raw: head(EndStream, OK, Field("content-length", "4"))},
		{Name: "data before headers", Raw: data(0, "hello") + hello},
		{Name: "data after interim", Raw: head(0, Field(":status", "100")) + data(EndStream, "hello")},
		{Name: "body of a HEAD", Raw: hello, Head: true},
		{Name: "trailers that don't end", Raw: head(0, OK) + data(0, "a") + head(0, Field("a", "b")) + data(EndStream, "b")},
		{Name: "status in trailers", Raw: head(0, OK) + data(0, "a") + head(EndStream, OK)},

		{Name: "HTTP/1.1", Raw: "HTTP/1.1 400 Bad Request\r\n\r\n"},
		{Name: "data on stream 0", Raw: Frame(Data, 0, 0, "hello")},
		{Name: "headers on stream 0", Raw: Frame(Headers, EndHeaders, 0, OK)},
		{Name: "headers on an idle stream", Raw: Frame(Headers, EndHeaders|EndStream, 3, OK)},
		{Name: "headers on a server's stream", Raw: Frame(Headers, EndHeaders|EndStream, 2, OK)},
		{Name: "data on an idle stream", Raw: Frame(Data, 0, 99, "x")},
		{Name: "reset of stream 0", Raw: Frame(Reset, 0, 0, Word(0))},
		{Name: "reset of an idle stream", Raw: Frame(Reset, 0, 5, Word(0))},
		{Name: "reset too short", Raw: Frame(Reset, 0, 1, "abc")},
		{Name: "settings on a stream", Raw: Frame(Settings, 0, 1, "")},
		{Name: "settings of seven bytes", Raw: Frame(Settings, 0, 0, "1234567")},
		{Name: "settings acknowledged with more", Raw: Frame(Settings, Ack, 0, Setting(3, 1))},
		{Name: "push enabled", Raw: Frame(Settings, 0, 0, Setting(2, 1))},
		{Name: "window too large in settings", Raw: Frame(Settings, 0, 0, Setting(4, 1<<31))},
		{Name: "frame size too small", Raw: Frame(Settings, 0, 0, Setting(5, 1000))},
		{Name: "frame size too large", Raw: Frame(Settings, 0, 0, Setting(5, 1<<24))},
		{Name: "push promise", Raw: Frame(PushPromise, EndHeaders, 1, Word(2)+OK)},
		{Name: "ping on a stream", Raw: Frame(Ping, 0, 1, "12345678")},
		{Name: "ping of seven bytes", Raw: Frame(Ping, 0, 0, "1234567")},
		{Name: "go away on a stream", Raw: Frame(GoAway, 0, 1, Word(0)+Word(0))},
		{Name: "go away too short", Raw: Frame(GoAway, 0, 0, Word(0))},
		{Name: "window update of none", Raw: Frame(WindowUpdate, 0, 0, Word(0))},
		{Name: "window update of none for a stream", Raw: Frame(WindowUpdate, 0, 1, Word(0))},
		{Name: "window update too short", Raw: Frame(WindowUpdate, 0, 0, "abc")},
		{Name: "window update of an idle stream", Raw: Frame(WindowUpdate, 0, 7, Word(1))},
		{Name: "window overflows", Raw: Frame(WindowUpdate, 0, 0, Word(1<<31-1)) + Frame(WindowUpdate, 0, 0, Word(1<<31-1))},
		{Name: "stream's window overflows", Raw: Frame(WindowUpdate, 0, 1, Word(1<<31-1))},
		{Name: "priority on stream 0", Raw: Frame(Priority, 0, 0, "\x00\x00\x00\x00\x10")},
		{Name: "priority too short", Raw: Frame(Priority, 0, 1, "\x00\x00\x00\x00")},
		{Name: "frame too large", Raw: Frame(Data, 0, 1, strings.Repeat("x", 16<<10+1))},
		{Name: "unknown frame too large", Raw: Lying(1<<24-1, 0xfa, 0, 0, "x")},
		{Name: "continuation alone", Raw: Frame(Continuation, EndHeaders, 1, OK)},
		{Name: "continuation of another stream", Raw: Frame(Headers, 0, 1, OK) + Frame(Continuation, EndHeaders, 3, "")},
		{Name: "frame amid a header block", Raw: Frame(Headers, 0, 1, OK) + Frame(Ping, 0, 0, "12345678")},
		{Name: "unknown frame amid a header block", Raw: Frame(Headers, 0, 1, OK) + Frame(0xfa, 0, 0, "")},
		{Name: "padding longer than data", Raw: head(0, OK) + data(Padded, "\x05hell")},
		{Name: "padding without its length", Raw: head(0, OK) + data(Padded, "")},
		{Name: "padding longer than headers", Raw: Frame(Headers, EndHeaders|Padded, 1, "\x09"+OK)},
		{Name: "headers without their padding's length", Raw: Frame(Headers, EndHeaders|Padded, 1, "")},
		{Name: "headers without their priority", Raw: Frame(Headers, EndHeaders|HasPriority, 1, OK)},

		{Name: "index 0", Raw: head(EndStream, "\x80")},
		{Name: "index beyond the table", Raw: head(EndStream, OK, "\xbe")},
		{Name: "name beyond the table", Raw: head(EndStream, OK, "\x7e\x01a")},
		{Name: "index without end", Raw: head(EndStream, "\xff\xff\xff\xff\xff\xff")},
		{Name: "index cut off", Raw: head(EndStream, "\xff")},
		{Name: "string longer than its block", Raw: head(EndStream, OK, "\x00\x05ab")},
		{Name: "string missing", Raw: head(EndStream, OK, "\x00\x01a")},
		{Name: "Huffman's code padded with zeros", Raw: head(EndStream, OK, "\x00\x81\x18\x00")},
		{Name: "Huffman's code with the end", Raw: head(EndStream, OK, "\x00\x84\xff\xff\xff\xff\x00")},
		{Name: "Huffman's code padded with a byte", Raw: head(EndStream, OK, "\x00\x82\x1f\xff\x00")},
		{Name: "table too large", Raw: head(EndStream, "\x3f\xe2\x1f", OK)},
		{Name: "table's size after a field", Raw: head(EndStream, OK, "\x20")},
	}
}

// BeforeGreeting are what servers send instead of their greeting.
func BeforeGreeting() []Answer {
	return []Answer{
		{Name: "HTTP/1.1", Raw: "HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n"},
		{Name: "HTML", Raw: "<html>"},
		{Name: "SSH", Raw: "SSH-2.0-OpenSSH_9.6\r\n"},
		{Name: "headers first", Raw: head(EndStream, OK)},
		{Name: "ping first", Raw: Frame(Ping, 0, 0, "12345678")},
		{Name: "acknowledgement first", Raw: Frame(Settings, Ack, 0, "")},
		{Name: "settings of another length", Raw: Frame(Settings, 0, 0, "12345")},
	}
}

// TooLarge are answers beyond the limits.
func TooLarge() []Answer {
	interim := head(0, Field(":status", "100"))
	return []Answer{
		{Name: "body by length", Raw: head(0, OK, Field("content-length", "15000")) + data(EndStream, strings.Repeat("x", 15000))},
		{Name: "body", Raw: head(0, OK) + strings.Repeat(data(0, strings.Repeat("x", 1000)), 20)},
		{Name: "endless header block", Raw: Frame(Headers, 0, 1, OK) + strings.Repeat(Frame(Continuation, 0, 1, strings.Repeat("\x00\x01a\x01b", 3000)), 20)},
		{Name: "endless empty continuations", Raw: Frame(Headers, 0, 1, OK) + strings.Repeat(Frame(Continuation, 0, 1, ""), 2000)},
		{Name: "fields that grow when decoded", Raw: head(EndStream, OK, Indexed("x-a", strings.Repeat("v", 4000)), strings.Repeat("\xbe", 5000))},
		{Name: "endless 100s", Raw: strings.Repeat(interim, 100)},
		{Name: "location", Raw: head(EndStream, Field(":status", "302"), Field("location", "/"+strings.Repeat("x", 10<<10)))},
	}
}

// Resets are answers in which the server ends the stream, or refuses it.
func Resets() []Answer {
	return []Answer{
		{Name: "reset", Raw: Frame(Reset, 0, 1, Word(2))},
		{Name: "reset without an error", Raw: Frame(Reset, 0, 1, Word(0))},
		{Name: "reset after headers", Raw: head(0, OK) + Frame(Reset, 0, 1, Word(8))},
		{Name: "reset in the body", Raw: head(0, OK) + data(0, "he") + Frame(Reset, 0, 1, Word(11))},
		{Name: "reset after 100", Raw: head(0, Field(":status", "100")) + Frame(Reset, 0, 1, Word(2))},
	}
}

// Truncated are answers that end too early.
func Truncated() []Answer {
	return []Answer{
		{Name: "nothing", Raw: ""},
		{Name: "in a frame's header", Raw: "\x00\x00"},
		{Name: "before a payload", Raw: Lying(1, Headers, EndHeaders, 1, "")},
		{Name: "in a payload", Raw: Lying(8, Ping, 0, 0, "1234")},
		{Name: "after headers", Raw: head(0, OK)},
		{Name: "in data", Raw: head(0, OK) + Lying(5, Data, EndStream, 1, "hel")},
		{Name: "in padding", Raw: head(0, OK) + Lying(5, Data, EndStream|Padded, 1, "\x02he")},
		{Name: "after data", Raw: head(0, OK) + data(0, "hello")},
		{Name: "in a header block", Raw: Frame(Headers, EndStream, 1, OK)},
		{Name: "after 100", Raw: head(0, Field(":status", "100"))},
		{Name: "after ping", Raw: Frame(Ping, 0, 0, "12345678")},
		{Name: "after unknown frame", Raw: Frame(0xfa, 0, 1, "x")},
	}
}
