package interpret

import (
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// flow is how a statement ends.
type flow uint8

const (
	onward flow = iota
	broken
	continued
	returned
	thrown
)

// frame runs the statements of one function or module.
type frame struct {
	m       *Machine
	scope   *Scope
	results []Value // of returns that may not happen, and of the one that does
}

func (f *frame) at(n *ecma.Node) Place { return Place{f.scope.module, n} }

// step counts work; false when there has been enough.
func (f *frame) step(n *ecma.Node) bool {
	if f.m.steps++; f.m.steps <= f.m.limit {
		return true
	}
	if f.m.stop.Node == nil {
		f.m.stop = f.at(n)
	}
	return false
}

// within runs something with the names of a scope of its own.
func (f *frame) within(s *Scope, run func() flow) flow {
	before := f.scope
	f.scope = s
	end := run()
	f.scope = before
	return end
}

func (f *frame) block(list []*ecma.Node) flow {
	for _, n := range list {
		if end := f.exec(n); end != onward {
			return end
		}
	}
	return onward
}

// maybe runs a statement that may not happen.
func (f *frame) maybe(n *ecma.Node) flow {
	if n == nil {
		return onward
	}
	f.m.uncertain++
	end := f.exec(n)
	f.m.uncertain--
	return end
}

// hoist declares functions, classes' names and types before anything runs.
func (f *frame) hoist(list []*ecma.Node) {
	for _, n := range list {
		doc := n
		if (n.Kind == ecma.Export || n.Kind == ecma.ExportAssign) && n.Left != nil {
			n = n.Left
		}
		switch n.Kind {
		case ecma.Function:
			if n.Text != "" && n.More().Body != nil {
				fn := f.closure(n)
				if doc.DocEnd != 0 {
					fn.Doc = doc
				}
				f.scope.define(f.m, n.Text, fn)
			}
		case ecma.Interface, ecma.TypeAlias, ecma.Class, ecma.Enum:
			if f.scope.Types == nil {
				f.scope.Types = map[string]*ecma.Node{}
			}
			if n.Text != "" {
				f.scope.Types[n.Text] = n
			}
		}
	}
}

func (f *frame) exec(n *ecma.Node) flow {
	if n == nil || !f.step(n) {
		return onward
	}
	switch n.Kind {
	case ecma.ExpressionStatement:
		f.eval(n.Left)
	case ecma.Variables:
		f.variables(n)
	case ecma.Block:
		return f.within(f.scope.inner(), func() flow {
			f.hoist(n.List)
			return f.block(n.List)
		})
	case ecma.If:
		return f.ifStatement(n)
	case ecma.For:
		return f.forLoop(n)
	case ecma.ForOf, ecma.ForIn:
		return f.forEach(n)
	case ecma.While, ecma.DoWhile:
		return f.while(n)
	case ecma.Return:
		var v Value = Undefined{}
		if n.Left != nil {
			v = f.eval(n.Left)
		}
		f.results = append(f.results, v)
		return returned
	case ecma.Throw:
		f.eval(n.Left)
		return thrown
	case ecma.Try:
		return f.try(n)
	case ecma.Switch:
		return f.switchStatement(n)
	case ecma.Jump:
		if n.Text == "break" {
			return broken
		}
		return continued
	case ecma.Labeled:
		return f.exec(n.Body)
	case ecma.Class:
		f.scope.define(f.m, n.Text, f.class(n))
	case ecma.Enum:
		f.scope.define(f.m, n.Text, f.enum(n))
	case ecma.Namespace:
		f.namespace(n)
	case ecma.Import, ecma.Export, ecma.ExportAll, ecma.ExportAssign:
		f.export(n)
	}
	return onward
}

func (f *frame) variables(n *ecma.Node) {
	for _, d := range n.List {
		var v Value = Undefined{}
		if d.Right != nil {
			v = f.eval(d.Right)
			f.named(v, d.Left, n, d.More().Type)
		}
		target := f.scope
		if n.Text == "var" {
			target = f.scope.hoisted()
			if d.Right == nil && d.Left.Kind == ecma.Identifier && target.cells[d.Left.Text] != nil {
				continue
			}
		}
		f.bind(d.Left, v, target)
	}
}

// named gives functions and the like the name of what they are assigned to.
func (f *frame) named(v Value, target, doc *ecma.Node, typed *ecma.Node) {
	if target != nil && target.Kind == ecma.Identifier && f.scope.self == nil {
		switch o := v.(type) {
		case *Symbol:
			if o.Var == "" {
				o.Var, o.Doc = target.Text, Place{f.scope.module, doc}
			}
		case *Object:
			if o.Var == "" {
				o.Var = target.Text
			}
		}
	}
	fn, ok := v.(*Func)
	if !ok {
		return
	}
	if fn.Name == "" && target != nil {
		switch target.Kind {
		case ecma.Identifier, ecma.Dot:
			fn.Name = target.Text
		case ecma.Index:
			if target.Right.Kind == ecma.String {
				fn.Name = target.Right.Text
			}
		}
	}
	if fn.Doc == nil && doc != nil && doc.DocEnd != 0 {
		fn.Doc = doc
	}
	if fn.Type == nil {
		fn.Type = typed
	}
}

func (f *frame) ifStatement(n *ecma.Node) flow {
	truth, known := Truth(f.eval(n.Left))
	third := n.More().Third
	if known {
		if truth {
			return f.exec(n.Right)
		}
		return f.exec(third)
	}
	yes := f.maybe(n.Right)
	no := f.maybe(third)
	if third != nil && yes != onward && no != onward {
		if yes == thrown {
			return no
		}
		return yes
	}
	return onward
}

func (f *frame) try(n *ecma.Node) flow {
	end := f.exec(n.Body)
	if n.Right != nil {
		caught := func() flow {
			return f.within(f.scope.inner(), func() flow {
				if n.Left != nil {
					f.bind(n.Left, Unknown(f.at(n.Left)), f.scope)
				}
				return f.exec(n.Right)
			})
		}
		if end == thrown {
			end = caught()
		} else {
			results := len(f.results)
			f.m.uncertain++
			caught()
			f.m.uncertain--
			f.results = f.results[:results]
		}
	}
	if last := f.exec(n.More().Third); last != onward {
		return last
	}
	return end
}

func (f *frame) switchStatement(n *ecma.Node) flow {
	subject := f.eval(n.Left)
	return f.within(f.scope.inner(), func() flow {
		chosen, certain := -1, true
		for i, one := range n.List {
			if one.Left == nil {
				continue
			}
			equal, known := same(subject, f.eval(one.Left))
			if !known {
				certain = false
				break
			}
			if equal {
				chosen = i
				break
			}
		}
		if !certain {
			for _, one := range n.List {
				f.m.uncertain++
				f.block(one.List)
				f.m.uncertain--
			}
			return onward
		}
		if chosen < 0 {
			for i, one := range n.List {
				if one.Left == nil {
					chosen = i
				}
			}
		}
		if chosen < 0 {
			return onward
		}
		for _, one := range n.List[chosen:] {
			switch end := f.block(one.List); end {
			case broken:
				return onward
			case onward:
			default:
				return end
			}
		}
		return onward
	})
}

func (f *frame) enum(n *ecma.Node) Value {
	o := &Object{Place: f.at(n)}
	next := 0.0
	for _, one := range n.List {
		name, ok := one.Key()
		if !ok {
			continue
		}
		var v Value = Num(next)
		if one.Right != nil {
			v = f.eval(one.Right)
		}
		if number, ok := v.(Num); ok {
			next = float64(number) + 1
		}
		o.Set(name, v)
	}
	return o
}

func (f *frame) namespace(n *ecma.Node) {
	body := n.More().Body
	if body == nil || n.Text == "" {
		return
	}
	o := &Object{Place: f.at(n)}
	f.scope.define(f.m, n.Text, o)
	inner := f.scope.inner()
	f.within(inner, func() flow {
		f.hoist(body.List)
		for _, s := range body.List {
			if s.Kind == ecma.Export && s.Left != nil {
				s = s.Left
			}
			f.exec(s)
		}
		return onward
	})
	for name, c := range inner.cells {
		o.Set(name, c.get())
	}
}
