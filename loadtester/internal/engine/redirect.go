package engine

import (
	"net/url"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/http1"
	"github.com/senior-backend/toolkit/loadtester/internal/http2"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/report"
)

// maxRedirects is how many redirects of one request are followed, as urllib does.
const maxRedirects = 10

// hop is one request of possibly several that redirects make of one.
type hop struct {
	network    *plan.Network
	request    plan.Request
	index      int // of the request in its target
	origin     origin
	wire       []byte // nil when it is filled in anew each time
	head       bool
	idempotent bool
	filled     *filled        // nil when the request is always the same
	filled2    *filled2       // the same for HTTP/2
	encoded    *http2.Request // wire for HTTP/2, when it is always the same
}

func newHop(network *plan.Network, r plan.Request, index int) hop {
	h := hop{
		network: network, request: r, index: index, origin: originOf(r.URL),
		head: r.Method == "HEAD", idempotent: r.Idempotent(),
	}
	via := network.ForwardedBy(r.URL)
	if via != nil {
		r = authorized(r, via)
	}
	if r.Parts == nil {
		h.wire = r.Wire(via != nil)
		h.encoded = http2.NewRequest(r.Method, r.URL, r.Fields, r.Body)
	} else {
		h.filled, h.filled2 = newFilled(&r, via != nil), newFilled2(&r)
	}
	return h
}

// authorized is a request that tells a proxy who asks.
func authorized(r plan.Request, via *url.URL) plan.Request {
	user := plan.ProxyAuthorization(via)
	if user == "" {
		return r
	}
	r.Fields = append(slices.Clone(r.Fields), http1.Field{Name: "Proxy-Authorization", Value: user})
	if r.Parts != nil {
		parts := *r.Parts
		parts.Values = append(slices.Clone(parts.Values), template.Literal(user))
		r.Parts = &parts
	}
	return r
}

// follows tells whether an answer with the status is followed to its location.
func (h *hop) follows(status int, location string) bool {
	return isRedirect(status) && len(location) > 0 && !(h.request.Expect != "" && h.request.Success.Has(status))
}

// isRedirect tells the statuses whose Location is followed.
func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	default:
		return false
	}
}

// next is the hop that a redirect leads to. As urllib and browsers do, 303 turns
// everything but HEAD into GET, and 301 and 302 turn POST into GET; 307 and 308 keep
// the method and the body. Credentials don't go to another host. It reports false when
// the location leads nowhere.
func (h *hop) next(status int, location string) (hop, bool) {
	u, err := h.request.URL.Parse(location)
	if err != nil {
		return hop{}, false
	}
	// Parsed again, so that what holds for a URL on the command line holds here.
	if u, err = plan.ParseURL(u.String()); err != nil {
		return hop{}, false
	}
	t := h.request
	t.URL, t.Name = u, report.RedactURL(u.String())
	toGet := status == 303 && t.Method != "HEAD" || (status == 301 || status == 302) && t.Method == "POST"
	otherHost := !sameHost(u, h.request.URL)
	if toGet {
		t.Method, t.Body = "GET", nil
	}
	if toGet || otherHost {
		t.Fields = keepFields(t.Fields, toGet, otherHost)
	}
	return newHop(h.network, t, h.index), true
}

func sameHost(a, b *url.URL) bool { return originOf(a) == originOf(b) }

// keepFields drops what describes a body that isn't sent, or must not be shown to
// another host.
func keepFields(fields []http1.Field, withoutBody, otherHost bool) []http1.Field {
	kept := make([]http1.Field, 0, len(fields))
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		if withoutBody && strings.HasPrefix(name, "content-") {
			continue
		}
		if otherHost && (name == "authorization" || name == "cookie" || name == "host") {
			continue
		}
		kept = append(kept, f)
	}
	return kept
}
