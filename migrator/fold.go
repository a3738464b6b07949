package main

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/shared/report"
)

// How many findings of one rule a report for a person shows in full when there
// are more than it folds away, and how many tables it names of the others.
const (
	unfolded   = 10
	leftInFull = 3
	mostNamed  = 30
)

// folded are the findings of a severity for a person. Of a rule that objects to
// many tables some are shown, and the others named: they bury what is told
// once. Errors are never folded.
func (a analysis) folded(severity report.Severity) report.Findings {
	times, shown := map[string]int{}, map[string]int{}
	for _, f := range a.findings {
		if f.Severity == severity {
			times[f.Rule]++
		}
	}
	var findings report.Findings
	rest := map[string][]advise.Finding{}
	for _, f := range a.findings {
		if f.Severity != severity {
			continue
		}
		shown[f.Rule]++
		if a.all || severity == report.SeverityError || times[f.Rule] <= unfolded || shown[f.Rule] <= leftInFull {
			findings = append(findings, documentFinding(f))
			continue
		}
		rest[f.Rule] = append(rest[f.Rule], f)
		if shown[f.Rule] == times[f.Rule] {
			findings = append(findings, others(rest[f.Rule]))
		}
	}
	return findings
}

// others names findings of one rule that are not shown.
func others(rest []advise.Finding) report.Finding {
	var tables []string
	named := map[string]bool{}
	for _, f := range rest {
		if name := f.TableName(); name != "" && !named[name] {
			named[name] = true
			tables = append(tables, name)
		}
	}
	evidence := strings.Join(tables[:min(len(tables), mostNamed)], ", ")
	if more := len(tables) - mostNamed; more > 0 {
		evidence += fmt.Sprintf(" and %d more", more)
	}
	return report.Finding{
		Severity: rest[0].Severity, Code: rest[0].Rule, Subject: count(len(tables), "more table"),
		Message:  fmt.Sprintf("%s like those above", count(len(rest), "finding")),
		Evidence: evidence,
		Advice:   fmt.Sprintf("--rules %[1]s shows each with its statement, as does the JSON; --rules %[1]s=off leaves them out", rest[0].Rule),
		Link:     rest[0].Link,
	}
}
