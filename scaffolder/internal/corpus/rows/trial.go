package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/database"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

// trial is what was tried on one server.
type trial struct {
	address string
	api     *api.API
	rows    *relation.Source
	plan    *plan.Plan
	count   int // makes values differ
	making  map[string]bool

	tables, keyed, steps, passed int
	refused, faults              []string
}

func newTrial(address string, described *database.Description, p *plan.Plan) *trial {
	return &trial{address: address, api: described.API, rows: described.Rows, plan: p, making: map[string]bool{}}
}

// row is a row as an answer holds it.
type row map[string]json.RawMessage

type answer struct {
	status int
	text   string
	data   json.RawMessage
	next   string
}

func (t *trial) ask(method, target string, body any) answer {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return answer{text: err.Error()}
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, t.address+target, sent)
	if err != nil {
		return answer{text: err.Error()}
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{text: err.Error()}
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	var envelope struct {
		Data json.RawMessage
		Meta struct{ NextCursor string }
	}
	_ = json.Unmarshal(text, &envelope)
	return answer{status: response.StatusCode, text: string(text), data: envelope.Data, next: envelope.Meta.NextCursor}
}

// step counts a request that must be answered with one of the statuses.
func (t *trial) step(what string, got answer, statuses ...int) bool {
	t.steps++
	if got.status == 503 && strings.HasPrefix(what, "list ") || got.status == 503 && strings.HasPrefix(what, "sort ") {
		t.refused = append(t.refused, what+": a materialised view without rows yet")
		return false
	}
	switch {
	case slices.Contains(statuses, got.status):
		t.passed++
		return true
	case got.status == 409 || got.status == 422:
		t.refused = append(t.refused, what+": "+got.text)
	default:
		t.faults = append(t.faults, fmt.Sprintf("%s: %d %.400s", what, got.status, got.text))
	}
	return false
}

func (t *trial) run() {
	for _, table := range t.rows.Tables {
		t.tables++
		if table.Get != "" {
			t.keyed++
		}
	}
	for _, table := range t.rows.Tables {
		t.table(table)
	}
}

// table tries all operations on one table.
func (t *trial) table(table *relation.Table) {
	list := t.path(table.List)
	t.step("list "+table.Name, t.ask("GET", list+"?limit=5&count=true", nil), 200)
	if table.Create == "" || table.Get == "" {
		t.choices(table, list)
		return
	}
	first := t.make(table)
	if first == nil {
		t.choices(table, list)
		return
	}
	at := t.at(table, first)
	t.step("get "+at, t.ask("GET", at, nil), 200)
	t.choices(table, list)
	t.filters(table, list, first)
	t.pages(table, list)
	body := t.writable(table, first)
	t.step("replace "+at, t.ask("PUT", at, body), 200)
	for _, column := range table.Columns {
		if _, ok := body[column.Name]; ok && !slices.Contains(table.Key, column.Name) {
			t.step("update "+at+" "+column.Name, t.ask("PATCH", at, row{column.Name: body[column.Name]}), 200)
			break
		}
	}
	if t.step("delete "+at, t.ask("DELETE", at, nil), 204) {
		t.step("get deleted "+at, t.ask("GET", at, nil), 404)
	}
}

// make creates a row of a table and returns it; nil when it is refused. Rows that it
// has to refer to are made first.
func (t *trial) make(table *relation.Table) row {
	if t.making[table.Schema+"."+table.Name] {
		return nil
	}
	t.making[table.Schema+"."+table.Name] = true
	defer delete(t.making, table.Schema+"."+table.Name)
	body := t.example(table)
	if body == nil {
		t.faults = append(t.faults, "no example of a row of "+table.Name)
		return nil
	}
	for _, link := range table.Relations {
		if !t.refer(table, link, body) {
			return nil
		}
	}
	got := t.ask("POST", t.path(table.Create), body)
	if got.status == 409 || got.status == 422 { // a rule over columns that need not be given
		got = t.ask("POST", t.path(table.Create), t.required(table, body))
	}
	if !t.step("create "+table.Name, got, 201) {
		return nil
	}
	var made row
	_ = json.Unmarshal(got.data, &made)
	return made
}

