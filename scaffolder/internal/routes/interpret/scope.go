package interpret

import "github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"

// Scope is the names of a block, function or module.
type Scope struct {
	parent *Scope
	cells  map[string]*cell
	module *Module
	fn     bool // of a function that has its own this
	this   Value
	self   *Func
	args   []Value
	Types  map[string]*ecma.Node // declared types by name
}

// cell is a variable.
type cell struct {
	value Value
	lazy  func() Value // an import
	level int          // how uncertain it was that it was declared
}

func (c *cell) get() Value {
	if c.lazy != nil {
		return c.lazy()
	}
	if c.value == nil {
		return Undefined{}
	}
	return c.value
}

func (s *Scope) define(m *Machine, name string, value Value) {
	if s.cells == nil {
		s.cells = map[string]*cell{}
	}
	if old := s.cells[name]; old != nil {
		old.value, old.lazy = value, nil
		return
	}
	s.cells[name] = &cell{value: value, level: m.uncertain}
}

func (s *Scope) defineLazy(name string, lazy func() Value) {
	if s.cells == nil {
		s.cells = map[string]*cell{}
	}
	s.cells[name] = &cell{lazy: lazy}
}

func (s *Scope) lookup(name string) *cell {
	for ; s != nil; s = s.parent {
		if c := s.cells[name]; c != nil {
			return c
		}
	}
	return nil
}

// Lookup is the value of a name; nil when it is not declared.
func (s *Scope) Lookup(name string) Value {
	if c := s.lookup(name); c != nil {
		return c.get()
	}
	return nil
}

// LookupType is the declaration of a type, and the scope that it stands in.
func (s *Scope) LookupType(name string) (*ecma.Node, *Scope) {
	for ; s != nil; s = s.parent {
		if n := s.Types[name]; n != nil {
			return n, s
		}
	}
	return nil, nil
}

// Module is the module that a scope belongs to.
func (s *Scope) Module() *Module { return s.module }

func (s *Scope) function() *Scope {
	for s.parent != nil && !s.fn {
		s = s.parent
	}
	return s
}

func (s *Scope) inner() *Scope { return &Scope{parent: s, module: s.module} }

// hoisted is the scope of var: a function's, also an arrow's, or the module's. What
// is above a module is shared by all of them, and no module's var goes there.
func (s *Scope) hoisted() *Scope {
	for s.parent != nil && s.self == nil && s.parent.module == s.module {
		s = s.parent
	}
	return s
}
