package fleet

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Targets are where an agent may connect to. The zero value is nowhere.
type Targets []target

// target is one pattern.
type target struct {
	host   string // a name, "*" or "*.domain"; empty with a prefix
	prefix netip.Prefix
	port   string // "*" is any
}

// ParseTargets reads patterns: HOST:PORT, where the host may be a name, *.domain, an
// address, a range of addresses such as 10.0.0.0/8, or *, and the port may be *;
// unix:PATH is a socket.
func ParseTargets(patterns []string) (Targets, error) {
	list := make(Targets, 0, len(patterns))
	for _, text := range patterns {
		if path, ok := strings.CutPrefix(text, "unix:"); ok && path != "" {
			list = append(list, target{host: "unix", port: path})
			continue
		}
		colon := strings.LastIndexByte(text, ':')
		if colon <= 0 || strings.Contains(text, "://") || strings.HasSuffix(text, "]") {
			return nil, badTarget(text)
		}
		host, port := strings.ToLower(text[:colon]), text[colon+1:]
		if n, err := strconv.Atoi(port); port != "*" && (err != nil || n < 1 || n > 65535) {
			return nil, badTarget(text)
		}
		bracketed := strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]")
		if bracketed {
			host = host[1 : len(host)-1]
		}
		one := target{host: host, port: port}
		if prefix, err := netip.ParsePrefix(host); err == nil {
			one = target{prefix: prefix.Masked(), port: port}
		} else if addr, err := netip.ParseAddr(host); err == nil {
			one = target{prefix: netip.PrefixFrom(addr, addr.BitLen()), port: port}
		} else if bracketed || strings.ContainsAny(host, "/:[]@ ") || strings.Contains(strings.TrimPrefix(host, "*"), "*") {
			return nil, badTarget(text)
		}
		list = append(list, one)
	}
	return list, nil
}

func badTarget(text string) error {
	return fault.Usagef("--allow-target %q: write HOST:PORT, such as staging.example.com:443, *.example.com:443, 10.0.0.0/8:* or [::1]:8080", text)
}

// Has tells whether one of the patterns fits a host and a port.
func (l Targets) Has(host, port string) bool {
	addr, err := netip.ParseAddr(host)
	for _, t := range l {
		if t.port != "*" && t.port != port {
			continue
		}
		switch {
		case t.prefix.IsValid():
			if err == nil && t.prefix.Contains(addr.Unmap()) {
				return true
			}
		case t.host == "unix" || host == "unix":
			if t.host == host && t.port == port {
				return true
			}
		case t.host == "*", strings.EqualFold(t.host, strings.TrimSuffix(host, ".")):
			return true
		case err != nil && strings.HasPrefix(t.host, "*.") && strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), t.host[1:]):
			return true
		}
	}
	return false
}
