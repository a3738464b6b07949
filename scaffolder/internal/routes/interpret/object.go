package interpret

// objectFunctions are Object.keys and the like.
func (m *Machine) objectFunctions(o *Object) {
	set := func(name string, run func(*Call) Value) { o.Set(name, native(name, run)) }
	set("keys", func(c *Call) Value { return m.keyArray(c.Arg(0)) })
	set("getOwnPropertyNames", func(c *Call) Value {
		names, _ := m.keyArray(c.Arg(0)).(*Object)
		if target, ok := c.Arg(0).(*Object); ok && target.Class != nil {
			names.Elems = append(names.Elems, Str("constructor"))
		}
		return names
	})
	set("values", func(c *Call) Value {
		return m.pairs(c, func(_ string, v Value) Value { return v })
	})
	set("entries", func(c *Call) Value {
		return m.pairs(c, func(key string, v Value) Value { return NewArray(Str(key), v) })
	})
	set("assign", func(c *Call) Value { return m.Assign(c.Arg(0), c.Args[min(1, len(c.Args)):]) })
	for _, name := range []string{"freeze", "seal", "preventExtensions", "setPrototypeOf"} {
		set(name, func(c *Call) Value {
			if target, ok := c.Arg(0).(*Object); ok && name == "setPrototypeOf" {
				if proto, ok := c.Arg(1).(*Object); ok && proto != target {
					target.Proto = proto
				}
			}
			return c.Arg(0)
		})
	}
	set("getPrototypeOf", func(c *Call) Value {
		if target, ok := c.Arg(0).(*Object); ok && target.Proto != nil {
			return target.Proto
		}
		return Null{}
	})
	set("create", func(c *Call) Value {
		made := &Object{Place: c.Place}
		if proto, ok := c.Arg(0).(*Object); ok {
			made.Proto, made.Class = proto, proto.Class
		}
		return made
	})
	set("fromEntries", func(c *Call) Value {
		made := &Object{Place: c.Place}
		items, known := m.Items(c.Arg(0))
		made.Open = !known
		for _, item := range items {
			pair, _ := m.Items(item)
			if len(pair) == 2 {
				if key, ok := String(pair[0]); ok {
					made.Set(key, pair[1])
				}
			}
		}
		return made
	})
	set("getOwnPropertyDescriptor", func(c *Call) Value {
		target, ok := c.Arg(0).(*Object)
		key, keyed := String(c.Arg(1))
		if !ok || !keyed {
			return Undefined{}
		}
		p := target.Props[key]
		if p == nil {
			return Undefined{}
		}
		descriptor := &Object{}
		if p.Get != nil {
			descriptor.Set("get", p.Get)
		} else {
			descriptor.Set("value", p.Value)
		}
		return descriptor
	})
	set("defineProperty", func(c *Call) Value {
		m.defineProperty(c.Arg(0), c.Arg(1), c.Arg(2))
		return c.Arg(0)
	})
	set("defineProperties", func(c *Call) Value {
		if all, ok := c.Arg(1).(*Object); ok {
			for _, key := range all.Keys {
				m.defineProperty(c.Arg(0), Str(key), all.Get(key))
			}
		}
		return c.Arg(0)
	})
}

// Assign copies the properties of values into one, as Object.assign does.
func (m *Machine) Assign(to Value, from []Value) Value {
	target, _ := to.(*Object)
	if fn, ok := to.(*Func); ok {
		if fn.Props == nil {
			fn.Props = &Object{}
		}
		target = fn.Props
	}
	if target != nil {
		for _, one := range from {
			m.copyInto(target, one)
		}
	}
	return to
}

func (m *Machine) defineProperty(target, key, descriptor Value) {
	name, ok := String(key)
	d, described := descriptor.(*Object)
	if !ok || !described {
		return
	}
	o, isObject := target.(*Object)
	if fn, isFunc := target.(*Func); isFunc {
		if fn.Props == nil {
			fn.Props = &Object{}
		}
		o, isObject = fn.Props, true
	}
	if !isObject {
		return
	}
	p := &Prop{}
	if get, ok := d.Get("get").(*Func); ok {
		get.Called = true
		p.Get = get
	}
	if set, ok := d.Get("set").(*Func); ok {
		set.Called = true
		p.Set = set
	}
	if p.Value = d.Get("value"); p.Value == nil {
		p.Value = Undefined{}
	}
	o.define(name, p)
	if name == "__esModule" {
		o.Keys = o.Keys[:len(o.Keys)-1]
	}
}

