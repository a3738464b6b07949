package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/atomicfile"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// errRehearsal ends the rehearsal of writing a file before anything is written.
var errRehearsal = errors.New("rehearsal")

// rehearse fails when a file that is asked for can't be written, before the load rather
// than after it.
func rehearse(o *options) error {
	for _, path := range []string{o.Output, o.HTML} {
		if path == "" {
			continue
		}
		err := atomicfile.Write(path, func(io.Writer) error { return errRehearsal })
		if !errors.Is(err, errRehearsal) {
			return err
		}
	}
	return nil
}

// publish writes the files asked for and prints the report or the JSON document. What
// was measured is printed even when a file can't be written.
func publish(o *options, out outcome, s streams) error {
	document, err := jsonDocument(out)
	if err != nil {
		return err
	}
	page := pageOf(out)
	written := writeFiles(o, document, page, s)
	if o.JSON {
		_, err = s.out.Write(document)
		return errors.Join(written, err)
	}
	columns, _ := cmdline.Terminal(s.out)
	if err := page.Text(s.out, report.TextOptions{Width: columns, Color: cmdline.Color(s.out)}); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return written
}

func writeFiles(o *options, document []byte, page *report.Document, s streams) error {
	if o.Output != "" {
		if err := atomicfile.WriteBytes(o.Output, document); err != nil {
			return err
		}
		s.log.Info().Str("file", o.Output).Msg("result written")
	}
	if o.HTML != "" {
		if err := atomicfile.Write(o.HTML, page.HTML); err != nil {
			return err
		}
		s.log.Info().Str("file", o.HTML).Msg("report written")
	}
	return nil
}

// jsonDocument is the contract's JSON result.
func jsonDocument(out outcome) ([]byte, error) {
	status := "success"
	switch {
	case errors.Is(out.failure, fault.ErrInterrupted):
		status = "interrupted"
	case out.failure != nil, verdict.Failed(out.checks) != nil:
		status = "failed"
	}
	document, err := json.MarshalIndent(struct {
		Status     string               `json:"status"`
		Results    []*result.Record     `json:"results"`
		Checks     []verdict.Check      `json:"checks,omitempty"`
		Comparison []verdict.Difference `json:"comparison,omitempty"`
		Advice     []advised            `json:"advice,omitempty"`
	}{status, append([]*result.Record{}, out.records...), out.checks, out.differences, out.advice}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return append(document, '\n'), nil
}
