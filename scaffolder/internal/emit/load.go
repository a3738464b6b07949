package emit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// Weights of the requests of a load plan: a valid one is sent nine times as
// often as one with an optional parameter, and as an invalid one.
const (
	validWeight    = 9
	optionalWeight = 1
	invalidWeight  = 1
)

// idempotencyKey is the header without which operations that ask for a key refuse.
const idempotencyKey = "Idempotency-Key"

// planned is one line of a load plan.
type planned struct {
	Name    string            `json:"name"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
	Weight  int               `json:"weight"`
	Expect  any               `json:"expect"`
}

// LoadPlan writes a load plan for an API: valid requests to every operation,
// and an invalid one to each that can be asked wrongly, one JSON object a line.
// URLs are relative to the server. Operations for which no request can be made
// or sent are left out with a warning.
func LoadPlan(a *api.API) (text string, requests int, left []Warning) {
	p := plan.New(a)
	var b strings.Builder
	for _, operation := range p.Operations {
		if operation.Unreachable {
			continue
		}
		lines := loadLines(p, operation)
		if lines == nil {
			left = append(left, Warning{Position: operation.Position, Message: fmt.Sprintf(
				"%s %s is left out of the load plan: no valid request can be made up; give its parameters and body examples", operation.Method, operation.Path)})
		}
		for _, line := range lines {
			b.WriteString(line + "\n")
			requests++
		}
	}
	return b.String(), requests, left
}

func loadLines(p *plan.Plan, operation *plan.Operation) []string {
	if !strings.Contains(" GET POST PUT PATCH DELETE HEAD OPTIONS ", " "+operation.Method+" ") {
		return nil
	}
	var lines []string
	add := func(one example.Case, name string, weight int, expect any) bool {
		line := planned{Name: name, Method: one.Method, URL: p.BasePath + one.Target, Weight: weight, Expect: expect}
		keyed := operation.Repeats() == plan.OnceByKey && !strings.EqualFold(one.Field, idempotencyKey)
		text, ok := line.write(one.Request, keyed)
		if ok {
			lines = append(lines, text)
		}
		return ok
	}
	for i, one := range example.Usual(p, operation) {
		weight := validWeight
		if i > 0 && one.Media == "" {
			weight = optionalWeight
		}
		add(one, operation.Name, weight, successes(operation))
	}
	for _, one := range example.Cases(p, operation, 60) {
		if one.Keyword != "" && add(one, operation.Name+": wrong "+one.Field, invalidWeight, 400) {
			break
		}
	}
	if len(lines) > 0 && strings.Contains(lines[0], `"expect":400`) {
		return nil
	}
	return lines
}

// write writes the line, with another key each time it is sent where one is
// asked for; false for requests that a load plan cannot hold.
func (l planned) write(request example.Request, keyed bool) (string, bool) {
	contentType := ""
	for _, header := range request.Headers {
		if l.Headers == nil {
			l.Headers = map[string]string{}
		}
		l.Headers[header.Name] = header.Value
		if strings.EqualFold(header.Name, "Content-Type") {
			contentType = header.Value
		}
	}
	switch {
	case request.Body == nil:
	case strings.HasSuffix(contentType, "json") && json.Valid(request.Body) && request.Body[0] != '"' && string(request.Body) != "null":
		l.Body = request.Body
	default:
		text, err := marshal(string(request.Body))
		if err != nil || bytes.HasPrefix(request.Body, []byte("@")) {
			return "", false
		}
		l.Body = text
	}
	text, err := marshal(l)
	// What looks like a template would be filled in.
	if err != nil || bytes.Contains(text, []byte("{{")) {
		return "", false
	}
	if keyed {
		headers := map[string]string{idempotencyKey: "{{uuid}}"}
		for name, value := range l.Headers {
			if !strings.EqualFold(name, idempotencyKey) {
				headers[name] = value
			}
		}
		l.Headers = headers
		text, err = marshal(l)
	}
	return string(text), err == nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// successes are the statuses that an operation answers to valid requests.
func successes(operation *plan.Operation) any {
	list := []string{}
	for _, answer := range operation.Answers() {
		if answer.Status[0] == '2' || answer.Status[0] == '3' {
			status := strings.ToLower(answer.Status)
			if len(list) == 0 || list[len(list)-1] != status {
				list = append(list, status)
			}
		}
	}
	switch len(list) {
	case 0:
		return "2xx"
	case 1:
		return list[0]
	}
	return list
}
