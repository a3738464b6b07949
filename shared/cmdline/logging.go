package cmdline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"github.com/senior-backend/toolkit/shared/report"
)

// newLogger returns the tool's logger. It writes JSON lines, or lines for a
// person that are coloured where the terminal allows it.
func newLogger(to io.Writer, verbose, jsonLines bool) zerolog.Logger {
	level := zerolog.InfoLevel
	if verbose {
		level = zerolog.DebugLevel
	}
	if !jsonLines {
		to = console(to, verbose)
	}
	return zerolog.New(redacting{to}).Level(level).With().Timestamp().Logger()
}

func console(to io.Writer, verbose bool) io.Writer {
	w := zerolog.ConsoleWriter{Out: to, NoColor: !Color(to), TimeFormat: time.TimeOnly}
	if !verbose {
		w.PartsExclude = []string{zerolog.TimestampFieldName}
	}
	w.FormatMessage = func(message any) string {
		if message == nil {
			return ""
		}
		return printable(fmt.Sprint(message))
	}
	return w
}

// redacting removes secrets from the strings of the JSON events that pass.
type redacting struct{ to io.Writer }

func (r redacting) Write(event []byte) (int, error) {
	var out bytes.Buffer
	for rest := event; len(rest) > 0; {
		begin := bytes.IndexByte(rest, '"')
		if begin < 0 {
			out.Write(rest)
			break
		}
		out.Write(rest[:begin])
		size := stringLength(rest[begin:])
		out.Write(redactString(rest[begin : begin+size]))
		rest = rest[begin+size:]
	}
	if _, err := r.to.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(event), nil
}

// stringLength returns the length of the JSON string that text begins with.
func stringLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func redactString(literal []byte) []byte {
	var text string
	if json.Unmarshal(literal, &text) != nil {
		return literal
	}
	redacted := report.Redact(text)
	if redacted == text {
		return literal
	}
	encoded, err := json.Marshal(redacted)
	if err != nil {
		return literal
	}
	return encoded
}
