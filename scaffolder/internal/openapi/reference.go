package openapi

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/pb33f/go-yaml"
)

// targetKey is a reference as it stands in some resource.
type targetKey struct {
	resource nodeKey
	text     string
}

// maxHops bounds chains of references.
const maxHops = 64

// component follows a reference of any kind but to a schema, and references
// that the target consists of. It is false, and the problem noted, when the
// reference leads nowhere.
func (r *reader) component(v value, what string) (value, bool) {
	for range maxHops {
		reference := v.get("$ref")
		if !reference.isText() {
			if !v.isMapping() {
				r.invalid(v, "%s should be an object, not %s", what, v.kind())
				return value{}, false
			}
			return v, true
		}
		target, err := r.resolve(reference.text(), v)
		if err != nil {
			r.invalid(reference, "%s %q %v; it is left out", what+" reference", reference.text(), err)
			return value{}, false
		}
		v = target
	}
	r.invalid(v, "%s refers to itself in a circle; it is left out", what)
	return value{}, false
}

// group follows a reference that stands for a whole collection, such as all
// responses or all schemas. The specification has none of these, bundlers and
// split documents do.
func (r *reader) group(v value, what string) value {
	for range maxHops {
		reference := v.get("$ref")
		if !reference.isText() {
			return v
		}
		target, err := r.resolve(reference.text(), v)
		if err != nil {
			r.invalid(reference, "reference %q for all of %s %v; it is left out", reference.text(), what, err)
			return value{}
		}
		r.unsupported(reference, "a reference for all of %s is followed, although the specification has none", what)
		v = target
	}
	return value{}
}

// resolve returns what reference means at from.
func (r *reader) resolve(reference string, from value) (value, error) {
	key := targetKey{from.scope.resource, reference}
	if target, ok := r.targets[key]; ok {
		return target, nil
	}
	target, err := r.resolveNew(reference, from, 0)
	if err == nil {
		r.targets[key] = target
	}
	return target, err
}

func (r *reader) resolveNew(reference string, from value, hops int) (value, error) {
	if hops > maxHops {
		return value{}, errors.New("leads in a circle")
	}
	location, fragment, _ := strings.Cut(reference, "#")
	if location == "" {
		start := value{node: from.scope.resource, scope: from.scope}
		target, err := r.fragment(start, fragment, hops)
		if err != nil && from.scope.resource != from.scope.file.root {
			if whole, wholeErr := r.fragment(from.scope.file.value(), fragment, hops); wholeErr == nil {
				return whole, nil
			}
		}
		return target, err
	}
	if resource, ok := r.identified(location, from.scope); ok {
		return r.fragment(resource, fragment, hops)
	}
	opened, err := r.open(from.scope.file, location)
	switch {
	case errors.Is(err, errRemote):
		return value{}, errRemote
	case errors.Is(err, errOutside):
		return value{}, errors.New("is outside the document's folder; --allow-refs DIR allows reading it")
	case err != nil:
		return value{}, fmt.Errorf("cannot be read: %w", err)
	}
	return r.fragment(opened.value(), fragment, hops)
}

// open returns the file that a reference in another names.
func (r *reader) open(from *file, location string) (*file, error) {
	if remote := address(from, location); remote != nil {
		return r.files.fetch(remote)
	}
	return r.files.open(from, location)
}

// fragment is the part after "#": a JSON pointer, or an anchor.
func (r *reader) fragment(start value, fragment string, hops int) (value, error) {
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	if fragment == "" {
		return start, nil
	}
	if strings.HasPrefix(fragment, "/") {
		return r.pointer(start, strings.Split(fragment[1:], "/"), hops)
	}
	if target, ok := r.anchorsOf(start).byName[fragment]; ok {
		return target, nil
	}
	return value{}, errors.New("leads nowhere: there is no such anchor")
}

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// pointer walks a JSON pointer. Where a step is missing on a reference, the
// step is looked for at what the reference means.
func (r *reader) pointer(v value, steps []string, hops int) (value, error) {
	for i, step := range steps {
		name := pointerEscapes.Replace(step)
		next := r.step(v, name)
		for !next.exists() && v.get("$ref").isText() && hops <= maxHops {
			hops++
			target, err := r.resolveNew(v.get("$ref").text(), v, hops)
			if err != nil {
				break
			}
			v = target
			next = r.step(v, name)
		}
		if !next.exists() {
			return value{}, fmt.Errorf("leads nowhere: there is no %q at %q", name, strings.TrimSuffix("#/"+strings.Join(steps[:i], "/"), "/"))
		}
		v = next
	}
	return v, nil
}

