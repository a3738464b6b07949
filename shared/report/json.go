package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// JSON writes d as one indented JSON document. Its keys are those of
// MarshalJSON. The error is w's.
func (d Document) JSON(w io.Writer) error {
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// MarshalJSON returns d as an object of title, subtitle, verdict, figures and
// sections. Each block of a section has a "type": text, code, table, findings
// or chart. The points of a chart are [x, y] pairs; a gap is null.
func (d Document) MarshalJSON() ([]byte, error) {
	data, err := marshal(documentJSON(prepared(d)))
	if err != nil {
		return nil, err
	}
	return escapeControls(data), nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(true) // the document may be put in a page
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// escapeControls spells out DEL and the C1 controls, which JSON allows and
// terminals obey. They stand in strings only.
func escapeControls(data []byte) []byte {
	var out []byte
	for i := 0; i < len(data); i++ {
		switch {
		case data[i] == 0x7f:
			out = append(out, `\u007f`...)
		case data[i] == 0xc2 && i+1 < len(data) && data[i+1] >= 0x80 && data[i+1] <= 0x9f:
			i++
			out = fmt.Appendf(out, `\u00%02x`, data[i])
		default:
			out = append(out, data[i])
		}
	}
	return out
}

type object map[string]any

// with adds what is not empty.
func (o object) with(key, text string) object {
	if text != "" {
		o[key] = text
	}
	return o
}

func documentJSON(d Document) any {
	out := struct {
		Title    string   `json:"title"`
		Subtitle string   `json:"subtitle,omitempty"`
		Verdict  object   `json:"verdict,omitempty"`
		Figures  []object `json:"figures"`
		Sections []object `json:"sections"`
	}{Title: d.Title, Subtitle: d.Subtitle, Figures: []object{}, Sections: []object{}}
	if d.Verdict.Text != "" {
		out.Verdict = object{"text": d.Verdict.Text}.with("level", d.Verdict.Level.String())
	}
	for _, f := range d.Figures {
		out.Figures = append(out.Figures,
			object{"label": f.Label, "value": f.Value}.with("note", f.Note).with("level", f.Level.String()))
	}
	for _, s := range d.Sections {
		blocks := []object{}
		for _, block := range s.Blocks {
			blocks = append(blocks, blockJSON(block))
		}
		out.Sections = append(out.Sections, object{"heading": s.Heading, "blocks": blocks})
	}
	return out
}

func blockJSON(block Block) object {
	switch b := block.(type) {
	case Text:
		return object{"type": "text", "text": string(b)}
	case Code:
		return object{"type": "code", "text": b.Text}.with("language", b.Language)
	case Table:
		return tableJSON(b)
	case Findings:
		findings := []object{}
		for _, f := range b {
			findings = append(findings, findingJSON(f))
		}
		return object{"type": "findings", "findings": findings}
	case Chart:
		return chartJSON(b)
	}
	return object{}
}

func tableJSON(t Table) object {
	columns, rows := []object{}, [][]object{}
	for _, column := range t.Columns {
		columns = append(columns, object{"head": column.Head, "numeric": column.Numeric})
	}
	for _, row := range t.Rows {
		cells := []object{}
		for _, cell := range row {
			cells = append(cells, object{"text": cell.Text}.with("level", cell.Level.String()))
		}
		rows = append(rows, cells)
	}
	return object{"type": "table", "columns": columns, "rows": rows}.with("caption", t.Caption)
}

func findingJSON(f Finding) object {
	out := object{"severity": string(f.Severity), "subject": f.Subject, "message": f.Message}.
		with("code", f.Code).with("evidence", f.Evidence).with("advice", f.Advice).with("link", f.Link)
	if f.Fix != nil {
		out["fix"] = object{"text": f.Fix.Text}.with("language", f.Fix.Language)
	}
	return out
}

func chartJSON(c Chart) object {
	series, markers := []object{}, []object{}
	for _, s := range c.Series {
		points := make([][2]number, 0, len(s.Points))
		for _, p := range s.Points {
			points = append(points, [2]number{number(p.X), number(p.Y)})
		}
		series = append(series, object{"name": s.Name, "points": points}.with("level", s.Level.String()))
	}
	for _, m := range c.Markers {
		markers = append(markers, object{"x": number(m.X), "label": m.Label})
	}
	return object{"type": "chart", "title": c.Title, "kind": string(c.Kind), "series": series, "markers": markers}.
		with("x_label", c.XLabel).with("y_label", c.YLabel).
		with("x_scale", string(c.XScale)).with("y_scale", string(c.YScale))
}

// number is a JSON number, or null where JSON has none.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if !isFinite(float64(n)) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

// String returns the level as JSON and HTML spell it; empty for LevelNone.
func (l Level) String() string {
	switch l {
	case LevelGood:
		return "good"
	case LevelNotice:
		return "notice"
	case LevelWarn:
		return "warn"
	case LevelBad:
		return "bad"
	}
	return ""
}
