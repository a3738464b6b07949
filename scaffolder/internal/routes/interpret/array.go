package interpret

import (
	"slices"
	"strconv"
	"strings"
)

// arrayMember is an element or method of an array.
func (m *Machine) arrayMember(o *Object, name string, place Place) Value {
	if name == "length" {
		if o.Open {
			return Unknown(place)
		}
		return Num(len(o.Elems))
	}
	if i, err := strconv.Atoi(name); err == nil {
		if i >= 0 && i < len(o.Elems) {
			return o.Elems[i]
		}
		if o.Open {
			return m.item(o, place)
		}
		return Undefined{}
	}
	method := m.arrays[name]
	if method == nil {
		if name == "then" {
			return promiseMethod(o, name)
		}
		return Undefined{}
	}
	return &Func{Name: name, Native: func(c *Call) Value {
		if this, ok := c.This.(*Object); ok && this.Array { // also through call and apply
			return method(m, this, c)
		}
		return method(m, o, c)
	}}
}

type arrayMethod func(m *Machine, o *Object, c *Call) Value

// arrayMethods are the methods of arrays.
func arrayMethods() map[string]arrayMethod {
	return map[string]arrayMethod{
		"push": func(_ *Machine, o *Object, c *Call) Value {
			if len(o.Elems)+len(c.Args) < maxElems {
				o.Elems = append(o.Elems, c.Args...)
			}
			return Num(len(o.Elems))
		},
		"unshift": func(_ *Machine, o *Object, c *Call) Value {
			o.Elems = append(append([]Value{}, c.Args...), o.Elems...)
			return Num(len(o.Elems))
		},
		"pop": func(_ *Machine, o *Object, _ *Call) Value {
			if len(o.Elems) == 0 {
				return Undefined{}
			}
			last := o.Elems[len(o.Elems)-1]
			o.Elems = o.Elems[:len(o.Elems)-1]
			return last
		},
		"shift": func(_ *Machine, o *Object, _ *Call) Value {
			if len(o.Elems) == 0 {
				return Undefined{}
			}
			first := o.Elems[0]
			o.Elems = o.Elems[1:]
			return first
		},
		"forEach": func(m *Machine, o *Object, c *Call) Value {
			m.each(o, c, func(Value, Value) bool { return true })
			return Undefined{}
		},
		"map": func(m *Machine, o *Object, c *Call) Value {
			out := &Object{Array: true, Open: o.Open, Place: c.Place}
			m.each(o, c, func(_, result Value) bool { out.Elems = append(out.Elems, result); return true })
			return out
		},
		"flatMap": func(m *Machine, o *Object, c *Call) Value {
			out := &Object{Array: true, Open: o.Open, Place: c.Place}
			m.each(o, c, func(_, result Value) bool { flatten(out, result, 1); return true })
			return out
		},
		"filter": func(m *Machine, o *Object, c *Call) Value {
			out := &Object{Array: true, Open: o.Open, Place: c.Place}
			m.each(o, c, func(e, result Value) bool {
				if truth, known := Truth(result); truth || !known {
					out.Elems = append(out.Elems, e)
				}
				return true
			})
			return out
		},
		"find": func(m *Machine, o *Object, c *Call) Value {
			var found Value = Undefined{}
			m.each(o, c, func(e, result Value) bool {
				truth, known := Truth(result)
				if truth {
					found = e
				} else if !known {
					found = Unknown(c.Place)
				}
				return !truth && known
			})
			return found
		},
		"some":  func(m *Machine, o *Object, c *Call) Value { return m.quantify(o, c, true) },
		"every": func(m *Machine, o *Object, c *Call) Value { return m.quantify(o, c, false) },
		"reduce": func(m *Machine, o *Object, c *Call) Value {
			return m.reduce(o, c)
		},
		"concat": func(_ *Machine, o *Object, c *Call) Value {
			out := &Object{Array: true, Open: o.Open, Place: c.Place, Elems: slices.Clone(o.Elems)}
			for _, a := range c.Args {
				flatten(out, a, 1)
			}
			return out
		},
		"flat": func(_ *Machine, o *Object, c *Call) Value {
			depth := 1
			if n, ok := c.Arg(0).(Num); ok {
				depth = int(min(max(n, 0), 100))
			}
			out := &Object{Array: true, Open: o.Open, Place: c.Place}
			for _, e := range o.Elems {
				flatten(out, e, depth)
			}
			return out
		},
		"slice": func(_ *Machine, o *Object, c *Call) Value {
			from, to := bounds(c, len(o.Elems))
			return &Object{Array: true, Open: o.Open, Place: c.Place, Elems: slices.Clone(o.Elems[from:to])}
		},
		"splice": func(_ *Machine, o *Object, c *Call) Value {
			from, _ := bounds(c, len(o.Elems))
			count := len(o.Elems) - from
			if n, ok := c.Arg(1).(Num); ok {
				count = min(max(int(n), 0), count)
			}
			out := NewArray(slices.Clone(o.Elems[from : from+count])...)
			o.Elems = slices.Replace(slices.Clone(o.Elems), from, from+count, c.Args[min(2, len(c.Args)):]...)
			return out
		},
		"join": func(_ *Machine, o *Object, c *Call) Value {
			separator := ","
			if s, ok := c.Arg(0).(Str); ok {
				separator = string(s)
			}
			parts := make([]string, 0, len(o.Elems))
			for _, e := range o.Elems {
				part, ok := "", true
				if !nullish(e) {
					part, ok = String(e)
				}
				if !ok || o.Open {
					return &Symbol{Place: c.Place, Op: Text, Args: o.Elems}
				}
				parts = append(parts, part)
			}
			return Str(strings.Join(parts, separator))
		},
		"reverse": func(_ *Machine, o *Object, _ *Call) Value { slices.Reverse(o.Elems); return o },
		"sort": func(_ *Machine, o *Object, c *Call) Value {
			if len(c.Args) == 0 {
				slices.SortStableFunc(o.Elems, func(a, b Value) int {
					x, _ := String(a)
					y, _ := String(b)
					return strings.Compare(x, y)
				})
			}
			return o
		},
		"includes": func(_ *Machine, o *Object, c *Call) Value { return index(o, c, true) },
		"indexOf":  func(_ *Machine, o *Object, c *Call) Value { return index(o, c, false) },
		"keys": func(_ *Machine, o *Object, _ *Call) Value {
			out := NewArray()
			for i := range o.Elems {
				out.Elems = append(out.Elems, Num(i))
			}
			return out
		},
		"values": func(_ *Machine, o *Object, _ *Call) Value { return o },
		"entries": func(_ *Machine, o *Object, _ *Call) Value {
			out := &Object{Array: true, Open: o.Open}
			for i, e := range o.Elems {
				out.Elems = append(out.Elems, NewArray(Num(i), e))
			}
			return out
		},
		"at": func(m *Machine, o *Object, c *Call) Value {
			if n, ok := c.Arg(0).(Num); ok {
				i := int(n)
				if i < 0 {
					i += len(o.Elems)
				}
				return m.arrayMember(o, strconv.Itoa(i), c.Place)
			}
			return Unknown(c.Place)
		},
		"toString": func(_ *Machine, o *Object, c *Call) Value {
			if text, ok := String(o); ok {
				return Str(text)
			}
			return Unknown(c.Place)
		},
	}
}

