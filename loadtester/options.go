package main

import (
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

	ExpectRatio string
	Thresholds  []string
	Expect      verdict.Expectations // filled by Validate
	tolerance   float64              // Tolerance as a share

	Output string // file of the JSON result; empty writes none
	HTML   string // file of the HTML report; empty writes none
	JSON   bool   // the result as JSON on stdout
	Quiet  bool   // no progress
}

const (
	groupRequest = "Request"
	groupLoad    = "Load"
	groupVerdict = "Verdict"
	groupOutput  = "Output"
	groupTLS     = "TLS"
)

func (o *options) flags() []cli.Flag {
	text := func(group, name, value, usage string, aliases ...string) cli.Flag {
		return &cli.StringFlag{Category: group, Name: name, Value: value, Usage: usage, Aliases: aliases}
	}
	toggle := func(group, name, usage string) cli.Flag {
		return &cli.BoolFlag{Category: group, Name: name, Usage: usage}
	}
	return []cli.Flag{
		text(groupRequest, "method", "GET", "`METHOD`: GET POST PUT PATCH DELETE HEAD OPTIONS", "m"),
		&cli.StringSliceFlag{Category: groupRequest, Name: "header", Aliases: []string{"H"}, Usage: "send the `FIELD` \"Name: value\"; may be repeated"},
		text(groupRequest, "body", "", "send `TEXT`, or @FILE; JSON unless a header says so", "b"),
		&cli.StringSliceFlag{Category: groupRequest, Name: "form", Usage: "send the form `FIELD` name=value or name=@file"},
		text(groupRequest+cmdline.Brief, "json-body", "", "send `TEXT`, or @FILE, which must be JSON"),
		text(groupRequest, "data", "", "rows for {{.column}} in URL, header, body: `FILE`"),
		text(groupRequest+cmdline.Brief, "data-order", "order", "take rows in `ORDER`: order or random"),
		&cli.Int64Flag{Category: groupRequest + cmdline.Brief, Name: "seed", Usage: "make what is random that of number `N`"},
		text(groupRequest, "requests-file", "", "send the requests of `FILE`, one a line"),
		toggle(groupRequest+cmdline.Brief, "spread", "load all URLs together, not one after the other"),
		toggle(groupRequest+cmdline.Brief, "no-redirect", "don't follow redirects"),

		&cli.IntFlag{Category: groupLoad, Name: "concurrency", Aliases: []string{"c"}, Value: 10, Usage: "`N` connections at once"},
		text(groupLoad, "duration", "10", "send for `TIME`: seconds, or 30s, 2m", "d"),
		text(groupLoad, "timeout", "30", "give one request `TIME`", "t"),
		&cli.Float64Flag{Category: groupLoad, Name: "rate", Usage: "`N` requests a second on a fixed schedule"},
		&cli.IntFlag{Category: groupLoad, Name: "max-connections", Usage: "with --rate, at most `N` connections"},
		&cli.Int64Flag{Category: groupLoad, Name: "requests", Usage: "stop after `N` requests"},
		text(groupLoad, "warmup", "0", "`TIME` before measuring"),
		text(groupLoad+cmdline.Brief, "grace", "1", "`TIME` for requests in flight at the end"),
		toggle(groupLoad, "no-keepalive", "a new connection for each request"),
		&cli.IntFlag{Category: groupLoad + cmdline.Brief, Name: "threads", Usage: "`N` event loops (default half the processors)"},

		toggle(groupTLS, "no-verify-ssl", "take any certificate"),
		text(groupTLS, "cacert", "", "PEM `FILE` of authorities to trust"),
		text(groupTLS+cmdline.Brief, "cert", "", "PEM `FILE` of a client certificate"),
		text(groupTLS+cmdline.Brief, "key", "", "PEM `FILE` of its key"),

		toggle(groupVerdict, "compare", "compare two URLs, or one with a saved result"),
		text(groupVerdict, "tolerance", "10%", "`SHARE` that is no regression yet"),
		toggle(groupVerdict, "force", "compare also with an unlike saved result"),
		text(groupVerdict, "expect-status", "", "only `LIST` is success, such as 400,404 or 2xx"),
		text(groupVerdict, "expect-ratio", "100%", "`SHARE` of requests that must succeed"),
		toggle(groupVerdict, "expect-rate-limit", "the server must answer 429 at some point"),
		&cli.StringSliceFlag{Category: groupVerdict, Name: "threshold", Usage: "demand `BOUND`: p99<200ms, error_rate<1%, rps>1000"},

		text(groupOutput, "output", "", "write the JSON result to `FILE`", "o"),
		text(groupOutput, "html", "", "write an HTML report to `FILE`"),
		toggle(groupOutput, "quiet", "no progress"),
	}
}

func (o *options) read(c *cli.Context) {
	o.Positionals = c.Args().Slice()
	o.Load = plan.Options{
		Headers: c.StringSlice("header"), Body: c.String("body"), Form: c.StringSlice("form"), JSONBody: c.String("json-body"),
		DataFile: c.String("data"), DataOrder: c.String("data-order"), Seed: c.Int64("seed"),
		RequestsFile: c.String("requests-file"), Spread: c.Bool("spread"),
		Concurrency: c.Int("concurrency"), Duration: c.String("duration"), Timeout: c.String("timeout"),
		Grace: c.String("grace"), Warmup: c.String("warmup"), Rate: c.Float64("rate"),
		Requests: c.Int64("requests"), MaxConnections: c.Int("max-connections"), Threads: c.Int("threads"),
		NoRedirect: c.Bool("no-redirect"), NoKeepAlive: c.Bool("no-keepalive"), Insecure: c.Bool("no-verify-ssl"),
		CAFile: c.String("cacert"), CertFile: c.String("cert"), KeyFile: c.String("key"),
		ExpectStatus: c.String("expect-status"), ObserveLimit: c.Bool("expect-rate-limit"),
		UserAgent: "loadtester",
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
	o.Compare, o.Tolerance, o.Force = c.Bool("compare"), c.String("tolerance"), c.Bool("force")
	o.Expect = verdict.Expectations{Status: c.String("expect-status"), RateLimit: c.Bool("expect-rate-limit")}
	o.ExpectRatio = c.String("expect-ratio")
	o.Thresholds = c.StringSlice("threshold")
	o.Output, o.HTML, o.JSON, o.Quiet = c.String("output"), c.String("html"), c.Bool("json"), c.Bool("quiet")
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
	switch {
	case len(o.Load.URLs) == 0 && o.Load.RequestsFile == "":
		return fault.Usagef("no URL given; try: loadtester http://localhost:8080/")
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

func (o *options) expectations() (err error) {
	if o.tolerance, err = verdict.ParseRatio("--tolerance", o.Tolerance); err != nil {
		return err
	}
	if o.Expect.Ratio, err = verdict.ParseRatio("--expect-ratio", o.ExpectRatio); err != nil {
		return err
	}
	if o.Expect.Ratio < 1 && o.Expect.Status == "" && o.Load.RequestsFile == "" {
		return fault.Usagef("--expect-ratio needs --expect-status, or --requests-file with expectations")
	}
	for _, text := range o.Thresholds {
		t, err := verdict.ParseThreshold(text)
		if err != nil {
			return err
		}
		o.Expect.Thresholds = append(o.Expect.Thresholds, t)
	}
	return nil
}
