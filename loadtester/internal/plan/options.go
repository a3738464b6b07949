package plan

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Options are the settings of a run as the command line gives them.
type Options struct {
	URLs           []string
	Method         string
	Headers        []string // "Name: Value"
	Body           string   // "@path" reads a file
	Form           []string // "name=value", or "name=@path"
	JSONBody       string   // as Body, and must be JSON
	DataFile       string   // rows for templates; may be empty
	DataOrder      string   // "", "order" or "random"
	Seed           int64    // of what is random; 0 chooses one
	RequestsFile   string   // one request a line; may be empty
	Spread         bool     // load all URLs together
	Concurrency    int
	ConcurrencySet bool   // it was given, so stages begin with it
	Duration       string // seconds, or with a unit; "" is 10, or the time of the stages
	Timeout        string
	Grace          string
	Warmup         string
	Rate           float64
	Ramp           string // the time in which the load grows to what it is; may be empty
	Stages         string // "30s:100,1m:500": times and levels; may be empty
	Think          string // pause of a connection between requests, or a range of it
	Requests       int64
	MaxConnections int
	Threads        int // 0 chooses
	Streams        int // 0 is 1
	HTTP1          bool
	HTTP2          bool
	HTTP3          bool
	NoRedirect     bool
	NoKeepAlive    bool
	Insecure       bool
	CAFile         string
	CertFile       string
	KeyFile        string
	UnixSocket     string   // connect to this socket; may be empty
	ConnectTo      []string // "HOST:PORT:TO-HOST:TO-PORT"
	Resolve        []string // "HOST:PORT:ADDRESS,…"
	Proxy          string   // a URL, "env" or ""
	Cookies        bool
	ExpectStatus   string // "", or such as "400", "2xx,404"
	ObserveLimit   bool   // keep answers with status 429
	UserAgent      string

	// What is not of this machine: its files, the rows of the data and the environment's
	// proxies; nil where they are.
	Files       *Files `json:"-"`
	Rows        *Data  `json:"-"`
	Environment *Environment
}

// The limits of a plan.
const (
	MaxConcurrency = 60_000 // connections; one address has no more ports for one server
	MaxDuration    = 7 * 24 * time.Hour
	MaxRate        = 10_000_000
	MaxStreams     = 1000     // of one connection
	MaxBodySize    = 64 << 20 // bytes of a request body
	maxAnswerBody  = 8 << 30  // bytes of one response body
	maxPEM         = 16 << 20 // bytes of a file with certificates or keys
	keptAnswers    = 5
)

// Methods are the request methods that can be asked for.
func Methods() []string {
	return []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
}

