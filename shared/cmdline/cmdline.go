// Package cmdline gives a urfave/cli app the conduct that the tools share:
// argparse's argument order and errors, the exit statuses of package fault,
// interrupts as a cancelled context, and logging on stderr.
package cmdline

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Main runs app with the process's arguments and streams and exits with the
// status that its error stands for. It is the only caller of os.Exit.
func Main(app *cli.App) {
	os.Exit(Run(context.Background(), app, os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// Run runs app and returns the exit status. An error is printed on stderr in one line.
func Run(ctx context.Context, app *cli.App, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	app.ExitErrHandler = func(*cli.Context, error) {}
	err := app.RunContext(ctx, args)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", app.Name, err)
	}
	return fault.Status(err)
}
