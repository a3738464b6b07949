package interpret

import (
	"slices"
	"strconv"
)

// native makes a function of the language's own.
func native(name string, run func(*Call) Value) *Func {
	return &Func{Name: name, Native: run, Props: &Object{}}
}

func (m *Machine) newGlobals() *Scope {
	s := &Scope{fn: true, this: Undefined{}}
	set := func(name string, v Value) { s.define(m, name, v) }
	object := native("Object", func(c *Call) Value {
		if o, ok := c.Arg(0).(*Object); ok {
			return o
		}
		return &Object{Place: c.Place}
	})
	m.objectFunctions(object.Props)
	set("Object", object)

	array := native("Array", func(c *Call) Value {
		if n, ok := c.Arg(0).(Num); ok && len(c.Args) == 1 && n >= 0 && n < maxElems {
			out := NewArray()
			for range int(n) {
				out.Elems = append(out.Elems, Undefined{})
			}
			return out
		}
		return NewArray(c.Args...)
	})
	array.Props.Set("isArray", native("isArray", func(c *Call) Value {
		o, ok := c.Arg(0).(*Object)
		if !ok && !Known(c.Arg(0)) {
			return Unknown(c.Place)
		}
		return Bool(ok && o.Array)
	}))
	array.Props.Set("from", native("from", m.arrayFrom))
	array.Props.Set("of", native("of", func(c *Call) Value { return NewArray(c.Args...) }))
	prototype := NewArray()
	array.Props.Set("prototype", prototype)
	set("Array", array)

	text := native("String", func(c *Call) Value {
		if t, ok := String(c.Arg(0)); ok {
			return Str(t)
		}
		return &Symbol{Place: c.Place, Op: Text, Args: c.Args}
	})
	text.Props.Set("raw", native("raw", func(c *Call) Value { return Unknown(c.Place) }))
	set("String", text)
	set("Number", native("Number", toNumber))
	set("parseInt", native("parseInt", toNumber))
	set("parseFloat", native("parseFloat", toNumber))
	set("Boolean", native("Boolean", func(c *Call) Value {
		if truth, known := Truth(c.Arg(0)); known {
			return Bool(truth)
		}
		return Unknown(c.Place)
	}))
	set("Function", native("Function", func(c *Call) Value { return Unknown(c.Place) }))
	set("Map", native("Map", newCollection))
	set("WeakMap", native("WeakMap", newCollection))
	set("Set", native("Set", newCollection))
	set("WeakSet", native("WeakSet", newCollection))
	set("RegExp", native("RegExp", func(c *Call) Value {
		if source, ok := c.Arg(0).(Str); ok {
			flags, _ := c.Arg(1).(Str)
			return &Regex{string(source), string(flags)}
		}
		if r, ok := c.Arg(0).(*Regex); ok {
			return r
		}
		return Unknown(c.Place)
	}))
	// What a proxy is asked, its target is mostly asked in turn.
	set("Proxy", native("Proxy", func(c *Call) Value { return c.Arg(0) }))
	set("Promise", m.promises())
	set("Reflect", m.reflection())
	set("JSON", jsonFunctions())
	for _, name := range []string{"encodeURIComponent", "encodeURI", "decodeURIComponent", "decodeURI"} {
		set(name, native(name, func(c *Call) Value { return c.Arg(0) }))
	}
	root := &Object{Open: true}
	set("globalThis", root)
	set("global", root)
	return s
}

func toNumber(c *Call) Value {
	switch v := c.Arg(0).(type) {
	case Num:
		return v
	case Str:
		return numeric(string(v))
	case Big:
		return numeric(string(v))
	}
	return Unknown(c.Place)
}

func jsonFunctions() *Object {
	o := &Object{}
	o.Set("parse", native("parse", func(c *Call) Value {
		if text, ok := c.Arg(0).(Str); ok {
			return FromJSON([]byte(text))
		}
		return Unknown(c.Place)
	}))
	o.Set("stringify", native("stringify", func(c *Call) Value { return Unknown(c.Place) }))
	return o
}

