package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/stats"
	"github.com/senior-backend/toolkit/shared/fault"
)

// phase is what a request was at when it failed.
type phase uint8

const (
	whileConnecting phase = iota
	whileHandshaking
	whileWaiting // for the first byte of the answer
	whileReading
)

// timeoutIn is the kind of a timeout in a phase.
func timeoutIn(p phase) stats.Kind {
	switch p {
	case whileConnecting:
		return stats.KindTimeoutConnect
	case whileHandshaking:
		return stats.KindTimeoutTLS
	case whileWaiting:
		return stats.KindTimeoutFirstByte
	default:
		return stats.KindTimeoutBody
	}
}

// classify finds the kind of an error that came up in a phase.
func classify(err error, p phase) stats.Kind {
	var (
		errno   syscall.Errno
		timeout net.Error
	)
	switch {
	case errors.Is(err, http1.ErrTooLarge), errors.Is(err, http2.ErrTooLarge):
		return stats.KindTooLarge
	case errors.Is(err, http1.ErrMalformed), errors.Is(err, http2.ErrMalformed):
		return stats.KindProtocol
	case errors.Is(err, http2.ErrReset), errors.Is(err, http2.ErrRefused):
		return stats.KindStreamReset
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return timeoutIn(p)
	case errors.Is(err, errProxy):
		return stats.KindProxy
	case isVerification(err):
		return stats.KindTLSVerify
	case errors.As(err, &errno):
		return classifyErrno(errno, p)
	case p == whileHandshaking:
		return stats.KindTLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, http1.ErrTruncated):
		return stats.KindClosed
	}
	var (
		alert  tls.AlertError
		record tls.RecordHeaderError
		dns    *net.DNSError
	)
	switch {
	case errors.As(err, &alert), errors.As(err, &record):
		return stats.KindTLS
	case errors.As(err, &dns):
		return stats.KindDNS
	default:
		return stats.KindOther
	}
}

// classifyErrno finds the kind of a system call's error.
func classifyErrno(errno syscall.Errno, p phase) stats.Kind {
	switch errno {
	case syscall.ECONNREFUSED:
		return stats.KindRefused
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return stats.KindReset
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.EACCES, syscall.EPERM:
		return stats.KindUnreachable
	case syscall.ETIMEDOUT:
		return timeoutIn(p)
	case syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM:
		return stats.KindLimit
	default:
		return stats.KindOther
	}
}

// isQueueFull tells whether a unix socket has no room for a new connection now.
func isQueueFull(err error) bool { return errors.Is(err, syscall.EAGAIN) }

// isSystem tells whether an error comes from a system call.
func isSystem(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno)
}

func isVerification(err error) bool {
	var verification *tls.CertificateVerificationError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &host) || errors.As(err, &authority) || errors.As(err, &invalid)
}

// note keeps what an error says beyond its kind, where that is worth being told.
func (r *run) note(kind stats.Kind, err error) {
	if r.noted[kind].Load() || r.noted[kind].Swap(true) {
		return
	}
	switch kind {
	case stats.KindTLSVerify:
		r.c.Note(kind, verificationCause(err))
	case stats.KindProxy, stats.KindTLS, stats.KindOther, stats.KindLimit:
		r.c.Note(kind, rootCause(err))
	case stats.KindDNS:
		var dns *net.DNSError
		if errors.As(err, &dns) {
			r.c.Note(kind, dns.Name+": "+dns.Err)
		}
	}
}

// explainFailure is the environment fault for a target that couldn't be reached.
func (e *Engine) explainFailure(ctx context.Context, o origin, kind stats.Kind, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	what, hint := kind.Explain(), "check that the server is up and reachable from here"
	switch kind {
	case stats.KindDNS:
		what, hint = "unknown host "+o.host, "check the name's spelling and this machine's resolver"
		var dns *net.DNSError
		if errors.As(err, &dns) {
			what = "unknown host " + dns.Name
			if !dns.IsNotFound {
				what = "host " + dns.Name + " could not be resolved"
			}
		}
	case stats.KindProxy:
		what, hint = err.Error(), "check the proxy, and user and password in its URL"
	case stats.KindRefused:
		hint = "start the server, or check the host and port"
	case stats.KindTimeoutConnect, stats.KindTimeoutTLS:
		what = fmt.Sprintf("%s (%v)", what, e.plan.Timeout)
	case stats.KindTLSVerify:
		what = "the certificate is not valid: " + verificationCause(err)
		hint = "trust its authority with --cacert FILE, or take any certificate with --no-verify-ssl"
	case stats.KindTLS:
		what = "the TLS handshake failed: " + rootCause(err)
		hint = "check that this port speaks https"
	case stats.KindLimit:
		what = "this machine gave no connection: " + rootCause(err)
		hint = "raise ulimit -n, or widen net.ipv4.ip_local_port_range"
	case stats.KindOther:
		what = rootCause(err)
	}
	to := o.String()
	switch via := e.plan.Network.Proxy(o.url()); {
	case e.plan.Network.UnixSocket != "":
		to = e.plan.Network.UnixSocket
	case via != nil:
		to += " through " + plan.ProxyName(via)
	case e.dialer.diverted(o) != o:
		to += " at " + e.dialer.diverted(o).String()
	}
	return &fault.Environment{Message: fmt.Sprintf("connect to %s: %s", to, what), Hint: hint, Err: err}
}

func verificationCause(err error) string {
	var verification *tls.CertificateVerificationError
	if errors.As(err, &verification) {
		return verification.Err.Error()
	}
	return rootCause(err)
}

// rootCause is the innermost error's text, which has neither operation nor address.
func rootCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
