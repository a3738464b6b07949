package main

import (
	"context"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/engine"
	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/verdict"
	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// runHeaders asks each target once and grades the security headers of its answer.
func runHeaders(ctx context.Context, o *options, p *plan.Plan, s streams) (outcome, error) {
	var out outcome
	for i := range p.Targets {
		t := p.Targets[i]
		t.Requests = append([]plan.Request(nil), t.Requests[:1]...)
		t.Requests[0].Success = &plan.StatusSet{} // so that any answer is one to keep
		e, err := engine.New(ctx, p, &t)
		if err != nil {
			return out, err
		}
		status, answer := ask(ctx, e, p)
		switch {
		case ctx.Err() != nil:
			out.failure = fault.ErrInterrupted
			return out, nil
		case answer == nil:
			return out, &fault.Environment{Message: t.Name + " did not answer", Hint: "see what loadtester " + t.Name + " --requests 1 says"}
		}
		s.log.Debug().Int("status", status).Msg("answer of " + t.Name)
		grades := verdict.Headers(answer, strings.EqualFold(t.Requests[0].URL.Scheme, "https"))
		check := verdict.Secured(grades)
		for k := range grades {
			grades[k].Target = t.Name
		}
		if len(p.Targets) > 1 {
			check.Name = t.Name + ": " + check.Name
		}
		out.headers = append(out.headers, grades...)
		out.checks = append(out.checks, check)
	}
	return out, nil
}

// headersPage is the report of graded headers: what is wrong, and then what is right.
func headersPage(out outcome) *report.Document {
	page := &report.Document{Title: "Security headers"}
	several := out.headers[0].Target != out.headers[len(out.headers)-1].Target
	if !several {
		page.Subtitle = out.headers[0].Target
	}
	var findings report.Findings
	good := report.Table{Columns: []report.Column{{Head: "header"}, {Head: "value"}, {Head: ""}}}
	for _, g := range out.headers {
		if g.Grade == verdict.GradeGood {
			good.Rows = append(good.Rows, []report.Cell{{Text: g.Header}, {Text: g.Value}, {Text: g.Message}})
			continue
		}
		finding := report.Finding{Severity: report.Severity(g.Grade), Subject: g.Header, Message: g.Message, Advice: g.Advice}
		if g.Value != "" {
			finding.Message = g.Value + ": " + finding.Message
		}
		if several {
			finding.Subject = g.Target + " " + finding.Subject
		}
		findings = append(findings, finding)
	}
	if len(findings) > 0 {
		page.Sections = append(page.Sections, report.Section{Heading: "To improve", Blocks: []report.Block{findings}})
	}
	if len(good.Rows) > 0 {
		page.Sections = append(page.Sections, report.Section{Heading: "Good", Blocks: []report.Block{good}})
	}
	return page
}
