package interpret

import "github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"

// imports binds the names that a module imports, before it runs: a name is
// looked up when it is used, so that modules may import each other.
func (f *frame) imports(module *Module) {
	for _, n := range module.File.Body {
		switch {
		case n.Kind == ecma.Import && n.Right != nil:
			name := n.List[0].Left.Text
			f.scope.define(f.m, name, f.eval(n.Right))
		case n.Kind == ecma.Import:
			f.importNames(module, n)
		case n.Kind == ecma.Export && n.Text != "":
			f.reexport(module, n)
		case n.Kind == ecma.ExportAll:
			f.exportAll(module, n)
		}
	}
}

func (f *frame) importNames(module *Module, n *ecma.Node) {
	path := f.m.resolve(module, n.Text)
	if path == "" {
		for _, name := range n.List {
			f.scope.define(f.m, name.Left.Text, f.outside(n.Text, name.Text, f.at(name)))
		}
		return
	}
	target := f.m.Load(path)
	for _, name := range n.List {
		if target == nil {
			f.scope.define(f.m, name.Left.Text, Unknown(f.at(name)))
			continue
		}
		f.scope.defineLazy(name.Left.Text, func() Value { return f.m.imported(target, name.Text) })
	}
}

// outside is an export of another package.
func (f *frame) outside(module, name string, place Place) Value {
	v := f.m.external(module, place)
	if name == "*" || name == "default" {
		return v
	}
	return f.m.Get(v, name, place)
}

func (f *frame) reexport(module *Module, n *ecma.Node) {
	path := f.m.resolve(module, n.Text)
	var target *Module
	if path != "" {
		target = f.m.Load(path)
	}
	for _, name := range n.List {
		get := func(*Call) Value {
			if target != nil {
				return f.m.imported(target, name.Text)
			}
			return f.outside(n.Text, name.Text, f.at(name))
		}
		module.names.define(name.Left.Text, &Prop{Get: &Func{Native: get}})
	}
}

func (f *frame) exportAll(module *Module, n *ecma.Node) {
	path := f.m.resolve(module, n.Text)
	if path == "" {
		return
	}
	target := f.m.Load(path)
	if target == nil || target.File == nil {
		return
	}
	if n.Left != nil {
		module.names.define(n.Left.Text, &Prop{Get: &Func{Native: func(*Call) Value { return f.m.imported(target, "*") }}})
		return
	}
	if !target.esm {
		f.m.copyInto(module.names, target.current())
		return
	}
	module.stars = append(module.stars, target)
	for _, key := range target.names.Keys {
		if key != "default" && module.names.Props[key] == nil {
			module.names.define(key, &Prop{Get: &Func{Native: func(*Call) Value { return f.m.imported(target, key) }}})
		}
	}
}

// export runs a statement that exports.
func (f *frame) export(n *ecma.Node) {
	module := f.scope.module
	local := func(outside, inside string) {
		scope := module.Scope
		module.names.define(outside, &Prop{Node: n, Get: &Func{Native: func(*Call) Value {
			if v := scope.Lookup(inside); v != nil {
				return v
			}
			return Undefined{}
		}}})
	}
	switch {
	case n.Kind == ecma.ExportAssign && n.Has(ecma.Default):
		f.exportDefault(module, n)
	case n.Kind == ecma.ExportAssign:
		module.object.Set("exports", f.eval(n.Left))
	case n.Kind == ecma.Export && n.Left != nil:
		f.exec(n.Left)
		for _, name := range declared(n.Left) {
			local(name, name)
			if n.Left.DocEnd == 0 {
				n.Left.DocStart, n.Left.DocEnd = n.DocStart, n.DocEnd
			}
		}
	case n.Kind == ecma.Export && n.Text == "":
		for _, name := range n.List {
			local(name.Left.Text, name.Text)
		}
	}
}

func (f *frame) exportDefault(module *Module, n *ecma.Node) {
	if n.Left == nil {
		return
	}
	var v Value
	switch {
	case n.Left.Kind == ecma.Function && n.Left.Text != "" && !n.Left.Has(ecma.Arrow):
		v = f.scope.Lookup(n.Left.Text)
	case n.Left.Kind == ecma.Class:
		class := f.class(n.Left)
		if n.Left.Text != "" {
			f.scope.define(f.m, n.Left.Text, class)
		}
		v = class
	case n.Left.Kind == ecma.Interface || n.Left.Kind == ecma.Enum:
		return
	default:
		v = f.eval(n.Left)
		f.named(v, nil, n, nil)
	}
	module.names.define("default", &Prop{Value: v, Node: n})
}

// declared are the names that a declaration gives.
func declared(n *ecma.Node) []string {
	switch n.Kind {
	case ecma.Function, ecma.Class, ecma.Enum, ecma.Namespace:
		if n.Text != "" {
			return []string{n.Text}
		}
	case ecma.Variables:
		var names []string
		for _, d := range n.List {
			names = append(names, bound(d.Left)...)
		}
		return names
	}
	return nil
}

func bound(n *ecma.Node) []string {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case ecma.Identifier:
		return []string{n.Text}
	case ecma.Assign, ecma.Spread:
		return bound(n.Left)
	case ecma.Property:
		return bound(n.Right)
	case ecma.Object, ecma.Array:
		var names []string
		for _, e := range n.List {
			names = append(names, bound(e)...)
		}
		return names
	}
	return nil
}
