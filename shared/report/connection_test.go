package report_test

import (
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/report"
)

func TestConnectionProblemQuotesNothing(t *testing.T) {
	parse := func(text string) error {
		_, err := url.Parse(text)
		return err
	}
	escape := parse("postgres://u:se%zzcret@localhost/d")
	require.ErrorContains(t, escape, "%zz", "what the parser says by itself")
	require.Equal(t, "a % begins no %XX; special characters in a password are written %XX", report.ConnectionProblem(escape))

	control := parse("postgres://u:secret\x00@localhost/d")
	require.ErrorContains(t, control, "secret")
	require.NotContains(t, report.ConnectionProblem(control), "secret")

	_, number := strconv.Atoi("secret")
	require.Equal(t, "parse port", report.ConnectionProblem(fmt.Errorf("pq: parse port: %w", number)))
}
