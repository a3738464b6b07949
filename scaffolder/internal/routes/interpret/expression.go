package interpret

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

func (f *frame) eval(n *ecma.Node) Value {
	if n == nil {
		return Undefined{}
	}
	if !f.step(n) {
		return Unknown(f.at(n))
	}
	switch n.Kind {
	case ecma.Identifier:
		return f.identifier(n)
	case ecma.String:
		return Str(n.Text)
	case ecma.Number:
		return numeric(n.Text)
	case ecma.BigInt:
		return Big(strings.ReplaceAll(n.Text, "_", ""))
	case ecma.Boolean:
		return Bool(n.Text == "true")
	case ecma.Null:
		return Null{}
	case ecma.Regex:
		end := strings.LastIndexByte(n.Text, '/')
		return &Regex{n.Text[1:end], n.Text[end+1:]}
	case ecma.Template:
		return f.template(n)
	case ecma.Array:
		return f.array(n)
	case ecma.Object:
		return f.object(n)
	case ecma.Function:
		return f.closure(n)
	case ecma.Class:
		return f.class(n)
	case ecma.This:
		if this := f.scope.function().this; this != nil {
			return this
		}
		return Undefined{}
	case ecma.Unary, ecma.Update:
		return f.unary(n)
	case ecma.Binary:
		return f.binary(n)
	case ecma.Assign:
		return f.assignment(n)
	case ecma.Conditional:
		return f.conditional(n)
	case ecma.Call:
		return f.call(n)
	case ecma.New:
		return f.new(n)
	case ecma.Dot, ecma.Index:
		v, _ := f.member(n)
		return v
	case ecma.Sequence:
		var v Value
		for _, one := range n.List {
			v = f.eval(one)
		}
		return v
	case ecma.Await, ecma.Spread:
		return f.eval(n.Left)
	case ecma.Yield:
		return f.eval(n.Left)
	case ecma.As:
		v := f.eval(n.Left)
		f.named(v, nil, nil, n.More().Type)
		return v
	case ecma.ImportCall:
		return f.importCall(n)
	case ecma.Meta:
		return f.meta(n)
	case ecma.TaggedTemplate:
		f.eval(n.Left)
		f.template(n.Right)
	}
	return Unknown(f.at(n))
}

func (f *frame) identifier(n *ecma.Node) Value {
	if n.Text == "undefined" {
		return Undefined{}
	}
	if c := f.scope.lookup(n.Text); c != nil {
		return c.get()
	}
	if n.Text == "arguments" {
		if s := f.scope.function(); s.self != nil {
			return NewArray(s.args...)
		}
	}
	return &Symbol{Place: f.at(n), Op: Opaque, Name: n.Text}
}

func (f *frame) template(n *ecma.Node) Value {
	texts := n.More().Texts
	var b strings.Builder
	parts := []Value{}
	known := true
	for i, text := range texts {
		b.WriteString(text)
		parts = append(parts, Str(text))
		if i < len(n.List) {
			v := f.eval(n.List[i])
			parts = append(parts, v)
			if piece, ok := String(v); ok {
				b.WriteString(piece)
			} else {
				known = false
			}
		}
	}
	if known && b.Len() < maxText {
		return Str(b.String())
	}
	return &Symbol{Place: f.at(n), Op: Text, Args: parts}
}

func (f *frame) array(n *ecma.Node) Value {
	o := &Object{Place: f.at(n), Array: true, level: f.m.uncertain}
	for _, e := range n.List {
		switch {
		case e == nil:
			o.Elems = append(o.Elems, Undefined{})
		case e.Kind == ecma.Spread:
			items, known := f.m.Items(f.eval(e.Left))
			o.Elems = append(o.Elems, items...)
			o.Open = o.Open || !known
		default:
			o.Elems = append(o.Elems, f.eval(e))
		}
	}
	return o
}

func (f *frame) object(n *ecma.Node) Value {
	o := &Object{Place: f.at(n), level: f.m.uncertain}
	for _, p := range n.List {
		if p.Kind == ecma.Spread {
			f.m.copyInto(o, f.eval(p.Left))
			continue
		}
		key, ok := f.key(p)
		if !ok {
			o.Open = true
			f.eval(p.Right)
			continue
		}
		if p.Has(ecma.Getter) || p.Has(ecma.Setter) {
			f.accessor(o, key, p)
			continue
		}
		v := f.eval(p.Right)
		if fn, ok := v.(*Func); ok {
			if fn.Name == "" {
				fn.Name = key
			}
			if fn.Doc == nil && p.DocEnd != 0 {
				fn.Doc = p
			}
		}
		o.define(key, &Prop{Value: v, Node: p})
	}
	return o
}

// key is the name of a property.
func (f *frame) key(p *ecma.Node) (string, bool) {
	if key, ok := p.Key(); ok && !p.Has(ecma.Computed) {
		return key, true
	}
	return String(f.eval(p.Left))
}

