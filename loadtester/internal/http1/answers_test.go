package http1_test

import "strings"

// answer is the bytes of one response, or what a server sends instead.
type answer struct {
	name string
	raw  string
	head bool // it answers a HEAD request
}

// wellFormed are responses that net/http reads as well.
func wellFormed() []answer {
	long := strings.Repeat("x", 9000)
	return []answer{
		{name: "length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "no reason", raw: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"},
		{name: "empty reason", raw: "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"},
		{name: "long reason", raw: "HTTP/1.1 404 Not Found Anywhere: sorry\r\nContent-Length: 0\r\n\r\n"},
		{name: "zero length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{name: "same length twice", raw: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"},
		{name: "leading zeros in length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 0002\r\n\r\nok"},
		{name: "name in capitals", raw: "HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\n\r\nok"},
		{name: "no space after colon", raw: "HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nok"},
		{name: "spaces and tabs around value", raw: "HTTP/1.1 200 OK\r\nContent-Length: \t 2 \t\r\n\r\nok"},
		{name: "bare newlines", raw: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"},
		{name: "empty value", raw: "HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 2\r\n\r\nok"},
		{name: "colons in value", raw: "HTTP/1.1 200 OK\r\nX-Time: 10:20:30\r\nContent-Length: 2\r\n\r\nok"},
		{name: "latin 1 in value", raw: "HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\nok"},
		{name: "odd characters in name", raw: "HTTP/1.1 200 OK\r\nx!#$%&'*+-.^_`|~9: v\r\nContent-Length: 2\r\n\r\nok"},
		{name: "long value", raw: "HTTP/1.1 200 OK\r\nX-Long: " + long + "\r\nContent-Length: 2\r\n\r\nok"},
		{name: "many headers", raw: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Many: v\r\n", 900) + "Content-Length: 2\r\n\r\nok"},
		{name: "until close", raw: "HTTP/1.1 200 OK\r\n\r\nall of it"},
		{name: "until close, empty", raw: "HTTP/1.1 200 OK\r\n\r\n"},
		{name: "until close, said so", raw: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"},
		{name: "connection close", raw: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
		{name: "connection list", raw: "HTTP/1.1 200 OK\r\nConnection: foo , CLOSE\r\nContent-Length: 2\r\n\r\nok"},
		{name: "1.0", raw: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		{name: "1.0 keep-alive", raw: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok"},
		{name: "1.0 until close", raw: "HTTP/1.0 200 OK\r\n\r\nall"},
		{name: "1.0 ignores chunked", raw: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
		{name: "chunked", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"},
		{name: "chunked, empty", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{name: "chunked in capitals", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"},
		{name: "chunk size with zeros", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00002\r\nok\r\n000\r\n\r\n"},
		{name: "chunk extensions", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b;c=\"d\"\r\nok\r\n0;last\r\n\r\n"},
		{name: "trailers", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"},
		{name: "chunked wins over length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
		{name: "big chunk", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2328\r\n" + long + "\r\n0\r\n\r\n"},
		{name: "100 first", raw: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		{name: "103 twice first", raw: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"},
		{name: "204", raw: "HTTP/1.1 204 No Content\r\n\r\n"},
		{name: "304 with length", raw: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
		{name: "HEAD with length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", head: true},
		{name: "HEAD chunked", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", head: true},
		{name: "status 999", raw: "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"},
		{name: "gzip stays as it is", raw: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"},
		{name: "redirect", raw: "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"},
	}
}

// malformed are answers that are no HTTP/1 response.
func malformed() []answer {
	const ok = "HTTP/1.1 200 OK\r\n"
	const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
	return []answer{
		{name: "other protocol", raw: "SSH-2.0-OpenSSH_9.6\r\n"},
		{name: "HTML without head", raw: "<html>hello</html>\n"},
		{name: "ICY", raw: "ICY 200 OK\r\n\r\n"},
		{name: "lower case", raw: "http/1.1 200 OK\r\n\r\n"},
		{name: "HTTP/2", raw: "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{name: "HTTP/1.2", raw: "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{name: "HTTP/1.", raw: "HTTP/1. 200 OK\r\n\r\n"},
		{name: "no version", raw: "HTTP 200 OK\r\n\r\n"},
		{name: "empty line first", raw: "\r\n" + ok + "\r\n"},
		{name: "status of two digits", raw: "HTTP/1.1 20 OK\r\n\r\n"},
		{name: "status of four digits", raw: "HTTP/1.1 2000 OK\r\n\r\n"},
		{name: "status of letters", raw: "HTTP/1.1 abc OK\r\n\r\n"},
		{name: "status below 100", raw: "HTTP/1.1 099 Low\r\n\r\n"},
		{name: "negative status", raw: "HTTP/1.1 -20 OK\r\n\r\n"},
		{name: "two spaces before status", raw: "HTTP/1.1  200 OK\r\n\r\n"},
		{name: "status alone", raw: "HTTP/1.1\r\n\r\n"},
		{name: "line without colon", raw: ok + "Content-Length 5\r\n\r\n"},
		{name: "line of a colon", raw: ok + ": v\r\n\r\n"},
		{name: "space before colon", raw: ok + "Content-Length : 5\r\n\r\n"},
		{name: "space in name", raw: ok + "Content Length: 5\r\n\r\n"},
		{name: "control in name", raw: ok + "X-\x01: v\r\n\r\n"},
		{name: "NUL in value", raw: ok + "X: a\x00b\r\n\r\n"},
		{name: "bare CR in value", raw: ok + "X: a\rb\r\n\r\n"},
		{name: "continuation first", raw: ok + " X: v\r\n\r\n"},
		{name: "continued length", raw: ok + "Content-Length:\r\n 5\r\n\r\nhello"},
		{name: "empty length", raw: ok + "Content-Length:\r\n\r\n"},
		{name: "negative length", raw: ok + "Content-Length: -1\r\n\r\n"},
		{name: "length with sign", raw: ok + "Content-Length: +5\r\n\r\nhello"},
		{name: "length in hexadecimal", raw: ok + "Content-Length: 0x5\r\n\r\nhello"},
		{name: "length of letters", raw: ok + "Content-Length: five\r\n\r\n"},
		{name: "length with a fraction", raw: ok + "Content-Length: 5.0\r\n\r\nhello"},
		{name: "length beyond 64 bits", raw: ok + "Content-Length: 99999999999999999999\r\n\r\n"},
		{name: "two lengths", raw: ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
		{name: "list of lengths", raw: ok + "Content-Length: 5, 5\r\n\r\nhello"},
		{name: "gzip as transfer coding", raw: ok + "Transfer-Encoding: gzip\r\n\r\n"},
		{name: "gzip, chunked", raw: ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
		{name: "chunked twice", raw: ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{name: "identity", raw: ok + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok"},
		{name: "chunk size of letters", raw: chunked + "xyz\r\n"},
		{name: "chunk size empty", raw: chunked + "\r\n"},
		{name: "chunk size negative", raw: chunked + "-1\r\n"},
		{name: "chunk size prefixed", raw: chunked + "0x2\r\nok\r\n0\r\n\r\n"},
		{name: "chunk size too long", raw: chunked + "10000000000000000\r\n"},
		{name: "chunk longer than said", raw: chunked + "2\r\nokay\r\n0\r\n\r\n"},
		{name: "chunk data without line end", raw: chunked + "2\r\nok0\r\n\r\n"},
		{name: "trailer without colon", raw: chunked + "0\r\nnonsense\r\n\r\n"},
		{name: "malformed after 100", raw: "HTTP/1.1 100 Continue\r\n\r\ngarbage\r\n"},
	}
}

// tooLarge are answers beyond the limits.
func tooLarge() []answer {
	const ok = "HTTP/1.1 200 OK\r\n"
	return []answer{
		{name: "endless status line", raw: "HTTP/1.1 200 " + strings.Repeat("x", 300<<10)},
		{name: "endless header line", raw: ok + "X: " + strings.Repeat("x", 300<<10)},
		{name: "endless header lines", raw: ok + strings.Repeat("X: y\r\n", 60<<10)},
		{name: "endless chunk extension", raw: ok + "Transfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("x", 8<<10)},
		{name: "endless trailers", raw: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: y\r\n", 60<<10)},
		{name: "endless 100s", raw: strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)},
		{name: "body by length", raw: ok + "Content-Length: 20000\r\n\r\n" + strings.Repeat("x", 20000)},
		{name: "body by chunks", raw: ok + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("100\r\n"+strings.Repeat("x", 256)+"\r\n", 80)},
		{name: "body until close", raw: ok + "\r\n" + strings.Repeat("x", 20000)},
	}
}

// truncated are answers that end too early.
func truncated() []answer {
	const ok = "HTTP/1.1 200 OK\r\n"
	return []answer{
		{name: "nothing", raw: ""},
		{name: "in the protocol", raw: "HTT"},
		{name: "in the status line", raw: "HTTP/1.1 200 O"},
		{name: "in the header", raw: ok + "Content-Le"},
		{name: "before the empty line", raw: ok + "Content-Length: 0\r\n"},
		{name: "in the empty line", raw: ok + "Content-Length: 0\r\n\r"},
		{name: "before the body", raw: ok + "Content-Length: 5\r\n\r\n"},
		{name: "in the body", raw: ok + "Content-Length: 5\r\n\r\nhell"},
		{name: "in a chunk size", raw: ok + "Transfer-Encoding: chunked\r\n\r\n5"},
		{name: "in a chunk", raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"},
		{name: "after a chunk", raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello"},
		{name: "between chunks", raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
		{name: "before the last line", raw: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"},
		{name: "in the trailer", raw: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n"},
		{name: "after 100", raw: "HTTP/1.1 100 Continue\r\n\r\n"},
	}
}
