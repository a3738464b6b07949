package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/shared/atomicfile"
	"github.com/senior-backend/toolkit/shared/fault"
)

// writeIndexes writes the suggested indexes and the file that drops them again.
func writeIndexes(o options, s streams, a indexAdvice) ([]string, error) {
	if err := os.MkdirAll(o.Output, 0o755); err != nil {
		return nil, &fault.Environment{Message: "make the output directory: " + err.Error(), Hint: "name another with --output", Err: err}
	}
	var up, down strings.Builder
	fmt.Fprintf(&up, "-- Indexes that %s would gain by.\n", comment(a.label))
	fmt.Fprintf(&up, "-- Each is built without blocking writers, and so outside of a transaction.\n")
	fmt.Fprintf(&down, "-- Drops the indexes of the file of the same time.\n\n")
	for _, suggestion := range a.Suggestions {
		fmt.Fprintf(&up, "\n-- %s\n", comment(suggestion.Reason))
		if evidence := suggestion.evidence(); evidence != "" {
			fmt.Fprintf(&up, "-- %s\n", comment(evidence))
		}
		for _, statement := range suggestion.served() {
			fmt.Fprintf(&up, "-- serves: %s\n", comment(statement))
		}
		fmt.Fprintf(&up, "%s\n", suggestion.script())
	}
	for _, suggestion := range slices.Backward(a.Suggestions) {
		fmt.Fprintf(&down, "%s\n", suggestion.Rollback)
	}
	files := []string{stamped(o, s, "add_indexes.sql"), stamped(o, s, "add_indexes_rollback.sql")}
	if err := atomicfile.WriteBytes(files[1], []byte(down.String())); err != nil {
		return nil, err
	}
	if err := atomicfile.WriteBytes(files[0], []byte(up.String())); err != nil {
		_ = os.Remove(files[1])
		return nil, err
	}
	return files, nil
}

// comment keeps text within one line of SQL comment.
func comment(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}
