package engine

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// A name may stand for several addresses, not all of which answer: `localhost` often
// is ::1 as well, where nothing listens.
func TestAddressesThatRefuseArePassedOver(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	good := netip.MustParseAddrPort(strings.TrimPrefix(url, "http://"))
	closed := netip.MustParseAddrPort(refusing)
	for name, transport := range transports() {
		for _, addrs := range [][]netip.AddrPort{{closed, good}, {good, closed}, {closed, closed, good}} {
			o := options(url)
			o.Requests, o.Concurrency, o.NoKeepAlive = 20, 3, true
			p, err := o.Validate()
			require.NoError(t, err)
			e, err := New(context.Background(), p, &p.Targets[0])
			require.NoError(t, err)
			e.dialer.fixed[e.home] = addrs
			c := stats.NewCollector(0)
			r := newRun(p, e, c)
			require.NoError(t, transport(r, context.Background()))
			s := c.Close()
			require.Equal(t, uint64(20), s.Tally.OK.Count(), "%s %v: %v", name, addrs, errorsOf(s))
		}
	}
}
