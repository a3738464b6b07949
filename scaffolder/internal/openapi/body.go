package openapi

import (
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

func (r *reader) body(own value) *api.Body {
	if !own.exists() || own.isNull() {
		return nil
	}
	v, ok := r.component(own, "request body")
	if !ok {
		return nil
	}
	if known, ok := r.shared.bodies[v.node]; ok {
		return known
	}
	body := &api.Body{
		Description: v.get("description").text(),
		Required:    v.get("required").isTrue(),
		Content:     r.content(v.get("content")),
		Extensions:  r.extensions(v),
		Component:   r.shared.names[v.node],
		Position:    v.position(),
	}
	if len(body.Content) == 0 {
		r.invalid(v, "a request body needs content")
	}
	r.shared.bodies[v.node] = body
	return body
}

func (r *reader) content(v value) []*api.Media {
	v = r.group(v, "content")
	if v.exists() && !v.isNull() && !v.isMapping() {
		r.invalid(v, "content should be an object, not %s; it is ignored", v.kind())
	}
	var out []*api.Media
	for _, e := range lastWins(v.entries()) {
		if strings.HasPrefix(e.key, "x-") {
			continue
		}
		if media := r.media(e.key, e.value); media != nil {
			out = append(out, media)
		}
	}
	return out
}

func (r *reader) media(name string, v value) *api.Media {
	if v.isNull() {
		return &api.Media{Type: name}
	}
	v, ok := r.component(v, "media type")
	if !ok {
		return nil
	}
	media := &api.Media{
		Type:       name,
		Schema:     r.schemaAt(v.get("schema")),
		ItemSchema: r.schemaAt(v.get("itemSchema")),
		Examples:   r.examples(v),
		Extensions: r.extensions(v),
	}
	for _, e := range lastWins(v.get("encoding").entries()) {
		media.Encoding = append(media.Encoding, r.encoding(e))
	}
	for _, e := range v.entries() {
		switch e.key {
		case "schema", "itemSchema", "example", "examples", "encoding":
		case "prefixEncoding", "itemEncoding":
			r.unsupported(e.at, "%s is not supported and ignored", e.key)
		default:
			if !strings.HasPrefix(e.key, "x-") {
				r.unsupported(e.at, "a media type has no %q; it is ignored", e.key)
			}
		}
	}
	return media
}

func (r *reader) encoding(e entry) api.Encoding {
	out := api.Encoding{
		Property:      e.key,
		ContentType:   e.value.get("contentType").text(),
		Headers:       r.headers(e.value.get("headers")),
		AllowReserved: e.value.get("allowReserved").isTrue(),
	}
	if e.value.get("style").exists() {
		out.Style, _ = r.style(e.value, api.InQuery)
	}
	if given := e.value.get("explode"); given.exists() {
		explode := r.flag(entry{key: "explode", value: given})
		out.Explode = &explode
	}
	return out
}

var statusPattern = regexp.MustCompile(`^[1-5]([0-9][0-9]|XX)$`)

func (r *reader) responses(v value) []*api.Response {
	v = r.group(v, "responses")
	if v.exists() && !v.isNull() && !v.isMapping() {
		r.invalid(v, "responses should be an object, not %s; they are ignored", v.kind())
	}
	var out []*api.Response
	for _, e := range lastWins(v.entries()) {
		if strings.HasPrefix(e.key, "x-") {
			continue
		}
		status := strings.ToUpper(e.key)
		if status == "DEFAULT" {
			status = "default"
		} else if !statusPattern.MatchString(status) {
			r.invalid(e.at, "%q is no status; the response is left out", e.key)
			continue
		}
		if response := r.response(status, e.value); response != nil {
			out = append(out, response)
		}
	}
	return out
}

func (r *reader) response(status string, own value) *api.Response {
	v, ok := r.component(own, "response")
	if !ok {
		return nil
	}
	shared, known := r.shared.responses[v.node]
	if !known {
		shared = &api.Response{
			Summary:     v.get("summary").text(),
			Description: v.get("description").text(),
			Headers:     r.headers(v.get("headers")),
			Content:     r.content(v.get("content")),
			Links:       r.links(v.get("links")),
			Extensions:  r.extensions(v),
			Component:   r.shared.names[v.node],
			Position:    v.position(),
		}
		r.shared.responses[v.node] = shared
	}
	response := *shared
	response.Status = status
	if description := own.get("description").text(); own.node != v.node && description != "" && r.dialect == dialect31 {
		response.Description, response.Component = description, ""
	}
	return &response
}

func (r *reader) links(v value) []api.Link {
	var out []api.Link
	for _, e := range lastWins(v.entries()) {
		if link, ok := r.component(e.value, "link"); ok {
			out = append(out, api.Link{Name: e.key, Value: link.jsonValue()})
		}
	}
	return out
}
