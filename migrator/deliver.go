package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/senior-backend/toolkit/shared/atomicfile"
	"github.com/senior-backend/toolkit/shared/report"
)

// deliver writes a result where the options want it: the report or, with
// --json, the result on stdout; the report's other forms in files.
func deliver(o options, s streams, document report.Document, result any) error {
	if err := deliverFiles(o, document); err != nil {
		return err
	}
	if !o.JSON {
		return document.Text(s.out, report.TextOptionsFor(s.out))
	}
	return writeJSON(s.out, result)
}

func writeJSON(w io.Writer, result any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(result); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func deliverFiles(o options, document report.Document) error {
	for _, form := range []struct {
		path  string
		write func(io.Writer) error
	}{{o.HTML, document.HTML}, {o.Markdown, document.Markdown}} {
		if form.path == "" {
			continue
		}
		if err := atomicfile.Write(form.path, form.write); err != nil {
			return err
		}
	}
	return nil
}

// stamped is the path of a file that a mode writes: DIR/<when>_name.
func stamped(o options, s streams, name string) string {
	return filepath.Join(o.Output, s.now().UTC().Format("20060102_150405")+"_"+name)
}

// count writes a number with its noun.
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "x"):
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
