package cmdline

import (
	"context"
	"encoding/json"
	"io"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name   string
		args   string // parted at "|"
		status int
		stdout string
		stderr string
	}{
		{"positionals anywhere", "print|-c|5|x|-v|y", 0, "count=5 header=[] [\"print\" \"x\" \"y\"]\n", ""},
		{"values untouched", "print|-H| A: 1, 2 |--header=B:c,d", 0, "count=10 header=[\" A: 1, 2 \" \"B:c,d\"] [\"print\"]\n", ""},
		{"after two dashes", "print|--|-c|--json", 0, "count=10 header=[] [\"print\" \"-c\" \"--json\"]\n", ""},
		{"last wins", "print|-c5|--count|6", 0, "count=6 header=[] [\"print\"]\n", ""},
		{"positional help", "help", 2, "", "demo: nothing to do; see demo --help\n"},
		{"nothing", "", 2, "", "demo: nothing to do; see demo --help\n"},
		{"usage", "usage", 2, "", "demo: check options: --count must be at least 1; see demo --help\n"},
		{"unknown flag", "print|--nope", 2, "", "demo: unrecognized arguments: --nope; see demo --help\n"},
		{"unknown flag with a secret", "print|--connectoin=postgres://me:hunter2@h/d", 2, "", "demo: unrecognized arguments: --connectoin=postgres://me:***@h/d; see demo --help\n"},
		{"unknown flag with an escape", "--x\x1b[31m\nnext", 2, "", "demo: unrecognized arguments: --x\\x1b[31m next; see demo --help\n"},
		{"ambiguous", "--ver", 2, "", "demo: ambiguous option: --ver could match --verbose, --version; see demo --help\n"},
		{"no value", "print|--count", 2, "", "demo: argument --count/-c: expected one argument; see demo --help\n"},
		{"value for a switch", "--json=x", 2, "", "demo: argument --json: ignored explicit argument 'x'; see demo --help\n"},
		{"no number", "-cx", 2, "", "demo: argument --count/-c: invalid int value: 'x'; see demo --help\n"},
		{"too large a number", "-c99999999999999999999", 2, "", "demo: argument --count/-c: invalid int value: '99999999999999999999'; see demo --help\n"},
		{"no duration", "-p3x", 2, "", "demo: argument --pause/-p: invalid duration value: '3x' (write it as 30s, 1m30s or 250ms); see demo --help\n"},
		{"refused by the flag", "print|--even|odd", 2, "", "demo: argument --even/-e: invalid value: 'odd': its length is odd; see demo --help\n"},
		{"failure", "fail", 1, "", "demo: open postgres://me:***@localhost/db: it is not \\x1b[31mthere\n"},
		{"environment", "environment", 1, "", "demo: analyse: no server; start one\n"},
		{"verdict", "verdict", 3, "", "demo: 3 of 4 answers were not 200\n"},
		{"panic", "panic", 1, "", "demo: this is a bug: runtime error: index out of range [9] with length 1; --verbose shows where\n"},
		{"command", "agent|-s|a:1|b", 0, "agent server=a:1 verbose=false count=10 [\"b\"]\n", ""},
		{"common flag after a command", "-c5|agent|-vsx", 0, "agent server=x verbose=true count=5 []\n", ""},
		{"command's value missing", "agent", 2, "", "demo: the following arguments are required: --server/-s; see demo --help\n"},
		{"app's flag after a command", "agent|-s|x|--count=4", 2, "", "demo: unrecognized arguments: --count=4; see demo --help\n"},
		{"command after a value of its name", "-H|agent|print", 0, "count=10 header=[\"agent\"] [\"print\"]\n", ""},
		{"no command after two dashes", "--|usage|agent", 2, "", "demo: check options: --count must be at least 1; see demo --help\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := runDemo(strings.Split(tt.args, "|")...)
			require.Equal(t, tt.stderr, stderr)
			require.Equal(t, tt.stdout, stdout)
			require.Equal(t, tt.status, status)
		})
	}
}

func TestRunTwice(t *testing.T) {
	app := demoApp()
	for range 2 {
		require.Equal(t, 0, Run(context.Background(), app, []string{"demo", "print", "-v"}, nil, new(strings.Builder), new(strings.Builder)))
	}
}

func TestNoProgramName(t *testing.T) {
	var stderr strings.Builder
	require.Equal(t, 1, Run(context.Background(), demoApp(), nil, nil, new(strings.Builder), &stderr))
	require.Equal(t, "demo: no program name among the arguments\n", stderr.String())
}

func TestPanicShowsStackWhenVerbose(t *testing.T) {
	status, _, stderr := runDemo("panic", "-v")
	require.Equal(t, fault.StatusFailed, status)
	require.Contains(t, stderr, "process_test.go")
	require.True(t, strings.HasSuffix(stderr, "demo: this is a bug: runtime error: index out of range [9] with length 1\n"), stderr)
}

