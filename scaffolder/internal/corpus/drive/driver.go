package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// driver sends requests to one server.
type driver struct {
	tally
	plan   *plan.Plan
	server *server
	limit  int
	client http.Client
}

func (d *driver) all() {
	d.client.Timeout = 30 * time.Second
	d.client.Transport = &http.Transport{MaxIdleConnsPerHost: 4}
	defer d.client.CloseIdleConnections()
	routes := d.plan.Routes()
	d.expect(nil, example.Request{Method: "GET", Target: "/no/such/path/at/all"}, "404", answered(404), &d.other)
	for _, route := range routes {
		for _, operation := range route.Operations {
			d.operations++
			d.operation(route, operation)
		}
	}
}

type answer struct {
	status  int
	headers http.Header
	body    []byte
	fields  []string
}

func answered(status int) func(answer) bool {
	return func(a answer) bool { return a.status == status }
}

func passed(a answer) bool { return a.status == 501 || a.status >= 200 && a.status < 300 }

func (d *driver) operation(route *plan.Route, operation *plan.Operation) {
	cases := example.Thorough(d.plan, operation, d.limit)
	if cases == nil {
		d.faults = append(d.faults, fault{Operation: operation.Name, Request: operation.Method + " " + operation.Path, Wanted: "a valid request", Got: "none could be made"})
		return
	}
	proofs, open := d.proofs(operation)
	if proofs == nil && !open {
		d.expect(operation, cases[0].Request, "401", answered(401), &d.other)
		return
	}
	d.driven++
	var proof proof
	if len(proofs) > 0 {
		proof = proofs[0]
	}
	for _, one := range cases {
		request := proof.applied(one.Request)
		if one.Keyword == "" {
			d.expect(operation, request, "501 or 2xx", passed, &d.valid)
			continue
		}
		wanted := "400 naming " + one.Field + " (" + one.Keyword + ")"
		d.expect(operation, request, wanted, func(a answer) bool {
			return a.status == 400 && (operation.Method == http.MethodHead || names(a, one))
		}, &d.broken)
	}
	d.refusals(route, operation, cases[0].Request, proof, open)
}

// names tells whether an answer names the field that is wrong.
func names(a answer, one example.Case) bool {
	return slices.ContainsFunc(a.fields, func(field string) bool {
		return field == one.Field || one.Within && (one.Field == "body" || strings.HasPrefix(field, one.Field+"."))
	})
}

// proofs are the ways to prove what an operation needs. open says that nothing
// need be proved.
func (d *driver) proofs(operation *plan.Operation) (proofs []proof, open bool) {
	if len(operation.Needs) == 0 {
		return nil, true
	}
	for _, requirement := range operation.Needs {
		if len(requirement) == 0 {
			open = true
		} else if proof, ok := d.server.proofOf(requirement, true); ok {
			proofs = append(proofs, proof)
		}
	}
	return proofs, open
}

func (d *driver) refusals(route *plan.Route, operation *plan.Operation, valid example.Request, proof proof, open bool) {
	if !open {
		d.expect(operation, valid, "401", answered(401), &d.other)
	}
	if proof.scoped && !open {
		d.withoutScopes(operation, valid)
	}
	if operation.Body != nil && !slices.ContainsFunc(operation.Accepts(), func(m *api.Media) bool { return strings.Contains(m.Type, "*") }) {
		other := proof.applied(valid)
		other.Headers = slices.DeleteFunc(slices.Clone(other.Headers), func(h example.Header) bool { return strings.EqualFold(h.Name, "Content-Type") })
		other.Headers = append(other.Headers, example.Header{Name: "Content-Type", Value: "application/x-unheard-of"})
		other.Body = []byte("zz")
		d.expect(operation, other, "415", answered(415), &d.other)
	}
	allowed := strings.Split(route.Allow(), ", ")
	for _, method := range []string{"PATCH", "DELETE", "PUT", "POST", "GET"} {
		if slices.Contains(allowed, method) {
			continue
		}
		request := example.Request{Method: method, Target: valid.Target}
		d.expect(operation, request, "405 with Allow: "+route.Allow(), func(a answer) bool {
			return a.status == 405 && a.headers.Get("Allow") == route.Allow()
		}, &d.other)
		break
	}
}

// withoutScopes proves who is asking, by tokens that allow nothing.
func (d *driver) withoutScopes(operation *plan.Operation, valid example.Request) {
	for _, requirement := range operation.Needs {
		if proof, ok := d.server.proofOf(requirement, false); ok && proof.scoped {
			d.expect(operation, proof.applied(valid), "403", answered(403), &d.other)
			return
		}
	}
}

func (d *driver) expect(operation *plan.Operation, request example.Request, wanted string, holds func(answer) bool, count *int) {
	*count++
	got, err := d.send(request)
	if err == nil && holds(got) {
		return
	}
	name := ""
	if operation != nil {
		name = operation.Name
	}
	said := fmt.Sprintf("%d %s", got.status, got.body)
	if err != nil {
		said = err.Error()
	}
	line := request.Method + " " + request.Target
	for _, header := range request.Headers {
		if header.Name != "Authorization" {
			line += " " + header.Name + ": " + header.Value
		}
	}
	d.faults = append(d.faults, fault{Operation: name, Request: line, Body: string(request.Body), Wanted: wanted, Got: said})
}

func (d *driver) send(r example.Request) (answer, error) {
	request, err := http.NewRequest(r.Method, d.server.address+r.Target, bytes.NewReader(r.Body))
	if err != nil {
		return answer{}, fmt.Errorf("make request: %w", err)
	}
	for _, header := range r.Headers {
		request.Header.Set(header.Name, header.Value)
		if strings.EqualFold(header.Name, "host") {
			request.Host = header.Value
		}
	}
	response, err := d.client.Do(request)
	if err != nil {
		return answer{}, fmt.Errorf("send request: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	got := answer{status: response.StatusCode, headers: response.Header, body: body}
	var envelope struct {
		Error struct{ Details []struct{ Field string } }
	}
	if json.Unmarshal(body, &envelope) == nil {
		for _, detail := range envelope.Error.Details {
			got.fields = append(got.fields, detail.Field)
		}
	}
	return got, nil
}
