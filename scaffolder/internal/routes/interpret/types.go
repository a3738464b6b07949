package interpret

import "github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"

// FindType finds the declaration of a type by its name, through imports, and
// the scope that it stands in; nil when another package declares it.
func (m *Machine) FindType(scope *Scope, name string) (*ecma.Node, *Scope) {
	if scope == nil {
		return nil, nil
	}
	if n, at := scope.LookupType(name); n != nil {
		return n, at
	}
	if scope.module == nil || scope.module.File == nil {
		return nil, nil
	}
	for _, n := range scope.module.File.Body {
		if n.Kind != ecma.Import {
			continue
		}
		for _, one := range n.List {
			if one.Left.Text == name {
				return m.typeOf(scope.module, n.Text, one.Text, 0)
			}
		}
	}
	return nil, nil
}

// typeOf finds what a module exports as a type.
func (m *Machine) typeOf(from *Module, module, name string, depth int) (*ecma.Node, *Scope) {
	path := m.resolve(from, module)
	if path == "" || depth > 20 {
		return nil, nil
	}
	target := m.Load(path)
	if target == nil || target.File == nil || target.Scope == nil {
		return nil, nil
	}
	if n := target.Scope.Types[name]; n != nil {
		return n, target.Scope
	}
	for _, n := range target.File.Body {
		switch {
		case n.Kind == ecma.ExportAssign && name == "default" && n.Left != nil && n.Left.Text != "":
			return m.FindType(target.Scope, n.Left.Text)
		case n.Kind == ecma.Export && n.Left == nil:
			for _, one := range n.List {
				if one.Left.Text != name {
					continue
				}
				if n.Text != "" {
					return m.typeOf(target, n.Text, one.Text, depth+1)
				}
				return m.FindType(target.Scope, one.Text)
			}
		case n.Kind == ecma.ExportAll && n.Left == nil:
			if found, at := m.typeOf(target, n.Text, name, depth+1); found != nil {
				return found, at
			}
		}
	}
	return nil, nil
}

// ImportedFrom is the package that a name comes from in a scope; "" when it is
// declared in the sources.
func (m *Machine) ImportedFrom(scope *Scope, name string) (module, imported string) {
	if scope == nil || scope.module == nil || scope.module.File == nil {
		return "", ""
	}
	for _, n := range scope.module.File.Body {
		if n.Kind != ecma.Import {
			continue
		}
		for _, one := range n.List {
			if one.Left.Text == name {
				return n.Text, one.Text
			}
		}
	}
	return "", ""
}

// Modules are the modules that were run.
func (m *Machine) Modules() []*Module {
	var list []*Module
	for _, module := range m.modules {
		if module != nil && module.File != nil {
			list = append(list, module)
		}
	}
	return list
}

// Export is what a module exports under a name; Undefined for nothing.
func (m *Machine) Export(module *Module, name string) Value { return m.imported(module, name) }

// Constant is the value of a name, or of members of one, where it stands, without
// running anything; nil when that is not known.
func (m *Machine) Constant(scope *Scope, n *ecma.Node) Value {
	switch n.Kind {
	case ecma.Identifier:
		return scope.Lookup(n.Text)
	case ecma.String:
		return Str(n.Text)
	case ecma.Number:
		return numeric(n.Text)
	case ecma.Dot:
		if object := m.Constant(scope, n.Left); object != nil {
			return m.Get(object, n.Text, Place{})
		}
	case ecma.As, ecma.Await:
		return m.Constant(scope, n.Left)
	case ecma.Call:
		return m.made(scope, n)
	}
	return nil
}

// made is what a chain of calls gives that begins at another package, such as
// z.object({...}); nil for others, whose calls may have to do with more.
func (m *Machine) made(scope *Scope, n *ecma.Node) Value {
	root := n
	for root.Kind == ecma.Call || root.Kind == ecma.Dot {
		root = root.Left
	}
	if root.Kind != ecma.Identifier {
		return nil
	}
	s, ok := scope.Lookup(root.Text).(*Symbol)
	if !ok {
		return nil
	}
	if module, _ := s.Root(); module == "" {
		return nil
	}
	m.limit = max(m.limit, m.steps+maxLooseSteps)
	return (&frame{m: m, scope: scope.inner()}).eval(n)
}
