// Package http1test is answers of HTTP/1 servers, good and bad, for the tests of
// whatever reads them.
package http1test

import "strings"

// Answer is the bytes of one response, or what a server sends instead.
type Answer struct {
	Name string
	Raw  string
	Head bool // it answers a HEAD request
}

// MaxBody is the limit of a body's bytes that TooLarge exceeds and WellFormed doesn't.
const MaxBody = 10_000

// WellFormed are responses that net/http reads as well.
func WellFormed() []Answer {
	long := strings.Repeat("x", 9000)
	return []Answer{
		{Name: "length", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
		{Name: "no reason", Raw: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "empty reason", Raw: "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"},
		{Name: "long reason", Raw: "HTTP/1.1 404 Not Found Anywhere: sorry\r\nContent-Length: 0\r\n\r\n"},
		{Name: "zero length", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{Name: "same length twice", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "leading zeros in length", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 0002\r\n\r\nok"},
		{Name: "name in capitals", Raw: "HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\n\r\nok"},
		{Name: "no space after colon", Raw: "HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nok"},
		{Name: "spaces and tabs around value", Raw: "HTTP/1.1 200 OK\r\nContent-Length: \t 2 \t\r\n\r\nok"},
		{Name: "bare newlines", Raw: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"},
		{Name: "empty value", Raw: "HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "colons in value", Raw: "HTTP/1.1 200 OK\r\nX-Time: 10:20:30\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "latin 1 in value", Raw: "HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "odd characters in name", Raw: "HTTP/1.1 200 OK\r\nx!#$%&'*+-.^_`|~9: v\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "long value", Raw: "HTTP/1.1 200 OK\r\nX-Long: " + long + "\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "many headers", Raw: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Many: v\r\n", 900) + "Content-Length: 2\r\n\r\nok"},
		{Name: "until close", Raw: "HTTP/1.1 200 OK\r\n\r\nall of it"},
		{Name: "until close, empty", Raw: "HTTP/1.1 200 OK\r\n\r\n"},
		{Name: "until close, said so", Raw: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"},
		{Name: "connection close", Raw: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "connection list", Raw: "HTTP/1.1 200 OK\r\nConnection: foo , CLOSE\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "1.0", Raw: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "1.0 keep-alive", Raw: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "1.0 until close", Raw: "HTTP/1.0 200 OK\r\n\r\nall"},
		{Name: "1.0 ignores chunked", Raw: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
		{Name: "chunked", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"},
		{Name: "chunked, empty", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{Name: "chunked in capitals", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"},
		{Name: "chunk size with zeros", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00002\r\nok\r\n000\r\n\r\n"},
		{Name: "chunk extensions", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b;c=\"d\"\r\nok\r\n0;last\r\n\r\n"},
		{Name: "trailers", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"},
		{Name: "chunked wins over length", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
		{Name: "big chunk", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2328\r\n" + long + "\r\n0\r\n\r\n"},
		{Name: "100 first", Raw: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "103 twice first", Raw: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"},
		{Name: "204", Raw: "HTTP/1.1 204 No Content\r\n\r\n"},
		{Name: "304 with length", Raw: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
		{Name: "HEAD with length", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", Head: true},
		{Name: "HEAD chunked", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Head: true},
		{Name: "status 999", Raw: "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"},
		{Name: "gzip stays as it is", Raw: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"},
		{Name: "205", Raw: "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
		{Name: "206", Raw: "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "418", Raw: "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\n\r\nno"},
		{Name: "503 with Retry-After", Raw: "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"},
		{Name: "reason beyond ASCII", Raw: "HTTP/1.1 200 \xe4\xb8\xad\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "no headers at all", Raw: "HTTP/1.1 204 No Content\n\n"},
		{Name: "mixed line ends", Raw: "HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 2\r\n\nok"},
		{Name: "tab in value", Raw: "HTTP/1.1 200 OK\r\nX-Tab: a\tb\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "same header many times", Raw: "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "keep-alive said in 1.1", Raw: "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "close among others", Raw: "HTTP/1.1 200 OK\r\nConnection: upgrade\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "1.0 with close", Raw: "HTTP/1.0 404 Not Found\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"},
		{Name: "body of zeros", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x00\x00\x00\x00"},
		{Name: "body that looks like a response", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nHTTP/1.1 500 No\r\n\r\n"},
		{Name: "body of the limit", Raw: "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + strings.Repeat("x", 10000)},
		{Name: "many small chunks", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 500) + "0\r\n\r\n"},
		{Name: "chunk that looks like a chunk", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n0\r\n\r\n00\r\n0\r\n\r\n"},
		{Name: "chunk size in both cases", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\naA\r\n" + strings.Repeat("x", 170) + "\r\n0\r\n\r\n"},
		{Name: "several trailers", Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: 1\r\nX-B:\r\nX-C: c: d\r\n\r\n"},
		{Name: "chunked 404", Raw: "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"},
		{Name: "102 first", Raw: "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
		{Name: "HEAD of 404", Raw: "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n", Head: true},
		{Name: "HEAD without length", Raw: "HTTP/1.1 200 OK\r\n\r\n", Head: true},
		{Name: "204 that closes", Raw: "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"},
		{Name: "redirect", Raw: "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"},
	}
}

// Malformed are answers that are no HTTP/1 response.
func Malformed() []Answer {
	const ok = "HTTP/1.1 200 OK\r\n"
	const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
	return []Answer{
		{Name: "other protocol", Raw: "SSH-2.0-OpenSSH_9.6\r\n"},
		{Name: "HTML without head", Raw: "<html>hello</html>\n"},
		{Name: "ICY", Raw: "ICY 200 OK\r\n\r\n"},
		{Name: "lower case", Raw: "http/1.1 200 OK\r\n\r\n"},
		{Name: "HTTP/2", Raw: "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{Name: "HTTP/1.2", Raw: "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{Name: "HTTP/1.", Raw: "HTTP/1. 200 OK\r\n\r\n"},
		{Name: "no version", Raw: "HTTP 200 OK\r\n\r\n"},
		{Name: "empty line first", Raw: "\r\n" + ok + "\r\n"},
		{Name: "status of two digits", Raw: "HTTP/1.1 20 OK\r\n\r\n"},
		{Name: "status of four digits", Raw: "HTTP/1.1 2000 OK\r\n\r\n"},
		{Name: "status of letters", Raw: "HTTP/1.1 abc OK\r\n\r\n"},
		{Name: "status below 100", Raw: "HTTP/1.1 099 Low\r\n\r\n"},
		{Name: "negative status", Raw: "HTTP/1.1 -20 OK\r\n\r\n"},
		{Name: "two spaces before status", Raw: "HTTP/1.1  200 OK\r\n\r\n"},
		{Name: "status alone", Raw: "HTTP/1.1\r\n\r\n"},
		{Name: "line without colon", Raw: ok + "Content-Length 5\r\n\r\n"},
		{Name: "line of a colon", Raw: ok + ": v\r\n\r\n"},
		{Name: "space before colon", Raw: ok + "Content-Length : 5\r\n\r\n"},
		{Name: "space in name", Raw: ok + "Content Length: 5\r\n\r\n"},
		{Name: "control in name", Raw: ok + "X-\x01: v\r\n\r\n"},
		{Name: "NUL in value", Raw: ok + "X: a\x00b\r\n\r\n"},
		{Name: "bare CR in value", Raw: ok + "X: a\rb\r\n\r\n"},
		{Name: "continuation first", Raw: ok + " X: v\r\n\r\n"},
		{Name: "continued length", Raw: ok + "Content-Length:\r\n 5\r\n\r\nhello"},
		{Name: "empty length", Raw: ok + "Content-Length:\r\n\r\n"},
		{Name: "negative length", Raw: ok + "Content-Length: -1\r\n\r\n"},
		{Name: "length with sign", Raw: ok + "Content-Length: +5\r\n\r\nhello"},
		{Name: "length in hexadecimal", Raw: ok + "Content-Length: 0x5\r\n\r\nhello"},
		{Name: "length of letters", Raw: ok + "Content-Length: five\r\n\r\n"},
		{Name: "length with a fraction", Raw: ok + "Content-Length: 5.0\r\n\r\nhello"},
		{Name: "length beyond 64 bits", Raw: ok + "Content-Length: 99999999999999999999\r\n\r\n"},
		{Name: "two lengths", Raw: ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
		{Name: "list of lengths", Raw: ok + "Content-Length: 5, 5\r\n\r\nhello"},
		{Name: "gzip as transfer coding", Raw: ok + "Transfer-Encoding: gzip\r\n\r\n"},
		{Name: "gzip, chunked", Raw: ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
		{Name: "chunked twice", Raw: ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{Name: "identity", Raw: ok + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok"},
		{Name: "chunk size of letters", Raw: chunked + "xyz\r\n"},
		{Name: "chunk size empty", Raw: chunked + "\r\n"},
		{Name: "chunk size negative", Raw: chunked + "-1\r\n"},
		{Name: "chunk size prefixed", Raw: chunked + "0x2\r\nok\r\n0\r\n\r\n"},
		{Name: "chunk size too long", Raw: chunked + "10000000000000000\r\n"},
		{Name: "chunk longer than said", Raw: chunked + "2\r\nokay\r\n0\r\n\r\n"},
		{Name: "chunk data without line end", Raw: chunked + "2\r\nok0\r\n\r\n"},
		{Name: "trailer without colon", Raw: chunked + "0\r\nnonsense\r\n\r\n"},
		{Name: "two spaces before the version's end", Raw: "HTTP/1.1\t200 OK\r\n\r\n"},
		{Name: "space first", Raw: " HTTP/1.1 200 OK\r\n\r\n"},
		{Name: "request instead", Raw: "GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
		{Name: "TLS alert", Raw: "\x15\x03\x01\x00\x02\x02\x46\n"},
		{Name: "HTTP/2 settings", Raw: "\x00\x00\x00\x04\x00\x00\x00\x00\x00\n"},
		{Name: "status without space after", Raw: "HTTP/1.1 200OK\r\n\r\n"},
		{Name: "quoted length", Raw: ok + "Content-Length: \"5\"\r\n\r\nhello"},
		{Name: "length with a space", Raw: ok + "Content-Length: 1 0\r\n\r\n"},
		{Name: "DEL in value", Raw: ok + "X: a\x7fb\r\n\r\n"},
		{Name: "header beyond ASCII", Raw: ok + "caf\xe9: v\r\n\r\n"},
		{Name: "tab before colon", Raw: ok + "Content-Length\t: 5\r\n\r\n"},
		{Name: "chunked and more", Raw: ok + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
		{Name: "chunk size with sign", Raw: chunked + "+2\r\nok\r\n0\r\n\r\n"},
		{Name: "chunk size with a space within", Raw: chunked + "1 0\r\n"},
		{Name: "chunk size by a bare newline", Raw: chunked + "2\nok\r\n0\r\n\r\n"},
		{Name: "chunk's end by a bare newline", Raw: chunked + "2\r\nok\n0\r\n\r\n"},
		{Name: "chunk without size", Raw: chunked + ";a=b\r\n"},
		{Name: "malformed after 100", Raw: "HTTP/1.1 100 Continue\r\n\r\ngarbage\r\n"},
	}
}

// TooLarge are answers beyond the limits.
func TooLarge() []Answer {
	const ok = "HTTP/1.1 200 OK\r\n"
	return []Answer{
		{Name: "endless status line", Raw: "HTTP/1.1 200 " + strings.Repeat("x", 300<<10)},
		{Name: "endless header line", Raw: ok + "X: " + strings.Repeat("x", 300<<10)},
		{Name: "endless header lines", Raw: ok + strings.Repeat("X: y\r\n", 60<<10)},
		{Name: "endless chunk extension", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("x", 8<<10)},
		{Name: "endless trailers", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: y\r\n", 60<<10)},
		{Name: "endless 100s", Raw: strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)},
		{Name: "body by length", Raw: ok + "Content-Length: 20000\r\n\r\n" + strings.Repeat("x", 20000)},
		{Name: "body by chunks", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("100\r\n"+strings.Repeat("x", 256)+"\r\n", 80)},
		{Name: "body until close", Raw: ok + "\r\n" + strings.Repeat("x", 20000)},
	}
}

// Truncated are answers that end too early.
func Truncated() []Answer {
	const ok = "HTTP/1.1 200 OK\r\n"
	return []Answer{
		{Name: "nothing", Raw: ""},
		{Name: "in the protocol", Raw: "HTT"},
		{Name: "in the status line", Raw: "HTTP/1.1 200 O"},
		{Name: "in the header", Raw: ok + "Content-Le"},
		{Name: "before the empty line", Raw: ok + "Content-Length: 0\r\n"},
		{Name: "in the empty line", Raw: ok + "Content-Length: 0\r\n\r"},
		{Name: "before the body", Raw: ok + "Content-Length: 5\r\n\r\n"},
		{Name: "in the body", Raw: ok + "Content-Length: 5\r\n\r\nhell"},
		{Name: "in a chunk size", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n5"},
		{Name: "in a chunk", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"},
		{Name: "after a chunk", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello"},
		{Name: "between chunks", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
		{Name: "before the last line", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"},
		{Name: "in the trailer", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n"},
		{Name: "after 100", Raw: "HTTP/1.1 100 Continue\r\n\r\n"},
		{Name: "in the second head", Raw: "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2"},
		{Name: "in a chunk's extension", Raw: ok + "Transfer-Encoding: chunked\r\n\r\n5;a="},
		{Name: "in a large body", Raw: ok + "Content-Length: 9000\r\n\r\n" + strings.Repeat("x", 8999)},
	}
}