func (r *reader) step(v value, name string) value {
	if v.isSequence() {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(v.node.Content) {
			return value{}
		}
		return r.enter(v.with(v.node.Content[i]))
	}
	return r.enter(r.member(v, name))
}

// manyMembers is from how many members on a mapping is indexed.
const manyMembers = 64

// member is v.get(name), quick also for the thousands of schemas that a
// document can have.
func (r *reader) member(v value, name string) value {
	if !v.isMapping() || len(v.node.Content) < 2*manyMembers {
		return v.get(name)
	}
	index, ok := r.members[v.node]
	if !ok {
		index = make(map[string]value, len(v.node.Content)/2)
		for _, e := range v.entries() {
			index[e.key] = e.value
		}
		r.members[v.node] = index
	}
	found, ok := index[name]
	if !ok {
		return value{}
	}
	return value{node: found.node, scope: v.scope}
}

// enter changes the scope where a schema has an identity of its own.
func (r *reader) enter(v value) value {
	if r.dialect != dialect31 || !v.isMapping() {
		return v
	}
	id := r.member(v, "$id")
	if !id.isText() || strings.HasPrefix(id.text(), "#") || v.scope.resource == v.node {
		return v
	}
	return value{node: v.node, scope: &scope{file: v.scope.file, resource: v.node, base: absolute(v.scope.base, id.text())}}
}

// absolute is reference relative to base, without a fragment.
func absolute(base, reference string) string {
	parsed, err := url.Parse(reference)
	if err != nil {
		return reference
	}
	if from, err := url.Parse(base); err == nil && base != "" {
		parsed = from.ResolveReference(parsed)
	}
	parsed.Fragment = ""
	return parsed.String()
}

// anchorList is what has a name in one resource or file.
type anchorList struct {
	byName map[string]value // $anchor, $dynamicAnchor and "#name" identities
	byID   map[string]value // absolute $id
}

// anchorsOf lists the anchors of the resource at start, reading it once.
func (r *reader) anchorsOf(start value) *anchorList {
	if known, ok := r.anchors[start.node]; ok {
		return known
	}
	list := &anchorList{byName: map[string]value{}, byID: map[string]value{}}
	r.anchors[start.node] = list
	r.collectAnchors(list, start, start.scope.resource, 0)
	return list
}

// maxDepth bounds how deep a document nests where it is walked as a whole.
const maxDepth = 1000

func (r *reader) collectAnchors(list *anchorList, v value, resource *yaml.Node, depth int) {
	if depth > maxDepth {
		return
	}
	for _, item := range v.items() {
		r.collectAnchors(list, item, resource, depth+1)
	}
	if !v.isMapping() {
		return
	}
	v = r.enter(v)
	if v.scope.resource == v.node && v.scope.base != "" {
		if _, ok := list.byID[v.scope.base]; !ok {
			list.byID[v.scope.base] = v
		}
	}
	for _, e := range v.entries() {
		if v.scope.resource == resource && e.value.isText() {
			name := e.value.text()
			switch {
			case e.key == "$anchor" || e.key == "$dynamicAnchor":
			case (e.key == "$id" || e.key == "id") && strings.HasPrefix(name, "#"):
				name = name[1:]
			default:
				continue
			}
			if _, ok := list.byName[name]; !ok {
				list.byName[name] = v
			}
			continue
		}
		r.collectAnchors(list, e.value, resource, depth+1)
	}
}

// identified finds the schema whose $id is location, in the files read so far.
func (r *reader) identified(location string, from *scope) (value, bool) {
	if r.dialect != dialect31 {
		return value{}, false
	}
	wanted := absolute(from.base, location)
	for _, start := range []value{from.file.value(), r.root} {
		if target, ok := r.anchorsOf(start).byID[wanted]; ok {
			return target, true
		}
	}
	return value{}, false
}
