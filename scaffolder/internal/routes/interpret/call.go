package interpret

import (
	"path/filepath"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// closure makes a function of the sources.
func (f *frame) closure(n *ecma.Node) *Func {
	fn := &Func{Place: f.at(n), Name: n.Text, Env: f.scope}
	f.m.track(fn)
	return fn
}

// track remembers a function, to call it at the end if nobody does.
func (m *Machine) track(fn *Func) {
	if m.perNode[fn.Node]++; m.perNode[fn.Node] <= maxClosures && len(m.closures) < maxPending {
		m.closures = append(m.closures, fn)
	}
}

func (f *frame) call(n *ecma.Node) Value {
	if n.Left.Kind == ecma.Super {
		return f.superCall(n)
	}
	var callee, this Value
	switch n.Left.Kind {
	case ecma.Dot, ecma.Index:
		callee, this = f.member(n.Left)
	default:
		callee = f.eval(n.Left)
	}
	args := f.arguments(n.List)
	if nullish(callee) && (n.Has(ecma.Optional) || n.Left.Has(ecma.Optional)) {
		return Undefined{}
	}
	return f.m.Call(callee, &Call{Machine: f.m, This: this, Args: args, Place: f.at(n)})
}

func (f *frame) arguments(list []*ecma.Node) []Value {
	args := make([]Value, 0, len(list))
	for _, a := range list {
		if a.Kind != ecma.Spread {
			args = append(args, f.eval(a))
			continue
		}
		spread := f.eval(a.Left)
		items, known := f.m.Items(spread)
		args = append(args, items...)
		if !known {
			args = append(args, f.m.item(spread, f.at(a)))
		}
	}
	return args
}

// Call calls any value.
func (m *Machine) Call(callee Value, c *Call) Value {
	c.Machine = m
	switch fn := callee.(type) {
	case *Func:
		if c.New {
			return m.Construct(fn, c.Args, c.Place)
		}
		return m.CallFunc(fn, c)
	case *Object:
		if fn.Native != nil {
			if v := fn.Native.Call(m, fn, c); v != nil {
				return v
			}
		}
	case *Symbol:
		return m.callSymbol(fn, c)
	}
	return Unknown(c.Place)
}

func (m *Machine) callSymbol(s *Symbol, c *Call) Value {
	if s.Op == Either && !c.New {
		var results []Value
		m.uncertain++
		for _, one := range s.Args {
			if Known(one) && !nullish(one) {
				results = append(results, m.Call(one, &Call{This: c.This, Args: c.Args, Place: c.Place}))
			}
		}
		m.uncertain--
		if len(results) == 1 {
			return results[0]
		}
		if len(results) > 0 {
			return &Symbol{Place: c.Place, Op: Either, Args: results}
		}
	}
	if s.Op == Member && s.Base != nil && s.Base.Op == Either {
		var results []Value
		m.uncertain++
		for _, one := range s.Base.Args {
			if callee := m.Get(one, s.Name, c.Place); !nullish(callee) {
				results = append(results, m.Call(callee, &Call{This: one, Args: c.Args, Place: c.Place}))
			}
		}
		m.uncertain--
		return &Symbol{Place: c.Place, Op: Either, Args: results}
	}
	if v := m.Host.Call(m, s, c); v != nil {
		return v
	}
	result := &Symbol{Place: c.Place, Op: Called, Base: s, Args: c.Args, Self: c.This}
	if c.New {
		result.Op = Created
	}
	return result
}

// CallFunc calls a function.
func (m *Machine) CallFunc(fn *Func, c *Call) Value {
	c.Machine = m
	if fn.Bound != nil {
		c.Args = append(append([]Value{}, fn.Bound...), c.Args...)
	}
	if fn.This != nil {
		c.This = fn.This
	}
	if fn.Native != nil {
		return fn.Native(c)
	}
	fn.Called = true
	if m.loosely[fn.Node] {
		m.Recalled[fn.Node] = true
	}
	if fn.IsClass {
		return Unknown(c.Place)
	}
	body := fn.Node.More().Body
	if body == nil || m.depth >= maxCalls || m.active[fn.Node] >= maxRecursion {
		return Unknown(c.Place)
	}
	if m.calls[fn.Node]++; m.worn(fn, c) {
		return Unknown(c.Place)
	}
	s := &Scope{parent: fn.Env, module: fn.Module, self: fn}
	if !fn.Node.Has(ecma.Arrow) {
		s.fn, s.this, s.args = true, c.This, c.Args
	}
	f := &frame{m: m, scope: s}
	m.depth++
	m.active[fn.Node]++
	caller := m.running
	m.running = fn
	f.parameters(fn.Node.Params, c.Args)
	v := f.body(body)
	m.running = caller
	if m.steps > m.limit { // broken off: it may be called again, on its own
		fn.Called = false
	}
	m.active[fn.Node]--
	m.depth--
	return mark(v, fn, c)
}

// worn tells a function that has been called so often that once more says
// nothing new.
func (m *Machine) worn(fn *Func, c *Call) bool {
	count := m.calls[fn.Node]
	if count > maxSameCalls {
		return true
	}
	// What a module's own statements call with numbers builds its values.
	if count <= maxLooseCalls || c.round || m.running == nil || m.speaks(fn) || m.running != nil && m.speaks(m.running) {
		return false
	}
	if o, ok := c.This.(*Object); ok && o.Native != nil {
		return false
	}
	for _, v := range c.Args {
		switch v.(type) {
		case *Func, Str:
			return false
		case *Object:
			if count <= maxToldCalls || !m.finishing {
				return false
			}
		}
	}
	return true
}

func (f *frame) body(body *ecma.Node) Value {
	if body.Kind != ecma.Block {
		return f.eval(body)
	}
	f.hoist(body.List)
	f.block(body.List)
	return f.result()
}

// result chooses among what the returns gave: what is known and something is
// preferred, since the others are ways out.
func (f *frame) result() Value {
	var best Value = Undefined{}
	rank := func(v Value) int {
		switch v := v.(type) {
		case nil, Undefined, Null:
			return 0
		case Bool:
			return 1
		case *Symbol:
			return 2
		case *Object:
			if v.Native != nil {
				return 4
			}
		}
		return 3
	}
	for _, v := range f.results {
		if rank(v) > rank(best) {
			best = v
		}
	}
	return best
}

// mark remembers which call a value came out of.
func mark(v Value, fn *Func, c *Call) Value {
	made := &Made{Callee: fn, Args: c.Args, Place: c.Place}
	depth := func(inner *Made) *Made {
		made.Inner = inner
		for n, at := 0, made; at != nil; n, at = n+1, at.Inner {
			if n == 8 {
				at.Inner = nil
			}
		}
		return made
	}
	switch v := v.(type) {
	case *Object:
		if v.Native == nil {
			v.Made = depth(v.Made)
		}
	case *Func:
		if v != fn {
			v.Made = depth(v.Made)
		}
	case *Symbol:
		v.Made = depth(v.Made)
	}
	return v
}

func (f *frame) parameters(params []*ecma.Node, args []Value) {
	for i, p := range params {
		if p.Has(ecma.Rest) {
			rest := NewArray()
			if i < len(args) {
				rest.Elems = append(rest.Elems, args[i:]...)
			}
			f.bind(p.Left, rest, f.scope)
			return
		}
		var v Value = Undefined{}
		if i < len(args) && args[i] != nil {
			v = args[i]
		}
		if nullish(v) && p.Right != nil {
			if _, null := v.(Null); !null {
				v = f.eval(p.Right)
			}
		}
		f.bind(p.Left, v, f.scope)
	}
}

func (f *frame) new(n *ecma.Node) Value {
	callee := f.eval(n.Left)
	return f.m.Call(callee, &Call{Machine: f.m, Args: f.arguments(n.List), New: true, Place: f.at(n)})
}

// importCall is import(): modules that are known are run at once.
func (f *frame) importCall(n *ecma.Node) Value {
	args := f.arguments(n.List)
	if len(args) == 0 {
		return Unknown(f.at(n))
	}
	name, ok := args[0].(Str)
	if !ok {
		return Unknown(f.at(n))
	}
	path := f.m.resolve(f.scope.module, string(name))
	if path == "" {
		return f.m.external(string(name), f.at(n))
	}
	target := f.m.Load(path)
	if target == nil {
		return Unknown(f.at(n))
	}
	return f.m.imported(target, "*")
}

func (f *frame) meta(n *ecma.Node) Value {
	if n.Text != "import.meta" {
		return Unknown(f.at(n))
	}
	path := f.scope.module.Path
	meta := &Object{}
	meta.Set("url", Str("file://"+path))
	meta.Set("dirname", Str(filepath.Dir(path)))
	meta.Set("filename", Str(path))
	meta.Open = true
	return meta
}