func (f *frame) accessor(o *Object, key string, p *ecma.Node) {
	fn := f.closure(p.Right)
	fn.Called = true
	prop := &Prop{Node: p}
	if old := o.Props[key]; old != nil {
		*prop = *old
	}
	if p.Has(ecma.Getter) {
		prop.Get = fn
	} else {
		prop.Set = fn
	}
	o.define(key, prop)
}

func (f *frame) conditional(n *ecma.Node) Value {
	truth, known := Truth(f.eval(n.Left))
	third := n.More().Third
	if known {
		if truth {
			return f.eval(n.Right)
		}
		return f.eval(third)
	}
	f.m.uncertain++
	yes, no := f.eval(n.Right), f.eval(third)
	f.m.uncertain--
	return f.either(n, yes, no)
}

// either joins two values of which one holds: nothing and what is not known
// give way.
func (f *frame) either(n *ecma.Node, a, b Value) Value {
	if equal, known := same(a, b); known && equal {
		return a
	}
	if nullish(a) {
		return b
	}
	if nullish(b) {
		return a
	}
	joined := &Symbol{Place: f.at(n), Op: Either}
	for _, v := range []Value{a, b} {
		if s, ok := v.(*Symbol); ok && s.Op == Either {
			for _, one := range s.Args {
				joined.add(one)
			}
			continue
		}
		joined.add(v)
	}
	if len(joined.Args) > maxEither {
		return Unknown(f.at(n))
	}
	return joined
}

// maxEither is how many values one thing may have.
const maxEither = 8

func (s *Symbol) add(v Value) {
	for _, old := range s.Args {
		if equal, known := same(old, v); known && equal {
			return
		}
	}
	s.Args = append(s.Args, v)
}

func (f *frame) binary(n *ecma.Node) Value {
	left := f.eval(n.Left)
	switch n.Text {
	case "&&", "||", "??":
		return f.logical(n, left)
	}
	right := f.eval(n.Right)
	if n.Text == "+" {
		return f.plus(n, left, right)
	}
	if v := compute(n.Text, left, right); v != nil {
		return v
	}
	if n.Text == "instanceof" {
		return f.instanceOf(left, right, n)
	}
	if n.Text == "in" {
		if key, ok := String(left); ok {
			if o, ok := right.(*Object); ok && o.Native == nil && !o.Open {
				return Bool(o.find(key) != nil)
			}
		}
	}
	return Unknown(f.at(n))
}

func (f *frame) instanceOf(left, right Value, n *ecma.Node) Value {
	class, ok := right.(*Func)
	if !ok || !Known(left) {
		return Unknown(f.at(n))
	}
	o, ok := left.(*Object)
	if !ok {
		if class.Name == "Function" {
			_, ok = left.(*Func)
			return Bool(ok)
		}
		return Bool(false)
	}
	if class.Name == "Array" {
		return Bool(o.Array)
	}
	want := f.m.prototype(class)
	for p := o.Proto; p != nil; p = p.Proto {
		if p == want {
			return Bool(true)
		}
	}
	if o.Native != nil {
		return Unknown(f.at(n))
	}
	return Bool(false)
}

func (f *frame) logical(n *ecma.Node, left Value) Value {
	truth, known := Truth(left)
	if n.Text == "??" {
		truth = !nullish(left)
	}
	right := func() Value { return f.eval(n.Right) }
	if known {
		if truth == (n.Text == "&&") {
			return right()
		}
		return left
	}
	f.m.uncertain++
	other := right()
	f.m.uncertain--
	if n.Text == "&&" {
		// What is guarded by something unknown is what there may be.
		if _, simple := other.(Bool); Known(other) && !simple {
			return other
		}
		return Unknown(f.at(n))
	}
	// A default stands for what is not known; what may come in its place is
	// remembered.
	if Known(other) && !nullish(other) {
		if symbol, ok := left.(*Symbol); ok && (symbol.Op == Either || symbol.Op == Given && f.m.finishing && !simple(other)) {
			return f.either(n, left, other)
		}
		return other
	}
	return left
}

func simple(v Value) bool {
	switch v.(type) {
	case Str, Num, Big, Bool:
		return true
	}
	return false
}

func (f *frame) plus(n *ecma.Node, left, right Value) Value {
	a, leftNumber := left.(Num)
	b, rightNumber := right.(Num)
	if leftNumber && rightNumber {
		return a + b
	}
	_, leftBig := left.(Big)
	_, rightBig := right.(Big)
	if leftBig && rightBig {
		return Unknown(f.at(n))
	}
	x, leftKnown := String(left)
	y, rightKnown := String(right)
	if leftKnown && rightKnown && len(x)+len(y) < maxText {
		return Str(x + y)
	}
	return &Symbol{Place: f.at(n), Op: Text, Args: []Value{left, right}}
}
