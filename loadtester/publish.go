package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/shared/atomicfile"
	"github.com/senior-backend/toolkit/shared/report"
)

// outcome is all that a run ended with.
type outcome struct {
	records []*result.Record
	failure error // why the run is no success; may be nil
}

// publish prints the report or the JSON document and writes the files asked for.
func publish(o *options, out outcome, s streams) error {
	document, err := jsonDocument(out)
	if err != nil {
		return err
	}
	if o.Output != "" {
		if err := atomicfile.WriteBytes(o.Output, document); err != nil {
			return err
		}
	}
	if o.JSON {
		_, err = s.out.Write(document)
		return err
	}
	for _, r := range out.records {
		printText(s.out, result.Document(r))
	}
	if o.Output != "" {
		fmt.Fprintf(s.err, "result written to %s\n", o.Output)
	}
	return nil
}

// jsonDocument is the contract's JSON result.
func jsonDocument(out outcome) ([]byte, error) {
	status := "success"
	if out.failure != nil {
		status = "failed"
	}
	document, err := json.MarshalIndent(struct {
		Status  string           `json:"status"`
		Results []*result.Record `json:"results"`
	}{status, out.records}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return append(document, '\n'), nil
}

func printText(w io.Writer, d *report.Document) {
	fmt.Fprintf(w, "%s\n%s\n", d.Title, d.Subtitle)
	for _, f := range d.Figures {
		fmt.Fprintf(w, "  %-10s %s %s\n", f.Label, f.Value, f.Note)
	}
	for _, section := range d.Sections {
		fmt.Fprintf(w, "\n%s\n", section.Heading)
		for _, b := range section.Blocks {
			switch b := b.(type) {
			case report.Text:
				fmt.Fprintln(w, " ", string(b))
			case report.Table:
				for _, c := range b.Columns {
					fmt.Fprintf(w, "  %-10s", c.Head)
				}
				fmt.Fprintln(w)
				for _, row := range b.Rows {
					for _, c := range row {
						fmt.Fprintf(w, "  %-10s", c.Text)
					}
					fmt.Fprintln(w)
				}
			}
		}
	}
}
