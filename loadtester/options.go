package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

// options is everything that the command line says. It is not ready before Validate.
type options struct {
	Load        plan.Options // what to send and how; its URLs are filled by Validate
	Positionals []string

	Compare   bool
	Baseline  string // a saved result to compare with; filled by Validate, may be empty
	Tolerance string
	Force     bool

	ExpectRatio  string
	Thresholds   []string
	Expect       verdict.Expectations // filled by Validate
	tolerance    float64              // Tolerance as a share
	Bypass       bool                 // try to pass the rate limit
	CheckHeaders bool                 // grade the headers of one answer, and send no load
	Capacity     capacityOptions
	Fleet        fleetOptions

	Output string // file of the JSON result; empty writes none
	HTML   string // file of the HTML report; empty writes none
	CSV    string // file of the series; empty writes none
	HDR    string // file of the histograms; empty writes none
	JSON   bool   // the result as JSON on stdout
	Quiet  bool   // no progress
	Lines  bool   // progress in lines, one a second, also where there is no terminal
}

const (
	groupRequest = "Request"
	groupLoad    = "Load"
	groupNetwork = "Network"
)

func (o *options) flags() []cli.Flag {
	text := func(group, name, value, usage string, aliases ...string) cli.Flag {
		return &cli.StringFlag{Category: group, Name: name, Value: value, Usage: usage, Aliases: aliases}
	}
	toggle := func(group, name, usage string) cli.Flag {
		return &cli.BoolFlag{Category: group, Name: name, Usage: usage}
	}
	list := func(group, name, usage string) cli.Flag {
		return &cli.StringSliceFlag{Category: group, Name: name, Usage: usage}
	}
	flags := []cli.Flag{
		text(groupRequest, "method", "GET", "`METHOD`: GET POST PUT PATCH DELETE HEAD OPTIONS", "m"),
		&cli.StringSliceFlag{Category: groupRequest, Name: "header", Aliases: []string{"H"}, Usage: "send the `FIELD` \"Name: value\"; may be repeated"},
		text(groupRequest, "body", "", "send `TEXT`, or @FILE; JSON unless a header says so", "b"),
		&cli.StringSliceFlag{Category: groupRequest + cmdline.Brief, Name: "form", Usage: "send the form `FIELD` name=value or name=@file"},
		text(groupRequest+cmdline.Brief, "json-body", "", "send `TEXT`, or @FILE, which must be JSON"),
		text(groupRequest+cmdline.Brief, "data", "", "rows for {{.column}} in URL, header, body: `FILE`"),
		text(groupRequest+cmdline.Brief, "data-order", "order", "take rows in `ORDER`: order or random"),
		&cli.Int64Flag{Category: groupRequest + cmdline.Brief, Name: "seed", Usage: "make what is random that of number `N`"},
		text(groupRequest+cmdline.Brief, "requests-file", "", "send the requests of `FILE`, one a line"),
		toggle(groupRequest+cmdline.Brief, "spread", "load all URLs together, not one after the other"),
		toggle(groupRequest+cmdline.Brief, "no-redirect", "don't follow redirects"),

		&cli.IntFlag{Category: groupLoad, Name: "concurrency", Aliases: []string{"c"}, Value: 10, Usage: "`N` connections at once"},
		text(groupLoad, "duration", "10", "send for `TIME`: seconds, or 30s, 2m", "d"),
		text(groupLoad, "timeout", "30", "give one request `TIME`", "t"),
		&cli.Float64Flag{Category: groupLoad, Name: "rate", Usage: "`N` requests a second on a fixed schedule"},
		text(groupLoad+cmdline.Brief, "ramp", "", "let the load grow for `TIME` to what it is"),
		text(groupLoad, "stages", "", "load by `STAGES` TIME:LEVEL, such as 30s:100,1m:500"),
		text(groupLoad+cmdline.Brief, "think", "", "pause `TIME`, or 50ms-200ms, between answer and request"),
		&cli.IntFlag{Category: groupLoad + cmdline.Brief, Name: "max-connections", Usage: "with --rate, at most `N` connections"},
		&cli.Int64Flag{Category: groupLoad, Name: "requests", Usage: "stop after `N` requests"},
		text(groupLoad+cmdline.Brief, "warmup", "0", "`TIME` before measuring"),
		text(groupLoad+cmdline.Brief, "grace", "1", "`TIME` for requests in flight at the end"),
		toggle(groupLoad+cmdline.Brief, "no-keepalive", "a new connection for each request"),
		&cli.IntFlag{Category: groupLoad + cmdline.Brief, Name: "streams", Value: 1, Usage: "`N` requests at once on each HTTP/2 or /3 connection"},
		&cli.IntFlag{Category: groupLoad + cmdline.Brief, Name: "threads", Usage: "`N` event loops (default half the processors)"},

		toggle(groupLoad+cmdline.Brief, "http2", "speak HTTP/2, in the clear too"),
		toggle(groupLoad+cmdline.Brief, "http1.1", "speak HTTP/1.1"),
		toggle(groupLoad+cmdline.Brief, "http3", "speak HTTP/3, at a higher cost per request"),

		toggle(groupNetwork, "no-verify-ssl", "take any certificate"),
		text(groupNetwork+cmdline.Brief, "unix-socket", "", "connect to the socket `FILE`, whatever the URL's host"),
		list(groupNetwork+cmdline.Brief, "connect-to", "connect to TO instead of HOST, as `HOST:PORT:TO:PORT` says"),
		list(groupNetwork+cmdline.Brief, "resolve", "take addresses for a name's: `HOST:PORT:ADDRESS,...`"),
		text(groupNetwork+cmdline.Brief, "proxy", "", "go through `PROXY`: http, https, socks5(h) URL, or env"),
		toggle(groupNetwork+cmdline.Brief, "cookies", "let each connection keep the cookies it is given"),

		text(groupNetwork+cmdline.Brief, "cacert", "", "PEM `FILE` of authorities to trust"),
		text(groupNetwork+cmdline.Brief, "cert", "", "PEM `FILE` of a client certificate"),
		text(groupNetwork+cmdline.Brief, "key", "", "PEM `FILE` of its key"),
	}
	return slices.Concat(flags, verdictFlags(), fleetFlags())
}