// each calls a function for every element; of an array that may hold more, also
// once for what is not known.
func (m *Machine) each(o *Object, c *Call, then func(element, result Value) bool) {
	elems := slices.Clone(o.Elems)
	for i, e := range elems[:min(len(elems), maxLoop)] {
		result := m.Call(c.Arg(0), &Call{This: c.Arg(1), Args: []Value{e, Num(i), o}, Place: c.Place, round: true})
		if !then(e, result) {
			return
		}
	}
	if o.Open {
		m.uncertain++
		m.Call(c.Arg(0), &Call{Args: []Value{m.item(o, c.Place), Unknown(c.Place), o}, Place: c.Place})
		m.uncertain--
	}
}

func (m *Machine) quantify(o *Object, c *Call, some bool) Value {
	var answer Value = Bool(!some)
	m.each(o, c, func(_, result Value) bool {
		truth, known := Truth(result)
		if !known {
			answer = Unknown(c.Place)
		} else if truth == some {
			answer = Bool(some)
			return false
		}
		return true
	})
	return answer
}

func (m *Machine) reduce(o *Object, c *Call) Value {
	elems := slices.Clone(o.Elems)
	var sum Value
	if len(c.Args) > 1 {
		sum = c.Args[1]
	} else if len(elems) > 0 {
		sum, elems = elems[0], elems[1:]
	} else {
		return Undefined{}
	}
	for i, e := range elems[:min(len(elems), maxLoop)] {
		sum = m.Call(c.Arg(0), &Call{Args: []Value{sum, e, Num(i), o}, Place: c.Place})
	}
	return sum
}

func flatten(out *Object, v Value, depth int) {
	if o, ok := v.(*Object); ok && o.Array && depth > 0 {
		out.Open = out.Open || o.Open
		for _, e := range o.Elems {
			flatten(out, e, depth-1)
		}
		return
	}
	if _, symbol := v.(*Symbol); symbol && depth > 0 {
		out.Open = true
	}
	if len(out.Elems) < maxElems {
		out.Elems = append(out.Elems, v)
	}
}

func bounds(c *Call, size int) (from, to int) {
	to = size
	clamp := func(v Value, otherwise int) int {
		n, ok := v.(Num)
		if !ok || n != n {
			return otherwise
		}
		i := int(min(max(n, -1e9), 1e9))
		if i < 0 {
			i += size
		}
		return min(max(i, 0), size)
	}
	from, to = clamp(c.Arg(0), 0), clamp(c.Arg(1), size)
	return from, max(from, to)
}

func index(o *Object, c *Call, includes bool) Value {
	found, certain := -1, !o.Open && Known(c.Arg(0))
	for i, e := range o.Elems {
		equal, known := same(e, c.Arg(0))
		if equal {
			found = i
			break
		}
		certain = certain && known
	}
	switch {
	case found < 0 && !certain:
		return Unknown(c.Place)
	case includes:
		return Bool(found >= 0)
	}
	return Num(found)
}
