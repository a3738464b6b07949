package plan

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Network is how connections are made that don't simply go to a URL's host.
type Network struct {
	UnixSocket string      // the socket that all connections go to; may be empty
	ConnectTo  []Diversion // the first that fits counts
	Resolve    []Addresses // the first that fits counts

	Allow func(host, port string) bool // where connections may go; nil allows everything

	proxy   *url.URL // for every URL; nil without one
	fromEnv bool     // as the environment says, URL by URL
	environ func(*url.URL) (*url.URL, error)
}

// Diversion leads connections somewhere else. Empty parts fit anything, or stay as they are.
type Diversion struct{ Host, Port, ToHost, ToPort string }

// Addresses are what a name stands for; the host "*" fits any.
type Addresses struct {
	Host, Port string
	Addrs      []netip.Addr
}

// Permits tells whether connections for a host and port may be opened: to it, and to
// wherever else they are led.
func (n *Network) Permits(u *url.URL) bool {
	if n.Allow == nil {
		return true
	}
	for _, at := range n.Ends(u) {
		if !n.Allow(at.Host, at.Port) {
			return false
		}
	}
	return true
}

// End is where a connection leads: a host and a port, or "unix" and the path of a socket.
type End struct{ Host, Port string }

func (e End) String() string {
	if e.Host == unixHost {
		return unixHost + ":" + e.Port
	}
	return net.JoinHostPort(e.Host, e.Port)
}

const unixHost = "unix"

// Ends are all the places that a connection for u has to do with: its host, where it is
// led instead, the addresses that are given for it, and the proxy.
func (n *Network) Ends(u *url.URL) []End {
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	ends := []End{{host, port}}
	add := func(e End) {
		if !slices.Contains(ends, e) {
			ends = append(ends, e)
		}
	}
	if n.UnixSocket != "" {
		add(End{unixHost, n.UnixSocket})
		return ends
	}
	toHost, toPort := n.Divert(host, port)
	add(End{toHost, toPort})
	for _, a := range n.Resolved(toHost, toPort) {
		add(End{a.String(), toPort})
	}
	if via := n.Proxy(u); via != nil {
		proxyHost, proxyPort := ProxyAddress(via)
		add(End{proxyHost, proxyPort})
		for _, a := range n.Resolved(proxyHost, proxyPort) {
			add(End{a.String(), proxyPort})
		}
	}
	return ends
}

// Ends are all the places that connections of the plan have to do with, as far as they
// are known before.
func (p *Plan) Ends() []End {
	var ends []End
	for i := range p.Targets {
		for k := range p.Targets[i].Requests {
			for _, e := range p.Network.Ends(p.Targets[i].Requests[k].URL) {
				if !slices.Contains(ends, e) {
					ends = append(ends, e)
				}
			}
		}
	}
	return ends
}

// Proxy is the proxy over which u is reached; nil means directly.
func (n *Network) Proxy(u *url.URL) *url.URL {
	if !n.fromEnv || n.environ == nil {
		return n.proxy
	}
	found, err := n.environ(u)
	if err != nil || found == nil {
		return nil
	}
	return found
}

// ForwardedBy is the proxy that is asked for u by its whole URL, since no tunnel is needed
// for what isn't encrypted; nil where there is none.
func (n *Network) ForwardedBy(u *url.URL) *url.URL {
	if p := n.Proxy(u); p != nil && u.Scheme == "http" && strings.HasPrefix(p.Scheme, "http") {
		return p
	}
	return nil
}

// Divert is where connections to a host and port go.
func (n *Network) Divert(host, port string) (toHost, toPort string) {
	for _, d := range n.ConnectTo {
		if (d.Host == "" || strings.EqualFold(d.Host, host)) && (d.Port == "" || d.Port == port) {
			if d.ToHost != "" {
				host = d.ToHost
			}
			if d.ToPort != "" {
				port = d.ToPort
			}
			break
		}
	}
	return host, port
}

// Resolved are the addresses given for a host and port; nil means that it has to be asked
// for.
func (n *Network) Resolved(host, port string) []netip.Addr {
	for _, r := range n.Resolve {
		if (r.Host == "*" || strings.EqualFold(r.Host, host)) && (r.Port == "" || r.Port == port) {
			return r.Addrs
		}
	}
	return nil
}

func (o Options) network(p *Plan) error {
	p.Network.UnixSocket = o.UnixSocket
	p.Cookies = o.Cookies
	for _, text := range o.ConnectTo {
		parts := splitColons(text)
		if len(parts) != 4 || !isPort(parts[1]) || !isPort(parts[3]) {
			return fault.Usagef("--connect-to %q: write HOST:PORT:TO-HOST:TO-PORT, each of which may be empty", text)
		}
		p.Network.ConnectTo = append(p.Network.ConnectTo, Diversion{parts[0], parts[1], parts[2], parts[3]})
	}
	for _, text := range o.Resolve {
		r, err := parseResolve(text)
		if err != nil {
			return err
		}
		p.Network.Resolve = append(p.Network.Resolve, r)
	}
	if err := o.proxy(p); err != nil {
		return err
	}
	proxied := o.Proxy != ""
	switch {
	case o.UnixSocket != "" && (proxied || len(o.ConnectTo) > 0 || len(o.Resolve) > 0):
		return fault.Usagef("--unix-socket excludes --proxy, --connect-to and --resolve: there is one place to connect to")
	case o.HTTP3 && (proxied || o.UnixSocket != ""):
		return fault.Usagef("--http3 goes over UDP, which neither --proxy nor --unix-socket carries")
	case o.Cookies && (o.HTTP2 || o.HTTP3):
		return fault.Usagef("--cookies are kept with HTTP/1.1 only")
	case o.HTTP2 && proxied && slices.ContainsFunc(o.URLs, func(u string) bool { return strings.HasPrefix(strings.ToLower(u), "http:") }):
		return fault.Usagef("--http2 without TLS can't go through a proxy")
	}
	if o.Cookies {
		p.Protocol = ProtocolHTTP1
	}
	return nil
}

