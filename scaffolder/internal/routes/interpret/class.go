package interpret

import (
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

func (f *frame) class(n *ecma.Node) *Func {
	class := &Func{Place: f.at(n), Name: n.Text, Env: f.scope, IsClass: true}
	scope := f.scope.inner()
	class.Env = scope
	if n.Text != "" {
		scope.define(f.m, n.Text, class)
	}
	if n.Left != nil {
		class.Super = f.eval(n.Left)
	}
	f.m.track(class)
	proto := f.m.prototype(class)
	class.Props.Set("prototype", proto)
	f.within(scope, func() flow {
		for _, member := range n.List {
			f.classMember(class, proto, member)
		}
		return onward
	})
	f.decorate(class, n.More().Decorators, nil, class)
	return class
}

// prototype is the object that instances of a class inherit from.
func (m *Machine) prototype(class *Func) *Object {
	if class.Props == nil {
		class.Props = &Object{}
	}
	if p, ok := class.Props.Get("prototype").(*Object); ok {
		return p
	}
	proto := &Object{Class: class, Place: class.Place}
	proto.define("constructor", &Prop{Value: class})
	proto.Keys = nil
	if super, ok := class.Super.(*Func); ok {
		proto.Proto = m.prototype(super)
	}
	class.Props.define("prototype", &Prop{Value: proto})
	class.Props.Keys = slices.DeleteFunc(class.Props.Keys, func(key string) bool { return key == "prototype" })
	return proto
}

func (f *frame) classMember(class *Func, proto *Object, n *ecma.Node) {
	if n.More().Body != nil { // a static block
		s := &Scope{parent: f.scope, module: f.scope.module, fn: true, this: class}
		f.within(s, func() flow { return f.exec(n.Body) })
		return
	}
	key, ok := f.key(n)
	if !ok || key == "constructor" {
		return
	}
	home := proto
	if n.Has(ecma.Static) {
		home = class.Props
	}
	switch {
	case n.Has(ecma.Getter) || n.Has(ecma.Setter):
		if n.Right.More().Body != nil {
			f.accessor(home, key, n)
		}
	case n.Has(ecma.Method):
		if n.Right.More().Body == nil {
			return
		}
		fn := f.closure(n.Right)
		fn.Name, fn.home = key, proto
		if n.Has(ecma.Static) {
			fn.This, fn.home = class, nil
		}
		home.define(key, &Prop{Value: fn, Node: n})
		f.decorate(fn, n.More().Decorators, &key, class)
	case n.Has(ecma.Static):
		s := &Scope{parent: f.scope, module: f.scope.module, fn: true, this: class}
		f.within(s, func() flow {
			v := f.eval(n.Right)
			f.named(v, n.Left, n, n.More().Type)
			home.define(key, &Prop{Value: v, Node: n})
			return onward
		})
	}
}

// decorate applies decorators as the compiler does: those of the sources are called,
// and the host is told of others.
func (f *frame) decorate(target *Func, decorators []*ecma.Node, key *string, class *Func) {
	for i := len(decorators) - 1; i >= 0; i-- {
		v := f.eval(decorators[i])
		if Known(v) {
			if _, ok := v.(*Func); !ok {
				continue
			}
		}
		args := []Value{class}
		if key != nil {
			descriptor := &Object{}
			descriptor.Set("value", target)
			args = []Value{f.m.prototype(class), Str(*key), descriptor}
		}
		f.m.Call(v, &Call{Args: args, Place: f.at(decorators[i])})
	}
}

// constructor is the constructor of a class as a function; nil when it has none
// of its own.
func (m *Machine) constructor(class *Func) *Func {
	if !class.IsClass {
		return class
	}
	for _, member := range class.Node.List {
		if key, ok := member.Key(); ok && key == "constructor" && member.Has(ecma.Method) && member.Right.More().Body != nil {
			return &Func{Place: Place{class.Module, member.Right}, Env: class.Env, Name: class.Name, home: m.prototype(class)}
		}
	}
	return nil
}

// Construct makes an instance.
func (m *Machine) Construct(class *Func, args []Value, place Place) Value {
	c := &Call{Machine: m, Args: args, New: true, Place: place}
	if class.Native != nil {
		return class.Native(c)
	}
	class.Called = true
	if m.depth >= maxCalls || m.active[class.Node] >= maxRecursion {
		return Unknown(place)
	}
	o := &Object{Place: place, Proto: m.prototype(class), Class: class, level: m.uncertain}
	class.Instance = o
	m.depth++
	m.active[class.Node]++
	result := m.initialise(class, o, c)
	m.active[class.Node]--
	m.depth--
	if other, ok := result.(*Object); ok && other != o {
		if other.Made == nil && other.Native == nil {
			other.Made = &Made{Callee: class, Args: args, Place: place}
		}
		return other
	}
	o.Made = &Made{Callee: class, Args: args, Place: place}
	return o
}

// initialise runs fields and constructor on an instance; what a constructor
// returns comes back.
func (m *Machine) initialise(class *Func, o *Object, c *Call) Value {
	if !class.IsClass { // a function used as one
		return m.CallFunc(class, &Call{Machine: m, This: o, Args: c.Args, Place: c.Place})
	}
	ctor := m.constructor(class)
	if ctor == nil {
		m.construct(class.Super, o, c)
		m.fields(class, o)
		return nil
	}
	if class.Super == nil {
		m.fields(class, o)
	}
	s := &Scope{parent: class.Env, module: class.Module, self: ctor, fn: true, this: o, args: c.Args}
	f := &frame{m: m, scope: s}
	f.parameters(ctor.Node.Params, c.Args)
	if class.Super == nil {
		f.parameterFields(ctor.Node.Params, o)
	}
	f.hoist(ctor.Node.Body.List)
	f.block(ctor.Node.Body.List)
	for _, r := range f.results {
		if other, ok := r.(*Object); ok {
			return other
		}
	}
	return nil
}

// construct runs what a class extends on an instance.
func (m *Machine) construct(super Value, o *Object, c *Call) {
	switch super := super.(type) {
	case *Func:
		if super.Native == nil && m.active[super.Node] < maxRecursion {
			super.Called = true
			m.active[super.Node]++
			m.initialise(super, o, c)
			m.active[super.Node]--
		}
	case *Symbol:
		if made, ok := m.Host.Call(m, super, &Call{Machine: m, Args: c.Args, New: true, Place: c.Place}).(*Object); ok {
			o.Native = made.Native
			return
		}
		o.Open = true
	}
}

func (f *frame) parameterFields(params []*ecma.Node, o *Object) {
	for _, p := range params {
		if p.Has(ecma.Field) && p.Left.Kind == ecma.Identifier {
			o.Set(p.Left.Text, f.scope.Lookup(p.Left.Text))
		}
	}
}

func (m *Machine) fields(class *Func, o *Object) {
	s := &Scope{parent: class.Env, module: class.Module, fn: true, this: o}
	f := &frame{m: m, scope: s}
	for _, member := range class.Node.List {
		if member.Has(ecma.Static) || member.Has(ecma.Method) || member.Has(ecma.Getter) || member.Has(ecma.Setter) || member.More().Body != nil {
			continue
		}
		if key, ok := f.key(member); ok && member.Right != nil {
			v := f.eval(member.Right)
			f.named(v, member.Left, member, member.More().Type)
			if fn, isFunc := v.(*Func); isFunc && fn.Name == "" {
				fn.Name = key
			}
			o.define(key, &Prop{Value: v, Node: member})
		}
	}
}

// currentClass is the class whose method or constructor runs here.
func (f *frame) currentClass() *Func {
	s := f.scope.function()
	if s.self == nil || s.self.home == nil {
		return nil
	}
	return s.self.home.Class
}

func (f *frame) superCall(n *ecma.Node) Value {
	args := f.arguments(n.List)
	class := f.currentClass()
	o, ok := f.scope.function().this.(*Object)
	if class == nil || !ok {
		return Undefined{}
	}
	f.m.construct(class.Super, o, &Call{Machine: f.m, Args: args, New: true, Place: f.at(n)})
	f.m.fields(class, o)
	ctor := f.m.constructor(class)
	if ctor != nil {
		f.parameterFields(ctor.Node.Params, o)
	}
	return Undefined{}
}

func (f *frame) superMember(name string, place Place) Value {
	class := f.currentClass()
	if class == nil {
		return Unknown(place)
	}
	switch super := class.Super.(type) {
	case *Func:
		return f.m.objectMember(f.m.prototype(super), name, place)
	case *Symbol:
		if o, ok := f.scope.function().this.(*Object); ok && o.Native != nil {
			if v := o.Native.Member(f.m, o, name); v != nil {
				return v
			}
		}
	}
	return Unknown(place)
}
