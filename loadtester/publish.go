package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/senior-backend/toolkit/loadtester/internal/fleet"
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
	for _, path := range []string{o.Output, o.HTML, o.CSV, o.HDR} {
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
	written := writeFiles(o, document, out, s)
	if o.JSON {
		_, err = s.out.Write(document)
		return errors.Join(written, err)
	}
	columns, _ := cmdline.Terminal(s.out)
	if err := pageOf(out, false).Text(s.out, report.TextOptions{Width: columns, Color: cmdline.Color(s.out)}); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return written
}

func writeFiles(o *options, document []byte, out outcome, s streams) error {
	if o.Output != "" {
		if err := atomicfile.WriteBytes(o.Output, document); err != nil {
			return err
		}
		s.log.Info().Str("file", o.Output).Msg("result written")
	}
	if o.HTML != "" {
		if err := atomicfile.Write(o.HTML, pageOf(out, true).HTML); err != nil {
			return err
		}
		s.log.Info().Str("file", o.HTML).Msg("report written")
	}
	if o.CSV != "" {
		records, names := rows(out)
		if err := atomicfile.Write(o.CSV, func(w io.Writer) error { return result.Rows(w, records, names) }); err != nil {
			return err
		}
		s.log.Info().Str("file", o.CSV).Msg("figures written")
	}
	if o.HDR != "" {
		err := atomicfile.Write(o.HDR, func(w io.Writer) error {
			_, err := out.histograms.WriteTo(w)
			return err
		})
		if err != nil {
			return err
		}
		s.log.Info().Str("file", o.HDR).Msg("histograms written")
	}
	return nil
}

// rows are the records that the CSV file has rows of: of two targets that were loaded in
// turns, the slices in the order in which they ran.
func rows(out outcome) (records []*result.Record, names []string) {
	for i := range out.slices[0] {
		for turn := range out.slices {
			k := (turn + i) % 2
			records, names = append(records, out.slices[k][i]), append(names, out.names[k])
		}
	}
	if records == nil {
		return out.records, nil
	}
	return records, names
}

// jsonDocument is the contract's JSON result.
func jsonDocument(out outcome) ([]byte, error) {
	status := "success"
	switch {
	case errors.Is(out.failure, fault.ErrInterrupted):
		status = "interrupted"
	case errors.Is(out.failure, errPartial):
		status = "partial"
	case out.failure != nil, verdict.Failed(out.checks) != nil:
		status = "failed"
	}
	document, err := json.MarshalIndent(struct {
		Status     string                `json:"status"`
		Results    []*result.Record      `json:"results"`
		Checks     []verdict.Check       `json:"checks,omitempty"`
		Comparison []verdict.Difference  `json:"comparison,omitempty"`
		Advice     []advised             `json:"advice,omitempty"`
		Capacity   *found                `json:"capacity,omitempty"`
		Headers    []verdict.HeaderGrade `json:"headers,omitempty"`
		Agents     []agentRecord         `json:"agents,omitempty"`
		Absent     []fleet.Absent        `json:"agents_left_out,omitempty"`
	}{status, append([]*result.Record{}, out.records...), out.checks, out.differences, out.advice, out.capacity, out.headers, out.agents, out.absent}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return append(document, '\n'), nil
}
