package migration

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/fault"
)

func FuzzSections(f *testing.F) {
	for _, seed := range []string{
		"-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;", "-- migrate:up transaction:false\nSELECT 1\n-- migrate:down\n",
		"-- migrator: plan online\nBEGIN;\nSELECT 1;\nCOMMIT;", "COPY t FROM stdin;\n\\.\n", "-- +goose Up\n-- +goose Up\nSELECT 1;",
		"-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\nSELECT 2;\n-- +goose Down\n-- +goose StatementEnd",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		up, down, _, err := sections("a.sql", text)
		for _, one := range []section{up, down} {
			if err != nil || !one.found {
				continue
			}
			parsed, parseErr := parse(one)
			var input *fault.Input
			if parseErr != nil {
				require.True(t, errors.As(parseErr, &input), "%v", parseErr)
				require.LessOrEqual(t, input.Line, strings.Count(text, "\n")+1)
				continue
			}
			lines := strings.Split(text, "\n")
			for i, step := range parsed.Steps() {
				require.Equal(t, i+1, step.Number)
				first, _, _ := strings.Cut(step.Text, "\n")
				require.Contains(t, lines[step.Line-1], first, "a statement stands where it is said to")
			}
		}
	})
}
