// Package cmdline gives a urfave/cli app the conduct that the tools share:
// argparse's way with arguments, one-line errors, the exit statuses of package
// fault, interrupts as a cancelled context, and logging on stderr.
//
// An app and the process's arguments and streams go in; the app's action runs
// at most once; an exit status comes out. Refused, in one line on stderr and
// with status 2: unknown and ambiguous flags, missing values, values where none
// belong, numbers that are none.
//
// A tool says what it is with the app's own fields:
//
//	app := &cli.App{
//		Name:      "loadtester",
//		Usage:     "sends load to HTTP services and judges their answers",
//		ArgsUsage: "URL...",
//		Description: `loadtester https://localhost:8080/users --concurrency 50
//	loadtester https://localhost:8080/users --compare baseline.json
//	loadtester https://localhost:8080/login --expect-rate-limit`,
//		Flags: []cli.Flag{
//			&cli.IntFlag{Name: "concurrency", Aliases: []string{"c"}, Value: 10,
//				Category: "Load", Usage: "`N` clients at once"},
//		},
//		Action: run, // func(*cli.Context) error
//	}
//	cmdline.Main(app)
//
// Usage is the one line of --help that says what the tool does, Description its
// examples, one a line, and a flag's Category the heading it stands below; the
// word in backquotes in a flag's Usage is the placeholder of its value, which
// "`N` clients" shows in the text too and "`PATH`: where to write" does not. Brief
// behind the category marks a flag that few need, so that --help stays one
// screen. The flags --verbose (-v), --json, --log-json, --help (-h) and --version are added
// to those that the tool declares; the tool reads the first two with
// c.Bool("verbose") and c.Bool("json").
//
// Metadata may name the flags that the tool has always had, see OlderFlags.
//
// Within the action:
//
//   - c.Context is cancelled by the first SIGINT or SIGTERM, with
//     fault.ErrInterrupted as its cause. The action then reports what it has and
//     returns; whatever it returns, the status is 130.
//   - zerolog.Ctx(c.Context) is the logger, on stderr. Debug events show with
//     --verbose only.
//   - c.App.Reader, c.App.Writer and c.App.ErrWriter are the streams. A reader
//     of stdout that goes away is no error: the rest is dropped. Any other
//     failure to write stdout is reported by Run, so the action may ignore it.
//   - c.Args().Slice() are the positional arguments, wherever they stood.
//
// Values reach the flags as they were typed: slice flags are not split at
// commas and not trimmed. A cli.GenericFlag's Set is called once more, with
// what its String returns, for each alias of the flag, so the two must agree.
package cmdline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Main runs app with the process's arguments and streams and exits with the
// status that its error stands for. It is the only caller of os.Exit.
func Main(app *cli.App) {
	ctx, stop := interruptible(context.Background(), app.Name, os.Stderr)
	status := Run(ctx, app, os.Args, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// Run runs app and returns the exit status. args begins with the program's
// name, as os.Args does. An error is printed on stderr in one line, without
// secrets. Run adds the common flags to app and replaces its streams and
// handlers.
func Run(ctx context.Context, app *cli.App, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out, diag := newStream(stdout), newStream(stderr)
	prepare(app, stdin, out, diag)
	err := run(ctx, app, args, diag)
	if err == nil && out.err != nil {
		err = fmt.Errorf("write standard output: %w", out.err)
	}
	status := fault.Status(err)
	if interrupted(ctx) {
		status = fault.StatusInterrupted
	}
	if text := message(app, err); text != "" {
		fmt.Fprintf(diag, "%s: %s\n", app.Name, oneLine(text))
	}
	return status
}

// interrupted tells whether somebody stopped the tool. A deadline is no interrupt.
func interrupted(ctx context.Context) bool {
	return errors.Is(ctx.Err(), context.Canceled)
}

// run parses the arguments and calls the app's action. A panic of the action
// becomes an error.
func run(ctx context.Context, app *cli.App, args []string, diag io.Writer) (err error) {
	line, err := parse(app, args)
	if err != nil {
		return err
	}
	switch line.stop {
	case helpFlag:
		return printHelp(app, line.command, line.given(verboseFlag) || slices.Contains(args, "--"+verboseFlag))
	case versionFlag:
		_, err := fmt.Fprintln(app.Writer, version(app.Name))
		return err
	}
	if shell, given := line.value(completionFlag); given {
		return printCompletion(app, shell)
	}
	verbose := line.given(verboseFlag)
	logger := newLogger(diag, verbose, line.given(logJSONFlag))
	defer func() {
		if value := recover(); value != nil {
			if verbose {
				fmt.Fprintf(diag, "%s\n", redactLines(debug.Stack()))
			}
			err = bug(value, verbose)
		}
	}()
	return app.RunContext(logger.WithContext(ctx), line.argv)
}

func bug(value any, verbose bool) error {
	hint := "; --verbose shows where"
	if verbose {
		hint = ""
	}
	return fmt.Errorf("this is a bug: %v%s", value, hint)
}

// message says what err is, and where the help is when the command line was wrong.
func message(app *cli.App, err error) string {
	var usage *fault.Usage
	switch {
	case err == nil:
		return ""
	case errors.As(err, &usage):
		return fmt.Sprintf("%v; see %s --help", err, app.Name)
	case errors.Is(err, context.Canceled):
		return fault.ErrInterrupted.Error()
	default:
		return err.Error()
	}
}