// Validate checks the options and returns the plan they describe. Options that can't
// be obeyed are usage faults; URLs and files that can't be used are input faults.
func (o Options) Validate() (*Plan, error) {
	p := &Plan{
		Concurrency: o.Concurrency, Rate: o.Rate, MaxConnections: o.MaxConnections,
		Requests: uint64(max(o.Requests, 0)), Threads: o.Threads,
		FollowRedirects: !o.NoRedirect, KeepAlive: !o.NoKeepAlive, MaxBody: maxAnswerBody,
		TLS: TLS{Insecure: o.Insecure, CAFile: o.CAFile, CertFile: o.CertFile, KeyFile: o.KeyFile},
	}
	for _, check := range []func(*Plan) error{
		o.numbers, o.times, o.shape, o.think, o.expectations, o.tls, o.targets,
		o.protocol, o.network,
	} {
		if err := check(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (o Options) numbers(p *Plan) error {
	switch {
	case o.Concurrency < 1 || o.Concurrency > MaxConcurrency:
		return fault.Usagef("--concurrency %d: must be from 1 to %d", o.Concurrency, MaxConcurrency)
	case o.Rate < 0 || o.Rate > MaxRate || o.Rate != o.Rate:
		return fault.Usagef("--rate %v: must be from 0 to %d requests a second", o.Rate, MaxRate)
	case o.Requests < 0:
		return fault.Usagef("--requests %d: must be 1 or more", o.Requests)
	case o.Seed < 0:
		return fault.Usagef("--seed %d: must be 1 or more", o.Seed)
	case o.Threads < 0 || o.Threads > 256:
		return fault.Usagef("--threads %d: must be from 1 to 256", o.Threads)
	case o.MaxConnections < 0 || o.MaxConnections > MaxConcurrency:
		return fault.Usagef("--max-connections %d: must be from 1 to %d", o.MaxConnections, MaxConcurrency)
	case o.MaxConnections > 0 && o.Rate == 0:
		return fault.Usagef("--max-connections only means something with --rate; use --concurrency")
	case o.MaxConnections > 0 && o.MaxConnections < o.Concurrency:
		return fault.Usagef("--max-connections %d: must not be below --concurrency %d", o.MaxConnections, o.Concurrency)
	}
	if p.Rate == 0 {
		p.MaxConnections = p.Concurrency
	} else if p.MaxConnections == 0 {
		p.MaxConnections = max(p.Concurrency, 1000)
	}
	p.Threads = o.threads(p.Concurrency)
	return nil
}

func (o Options) threads(connections int) int {
	n := o.Threads
	if n == 0 {
		n = (runtime.NumCPU() + 1) / 2
	}
	return min(n, connections)
}

func (o Options) times(p *Plan) error {
	duration := o.Duration
	if duration == "" {
		duration = "10"
	}
	for _, t := range []struct {
		flag, text string
		least      time.Duration
		into       *time.Duration
	}{
		{"--duration", duration, 10 * time.Millisecond, &p.Duration},
		{"--timeout", o.Timeout, time.Millisecond, &p.Timeout},
		{"--grace", o.Grace, 0, &p.Grace},
		{"--warmup", o.Warmup, 0, &p.Warmup},
	} {
		d, err := ParseSeconds(t.text)
		switch {
		case err != nil:
			return fault.Usagef("%s %q: not a time; write seconds such as 10 or 0.5, or 30s, 2m, 1h", t.flag, t.text)
		case d < t.least || d > MaxDuration:
			return fault.Usagef("%s %s: must be from %v to 168h", t.flag, t.text, t.least)
		}
		*t.into = d
	}
	return nil
}

// ParseSeconds reads a time: a number of seconds, or numbers with units as
// time.ParseDuration takes them.
func ParseSeconds(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if seconds != seconds || seconds > 1e9 || seconds < -1e9 {
			return 0, errors.New("out of range")
		}
		return time.Duration(seconds * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("parse time: %w", err)
	}
	return d, nil
}

// expectations sets which statuses are successes: those expected, else 200 to 399 as
// in urllib, which the tool's figures have always been based on.
func (o Options) expectations(p *Plan) error {
	if o.ExpectStatus == "" {
		p.Success.AddRange(200, 399)
	} else {
		set, err := ParseStatuses(o.ExpectStatus)
		if err != nil {
			return err
		}
		p.Success = *set
		p.Samples = keptAnswers
	}
	if o.ObserveLimit {
		p.Samples = keptAnswers
	}
	return nil
}

// ParseStatuses reads a list of statuses and classes, such as "400,404" or "2xx".
func ParseStatuses(list string) (*StatusSet, error) {
	set := new(StatusSet)
	for _, item := range strings.Split(list, ",") {
		item = strings.ToLower(strings.TrimSpace(item))
		if len(item) == 3 && item[0] >= '1' && item[0] <= '5' && item[1:] == "xx" {
			first := int(item[0]-'0') * 100
			set.AddRange(first, first+99)
			continue
		}
		status, err := strconv.Atoi(item)
		if err != nil || status < 100 || status > 599 {
			return nil, fault.Usagef("--expect-status %q: %q is no status; write such as 400, 400,404 or 2xx", list, item)
		}
		set.AddRange(status, status)
	}
	return set, nil
}

func (o Options) tls(p *Plan) error {
	if (o.CertFile == "") != (o.KeyFile == "") {
		return fault.Usagef("--cert and --key belong together: one of them is missing")
	}
	if o.Files != nil {
		if err := o.keptTLS(&p.TLS); err != nil {
			return err
		}
	}
	if o.CertFile != "" {
		_, err := tls.X509KeyPair(p.TLS.Cert, p.TLS.Key)
		if p.TLS.Cert == nil {
			_, err = tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		}
		if err != nil {
			return &fault.Input{Path: o.CertFile, Message: "certificate and key can't be used: " + err.Error(), Err: err}
		}
	}
	return nil
}

// keptTLS takes what the files hold.
func (o Options) keptTLS(t *TLS) error {
	for _, file := range []struct {
		path, what string
		into       *[]byte
	}{
		{o.CAFile, "authorities", &t.CA},
		{o.CertFile, "certificate", &t.Cert},
		{o.KeyFile, "key", &t.Key},
	} {
		if file.path == "" {
			continue
		}
		text, err := o.Files.read(file.path, file.what, maxPEM, "name a PEM file")
		if err != nil {
			return err
		}
		*file.into = text
	}
	return nil
}

// plainOS is the cause of a file error without the path, which is told already.
func plainOS(err error) string {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
