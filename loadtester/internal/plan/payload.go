package plan

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/loadtester/internal/template"
	"github.com/senior-backend/toolkit/shared/fault"
)

// payload is a body before it is compiled. The zero value is none.
type payload struct {
	literal     []byte // sent as it is; nil when there may be templates
	pieces      []piece
	contentType string // empty leaves it to the method and the header fields
	path        string // of the file it came from; may be empty
}

// piece is a part of a body with templates.
type piece struct {
	text   string
	escape template.Escape
	encode bool // the text itself is encoded as well, for a form
	plain  bool // there are no templates in it
}

// text compiles the payload.
func (p *payload) text(c *template.Compiler) (template.Text, error) {
	var whole template.Text
	for _, piece := range p.pieces {
		if piece.plain {
			whole.AddLiteral(piece.text)
			continue
		}
		compile := c.Compile
		if piece.encode {
			compile = func(text string, _ template.Escape) (template.Text, error) { return c.CompileForm(text) }
		}
		t, err := compile(piece.text, piece.escape)
		if err != nil {
			return template.Text{}, err
		}
		whole.Add(t)
	}
	return whole, nil
}

// payload is the body that the options ask for.
func (o Options) payload() (payload, error) {
	given := 0
	for _, is := range []bool{o.Body != "", len(o.Form) > 0, o.JSONBody != ""} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return payload{}, fault.Usagef("--body, --form and --json-body exclude each other; give one of them")
	case len(o.Form) > 0:
		return o.Files.formPayload(o.Form)
	case o.JSONBody != "":
		return o.Files.jsonPayload(o.JSONBody)
	}
	p, err := o.Files.payload(o.Body)
	if err != nil {
		return p, err
	}
	p.setEscape(o.contentType())
	return p, nil
}

// contentType is the one that the header fields give, or else that of a body.
func (o Options) contentType() string {
	for _, text := range o.Headers {
		if name, value, _ := strings.Cut(text, ":"); strings.EqualFold(strings.TrimSpace(name), "content-type") {
			return value
		}
	}
	return jsonType
}

const jsonType = "application/json"

// setEscape makes data be escaped as the body's type wants it.
func (p *payload) setEscape(contentType string) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = strings.ToLower(strings.TrimSpace(contentType))
	}
	for i := range p.pieces {
		switch {
		case kind == jsonType || strings.HasSuffix(kind, "+json"):
			p.pieces[i].escape = template.JSON
		case kind == "application/x-www-form-urlencoded":
			p.pieces[i].escape = template.Form
		}
	}
}

// payload returns the body that text stands for: itself, or with "@path" a file's
// content. What is no text can't hold templates.
func (f *Files) payload(text string) (payload, error) {
	path, isFile := strings.CutPrefix(text, "@")
	if isFile {
		body, err := f.read(path, "body", MaxBodySize, "name a file after @")
		if err != nil {
			return payload{}, err
		}
		if !bytes.Contains(body, []byte("{{")) || !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
			return payload{literal: body, path: path}, nil
		}
		text = string(body)
	}
	if text == "" {
		return payload{path: path}, nil
	}
	p := payload{pieces: []piece{{text: text}}}
	if isFile {
		p.path = path
	}
	return p, nil
}

// jsonPayload is a body that must be JSON, templates aside.
func (f *Files) jsonPayload(text string) (payload, error) {
	p, err := f.payload(text)
	if err != nil {
		return p, err
	}
	sample := p.literal
	if len(p.pieces) > 0 {
		if sample = []byte(template.Sample(p.pieces[0].text)); len(sample) == 0 {
			sample = []byte("0") // what is wrong with it is told when it is compiled
		}
	}
	var value any
	if err := json.Unmarshal(sample, &value); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && p.path != "" {
			line, column := position(string(sample), int(syntax.Offset))
			return p, &fault.Input{Path: p.path, Line: line, Column: column, Message: "is no JSON: " + err.Error(), Hint: "send it with --body", Err: err}
		}
		return p, fault.Usagef("--json-body: is no JSON: %v; use --body for other text", err)
	}
	p.contentType = jsonType
	p.setEscape(jsonType)
	return p, nil
}

// position is the line and column, from 1, of a byte of text.
func position(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	line = 1 + strings.Count(before, "\n")
	return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// formPayload is a form as browsers send it: urlencoded, or multipart when a file is in it.
func (f *Files) formPayload(fields []string) (payload, error) {
	type field struct{ name, value, file string }
	var list []field
	multipart := false
	for _, text := range fields {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			// A value without its name could be a secret, so only its length is told.
			return payload{}, fault.Usagef("--form: a field without a name or = (%d characters); write name=value or name=@file", len(text))
		}
		one := field{name: name, value: value}
		if path, isFile := strings.CutPrefix(value, "@"); isFile {
			content, err := f.read(path, "form field "+name, MaxBodySize, "name a file after @, or write name=\\@text")
			if err != nil {
				return payload{}, err
			}
			one.value, one.file, multipart = string(content), filepath.Base(path), true
		} else if strings.HasPrefix(value, `\@`) {
			one.value = value[1:]
		}
		list = append(list, one)
	}
	var p payload
	if !multipart {
		p.contentType = "application/x-www-form-urlencoded"
		for i, f := range list {
			if i > 0 {
				p.add("&", template.Raw)
			}
			p.pieces = append(p.pieces, piece{text: f.name, encode: true})
			p.add("=", template.Raw)
			p.pieces = append(p.pieces, piece{text: f.value, encode: true})
		}
		return p, nil
	}
	boundary := "loadtester-" + strings.ToLower(rand.Text())
	p.contentType = "multipart/form-data; boundary=" + boundary
	quote := strings.NewReplacer("\"", "%22", "\r", "%0D", "\n", "%0A") // as WHATWG's HTML says
	for _, f := range list {
		head := fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=\"%s\"", boundary, quote.Replace(f.name))
		if f.file == "" {
			p.add(head+"\r\n\r\n"+f.value+"\r\n", template.Raw)
			continue
		}
		kind := mime.TypeByExtension(filepath.Ext(f.file))
		if kind == "" {
			kind = "application/octet-stream"
		}
		p.add(fmt.Sprintf("%s; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n", head, quote.Replace(f.file), kind), template.Raw)
		p.pieces = append(p.pieces, piece{text: f.value, plain: true})
		p.add("\r\n", template.Raw)
	}
	p.add("--"+boundary+"--\r\n", template.Raw)
	return p, nil
}

func (p *payload) add(text string, escape template.Escape) {
	p.pieces = append(p.pieces, piece{text: text, escape: escape})
}
