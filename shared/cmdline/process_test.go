package cmdline

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

// beDemo in the environment makes the test binary the program below, so that
// signals, pipes and the exit status are those of a real process.
const beDemo = "CMDLINE_TEST_BE_DEMO"

func TestMain(m *testing.M) {
	if os.Getenv(beDemo) != "" {
		Main(demoApp())
	}
	os.Exit(m.Run())
}

func demoApp() *cli.App {
	return &cli.App{
		Name:        "demo",
		Usage:       "does what its first argument says",
		ArgsUsage:   "WHAT",
		Description: "demo print\ndemo fail --verbose\n\tdemo wait --json",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "count", Aliases: []string{"c"}, Value: 10, Category: "Work", Usage: "do it `N` times"},
			&cli.DurationFlag{Name: "pause", Aliases: []string{"p"}, Category: "Work", Usage: "wait between two of them"},
			&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Category: "Work", Usage: "send a `'NAME: VALUE'`; may be repeated, and this text is long enough to need a second line"},
			&cli.GenericFlag{Name: "even", Aliases: []string{"e"}, Value: new(even), Category: "Work", Usage: "`WORD`: of even length"},
			&cli.StringFlag{Name: "secret", Hidden: true},
		},
		Commands: []*cli.Command{{
			Name: "agent", Usage: "works for another demo", ArgsUsage: "[NAME]",
			Flags:  []cli.Flag{&cli.StringFlag{Name: "server", Aliases: []string{"s"}, Required: true, Usage: "obey `ADDRESS`"}},
			Action: printAgent,
		}},
		Action: demo,
	}
}

// even is a cli.Generic that refuses odd lengths.
type even string

func (e *even) String() string { return string(*e) }

func (e *even) Set(text string) error {
	if len(text)%2 != 0 {
		return errors.New("its length is odd")
	}
	*e = even(text)
	return nil
}

func printAgent(c *cli.Context) error {
	fmt.Fprintf(c.App.Writer, "agent server=%s verbose=%v count=%d %q\n",
		c.String("server"), c.Bool("verbose"), c.Int("count"), c.Args().Slice())
	return nil
}

func demo(c *cli.Context) error {
	log := zerolog.Ctx(c.Context)
	switch what := c.Args().First(); what {
	case "print":
		fmt.Fprintf(c.App.Writer, "count=%d header=%q %q\n", c.Int("count"), c.StringSlice("header"), c.Args().Slice())
		return nil
	case "fail":
		return errors.New("open postgres://me:hunter2@localhost/db: it is\nnot \x1b[31mthere")
	case "environment":
		return fmt.Errorf("analyse: %w", &fault.Environment{Message: "no server", Hint: "start one"})
	case "verdict":
		return fault.Verdictf("3 of 4 answers were not 200")
	case "usage":
		return fmt.Errorf("check options: %w", fault.Usagef("--count must be at least 1"))
	case "panic":
		return errors.New(c.Args().Slice()[9])
	case "log":
		log.Debug().Msg("deep")
		log.Info().Str("url", "postgres://me:hunter2@localhost/db").Msg("open postgres://me:hunter2@localhost/db \x1b[31m")
		return nil
	case "wait", "hang":
		fmt.Fprintln(c.App.Writer, "ready")
		<-c.Context.Done()
		fmt.Fprintln(c.App.Writer, "half of it")
		if what == "hang" {
			time.Sleep(time.Minute)
		}
		return fmt.Errorf("run load: %w", c.Context.Err())
	case "much":
		for range 100_000 {
			fmt.Fprintln(c.App.Writer, "one of very many lines")
		}
		return fault.Verdictf("it was too much")
	default:
		return fault.Usagef("nothing to do")
	}
}

// runDemo runs the demo within this process.
func runDemo(args ...string) (status int, stdout, stderr string) {
	var out, diag bytes.Buffer
	status = Run(context.Background(), demoApp(), append([]string{"demo"}, args...), strings.NewReader(""), &out, &diag)
	return status, out.String(), diag.String()
}

// demoProcess is the demo as a process of its own.
func demoProcess(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), beDemo+"=yes", "NO_COLOR=")
	return command
}

func TestInterrupt(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			command := demoProcess(t, "wait")
			var stderr bytes.Buffer
			command.Stderr = &stderr
			lines := startUntilReady(t, command)
			require.NoError(t, command.Process.Signal(sig))
			rest, err := io.ReadAll(lines)
			require.NoError(t, err)
			require.Error(t, command.Wait())
			require.Equal(t, fault.StatusInterrupted, command.ProcessState.ExitCode())
			require.Equal(t, "half of it\n", string(rest), "what it has is reported")
			require.Contains(t, stderr.String(), "once more ends it at once\n")
			require.True(t, strings.HasSuffix(stderr.String(), "demo: interrupted\n"), stderr.String())
		})
	}
}

func TestSecondInterruptEndsAtOnce(t *testing.T) {
	command := demoProcess(t, "hang")
	lines := startUntilReady(t, command)
	require.NoError(t, command.Process.Signal(os.Interrupt))
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "half of it\n", line)
	require.NoError(t, command.Process.Signal(os.Interrupt))
	require.Error(t, command.Wait())
	status, ok := command.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled())
	require.Equal(t, syscall.SIGINT, status.Signal())
}

func startUntilReady(t *testing.T, command *exec.Cmd) *bufio.Reader {
	t.Helper()
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	return lines
}

func TestReaderGoesAway(t *testing.T) {
	command := demoProcess(t, "much")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	require.NoError(t, stdout.Close())
	require.Error(t, command.Wait())
	require.Equal(t, fault.StatusVerdict, command.ProcessState.ExitCode(), "the status is that of the work")
	require.Equal(t, "demo: it was too much\n", stderr.String())
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	var stderr bytes.Buffer
	status := Run(context.Background(), demoApp(), []string{"demo", "print"}, nil, full, &stderr)
	require.Equal(t, fault.StatusFailed, status)
	require.Equal(t, "demo: write standard output: write /dev/full: no space left on device\n", stderr.String())
}
