package interpret

import (
	"sort"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// find is a property of an object or of what it inherits from.
func (o *Object) find(name string) *Prop {
	for depth := 0; o != nil && depth < 100; depth++ {
		if p := o.Props[name]; p != nil {
			return p
		}
		o = o.Proto
	}
	return nil
}

func (m *Machine) read(p *Prop, this Value, place Place) Value {
	if p.Get != nil {
		return m.CallFunc(p.Get, &Call{Machine: m, This: this, Place: place})
	}
	if p.Value == nil {
		return Undefined{}
	}
	return p.Value
}

// Get is a member of any value.
func (m *Machine) Get(v Value, name string, place Place) Value {
	switch o := v.(type) {
	case *Object:
		return m.objectMember(o, name, place)
	case *Func:
		return m.funcMember(o, name, place)
	case Str:
		if fn := m.stringMethod(string(o), name); fn != nil {
			return fn
		}
		if name == "length" {
			return Num(len(o))
		}
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(o) {
			return Str(o[i : i+1])
		}
		return Undefined{}
	case *Regex:
		return regexMember(o, name)
	case Num, Bool:
		if name == "toString" || name == "toFixed" {
			return &Func{Name: name, Native: func(*Call) Value { text, _ := String(o); return Str(text) }}
		}
		return Undefined{}
	case *Symbol:
		if set := o.props[name]; set != nil {
			return set
		}
		if o.Op == Either {
			return m.eitherMember(o, name, place)
		}
		if o.Op == Member && o.Name == "env" && o.Base.Op == Opaque && o.Base.Name == "process" {
			return &Symbol{Place: place, Op: Env, Name: name}
		}
		if name == "then" || name == "catch" || name == "finally" {
			return promiseMethod(v, name)
		}
		if o.Op == External && name == "default" {
			return o
		}
		if o.Op == External && name == "__esModule" {
			return Bool(false)
		}
		if o.Op == Member && o.Name == "Segments" && o.Base.Op == External && o.Base.Name == "celebrate" {
			return Str(strings.ToLower(name)) // the parts of a request, as keys
		}
		return &Symbol{Place: place, Op: Member, Base: o, Name: name}
	}
	return Undefined{}
}

// eitherMember looks into each of the values that a symbol may stand for.
func (m *Machine) eitherMember(o *Symbol, name string, place Place) Value {
	joined := &Symbol{}
	for _, one := range o.Args {
		if nullish(one) {
			continue
		}
		if v := m.Get(one, name, place); !nullish(v) {
			joined.add(v)
		}
	}
	if len(joined.Args) == 1 {
		return joined.Args[0]
	}
	return &Symbol{Place: place, Op: Member, Base: o, Name: name}
}

func (m *Machine) objectMember(o *Object, name string, place Place) Value {
	if p := o.find(name); p != nil {
		return m.read(p, o, place)
	}
	if o.Native != nil {
		if v := o.Native.Member(m, o, name); v != nil {
			return v
		}
	}
	if o.Array {
		return m.arrayMember(o, name, place)
	}
	if v := m.objectMethod(o, name); v != nil {
		return v
	}
	if o.Open || o.Native != nil {
		return &Symbol{Place: place, Op: Member, Base: &Symbol{Op: Opaque}, Self: o, Name: name}
	}
	if name == "then" || name == "catch" || name == "finally" {
		return promiseMethod(o, name)
	}
	return Undefined{}
}

// promiseMethod lets values that are known go through then.
func promiseMethod(v Value, name string) Value {
	return &Func{Name: name, Native: func(c *Call) Value {
		fn, ok := c.Arg(0).(*Func)
		if !ok || name == "catch" {
			return v
		}
		if name == "finally" {
			c.Machine.CallFunc(fn, &Call{Machine: c.Machine, Place: c.Place})
			return v
		}
		return c.Machine.CallFunc(fn, &Call{Machine: c.Machine, Args: []Value{v}, Place: c.Place})
	}}
}

func (m *Machine) funcMember(fn *Func, name string, place Place) Value {
	for class := fn; class != nil; {
		if class.Props != nil {
			if p := class.Props.find(name); p != nil {
				return m.read(p, fn, place)
			}
		}
		next, ok := class.Super.(*Func)
		if !ok {
			break
		}
		class = next
	}
	switch name {
	case "prototype":
		return m.prototype(fn)
	case "name":
		return Str(fn.Name)
	case "length":
		if fn.Node != nil && !fn.IsClass {
			return Num(len(fn.Node.More().Params))
		}
	case "call":
		return &Func{Name: name, Native: func(c *Call) Value {
			var args []Value
			if len(c.Args) > 1 {
				args = c.Args[1:]
			}
			return m.CallFunc(fn, &Call{Machine: m, This: c.Arg(0), Args: args, Place: c.Place})
		}}
	case "apply":
		return &Func{Name: name, Native: func(c *Call) Value {
			args, _ := m.Items(c.Arg(1))
			return m.CallFunc(fn, &Call{Machine: m, This: c.Arg(0), Args: args, Place: c.Place})
		}}
	case "bind":
		return &Func{Name: name, Native: func(c *Call) Value {
			bound := *fn
			bound.This = c.Arg(0)
			if len(c.Args) > 1 {
				bound.Bound = append(append([]Value{}, fn.Bound...), c.Args[1:]...)
			}
			fn.Called = true
			m.track(&bound)
			return &bound
		}}
	case "toString":
		return &Func{Name: name, Native: func(c *Call) Value { return Unknown(c.Place) }}
	}
	if s, ok := fn.Super.(*Symbol); ok {
		return m.Get(s, name, place)
	}
	return Undefined{}
}

// member is what a Dot or Index gives, and the value that it is a member of.
func (f *frame) member(n *ecma.Node) (v, object Value) {
	if n.Left.Kind == ecma.Super {
		name := n.Text
		if n.Kind == ecma.Index {
			name, _ = String(f.eval(n.Right))
		}
		return f.superMember(name, f.at(n)), f.scope.function().this
	}
	object = f.eval(n.Left)
	if n.Kind == ecma.Dot {
		return f.m.Get(object, n.Text, f.at(n)), object
	}
	key := f.eval(n.Right)
	if name, ok := String(key); ok {
		return f.m.Get(object, name, f.at(n)), object
	}
	// One of several, but which is not known.
	if s, ok := key.(*Symbol); ok && s.Op == Either {
		var found []Value
		for _, one := range s.Args {
			if name, ok := String(one); ok {
				found = append(found, f.m.Get(object, name, f.at(n)))
			}
		}
		if len(found) == len(s.Args) {
			return &Symbol{Place: f.at(n), Op: Either, Args: found}, object
		}
	}
	base := &Symbol{Op: Opaque}
	if s, ok := object.(*Symbol); ok {
		base = s
	}
	return &Symbol{Place: f.at(n), Op: Item, Base: base, Self: object, Args: []Value{key}}, object
}

// Items are the elements of what can be gone through, and whether they are all.
func (m *Machine) Items(v Value) (items []Value, known bool) {
	switch o := v.(type) {
	case *Object:
		if o.Array {
			return append([]Value{}, o.Elems...), !o.Open
		}
		if c, ok := o.Native.(*collection); ok {
			return c.items(), !o.Open
		}
		return nil, false
	case Str:
		for _, r := range string(o) {
			items = append(items, Str(r))
		}
		return items, len(items) < maxLoop
	case Undefined, Null, nil:
		return nil, true
	}
	return nil, false
}

// item is an unknown element.
func (m *Machine) item(of Value, place Place) Value {
	base, _ := of.(*Symbol)
	return &Symbol{Place: place, Op: Item, Base: base, Self: of}
}

// keys are the names of what an object has itself.
func (m *Machine) keys(v Value) (keys []string, known bool) {
	switch o := v.(type) {
	case *Object:
		if o.Array {
			for i := range o.Elems {
				keys = append(keys, strconv.Itoa(i))
			}
		}
		keys = append(keys, ordered(o.Keys)...)
		return keys, !o.Open && o.Native == nil
	case *Func:
		if o.Props != nil {
			keys = ordered(o.Props.Keys)
		}
		return keys, true
	case Undefined, Null, nil:
		return nil, true
	}
	return nil, false
}

// ordered puts numbers first, as engines do.
func ordered(keys []string) []string {
	numbers, names := []string{}, []string{}
	for _, key := range keys {
		if n, err := strconv.ParseUint(key, 10, 32); err == nil && strconv.FormatUint(n, 10) == key {
			numbers = append(numbers, key)
		} else {
			names = append(names, key)
		}
	}
	sort.Slice(numbers, func(i, j int) bool {
		return len(numbers[i]) < len(numbers[j]) || len(numbers[i]) == len(numbers[j]) && numbers[i] < numbers[j]
	})
	return append(numbers, names...)
}

// copyInto copies the properties of a value, as a spread does.
func (m *Machine) copyInto(o *Object, from Value) {
	switch from := from.(type) {
	case *Object:
		if from.Array {
			for i, e := range from.Elems {
				o.Set(strconv.Itoa(i), e)
			}
		}
		for _, key := range from.Keys {
			p := from.Props[key]
			o.define(key, &Prop{Value: m.read(p, from, from.Place), Node: p.Node})
		}
		o.Open = o.Open || from.Open
		if o.Native == nil && !o.Array {
			o.Native = from.Native // the methods of a copied application register on it
		}
	case *Func:
		if from.Props != nil {
			m.copyInto(o, from.Props)
		}
	case *Symbol:
		if from.Op == Either {
			for _, one := range from.Args {
				m.copyInto(o, one)
			}
		}
		o.Open = true
		for _, key := range o.Keys { // a setting that is off may be on now
			p := o.Props[key]
			if off, known := Truth(p.Value); known && !off && p.Get == nil && simpleOrNothing(p.Value) {
				o.Props[key] = &Prop{Value: &Symbol{Place: from.Place, Op: Member, Base: from, Name: key}, Node: p.Node}
			}
		}
	}
}

func simpleOrNothing(v Value) bool {
	_, isBool := v.(Bool)
	return isBool || nullish(v)
}