func (m *Machine) promises() *Func {
	promise := native("Promise", func(c *Call) Value {
		var result Value = Undefined{}
		resolve := native("resolve", func(c *Call) Value { result = c.Arg(0); return Undefined{} })
		m.Call(c.Arg(0), &Call{Args: []Value{resolve, native("reject", func(*Call) Value { return Undefined{} })}, Place: c.Place})
		return result
	})
	promise.Props.Set("resolve", native("resolve", func(c *Call) Value { return c.Arg(0) }))
	promise.Props.Set("reject", native("reject", func(*Call) Value { return Undefined{} }))
	for _, name := range []string{"all", "allSettled", "race", "any"} {
		promise.Props.Set(name, native(name, func(c *Call) Value { return c.Arg(0) }))
	}
	return promise
}

func (m *Machine) arrayFrom(c *Call) Value {
	items, known := m.Items(c.Arg(0))
	if o, ok := c.Arg(0).(*Object); ok && !known && o.Native == nil {
		if n, ok := o.Get("length").(Num); ok && n >= 0 && n < maxElems {
			items, known = slices.Repeat([]Value{Undefined{}}, int(n)), true
		}
	}
	out := &Object{Array: true, Elems: items, Open: !known, Place: c.Place}
	if _, ok := c.Arg(1).(*Func); ok {
		return m.arrays["map"](m, out, &Call{Machine: m, Args: c.Args[1:], Place: c.Place})
	}
	return out
}

// reflection keeps what decorators say, as the package reflect-metadata does.
func (m *Machine) reflection() *Object {
	o := &Object{}
	at := func(target, key Value) *Object {
		id := any(target)
		if name, ok := String(key); ok && !nullish(key) {
			id = [2]any{target, name}
		}
		if !hashable(target) {
			return &Object{}
		}
		if m.metadata[id] == nil {
			m.metadata[id] = &Object{}
		}
		return m.metadata[id]
	}
	o.Set("defineMetadata", native("defineMetadata", func(c *Call) Value {
		if name, ok := metadataKey(c.Arg(0)); ok {
			at(c.Arg(2), c.Arg(3)).Set(name, c.Arg(1))
		}
		return Undefined{}
	}))
	get := func(c *Call) Value {
		name, ok := metadataKey(c.Arg(0))
		if !ok {
			return Unknown(c.Place)
		}
		if v := at(c.Arg(1), c.Arg(2)).Get(name); v != nil {
			return v
		}
		return Undefined{}
	}
	o.Set("getMetadata", native("getMetadata", get))
	o.Set("getOwnMetadata", native("getOwnMetadata", get))
	has := func(c *Call) Value { return Bool(!nullish(get(c))) }
	o.Set("hasMetadata", native("hasMetadata", has))
	o.Set("hasOwnMetadata", native("hasOwnMetadata", has))
	o.Set("ownKeys", native("ownKeys", func(c *Call) Value { return m.keyArray(c.Arg(0)) }))
	o.Set("get", native("get", func(c *Call) Value {
		if name, ok := String(c.Arg(1)); ok {
			return m.Get(c.Arg(0), name, c.Place)
		}
		return Unknown(c.Place)
	}))
	return o
}

func hashable(v Value) bool {
	switch v.(type) {
	case *Object, *Func, *Symbol, Str:
		return true
	}
	return false
}

func metadataKey(v Value) (string, bool) {
	if s, ok := v.(*Symbol); ok { // a symbol of the language: its place tells it apart
		if s.Place.Node != nil && s.Place.Module != nil {
			return s.Place.Module.Path + "#" + strconv.Itoa(int(s.Place.Node.Start)), true
		}
		return "", false
	}
	return String(v)
}

func (m *Machine) keyArray(v Value) Value {
	keys, known := m.keys(v)
	out := &Object{Array: true, Open: !known}
	for _, key := range keys {
		out.Elems = append(out.Elems, Str(key))
	}
	return out
}

// objectMethod is what every object has.
func (m *Machine) objectMethod(o *Object, name string) Value {
	switch name {
	case "hasOwnProperty":
		return native(name, func(c *Call) Value {
			target := o
			if this, ok := c.This.(*Object); ok {
				target = this
			}
			key, ok := String(c.Arg(0))
			if !ok || target.Open {
				return Unknown(c.Place)
			}
			return Bool(target.Props[key] != nil)
		})
	case "toString":
		return native(name, func(c *Call) Value { return Unknown(c.Place) })
	case "constructor":
		if o.Class != nil {
			return o.Class
		}
	}
	return nil
}