func TestCancelledContext(t *testing.T) {
	var stdout, stderr strings.Builder
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(fault.ErrInterrupted)
	status := Run(ctx, demoApp(), []string{"demo", "print"}, nil, &stdout, &stderr)
	require.Equal(t, fault.StatusInterrupted, status, "also when the tool reports its part as done")
	require.NotEmpty(t, stdout.String())

	late, stop := context.WithTimeout(context.Background(), time.Nanosecond)
	defer stop()
	stderr.Reset()
	require.Equal(t, fault.StatusFailed, Run(late, demoApp(), []string{"demo", "wait"}, nil, &stdout, &stderr))
	require.Equal(t, "demo: run load: context deadline exceeded\n", stderr.String())
}

// Python 3.11 calls a prefix ambiguous even when all it can mean is one flag;
// later versions and this package do not.
func TestPrefixOfTwoNamesOfOneFlag(t *testing.T) {
	var got string
	app := &cli.App{
		Name:  "demo",
		Flags: []cli.Flag{&cli.StringFlag{Name: "colour-map", Aliases: []string{"color-map"}}, &cli.StringFlag{Name: "cold"}},
		Action: func(c *cli.Context) error {
			got = c.String("colour-map")
			return nil
		},
	}
	var stderr strings.Builder
	require.Equal(t, 0, Run(context.Background(), app, []string{"demo", "--colo", "x"}, nil, new(strings.Builder), &stderr), stderr.String())
	require.Equal(t, "x", got)
	require.Equal(t, 2, Run(context.Background(), app, []string{"demo", "--col", "x"}, nil, new(strings.Builder), &stderr))
	require.Equal(t, "demo: ambiguous option: --col could match --colour-map, --color-map, --cold; see demo --help\n", stderr.String())
}

func TestToolKeepsItsOwnFlags(t *testing.T) {
	app := &cli.App{
		Name: "demo",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "verbose"},
			&cli.StringFlag{Name: "host", Aliases: []string{"h"}},
		},
		Action: func(c *cli.Context) error {
			require.Equal(t, 3, c.Int("verbose"))
			require.Equal(t, "x", c.String("host"))
			return nil
		},
	}
	var stderr strings.Builder
	require.Equal(t, 0, Run(context.Background(), app, []string{"demo", "-hx", "--verbose", "3"}, nil, new(strings.Builder), &stderr), stderr.String())
}

func TestHelp(t *testing.T) {
	const statuses = `
Exit status: 0 done, 1 failed, 2 usage, 3 not as expected, 130 interrupted
`
	status, stdout, stderr := runDemo("fail", "-vh", "--nope")
	require.Equal(t, 0, status)
	require.Empty(t, stderr)
	require.Equal(t, `demo: does what its first argument says.
Usage: demo [flags] WHAT

Work:
  -c, --count N           do it N times (default 10)
  -p, --pause VALUE       wait between two of them
  -H, --header 'NAME: VALUE'
                          send a 'NAME: VALUE'; may be repeated, and this text
                          is long enough to need a second line
  -e, --even WORD         of even length
`+general+`
Commands:
  agent [NAME]            works for another demo

Examples:
  demo print
  demo fail --verbose
  demo wait --json
`+statuses, stdout)

	status, stdout, stderr = runDemo("agent", "--help")
	require.Equal(t, 0, status)
	require.Empty(t, stderr)
	require.Equal(t, `demo agent: works for another demo.
Usage: demo agent [flags] [NAME]

Flags:
  -s, --server ADDRESS    obey ADDRESS
`+general+statuses, stdout)
}

func TestBriefFlags(t *testing.T) {
	help := func(args ...string) string {
		app := &cli.App{Name: "demo", Usage: "sends", ArgsUsage: "URL", Flags: []cli.Flag{
			&cli.StringFlag{Name: "body", Aliases: []string{"b"}, Category: "Request", Usage: "send `TEXT`"},
			&cli.StringFlag{Name: "unix-socket", Category: "Network" + Brief, Usage: "connect to the socket `FILE`"},
			&cli.BoolFlag{Name: "cookies", Category: "Request" + Brief, Usage: "keep cookies"},
			&cli.StringFlag{Name: "resolve", Category: "Network" + Brief, Usage: "take `HOST:PORT:ADDRESS` for granted"},
			&cli.StringFlag{Name: "connect-to", Category: "Network" + Brief, Usage: "connect to `HOST:PORT:HOST:PORT` instead"},
		}}
		var stdout, stderr strings.Builder
		require.Equal(t, 0, Run(context.Background(), app, append([]string{"demo"}, args...), nil, &stdout, &stderr), stderr.String())
		return stdout.String()
	}
	require.Contains(t, help("--help"), `
Request:
  -b, --body TEXT         send TEXT
  also --cookies
Network:
  also --unix-socket, --resolve, --connect-to
`)
	whole := help("--verbose", "--help")
	require.Contains(t, whole, `
Request:
  -b, --body TEXT         send TEXT
  --cookies               keep cookies
Network:
  --unix-socket FILE      connect to the socket FILE
`)
	require.Equal(t, whole, help("--help", "--verbose"))
}

