package main

import (
	"slices"
	"strings"
)

// difference is how one shape differs from another.
type difference struct {
	kind string // the keyword
	text string // where and how, for a person
}

// maxDifferences are told of each pair of schemas.
const maxDifferences = 12

// explain tells how b differs from a.
func (s *shapes) explain(a, b int) []difference {
	e := &explanation{shapes: s, seen: map[[2]int]bool{}}
	e.compare("", a, b)
	return e.list
}

type explanation struct {
	*shapes
	seen map[[2]int]bool
	list []difference
}

func (e *explanation) add(kind, where, how string) {
	if len(e.list) < maxDifferences {
		e.list = append(e.list, difference{kind, strings.TrimSpace(where + ": " + how)})
	}
}

func (e *explanation) compare(where string, a, b int) {
	if a == b || e.seen[[2]int{a, b}] || len(e.list) >= maxDifferences {
		return
	}
	e.seen[[2]int{a, b}] = true
	left, right := e.unshared(a, b)
	// What has the same kind and name is compared; the rest came or went.
	for _, m := range left {
		at := slices.IndexFunc(right, func(n member) bool { return n.kind == m.kind && n.name == m.name })
		if at < 0 {
			e.add(m.kind, where, m.kind+" "+m.name+" "+m.text+" "+e.kids(m)+" is gone; now "+e.text(b, 2))
			continue
		}
		n := right[at]
		right = slices.Delete(right, at, at+1)
		switch {
		case m.text != n.text:
			e.add(m.kind, where, m.kind+" "+m.name+" "+m.text+", now "+n.text)
		case m.kind == "anyOf" || m.kind == "oneOf":
			e.alternatives(where, m, n)
		default:
			for i := range m.kids {
				if i < len(n.kids) {
					e.compare(where+"/"+strings.TrimSpace(m.kind+" "+m.name), m.kids[i], n.kids[i])
				}
			}
		}
	}
	for _, n := range right {
		e.add(n.kind, where, n.kind+" "+n.name+" "+n.text+" "+e.kids(n)+" came up; was "+e.text(a, 2))
	}
}

func (e *explanation) kids(m member) string {
	var kids []string
	for _, kid := range m.kids {
		kids = append(kids, e.text(kid, 2))
	}
	return strings.Join(kids, " or ")
}

// unshared are the members of two shapes that are not the same.
func (e *explanation) unshared(a, b int) (left, right []member) {
	keys := map[string]bool{}
	for _, m := range e.shapes.list[b].members {
		keys[m.key()] = true
	}
	both := map[string]bool{}
	for _, m := range e.shapes.list[a].members {
		if keys[m.key()] {
			both[m.key()] = true
			continue
		}
		left = append(left, m)
	}
	for _, m := range e.shapes.list[b].members {
		if !both[m.key()] {
			right = append(right, m)
		}
	}
	return left, right
}

func (e *explanation) alternatives(where string, m, n member) {
	left := slices.DeleteFunc(slices.Clone(m.kids), func(kid int) bool { return slices.Contains(n.kids, kid) })
	right := slices.DeleteFunc(slices.Clone(n.kids), func(kid int) bool { return slices.Contains(m.kids, kid) })
	for len(left) > 0 && len(left) == len(right) {
		at := 0
		for i, kid := range right {
			if e.closeness(left[0], kid) > e.closeness(left[0], right[at]) {
				at = i
			}
		}
		e.compare(where+"/"+m.kind, left[0], right[at])
		left, right = left[1:], slices.Delete(right, at, at+1)
	}
	for _, kid := range left {
		e.add(m.kind, where, m.kind+" "+e.text(kid, 2)+" is gone; left "+e.kids(member{kids: right}))
	}
	for _, kid := range right {
		e.add(m.kind, where, m.kind+" "+e.text(kid, 2)+" came up")
	}
}

// closeness counts what two shapes share.
func (e *explanation) closeness(a, b int) int {
	n := 0
	for _, m := range e.shapes.list[a].members {
		if slices.ContainsFunc(e.shapes.list[b].members, func(o member) bool { return o.kind == m.kind && o.name == m.name }) {
			n++
		}
	}
	return n
}
