package main

import (
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

const (
	groupVerdict = "Verdict"
	groupOutput  = "Output"
)

// capacityOptions are what --find-capacity is to look for.
type capacityOptions struct {
	On         bool
	SLO        []string
	Target     float64 // requests a second that instances are to be counted for; 0 is none
	objectives []verdict.Threshold
	instead    string // a flag that was given and contradicts; empty when none was
}

// verdictFlags are those that say what is expected of a run and what is to be told of it.
func verdictFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Category: groupVerdict, Name: "compare", Usage: "compare two URLs, or one with a saved result"},
		&cli.StringFlag{Category: groupVerdict + cmdline.Brief, Name: "tolerance", Value: "10%", Usage: "`SHARE` that is no regression yet"},
		&cli.BoolFlag{Category: groupVerdict + cmdline.Brief, Name: "force", Usage: "compare also with an unlike saved result"},
		&cli.StringFlag{Category: groupVerdict, Name: "expect-status", Usage: "only `LIST` is success, such as 400,404 or 2xx"},
		&cli.StringFlag{Category: groupVerdict + cmdline.Brief, Name: "expect-ratio", Value: "100%", Usage: "`SHARE` of requests that must succeed"},
		&cli.BoolFlag{Category: groupVerdict, Name: "expect-rate-limit", Usage: "the server must answer 429 at some point"},
		&cli.BoolFlag{Category: groupVerdict + cmdline.Brief, Name: "bypass-check", Usage: "and not be passed by a varying X-Forwarded-For"},
		&cli.StringSliceFlag{Category: groupVerdict, Name: "threshold", Usage: "demand `BOUND`: p99<200ms, error_rate<1%, rps>1000"},
		&cli.BoolFlag{Category: groupVerdict, Name: "find-capacity", Usage: "raise the load step by step, say where it ends"},
		&cli.StringSliceFlag{Category: groupVerdict + cmdline.Brief, Name: "slo", Usage: "and the highest load within `BOUND`"},
		&cli.Float64Flag{Category: groupVerdict + cmdline.Brief, Name: "target-rate", Usage: "and how many instances `N` requests a second need"},

		&cli.BoolFlag{Category: groupVerdict, Name: "check-headers", Usage: "grade the security headers of one answer instead"},

		&cli.StringFlag{Category: groupOutput, Name: "output", Aliases: []string{"o"}, Usage: "write the JSON result to `FILE`"},
		&cli.StringFlag{Category: groupOutput, Name: "html", Usage: "write an HTML report to `FILE`"},
		&cli.StringFlag{Category: groupOutput + cmdline.Brief, Name: "csv", Usage: "write the figures of each second to `FILE`"},
		&cli.StringFlag{Category: groupOutput + cmdline.Brief, Name: "hdr", Usage: "write an HdrHistogram log to `FILE`"},
		&cli.BoolFlag{Category: groupOutput + cmdline.Brief, Name: "quiet", Usage: "no progress"},
	}
}

func (o *options) readVerdict(c *cli.Context) {
	o.Compare, o.Tolerance, o.Force = c.Bool("compare"), c.String("tolerance"), c.Bool("force")
	o.Expect = verdict.Expectations{Status: c.String("expect-status"), RateLimit: c.Bool("expect-rate-limit")}
	o.ExpectRatio = c.String("expect-ratio")
	o.Bypass, o.CheckHeaders = c.Bool("bypass-check"), c.Bool("check-headers")
	o.Thresholds = c.StringSlice("threshold")
	o.Output, o.HTML, o.JSON, o.Quiet = c.String("output"), c.String("html"), c.Bool("json"), c.Bool("quiet")
	o.CSV, o.HDR, o.Lines = c.String("csv"), c.String("hdr"), c.Bool("verbose")
	o.Capacity = capacityOptions{On: c.Bool("find-capacity"), SLO: c.StringSlice("slo"), Target: c.Float64("target-rate")}
	if !o.Capacity.On {
		return
	}
	if !c.IsSet("concurrency") {
		o.Load.Concurrency = 256
	}
	if !c.IsSet("duration") {
		o.Load.Duration = "30"
	}
	for _, name := range []string{"compare", "ramp", "stages", "threshold", "expect-rate-limit", "expect-ratio", "rate", "requests", "warmup", "hdr"} {
		if c.IsSet(name) {
			o.Capacity.instead = "--" + name
		}
	}
}

// validateCapacity refuses what can't be had together with a search for the capacity.
func (o *options) validateCapacity() error {
	switch {
	case o.Capacity.instead != "":
		return fault.Usagef("--find-capacity and %s can't be had together", o.Capacity.instead)
	case len(o.Load.URLs) > 1:
		return fault.Usagef("--find-capacity takes one URL; got %d", len(o.Load.URLs))
	case o.Capacity.Target < 0 || o.Capacity.Target != o.Capacity.Target:
		return fault.Usagef("--target-rate %v: must be above 0", o.Capacity.Target)
	}
	for _, text := range o.Capacity.SLO {
		t, err := verdict.ParseObjective(text)
		if err != nil {
			return err
		}
		o.Capacity.objectives = append(o.Capacity.objectives, t)
	}
	return nil
}

// validateHeaders refuses what a single answer cannot be asked besides.
func (o *options) validateHeaders() error {
	other := map[string]bool{
		"--compare": o.Compare, "--find-capacity": o.Capacity.On, "--expect-rate-limit": o.Expect.RateLimit,
		"--agents":        o.Fleet.Agents > 0,
		"--expect-status": o.Expect.Status != "", "--threshold": len(o.Thresholds) > 0, "--requests-file": o.Load.RequestsFile != "",
	}
	for _, name := range slices.Sorted(maps.Keys(other)) {
		if other[name] {
			return fault.Usagef("--check-headers looks at one answer and can't be had together with %s", name)
		}
	}
	return nil
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
