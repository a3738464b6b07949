package cmdline

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/senior-backend/toolkit/shared/fault"
)

// interruptible returns a context that the first SIGINT or SIGTERM cancels. The
// second one has its default effect: it ends the process at once. SIGPIPE is
// caught, so that writing to a reader that went away is an error that stream
// can see; unlike an ignored signal, children do not inherit that.
func interruptible(parent context.Context, tool string, stderr io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	pipes := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Notify(pipes, syscall.SIGPIPE)
	go func() {
		select {
		case <-signals:
			signal.Reset(os.Interrupt, syscall.SIGTERM)
			// Said before the work is told, which may end the process sooner than this goroutine runs again.
			fmt.Fprintf(stderr, "%s: interrupted, finishing; once more ends it at once\n", tool)
			cancel(fault.ErrInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Stop(pipes)
		cancel(context.Canceled)
	}
}