func TestVersion(t *testing.T) {
	status, stdout, _ := runDemo("--version")
	require.Equal(t, 0, status)
	require.Regexp(t, `^demo \S+ \(.*go1\.\S+\)\n$`, stdout)

	built := func(version string, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: version}}
		for i := 0; i < len(settings); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return info
	}
	revision := "0123456789abcdef0123456789abcdef01234567"
	require.Equal(t, "t v0.1.0 (go1.26.8)", describe("t", built("v0.1.0")))
	require.Equal(t, "t devel (revision not recorded, go1.26.8)", describe("t", built("(devel)")))
	require.Equal(t, "t devel (revision not recorded, go1.26.8)", describe("t", built("")))
	require.Equal(t, "t devel (0123456789ab, modified, go1.26.8)", describe("t", built("(devel)", "vcs.revision", revision, "vcs.modified", "true")))
	require.Equal(t, "t v0.1.1-0.2026+dirty (0123456789ab, go1.26.8)", describe("t", built("v0.1.1-0.2026+dirty", "vcs.revision", revision, "vcs.modified", "false")))
}

func TestLog(t *testing.T) {
	status, stdout, stderr := runDemo("log")
	require.Equal(t, 0, status)
	require.Empty(t, stdout)
	require.Equal(t, "INF open postgres://me:***@localhost/db \\x1b[31m url=postgres://me:***@localhost/db\n", stderr)

	_, _, stderr = runDemo("log", "-v")
	require.Regexp(t, `^\d\d:\d\d:\d\d DBG deep\n\d\d:\d\d:\d\d INF `, stderr)

	_, _, stderr = runDemo("log", "--log-json", "--verbose")
	events := strings.Split(strings.TrimSpace(stderr), "\n")
	require.Len(t, events, 2)
	var event map[string]any
	require.NoError(t, json.Unmarshal([]byte(events[1]), &event))
	require.Equal(t, "postgres://me:***@localhost/db", event["url"])
	require.Equal(t, "open postgres://me:***@localhost/db \x1b[31m", event["message"])
	require.Equal(t, "info", event["level"])
}

// FuzzParse holds that parsing never fails in a way other than a usage error,
// and that the command line it hands on says the same when it is parsed again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"print", "-c50\x00x", "--header\x00A: 1, 2\x00--\x00-x", "-vp3s", "--he=x", "-v=c5", "--\x00--", "agent\x00-s\x00-5\x00-v",
		"--count=\x00", "-\x00---\x00--=", "-\xff\xfe", "-H\x00-é", "--ver",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		app := demoApp()
		prepare(app, nil, nil, nil)
		line, err := parse(app, append([]string{"demo"}, strings.Split(joined, "\x00")...))
		if err != nil {
			require.Equal(t, fault.StatusUsage, fault.Status(err))
			require.NotContains(t, oneLine(err.Error()), "\n")
			return
		}
		if line.stop != "" {
			return
		}
		again, err := parse(app, line.argv)
		require.NoError(t, err)
		require.Equal(t, line.argv, again.argv)
	})
}

// A prefix that was unambiguous among the older flags stays so when newer ones begin alike.
func TestPrefixesOfOlderFlags(t *testing.T) {
	older := []string{"timeout", "compare", "concurrency", "types-only"}
	run := func(metadata map[string]any, arg string) (set []string, err error) {
		app := &cli.App{Name: "tool", Metadata: metadata, Flags: []cli.Flag{
			&cli.StringFlag{Name: "timeout"}, &cli.BoolFlag{Name: "compare"}, &cli.BoolFlag{Name: "concurrency"}, &cli.BoolFlag{Name: "types-only"},
			&cli.BoolFlag{Name: "timestamps"}, &cli.BoolFlag{Name: "computed"}, &cli.BoolFlag{Name: "threads"}, &cli.BoolFlag{Name: "threshold"},
		}}
		prepare(app, nil, io.Discard, io.Discard)
		line, err := parse(app, []string{"tool", arg})
		for _, s := range line.settings {
			set = append(set, s.option.name)
		}
		return set, err
	}
	for prefix, want := range map[string]string{
		"--ti=5": "timeout", "--comp": "compare", "--ty": "types-only", "--ver": "verbose", "--vers": "version",
		"--times": "timestamps", "--compu": "computed", "--conc": "concurrency", "--j": "json",
		"--t": "", "--co": "", "--thre": "", "--nothing": "",
	} {
		set, err := run(map[string]any{OlderFlags: older}, prefix)
		if want == "" {
			require.Error(t, err, prefix)
			continue
		}
		require.NoError(t, err, prefix)
		require.Equal(t, []string{want}, set, prefix)
	}
	_, err := run(nil, "--ti=5")
	require.ErrorContains(t, err, "ambiguous option: --ti=5 could match --timeout, --timestamps")
}
