package plan

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// MediaForm is how a body is read.
type MediaForm int

// Forms of bodies.
const (
	Binary MediaForm = iota
	JSON
	Form
	Multipart
	Text
)

// MediaType is a media type without parameters, in lower case.
func MediaType(name string) string {
	name, _, _ = strings.Cut(name, ";")
	return strings.ToLower(strings.TrimSpace(name))
}

// FormOf tells how a body of a media type is read.
func FormOf(name string) MediaForm {
	name = MediaType(name)
	switch {
	case name == "application/json", name == "text/json", strings.HasSuffix(name, "+json"), name == "*/*":
		return JSON
	case name == "application/x-www-form-urlencoded":
		return Form
	case strings.HasPrefix(name, "multipart/"):
		return Multipart
	case strings.HasPrefix(name, "text/"), isXML(name):
		return Text
	}
	return Binary
}

// isXML tells media types that cannot be validated.
func isXML(name string) bool {
	name = MediaType(name)
	return name == "application/xml" || name == "text/xml" || strings.HasSuffix(name, "+xml")
}

// Accepts are the media types of the body that are served, each once. XML can
// only be handed on as text, and is left out where there is something better.
func (o *Operation) Accepts() []*api.Media {
	if o.Body == nil {
		return nil
	}
	var served, xml []*api.Media
	seen := map[string]bool{}
	for _, media := range o.Body.Content {
		name := MediaType(media.Type)
		switch {
		case seen[name]:
		case isXML(name):
			xml = append(xml, media)
		default:
			served = append(served, media)
		}
		seen[name] = true
	}
	if served == nil {
		return xml
	}
	return served
}

// Inline is the schema that a reference means, so that it can be written where
// it is used.
func (p *Plan) Inline(s *api.Schema) *api.Schema {
	for range 20 {
		if s == nil || s.Ref == "" {
			break
		}
		target := p.byWire[s.Ref]
		if target == nil || target.hollow {
			return nil
		}
		s = target.Schema
	}
	return s
}

// IsFile tells whether a property of a multipart form is a file.
func IsFile(s *api.Schema) bool {
	if s.Format == "binary" || s.ContentMediaType != "" && s.ContentEncoding == "" && s.Types == nil {
		return true
	}
	return s.ContentMediaType == "application/octet-stream" && s.ContentEncoding == ""
}

// Served are the parameters in one place, each name once. Headers that HTTP
// itself speaks about are left out, as OpenAPI says.
func (o *Operation) Served(in string) []*api.Parameter {
	var served []*api.Parameter
	seen := map[string]bool{}
	for _, parameter := range o.Parameters {
		key := parameter.Name
		if in == api.InHeader {
			key = strings.ToLower(key)
			if key == "accept" || key == "content-type" || key == "authorization" {
				continue
			}
		}
		if parameter.In != in || seen[key] || in == api.InPath && !o.inPath(parameter.Name) {
			continue
		}
		seen[key] = true
		served = append(served, parameter)
	}
	return served
}

func (o *Operation) inPath(name string) bool {
	return slices.ContainsFunc(o.Parts, func(part Part) bool { return part.Parameter && part.Text == name })
}

// Answer is one thing that an operation may answer.
type Answer struct {
	Status   string        // "200", "2XX" or "default"
	Response *api.Response // nil when the document says nothing
	Media    *api.Media    // nil for an answer without a body
	Envelope bool          // the body is the envelope around data
	Named    bool          // the handler has to say which media type it is
}

// Answers are what the document lets an operation answer; and a success in the
// envelope when it names none.
func (o *Operation) Answers() []Answer {
	var answers []Answer
	success := false
	for _, response := range o.Responses {
		if !isStatus(response.Status) {
			continue
		}
		failing := response.Status[0] == '4' || response.Status[0] == '5'
		if Thrown(response) {
			continue
		}
		success = success || !failing
		answers = append(answers, answersOf(response)...)
	}
	if !success {
		answers = append(answers, Answer{Status: o.usualStatus(), Envelope: o.usualStatus() != "204"})
	}
	return answers
}

// Thrown tells errors without a body of their own: they are thrown, and answered
// in the error envelope.
func Thrown(r *api.Response) bool {
	return isStatus(r.Status) && (r.Status[0] == '4' || r.Status[0] == '5') && len(r.Content) == 0
}

// Answered are the media types that requests may be answered in, but for errors.
func (o *Operation) Answered() []string {
	var types []string
	add := func(name string) {
		if !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	for _, answer := range o.Answers() {
		switch {
		case answer.Status[0] == '4' || answer.Status[0] == '5':
		case answer.Envelope:
			add("application/json")
		case answer.Media != nil:
			add(MediaType(answer.Media.Type))
		}
	}
	return types
}

func isStatus(status string) bool {
	if status == "default" {
		return true
	}
	if len(status) != 3 || status[0] < '1' || status[0] > '5' {
		return false
	}
	return status[1:] == "XX" || status[1] >= '0' && status[1] <= '9' && status[2] >= '0' && status[2] <= '9'
}

func answersOf(response *api.Response) []Answer {
	bodiless := response.Status[0] == '1' || response.Status[0] == '3' || response.Status == "204" || response.Status == "205"
	if len(response.Content) == 0 {
		return []Answer{{Status: response.Status, Response: response, Envelope: !bodiless}}
	}
	var answers []Answer
	for _, media := range response.Content {
		answer := Answer{Status: response.Status, Response: response, Media: media, Named: true}
		if FormOf(media.Type) == JSON {
			answer.Named = len(response.Content) > 1
			answer.Envelope = media.Schema == nil
		}
		answers = append(answers, answer)
	}
	return answers
}

func (o *Operation) usualStatus() string {
	switch o.Method {
	case "POST":
		return "201"
	case "DELETE":
		return "204"
	}
	return "200"
}
