package engine

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// lookupAge is how old addresses may become before a name is looked up again. That is
// done beside the requests, when connections are opened: none waits for it.
const lookupAge = time.Second

// names are the names that were looked up. It is safe for concurrent use.
type names struct {
	resolver *net.Resolver
	age      time.Duration

	mu    sync.Mutex
	known map[string]*name
	took  stats.Span
}

// name is what is known of a name.
type name struct {
	addrs   []netip.Addr
	err     error // of the latest look-up; the addresses are those of an earlier one
	at      time.Time
	forever bool // it is an address itself
	asking  bool
}

func newNames() *names {
	return &names{resolver: net.DefaultResolver, age: lookupAge, known: map[string]*name{}}
}

// addresses are those of a host. The first time they are waited for, later on those of a
// moment ago are as good.
func (n *names) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	if found := n.known[host]; found != nil {
		defer n.mu.Unlock()
		n.renew(host, found)
		return found.addrs, found.err
	}
	n.mu.Unlock()
	addrs, err := n.ask(ctx, host)
	if err != nil {
		return nil, err
	}
	_, notAddress := netip.ParseAddr(host)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[host] = &name{addrs: addrs, at: time.Now(), forever: notAddress == nil}
	return addrs, nil
}

// renew looks a name up again when what is known is old. n is locked.
func (n *names) renew(host string, found *name) {
	if found.forever || found.asking || time.Since(found.at) < n.age {
		return
	}
	found.asking = true
	go func() {
		// Longer than resolvers take to give up on their own.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		addrs, err := n.ask(ctx, host)
		n.mu.Lock()
		defer n.mu.Unlock()
		found.asking, found.at, found.err = false, time.Now(), err
		if err == nil {
			found.addrs = addrs
		}
	}()
}

func (n *names) ask(ctx context.Context, host string) ([]netip.Addr, error) {
	began := time.Now()
	addrs, err := n.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.took.Record(time.Since(began))
	return addrs, nil
}

// spent is how long look-ups took since it was last asked.
func (n *names) spent() stats.Span {
	n.mu.Lock()
	defer n.mu.Unlock()
	took := n.took
	n.took = stats.Span{}
	return took
}

// resolve looks up the addresses of an origin.
func (d *dialer) resolve(ctx context.Context, o origin) ([]netip.AddrPort, error) {
	d.mu.Lock()
	fixed := d.fixed[o]
	d.mu.Unlock()
	if fixed != nil {
		return fixed, nil
	}
	addrs := d.network.Resolved(o.host, o.portText())
	if addrs == nil {
		var err error
		if addrs, err = d.names.addresses(ctx, o.host); err != nil {
			return nil, err
		}
	}
	found := make([]netip.AddrPort, 0, len(addrs))
	for _, a := range addrs {
		found = append(found, netip.AddrPortFrom(a, o.port))
	}
	return found, nil
}