// required is what of a body has to be sent.
func (t *trial) required(table *relation.Table, body row) row {
	out := row{}
	for _, name := range t.plan.Schema(table.New).Schema.Required {
		if value, ok := body[name]; ok {
			out[name] = value
		}
	}
	return out
}

// refer fills in the columns of a foreign key; those that may be null become so.
func (t *trial) refer(table *relation.Table, link relation.Relation, body row) bool {
	at := slices.IndexFunc(table.Constraints, func(c relation.Constraint) bool {
		return c.Kind == relation.Foreign && slices.Equal(c.Columns, link.Columns)
	})
	if at < 0 {
		return true // the way back
	}
	optional := false
	for _, name := range link.Columns {
		i := slices.IndexFunc(table.Columns, func(c relation.Column) bool { return c.Name == name })
		optional = optional || table.Columns[i].Nullable
	}
	other := t.rows.Tables[slices.IndexFunc(t.rows.Tables, func(o *relation.Table) bool { return o.Schema == link.Schema && o.Name == link.Table })]
	if optional || other == table {
		for _, name := range link.Columns {
			if !slices.Contains(table.Key, name) {
				delete(body, name)
			}
		}
		return true
	}
	var rows []row
	_ = json.Unmarshal(t.ask("GET", t.path(other.List)+"?limit=1", nil).data, &rows)
	var target row
	if len(rows) > 0 {
		target = rows[0]
	} else if target = t.make(other); target == nil {
		t.refused = append(t.refused, "no row of "+other.Name+" for "+table.Name+" to refer to")
		return false
	}
	for i, name := range link.Columns {
		at := slices.IndexFunc(table.Columns, func(c relation.Column) bool { return c.Name == name })
		body[name] = target[link.References[i]]
		if value := string(body[name]); table.Columns[at].Form == relation.Text && !strings.HasPrefix(value, `"`) {
			body[name] = json.RawMessage(strconv.Quote(value)) // a bigint may refer to an integer
		}
	}
	return true
}

// example is a body that the API's own description allows.
func (t *trial) example(table *relation.Table) row {
	at := slices.IndexFunc(t.plan.Operations, func(o *plan.Operation) bool { return o.ID == table.Create })
	cases := example.Cases(t.plan, t.plan.Operations[at], 0)
	if len(cases) == 0 {
		return nil
	}
	var body row
	if json.Unmarshal(cases[0].Body, &body) != nil {
		return nil
	}
	t.count++
	for _, constraint := range table.Constraints {
		for _, name := range constraint.Columns {
			if value, ok := body[name]; ok && constraint.Kind == relation.Unique {
				body[name] = t.vary(value, t.plan.Schema(table.New).Schema, name)
			}
		}
	}
	return body
}

// vary makes another value of the same kind, so that unique columns stay unique.
func (t *trial) vary(value json.RawMessage, schema *api.Schema, name string) json.RawMessage {
	at := slices.IndexFunc(schema.Properties, func(p api.Property) bool { return p.Name == name })
	if at < 0 {
		return value
	}
	column := schema.Properties[at].Schema
	suffix := strconv.Itoa(t.count)
	var text string
	switch {
	case column.Enum == nil && column.Format == "int64" && slices.Contains(column.Types, "string"):
		return json.RawMessage(strconv.Quote(strconv.Itoa(1000 + t.count)))
	case column.Enum != nil || column.Ref != "" || column.AnyOf != nil || column.Pattern != "":
	case slices.Contains(column.Types, "integer"):
		return json.RawMessage(strconv.Itoa(t.within(column)))
	case column.Format == "uuid":
		return json.RawMessage(fmt.Sprintf(`"00000000-0000-4000-8000-%012d"`, t.count))
	case column.Format == "" && json.Unmarshal(value, &text) == nil:
		if most := column.MaxLength; most != nil && len(text)+len(suffix) > *most {
			if len(suffix) > *most {
				return value
			}
			text = text[:*most-len(suffix)]
		}
		out, _ := json.Marshal(text + suffix)
		return out
	}
	return value
}

