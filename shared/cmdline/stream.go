package cmdline

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// stream is stdout or stderr. When its reader has gone away it swallows what is
// written, since the tool's own status is still the right one; any other
// failure is kept for Run to report.
type stream struct {
	mu   sync.Mutex
	to   io.Writer
	gone bool
	err  error
}

func newStream(to io.Writer) *stream {
	if s, ok := to.(*stream); ok {
		to = s.to
	}
	return &stream{to: to}
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return len(p), nil
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.to.Write(p)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe):
		s.gone = true
		return len(p), nil
	default:
		s.err = err
		return n, err
	}
}

// Terminal tells whether w, one of the app's streams or a file, is a terminal,
// and how many columns it has (80 when it does not say). Progress is for
// terminals only.
func Terminal(w io.Writer) (columns int, ok bool) {
	if s, isStream := w.(*stream); isStream {
		w = s.to
	}
	file, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil || columns <= 0 {
		columns = 80
	}
	return columns, true
}

// Color tells whether what is written to w may be coloured: w is a terminal
// that knows colours and NO_COLOR is unset or empty (https://no-color.org).
func Color(w io.Writer) bool {
	_, ok := Terminal(w)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