func (o *options) read(c *cli.Context) {
	o.Positionals = c.Args().Slice()
	o.Load = plan.Options{
		Headers: c.StringSlice("header"), Body: c.String("body"), Form: c.StringSlice("form"), JSONBody: c.String("json-body"),
		DataFile: c.String("data"), DataOrder: c.String("data-order"), Seed: c.Int64("seed"),
		RequestsFile: c.String("requests-file"), Spread: c.Bool("spread"),
		Concurrency: c.Int("concurrency"), ConcurrencySet: c.IsSet("concurrency"),
		Ramp: c.String("ramp"), Stages: c.String("stages"), Think: c.String("think"), Timeout: c.String("timeout"),
		Grace: c.String("grace"), Warmup: c.String("warmup"), Rate: c.Float64("rate"),
		Requests: c.Int64("requests"), MaxConnections: c.Int("max-connections"), Threads: c.Int("threads"),
		NoRedirect: c.Bool("no-redirect"), NoKeepAlive: c.Bool("no-keepalive"), Insecure: c.Bool("no-verify-ssl"),
		HTTP1: c.Bool("http1.1"), HTTP2: c.Bool("http2"), HTTP3: c.Bool("http3"), Streams: c.Int("streams"),
		CAFile: c.String("cacert"), CertFile: c.String("cert"), KeyFile: c.String("key"),
		ExpectStatus: c.String("expect-status"), ObserveLimit: c.Bool("expect-rate-limit"),
		UnixSocket: c.String("unix-socket"), ConnectTo: c.StringSlice("connect-to"), Resolve: c.StringSlice("resolve"),
		Proxy: c.String("proxy"), Cookies: c.Bool("cookies"),
		UserAgent: "loadtester",
	}
	if c.IsSet("duration") {
		o.Load.Duration = c.String("duration")
	}
	if c.IsSet("method") {
		o.Load.Method = c.String("method")
	}
	if c.IsSet("seed") && o.Load.Seed == 0 {
		o.Load.Seed = -1 // 0 chooses one inside, and is none outside
	}
	if c.IsSet("requests") && o.Load.Requests == 0 {
		o.Load.Requests = -1 // 0 is no limit inside, and no sensible wish outside
	}
	if c.IsSet("streams") && o.Load.Streams == 0 {
		o.Load.Streams = -1
	}
	o.Fleet.read(c)
	o.readVerdict(c)
}

// Validate sorts the positionals into URLs and the saved result to compare with, and
// refuses contradictions. What is sent is checked by plan.Options.
func (o *options) Validate() error {
	for _, text := range o.Positionals {
		if !o.Compare || plan.IsURL(text) {
			o.Load.URLs = append(o.Load.URLs, text)
			continue
		}
		if o.Baseline != "" {
			return fault.Usagef("--compare with two files, %s and %s; name one, and one URL", o.Baseline, text)
		}
		o.Baseline = text
	}
	if err := o.Fleet.Validate(); err != nil {
		return err
	}
	if o.CheckHeaders {
		if err := o.validateHeaders(); err != nil {
			return err
		}
	}
	switch {
	case o.Capacity.On:
		if err := o.validateCapacity(); err != nil {
			return err
		}
	case o.Capacity.Target != 0 || len(o.Capacity.SLO) > 0:
		return fault.Usagef("--slo and --target-rate only mean something with --find-capacity")
	case o.Bypass && !o.Expect.RateLimit:
		return fault.Usagef("--bypass-check needs --expect-rate-limit")
	}
	switch {
	case len(o.Load.URLs) == 0 && o.Load.RequestsFile == "":
		return fault.Usagef("no URL given; try: loadtester http://localhost:8080/")
	case o.Compare && o.Baseline == "" && o.Load.Ramp+o.Load.Stages != "":
		return fault.Usagef("--compare with two URLs loads them in short slices, which --ramp and --stages don't fit")
	case o.Compare && o.Load.Spread:
		return fault.Usagef("--spread and --compare exclude each other: one result or two")
	case o.Load.Spread && o.Load.RequestsFile == "" && len(o.Load.URLs) < 2:
		return fault.Usagef("--spread takes two URLs or more; got %d", len(o.Load.URLs))
	case o.Compare && o.Baseline == "" && len(o.Load.URLs) != 2:
		return fault.Usagef("--compare takes two URLs, or one URL and a saved result; got %d URL(s)", len(o.Load.URLs))
	case o.Compare && o.Baseline != "" && len(o.Load.URLs) != 1:
		return fault.Usagef("--compare with a saved result takes one URL; got %d", len(o.Load.URLs))
	}
	return o.expectations()
}