// within is a number that a schema allows, another one each time as far as it has them.
func (t *trial) within(s *api.Schema) int {
	limit := func(inclusive, exclusive api.Number, step, otherwise int) int {
		if n, err := strconv.Atoi(string(inclusive)); err == nil {
			return n
		}
		if n, err := strconv.Atoi(string(exclusive)); err == nil {
			return n + step
		}
		return otherwise
	}
	most := limit(s.Maximum, s.ExclusiveMaximum, -1, 1_000_000)
	least := limit(s.Minimum, s.ExclusiveMinimum, 1, 1000)
	if least < 1000 && most > 2000 {
		least = 1000
	}
	return least + t.count%(most-least+1)
}

// writable is what of a row may be sent.
func (t *trial) writable(table *relation.Table, r row) row {
	body := row{}
	for _, column := range table.Columns {
		value, ok := r[column.Name]
		if ok && !column.Generated {
			body[column.Name] = value
		}
	}
	return body
}

// choices asks for every relation, every order, and single columns.
func (t *trial) choices(table *relation.Table, list string) {
	for _, link := range table.Relations {
		t.step("include "+list+" "+link.Name, t.ask("GET", list+"?limit=3&include="+url.QueryEscape(link.Name), nil), 200)
	}
	for _, column := range table.Columns {
		if column.Compared && !strings.Contains(column.Name, ",") {
			t.step("sort "+list+" "+column.Name, t.ask("GET", list+"?limit=2&sort=-"+url.QueryEscape(column.Name), nil), 200)
		}
	}
}

// filters looks the row up by the value of each of its columns.
func (t *trial) filters(table *relation.Table, list string, r row) {
	for _, column := range table.Columns {
		var value any
		decoder := json.NewDecoder(bytes.NewReader(r[column.Name]))
		decoder.UseNumber()
		if !column.Compared || decoder.Decode(&value) != nil || slices.Contains([]string{"limit", "cursor", "sort", "fields", "include", "count"}, column.Name) {
			continue
		}
		query := "[null]=true"
		if value != nil {
			query = "[eq]=" + url.QueryEscape(fmt.Sprint(value))
		}
		got := t.ask("GET", list+"?limit=100&"+url.QueryEscape(column.Name)+query, nil)
		if t.step("filter "+list+" "+column.Name+query, got, 200) && string(got.data) == "[]" {
			t.faults = append(t.faults, "filter "+list+" "+column.Name+query+" does not find the row")
		}
	}
}

// pages goes through at most twenty pages of one row, and sees none twice.
func (t *trial) pages(table *relation.Table, list string) {
	seen := map[string]bool{}
	next := ""
	for range 20 {
		got := t.ask("GET", list+"?limit=1"+next, nil)
		if !t.step("page "+list, got, 200) {
			return
		}
		if seen[string(got.data)] && len(table.Key) > 0 {
			t.faults = append(t.faults, "page "+list+" shows a row twice")
			return
		}
		seen[string(got.data)] = true
		if got.next == "" {
			return
		}
		next = "&cursor=" + got.next
	}
}

// path is where an operation is served, with its parameters still in it.
func (t *trial) path(operation string) string {
	at := slices.IndexFunc(t.api.Operations, func(o *api.Operation) bool { return o.ID == operation })
	return t.api.Operations[at].Path
}

// at is where a row is served.
func (t *trial) at(table *relation.Table, r row) string {
	path := t.path(table.Get)
	for _, name := range table.Key {
		var value any
		decoder := json.NewDecoder(bytes.NewReader(r[name]))
		decoder.UseNumber()
		_ = decoder.Decode(&value)
		path = strings.Replace(path, "{"+name+"}", url.PathEscape(fmt.Sprint(value)), 1)
	}
	return path
}
