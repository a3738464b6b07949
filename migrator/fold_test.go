package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/shared/report"
)

// What a rule says of many tables is told of some, and the others are named;
// errors, and what was asked for by name, are told in full.
func TestManyFindingsOfOneRuleAreFolded(t *testing.T) {
	var a analysis
	for n := range 50 {
		for rule, severity := range map[string]report.Severity{"a": report.SeverityWarning, "e": report.SeverityError} {
			a.findings = append(a.findings, advise.Finding{Rule: rule, Severity: severity, Table: schema.ID{Name: fmt.Sprint("t", n)}})
		}
	}
	for n := range 10 {
		a.findings = append(a.findings, advise.Finding{Rule: "b", Severity: report.SeverityWarning, Table: schema.ID{Name: fmt.Sprint("t", n)}})
	}
	warnings := a.folded(report.SeverityWarning)
	require.Len(t, warnings, 3+1+10)
	folded := warnings[3]
	require.Equal(t, "47 more tables", folded.Subject)
	require.Equal(t, "47 findings like those above", folded.Message)
	require.Contains(t, folded.Evidence, "t3, t4, ")
	require.Contains(t, folded.Evidence, "and 17 more")
	require.Contains(t, folded.Advice, "--rules a ")
	require.Len(t, a.folded(report.SeverityError), 50)
	a.all = true
	require.Len(t, a.folded(report.SeverityWarning), 60)
}
