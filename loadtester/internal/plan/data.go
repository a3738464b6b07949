package plan

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/fault"
)

// maxDataSize is the size of a data file that is read at most.
const maxDataSize = 512 << 20

// Data are the rows that requests take their values from.
type Data struct {
	Path    string
	Columns []string
	Random  bool // rows are taken at random rather than in their order
	cells   []string
	lines   []int32 // of the rows in the file
}

// Rows is how many rows there are.
func (d *Data) Rows() int { return len(d.lines) }

// row is the row for the request with the values, the k-th of this machine. In order, each comes as often as the
// others; with requests that come in rounds of the given length, each request meets all
// rows in the end, since after every common multiple the rows are moved by one.
func (d *Data) row(v *template.Values, k, round uint64) []string {
	n := uint64(len(d.lines))
	i := k % n
	switch {
	case d.Random:
		i = v.Random(ordinalOfRow) % n
	case round > 1:
		common := round / uint64(gcd(int(round), int(n))) * n
		i = (k + k/common) % n
	}
	width := uint64(len(d.Columns))
	return d.cells[i*width : (i+1)*width]
}

// readData reads a CSV file whose first line names the columns, or a JSONL file with one
// object in each line, whose keys are the columns.
func (f *Files) readData(path string) (*Data, error) {
	text, err := f.read(path, "data", maxDataSize, "name a .csv or .jsonl file")
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	d := &Data{Path: path}
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case ext == ".jsonl" || ext == ".ndjson" || ext == ".json" || ext != ".csv" && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")):
		err = d.readJSONL(text)
	default:
		err = d.readCSV(text, ext == ".tsv")
	}
	if err == nil && len(d.lines) == 0 {
		err = &fault.Input{Path: path, Message: "the data has no rows", Hint: "write one row a line, in CSV below a line with the columns' names"}
	}
	return d, err
}

func (d *Data) readCSV(text []byte, tabs bool) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	if tabs {
		r.Comma = '\t'
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			f := &fault.Input{Path: d.Path, Line: parse.Line, Column: parse.Column, Message: "is no CSV: " + parse.Err.Error(), Err: err}
			if errors.Is(err, csv.ErrFieldCount) {
				f.Column = 0
				f.Message = fmt.Sprintf("has %d fields, but there are %d columns: %s", len(record), len(d.Columns), strings.Join(d.Columns, ", "))
				f.Hint = "quote fields that hold a comma"
			}
			return f
		}
		if err != nil {
			return &fault.Input{Path: d.Path, Message: "is no CSV: " + err.Error(), Err: err}
		}
		line, _ := r.FieldPos(0)
		if d.Columns == nil {
			if err := d.name(record, line); err != nil {
				return err
			}
			continue
		}
		for _, cell := range record {
			d.cells = append(d.cells, strings.Clone(cell))
		}
		d.lines = append(d.lines, int32(line))
	}
}

// name takes the names of the columns.
func (d *Data) name(names []string, line int) error {
	seen := map[string]bool{}
	for _, name := range names {
		name = strings.TrimSpace(name)
		if name == "" || seen[name] {
			return &fault.Input{
				Path: d.Path, Line: line, Message: fmt.Sprintf("names the column %q twice, or not at all", name),
				Hint: "the first line of a CSV file names its columns, each once",
			}
		}
		seen[name] = true
		d.Columns = append(d.Columns, name)
	}
	return nil
}

func (d *Data) readJSONL(text []byte) error {
	return eachLine(d.Path, text, func(line int, text []byte) error {
		object, keys, err := decodeObject(text)
		if err != nil {
			return badJSON(d.Path, line, text, err, `write one object a line, such as {"id": 1, "name": "Ada"}`)
		}
		if d.Columns == nil {
			d.Columns = append([]string{}, keys...)
		}
		if len(keys) != len(d.Columns) {
			return d.otherKeys(line, keys)
		}
		for _, name := range d.Columns {
			value, ok := object[name]
			if !ok {
				return d.otherKeys(line, keys)
			}
			d.cells = append(d.cells, cellOf(value))
		}
		d.lines = append(d.lines, int32(line))
		return nil
	})
}

func (d *Data) otherKeys(line int, keys []string) error {
	return &fault.Input{
		Path: d.Path, Line: line,
		Message: fmt.Sprintf("has the keys %s, but the first row has %s", strings.Join(keys, ", "), strings.Join(d.Columns, ", ")),
		Hint:    "give every row the same keys",
	}
}

// cellOf is the text of a JSON value: strings without their quotes, all else as it stands.
func cellOf(value json.RawMessage) string {
	var text string
	if len(value) > 0 && value[0] == '"' && json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
