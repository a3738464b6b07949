package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/senior-backend/toolkit/shared/fault"
)

// eachLine calls do for each line that isn't blank.
func eachLine(path string, text []byte, do func(line int, text []byte) error) error {
	line := 0
	for raw := range bytes.Lines(text) {
		line++
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		if err := do(line, bytes.TrimRight(raw, "\r\n")); err != nil {
			return err
		}
	}
	return nil
}

// decodeObject reads the one JSON object that text is, with its keys in their order.
func decodeObject(text []byte) (object map[string]json.RawMessage, keys []string, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	first, err := d.Token()
	if err != nil {
		return nil, nil, err
	}
	if first != json.Delim('{') {
		return nil, nil, errors.New("is no JSON object")
	}
	object = map[string]json.RawMessage{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, nil, errors.New("is no JSON object")
		}
		if _, twice := object[key]; twice {
			return nil, nil, fmt.Errorf("has the key %q twice", key)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, err
		}
		object[key] = value
		keys = append(keys, key)
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("goes on after the object")
	}
	return object, keys, nil
}

// badJSON is the fault of a line of JSON, with the column where that is known.
func badJSON(path string, line int, text []byte, err error, hint string) error {
	f := &fault.Input{Path: path, Line: line, Hint: hint, Err: err}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		f.Column = int(min(syntax.Offset, int64(len(text))))
		f.Message = "is no JSON: " + syntax.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.Column = len(text)
		f.Message = "is no JSON: it ends too early"
	default:
		f.Message = err.Error()
	}
	return f
}