func (m *Machine) pairs(c *Call, one func(string, Value) Value) Value {
	keys, known := m.keys(c.Arg(0))
	out := &Object{Array: true, Open: !known, Place: c.Place}
	for _, key := range keys {
		out.Elems = append(out.Elems, one(key, m.Get(c.Arg(0), key, c.Place)))
	}
	return out
}

// collection is a Map or Set.
type collection struct {
	set    bool
	keys   []Value
	values []Value
	places map[Value]int // of keys that are known
}

func newCollection(c *Call) Value {
	name := ""
	if c.Place.Node != nil && c.Place.Node.Left != nil {
		name = c.Place.Node.Left.Text
	}
	made := &collection{set: name == "Set" || name == "WeakSet"}
	o := &Object{Place: c.Place, Native: made}
	items, known := c.Machine.Items(c.Arg(0))
	o.Open = !known
	for _, item := range items {
		if made.set {
			made.put(item, item)
		} else if pair, _ := c.Machine.Items(item); len(pair) == 2 {
			made.put(pair[0], pair[1])
		}
	}
	return o
}

// index is where a key is; -1 for nowhere.
func (s *collection) index(key Value) int {
	if i, has := s.places[identity(key)]; has {
		return i
	}
	return -1
}

// identity is what keys that are the same have in common.
func identity(key Value) Value {
	if key == nil {
		return Undefined{}
	}
	return key
}

func (s *collection) put(key, value Value) {
	if i := s.index(key); i >= 0 {
		s.values[i] = value
		return
	}
	if len(s.keys) < maxLoop {
		if s.places == nil {
			s.places = map[Value]int{}
		}
		s.places[identity(key)] = len(s.keys)
		s.keys, s.values = append(s.keys, key), append(s.values, value)
	}
}

func (s *collection) items() []Value {
	if s.set {
		return append([]Value{}, s.values...)
	}
	items := make([]Value, 0, len(s.keys))
	for i, key := range s.keys {
		items = append(items, NewArray(key, s.values[i]))
	}
	return items
}

// Call of a Map or Set gives nothing.
func (s *collection) Call(*Machine, *Object, *Call) Value { return nil }

// Member is a method of a Map or Set.
func (s *collection) Member(m *Machine, self *Object, name string) Value {
	run := map[string]func(*Call) Value{
		"set": func(c *Call) Value { s.put(c.Arg(0), c.Arg(1)); return self },
		"add": func(c *Call) Value { s.put(c.Arg(0), c.Arg(0)); return self },
		"get": func(c *Call) Value {
			if i := s.index(c.Arg(0)); i >= 0 {
				return s.values[i]
			}
			if self.Open || !Known(c.Arg(0)) {
				return m.item(self, c.Place)
			}
			return Undefined{}
		},
		"has": func(c *Call) Value {
			i := s.index(c.Arg(0))
			if i < 0 && (self.Open || !Known(c.Arg(0))) {
				return Unknown(c.Place)
			}
			return Bool(i >= 0)
		},
		"delete":  func(*Call) Value { return Bool(true) },
		"keys":    func(*Call) Value { return NewArray(append([]Value{}, s.keys...)...) },
		"values":  func(*Call) Value { return NewArray(append([]Value{}, s.values...)...) },
		"entries": func(*Call) Value { return NewArray(s.items()...) },
		"forEach": func(c *Call) Value {
			for i := range s.keys {
				m.Call(c.Arg(0), &Call{Args: []Value{s.values[i], s.keys[i], self}, Place: c.Place})
			}
			return Undefined{}
		},
	}[name]
	if run != nil {
		return native(name, run)
	}
	if name == "size" && !self.Open {
		return Num(len(s.keys))
	}
	return nil
}
