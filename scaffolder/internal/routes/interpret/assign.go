package interpret

import (
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

func (f *frame) assignment(n *ecma.Node) Value {
	switch n.Text {
	case "=":
		v := f.eval(n.Right)
		f.named(v, n.Left, nil, nil)
		f.assign(n.Left, v)
		return v
	case "||=", "&&=", "??=":
		old := f.eval(n.Left)
		logical := *n
		logical.Text = n.Text[:2]
		v := f.logical(&logical, old)
		f.assign(n.Left, v)
		return v
	}
	old, right := f.eval(n.Left), f.eval(n.Right)
	operator := n.Text[:len(n.Text)-1]
	var v Value
	if operator == "+" {
		v = f.plus(n, old, right)
	} else if v = compute(operator, old, right); v == nil {
		v = Unknown(f.at(n))
	}
	f.assign(n.Left, v)
	return v
}

// assign gives a value to what stands left of an equals sign.
func (f *frame) assign(n *ecma.Node, v Value) {
	switch n.Kind {
	case ecma.Identifier:
		c := f.scope.lookup(n.Text)
		if c == nil {
			f.scope.module.Scope.define(f.m, n.Text, v)
			return
		}
		if c.lazy == nil {
			c.value = f.changed(n, c.value, v, c.level)
			if f.scope.module.Scope.cells["exports"] == c {
				return
			}
		}
	case ecma.Dot:
		f.setMember(f.eval(n.Left), n.Text, v, n)
	case ecma.Index:
		object, key := f.eval(n.Left), f.eval(n.Right)
		if name, ok := String(key); ok {
			f.setMember(object, name, v, n)
		} else if o, ok := object.(*Object); ok {
			o.Open = true
		}
	case ecma.Object, ecma.Array:
		f.bind(n, v, nil)
	case ecma.As:
		f.assign(n.Left, v)
	}
}

// changed is what a variable holds that may have been changed.
func (f *frame) changed(n *ecma.Node, old, v Value, level int) Value {
	if f.m.uncertain <= level || old == nil || nullish(old) || !Known(old) {
		return v
	}
	if !Known(v) || nullish(v) {
		return old
	}
	return f.either(n, old, v)
}

func (f *frame) setMember(object Value, name string, v Value, n *ecma.Node) {
	switch o := object.(type) {
	case *Object:
		if o.Native != nil && f.m.Host.Property(f.m, o, name, v) {
			return
		}
		if o.Array {
			f.setElement(o, name, v)
			return
		}
		if p := o.find(name); p != nil && p.Set != nil {
			f.m.CallFunc(p.Set, &Call{Machine: f.m, This: o, Args: []Value{v}, Place: f.at(n)})
			return
		}
		prop := &Prop{Value: v, Node: n}
		if old := o.Props[name]; old != nil && old.Get == nil {
			prop.Value = f.changed(n, old.Value, v, o.level)
		}
		o.define(name, prop)
		if fn, ok := v.(*Func); ok && o.Class != nil && fn.home == nil {
			fn.home = o // a method put on a prototype
		}
	case *Func:
		if name == "prototype" {
			if p, ok := v.(*Object); ok {
				p.Class = o
			}
		}
		if o.Props == nil {
			o.Props = &Object{}
		}
		o.Props.define(name, &Prop{Value: v, Node: n})
	case *Symbol:
		if o.props == nil {
			o.props = map[string]Value{}
		}
		o.props[name] = v
	}
}

func (f *frame) setElement(o *Object, name string, v Value) {
	index, ok := numeric(name).(Num)
	if !ok || index != index || index < 0 || index > maxElems {
		if name != "length" {
			o.define(name, &Prop{Value: v})
		} else if size, ok := v.(Num); ok && size >= 0 && int(size) < len(o.Elems) {
			o.Elems = o.Elems[:int(size)]
		}
		return
	}
	for len(o.Elems) <= int(index) {
		o.Elems = append(o.Elems, Undefined{})
	}
	o.Elems[int(index)] = v
}

// bind gives the parts of a value to the names of a pattern: declares them in a
// scope, or assigns them when there is none.
func (f *frame) bind(pattern *ecma.Node, v Value, scope *Scope) {
	if pattern == nil {
		return
	}
	switch pattern.Kind {
	case ecma.Object:
		f.bindObject(pattern, v, scope)
	case ecma.Array:
		items, known := f.m.Items(v)
		for i, e := range pattern.List {
			switch {
			case e == nil:
			case e.Kind == ecma.Spread:
				rest := NewArray()
				if i < len(items) {
					rest.Elems = append(rest.Elems, items[i:]...)
				}
				rest.Open = !known
				f.bind(e.Left, rest, scope)
			case i < len(items):
				f.bind(e, items[i], scope)
			case known:
				f.bind(e, Undefined{}, scope)
			default:
				f.bind(e, f.m.item(v, f.at(e)), scope)
			}
		}
	case ecma.Assign:
		if nullish(v) {
			v = f.eval(pattern.Right)
			f.named(v, pattern.Left, nil, nil)
		} else if s, ok := v.(*Symbol); ok && (s.Op == Given || s.Op == Member) {
			if d := f.eval(pattern.Right); Known(d) && simple(d) {
				v = d
			}
		}
		f.bind(pattern.Left, v, scope)
	default:
		if scope == nil {
			f.assign(pattern, v)
		} else if pattern.Kind == ecma.Identifier {
			scope.define(f.m, pattern.Text, v)
		}
	}
}

func (f *frame) bindObject(pattern *ecma.Node, v Value, scope *Scope) {
	taken := map[string]bool{}
	for _, p := range pattern.List {
		if p.Kind == ecma.Spread {
			rest := &Object{Place: f.at(p)}
			f.m.copyInto(rest, v)
			for name := range taken {
				rest.remove(name)
			}
			f.bind(p.Left, rest, scope)
			continue
		}
		key, ok := f.key(p)
		if !ok {
			f.bind(p.Right, Unknown(f.at(p)), scope)
			continue
		}
		taken[key] = true
		f.bind(p.Right, f.m.Get(v, key, f.at(p)), scope)
	}
}