// splitColons splits at the colons outside of brackets, which are taken away.
func splitColons(text string) []string {
	var parts []string
	begin, inside := 0, false
	for i := range len(text) + 1 {
		switch {
		case i == len(text) || text[i] == ':' && !inside:
			part := text[begin:i]
			if strings.HasPrefix(part, "[") && strings.HasSuffix(part, "]") {
				part = part[1 : len(part)-1]
			}
			parts = append(parts, part)
			begin = i + 1
		case text[i] == '[':
			inside = true
		case text[i] == ']':
			inside = false
		}
	}
	return parts
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return text == "" || err == nil && n > 0 && n <= 65535
}

// parseResolve reads HOST:PORT:ADDRESS[,ADDRESS]…, whose last addresses may hold colons.
func parseResolve(text string) (Addresses, error) {
	bad := fault.Usagef("--resolve %q: write HOST:PORT:ADDRESS[,ADDRESS], such as example.com:443:127.0.0.1", text)
	host, rest, ok := strings.Cut(text, ":")
	if strings.HasPrefix(text, "[") {
		host, rest, ok = strings.Cut(text[1:], "]:")
	}
	port, list, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || host == "" || !isPort(port) {
		return Addresses{}, bad
	}
	r := Addresses{Host: host, Port: port}
	for _, item := range strings.Split(list, ",") {
		a, err := netip.ParseAddr(strings.Trim(item, "[]"))
		if err != nil {
			return r, bad
		}
		r.Addrs = append(r.Addrs, a)
	}
	return r, nil
}

// proxySchemes are the kinds of proxy.
func proxySchemes() []string { return []string{"http", "https", "socks5", "socks5h"} }

// proxyFromEnvironment is the proxy that stands for those of the environment.
const proxyFromEnvironment = "env"

// Environment is what an environment says of proxies.
type Environment struct {
	HTTPProxy, HTTPSProxy, NoProxy string
	CGI                            bool // it is that of a CGI program, whose HTTP_PROXY a client may have set
}

// environmentProxies are those of this process's environment.
func environmentProxies() *Environment {
	env := httpproxy.FromEnvironment()
	if all := os.Getenv("ALL_PROXY") + os.Getenv("all_proxy"); all != "" { // which httpproxy leaves out
		if env.HTTPProxy == "" {
			env.HTTPProxy = all
		}
		if env.HTTPSProxy == "" {
			env.HTTPSProxy = all
		}
	}
	return &Environment{HTTPProxy: env.HTTPProxy, HTTPSProxy: env.HTTPSProxy, NoProxy: env.NoProxy, CGI: env.CGI}
}

func (o Options) proxy(p *Plan) error {
	switch o.Proxy {
	case "":
		return nil
	case proxyFromEnvironment:
		from := o.Environment
		if from == nil {
			from = environmentProxies()
		}
		env := httpproxy.Config{HTTPProxy: from.HTTPProxy, HTTPSProxy: from.HTTPSProxy, NoProxy: from.NoProxy, CGI: from.CGI}
		for _, text := range []string{env.HTTPProxy, env.HTTPSProxy} {
			if text == "" {
				continue
			}
			if _, err := parseProxy("the environment's proxy", text); err != nil {
				return err
			}
		}
		p.Network.fromEnv, p.Network.environ = true, env.ProxyFunc()
		return nil
	}
	u, err := parseProxy("--proxy", o.Proxy)
	p.Network.proxy = u
	return err
}

func parseProxy(flag, text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fault.Usagef("%s %q: not a URL", flag, withoutUser(text))
	case !slices.Contains(proxySchemes(), u.Scheme):
		return nil, fault.Usagef("%s %s: choose from %s", flag, withoutUser(text), strings.Join(proxySchemes(), ", "))
	case u.Hostname() == "" || !isPort(u.Port()):
		return nil, fault.Usagef("%s %s: write such as http://localhost:3128 or socks5://localhost:1080", flag, withoutUser(text))
	}
	return u, nil
}

// ProxyAuthorization is the value of the field with which a proxy is told who asks; empty
// when there is no user in its URL.
func ProxyAuthorization(proxy *url.URL) string {
	if proxy.User == nil {
		return ""
	}
	password, _ := proxy.User.Password()
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(proxy.User.Username(), password)
	return r.Header.Get("Authorization")
}

// ProxyAddress is where a proxy listens.
func ProxyAddress(proxy *url.URL) (host, port string) {
	port = proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[proxy.Scheme]
	}
	if port == "" {
		port = "1080"
	}
	return proxy.Hostname(), port
}

// ProxyName is how a proxy is called in messages.
func ProxyName(proxy *url.URL) string {
	host, port := ProxyAddress(proxy)
	return fmt.Sprintf("%s://%s", proxy.Scheme, net.JoinHostPort(host, port))
}
