package plan

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Parcel is options with all that they name, complete enough to be validated on another
// machine, which reads no file of its own for them.
type Parcel struct {
	Options Options
	Files   map[string][]byte
}

// Pack reads what the options name. p is the plan that they describe.
func (o Options) Pack(p *Plan) (*Parcel, error) {
	files := &Files{Contents: map[string][]byte{}, keep: true}
	packed := o
	packed.Files, packed.Rows = files, nil
	packed.Seed = int64(p.Targets[0].Seed)
	if o.Proxy == proxyFromEnvironment {
		packed.Environment = environmentProxies()
	}
	if d := p.Targets[0].Data; d != nil {
		packed.Rows = d
	}
	if _, err := packed.Validate(); err != nil {
		return nil, err
	}
	packed.Files = nil
	if text, err := json.Marshal(packed); err == nil {
		var again Options
		if json.Unmarshal(text, &again) == nil {
			again.Rows = packed.Rows
			if reflect.DeepEqual(packed, again) {
				return &Parcel{Options: packed, Files: files.Contents}, nil
			}
		}
	}
	return nil, fault.Usagef("the command line holds bytes that are no UTF-8, which can't go to agents; write them into a file and name it with @FILE")
}

// Unpack is the plan that a parcel describes, of which rows are the part of the machine's
// own; nil where there is no data.
func (p *Parcel) Unpack(rows *Data) (*Plan, error) {
	o := p.Options
	o.Files, o.Rows = &Files{Contents: p.Files}, rows
	return o.Validate()
}

// Part is the rows whose number modulo s.Of is s.Index.
func (d *Data) Part(s Share) *Data {
	if s.Of <= 1 {
		return d
	}
	part := &Data{Path: d.Path, Columns: d.Columns, Random: d.Random}
	for i := s.Index; i < len(d.lines); i += s.Of {
		part.lines = append(part.lines, d.lines[i])
		part.cells = append(part.cells, d.cells[i*len(d.Columns):(i+1)*len(d.Columns)]...)
	}
	return part
}

// AppendBinary appends the data to b: counts and lengths as varints, then the texts.
func (d *Data) AppendBinary(b []byte) ([]byte, error) {
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(d.Path)
	b = binary.AppendUvarint(b, uint64(len(d.Columns)))
	for _, name := range d.Columns {
		text(name)
	}
	b = binary.AppendUvarint(b, uint64(len(d.lines)))
	for i, line := range d.lines {
		b = binary.AppendUvarint(b, uint64(line))
		for _, cell := range d.cells[i*len(d.Columns) : (i+1)*len(d.Columns)] {
			text(cell)
		}
	}
	return b, nil
}

var errNoData = errors.New("these are no rows of data")

// UnmarshalBinary reads what AppendBinary wrote.
func (d *Data) UnmarshalBinary(b []byte) error {
	r := dataReader{rest: b}
	*d = Data{Path: r.text()}
	for range r.count(1) {
		d.Columns = append(d.Columns, r.text())
	}
	for range r.count(1 + len(d.Columns)) {
		d.lines = append(d.lines, int32(r.number()))
		for range d.Columns {
			d.cells = append(d.cells, r.text())
		}
	}
	if r.bad || len(r.rest) > 0 || len(d.lines) == 0 || len(d.Columns) == 0 {
		return fmt.Errorf("read rows: %w", errNoData)
	}
	return nil
}

type dataReader struct {
	rest []byte
	bad  bool
}

func (r *dataReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count is a number of things that take at least so many bytes each.
func (r *dataReader) count(bytes int) int {
	n := r.number()
	if n > uint64(len(r.rest)/bytes) {
		r.bad, r.rest = true, nil
		return 0
	}
	return int(n)
}

func (r *dataReader) text() string {
	n := r.count(1)
	s := bytes.Clone(r.rest[:n])
	r.rest = r.rest[n:]
	return string(s)
}
