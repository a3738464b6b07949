package report

import "strings"

// severityGroup is the findings of one severity, in the order given.
type severityGroup struct {
	Severity Severity
	Heading  string // such as "2 errors"; empty when the section says it already
	Level    Level
	Findings []Finding
}

// bySeverity groups findings, most severe first. A severity that is none of
// the known ones is taken for information. A group needs no heading below a
// section whose heading is that severity.
func bySeverity(findings Findings, section string) []severityGroup {
	groups := []severityGroup{
		{Severity: SeverityError, Level: LevelBad},
		{Severity: SeverityWarning, Level: LevelWarn},
		{Severity: SeverityInfo, Level: LevelNotice},
	}
	for _, f := range findings {
		i := 2
		switch f.Severity {
		case SeverityError:
			i = 0
		case SeverityWarning:
			i = 1
		}
		groups[i].Findings = append(groups[i].Findings, f)
	}
	out := groups[:0]
	for _, g := range groups {
		if n := len(g.Findings); n > 0 {
			one, many := g.Severity.words()
			if !strings.EqualFold(many, section) {
				g.Heading = count(n, one, many)
			}
			out = append(out, g)
		}
	}
	return out
}

// words are what a person calls one and several findings of the severity.
func (s Severity) words() (one, many string) {
	switch s {
	case SeverityError:
		return "error", "errors"
	case SeverityWarning:
		return "warning", "warnings"
	}
	return "suggestion", "suggestions"
}

func (p *printer) findings(findings Findings) {
	parted := false
	for _, group := range bySeverity(findings, p.heading) {
		if group.Heading != "" {
			if parted {
				p.line("")
			}
			p.line(p.styled(group.Heading, styleBold, levelStyle(group.Level)))
			parted = true
		}
		for _, f := range group.Findings {
			if parted {
				p.line("")
			}
			p.finding(f, group.Level)
			parted = true
		}
	}
}

func (p *printer) finding(f Finding, level Level) {
	outer := p.indent
	p.indent += "  "
	head, style := f.Subject, styleBold
	if head == "" {
		head, style = f.Code, styleDim
	} else if f.Code != "" && displayWidth(head)+displayWidth(f.Code)+6 <= p.room() {
		head = p.styled(head, styleBold) + "  " + p.styled(f.Code, styleDim)
		style = ""
	}
	mark := p.styled(levelMark(level), levelStyle(level)) + " "
	switch {
	case head == "":
		p.prose(mark, inlineProse(f.Message), 2)
	case style == "":
		p.line(mark + head)
	default:
		p.prose(mark, head, 2, style)
	}
	p.indent += "  "
	if head != "" {
		p.paragraphs(f.Message)
	}
	p.aspect("Evidence", f.Evidence)
	p.aspect("Advice", f.Advice)
	if f.Fix != nil && f.Fix.Text != "" {
		p.line(p.styled("Fix", styleDim))
		p.indent = strings.TrimSuffix(p.indent, "  ")
		p.code(*f.Fix)
		p.indent += "  "
	}
	if f.Link != "" { // not wrapped, so that it can be followed
		p.line(p.styled(pad("Read", aspectColumn, false), styleDim) + f.Link)
	}
	p.indent = outer
}

const aspectColumn = 10 // as wide as the longest label and two spaces

// aspect writes a labelled part of a finding, its lines behind the label.
func (p *printer) aspect(label, text string) {
	if text = inlineProse(text); text == "" {
		return
	}
	p.prose(p.styled(pad(label, aspectColumn, false), styleDim), text, aspectColumn)
}

func inlineProse(text string) string { return strings.Join(strings.Fields(text), " ") }
