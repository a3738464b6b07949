package stats

// Kind is why a request got no usable answer. The zero value means that it did.
type Kind uint8

// The kinds of error.
const (
	KindNone             Kind = iota
	KindDNS                   // the name could not be resolved
	KindRefused               // nothing listens there
	KindUnreachable           // no route to the address
	KindReset                 // the peer reset the connection
	KindClosed                // the peer closed the connection before the answer was complete
	KindTimeoutConnect        // no connection within the timeout
	KindTimeoutTLS            // the TLS handshake didn't end within the timeout
	KindTimeoutFirstByte      // nothing of the answer came within the timeout
	KindTimeoutBody           // the answer began and didn't end within the timeout
	KindTLSVerify             // the certificate isn't valid for this host
	KindTLS                   // the TLS handshake or a record failed otherwise
	KindStreamReset           // the server ended the request alone, with HTTP/2's RST_STREAM or its like
	KindProtocol              // the answer is no HTTP response
	KindTooLarge              // the answer exceeds the limits for headers or body
	KindRedirects             // more redirects than are followed, or one that leads nowhere
	KindLimit                 // this machine ran out of file descriptors, ports or memory
	KindProxy                 // the proxy let no connection through
	KindForbidden             // this agent may not connect to where it leads
	KindOther                 // anything else
	kindCount
)

// Kinds is how many kinds there are, KindNone included.
const Kinds = int(kindCount)

// String is the key of the kind in JSON results.
func (k Kind) String() string {
	switch k {
	case KindNone:
		return "none"
	case KindDNS:
		return "dns"
	case KindRefused:
		return "connection_refused"
	case KindUnreachable:
		return "unreachable"
	case KindReset:
		return "connection_reset"
	case KindClosed:
		return "connection_closed"
	case KindTimeoutConnect:
		return "timeout_connect"
	case KindTimeoutTLS:
		return "timeout_tls"
	case KindTimeoutFirstByte:
		return "timeout_first_byte"
	case KindTimeoutBody:
		return "timeout_body"
	case KindTLSVerify:
		return "tls_verification"
	case KindTLS:
		return "tls"
	case KindStreamReset:
		return "stream_reset"
	case KindProtocol:
		return "protocol"
	case KindTooLarge:
		return "too_large"
	case KindRedirects:
		return "redirects"
	case KindLimit:
		return "client_limit"
	case KindProxy:
		return "proxy"
	case KindForbidden:
		return "not_allowed"
	default:
		return "other"
	}
}

// Explain says in plain words what the kind means.
func (k Kind) Explain() string {
	switch k {
	case KindNone:
		return "answered"
	case KindDNS:
		return "name could not be resolved"
	case KindRefused:
		return "connection refused"
	case KindUnreachable:
		return "no route to the host"
	case KindReset:
		return "connection reset by the server"
	case KindClosed:
		return "connection closed before the answer was complete"
	case KindTimeoutConnect:
		return "timeout while connecting"
	case KindTimeoutTLS:
		return "timeout in the TLS handshake"
	case KindTimeoutFirstByte:
		return "timeout waiting for the answer's first byte"
	case KindTimeoutBody:
		return "timeout in the middle of the answer"
	case KindTLSVerify:
		return "certificate not valid for this host"
	case KindTLS:
		return "TLS handshake failed"
	case KindStreamReset:
		return "request reset by the server, and not its connection"
	case KindProtocol:
		return "answer is no valid HTTP response"
	case KindTooLarge:
		return "answer exceeds the limits"
	case KindRedirects:
		return "too many redirects, or one that leads nowhere"
	case KindLimit:
		return "this machine ran out of files, ports or memory"
	case KindProxy:
		return "the proxy let no connection through"
	case KindForbidden:
		return "leads to where the agent may not connect (--allow-target)"
	default:
		return "other error"
	}
}

// MeansUnreachable tells the kinds after which nothing was measured at all: there
// was no connection to talk over.
func (k Kind) MeansUnreachable() bool {
	switch k {
	case KindDNS, KindRefused, KindUnreachable, KindTimeoutConnect, KindTimeoutTLS, KindTLSVerify, KindTLS, KindLimit, KindProxy:
		return true
	default:
		return false
	}
}
