package interpret

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// maxFile is the size of the largest source that is read.
const maxFile = 4 << 20

// Module is one file.
type Module struct {
	Path    string // absolute
	File    *ecma.File
	Scope   *Scope
	Exports Value // of CommonJS: module.exports
	object  *Object
	names   *Object // of ESM: its namespace
	esm     bool
	ran     bool
	value   Value // of a JSON file
	stars   []*Module
}

// Load reads and runs a file, once; nil when it cannot be read.
func (m *Machine) Load(path string) *Module {
	path = filepath.Clean(path)
	if module, seen := m.modules[path]; seen {
		return module
	}
	m.modules[path] = nil
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Size() > maxFile || !m.inside(path) {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	module := &Module{Path: path}
	m.modules[path] = module
	if filepath.Ext(path) == ".json" {
		module.value = FromJSON(text)
		return module
	}
	module.File = ecma.Parse(path, string(text))
	m.bounded(minFileSteps, maxFileSteps, true, func() { m.run(module) })
	return module
}

func (m *Machine) inside(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	for _, p := range []string{path, real} {
		relative, err := filepath.Rel(m.Root, p)
		if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
			return false
		}
	}
	return true
}

func (m *Machine) run(module *Module) {
	exports := &Object{}
	module.Exports = exports
	module.object = &Object{}
	module.object.Set("exports", exports)
	module.object.Set("id", Str(module.Path))
	module.object.Set("filename", Str(module.Path))
	module.names = &Object{}
	module.names.Set("__esModule", Bool(true))
	module.names.Keys = nil
	s := &Scope{parent: m.globals, module: module, fn: true, this: exports, Types: map[string]*ecma.Node{}}
	module.Scope = s
	s.define(m, "module", module.object)
	s.define(m, "exports", exports)
	s.define(m, "__dirname", Str(filepath.Dir(module.Path)))
	s.define(m, "__filename", Str(module.Path))
	s.define(m, "require", m.requireFunc(module))
	for _, n := range module.File.Body {
		switch n.Kind {
		case ecma.Import, ecma.Export, ecma.ExportAll, ecma.ExportAssign:
			module.esm = true
		}
	}
	uncertain, depth := m.uncertain, m.depth
	m.uncertain = 0
	f := &frame{m: m, scope: s}
	f.imports(module)
	f.hoist(module.File.Body)
	f.block(module.File.Body)
	m.uncertain, m.depth = uncertain, depth
	module.ran = true
}

func (m *Machine) requireFunc(module *Module) *Func {
	fn := &Func{Name: "require", Called: true, Native: func(c *Call) Value {
		name, ok := c.Arg(0).(Str)
		if !ok {
			return Unknown(c.Place)
		}
		return m.require(module, string(name), c.Place)
	}}
	resolve := &Func{Name: "resolve", Native: func(c *Call) Value {
		if name, ok := c.Arg(0).(Str); ok {
			if path := m.resolve(module, string(name)); path != "" {
				return Str(path)
			}
		}
		return Unknown(c.Place)
	}}
	fn.Props = &Object{}
	fn.Props.Set("resolve", resolve)
	fn.Props.Set("main", module.object)
	return fn
}

// require is what require gives.
func (m *Machine) require(from *Module, name string, place Place) Value {
	if path := m.resolve(from, name); path != "" {
		target := m.Load(path)
		if target == nil {
			return Unknown(place)
		}
		if target.File == nil {
			return target.value
		}
		if target.esm && !target.commonJS() {
			return target.names
		}
		return target.current()
	}
	return m.external(name, place)
}

func (m *Machine) external(name string, place Place) Value {
	if v := m.builtinModule(strings.TrimPrefix(name, "node:")); v != nil {
		return v
	}
	return &Symbol{Place: place, Op: External, Name: name}
}

// current is module.exports as it is now.
func (mod *Module) current() Value {
	if v := mod.object.Get("exports"); v != nil {
		return v
	}
	return mod.Exports
}

// commonJS tells a file with imports that exports through module.exports.
func (mod *Module) commonJS() bool {
	exports := mod.current()
	if o, ok := exports.(*Object); ok && o == mod.Exports {
		return len(o.Keys) > 0 && len(mod.names.Keys) == 0
	}
	return true
}

// imported is what an import of a name gives.
func (m *Machine) imported(target *Module, name string) Value {
	if target.File == nil {
		if name == "default" {
			return target.value
		}
		return m.Get(target.value, name, Place{})
	}
	if target.esm && !target.commonJS() {
		if name == "*" {
			return target.names
		}
		if v := m.exported(target, name, 0); v != nil {
			return v
		}
		return Undefined{}
	}
	exports := target.current()
	switch name {
	case "*":
		if o, ok := exports.(*Object); ok && o.Native == nil {
			return exports
		}
		names := &Object{}
		names.Set("default", exports)
		return names
	case "default":
		if o, ok := exports.(*Object); ok && o.Props["__esModule"] != nil {
			return m.Get(exports, "default", Place{})
		}
		return exports
	}
	return m.Get(exports, name, Place{})
}

// exported is what an ESM exports under a name; nil for nothing.
func (m *Machine) exported(target *Module, name string, depth int) Value {
	if p := target.names.Props[name]; p != nil {
		return m.read(p, target.names, Place{})
	}
	if depth > 30 || name == "default" {
		return nil
	}
	for _, star := range target.stars {
		if v := m.exported(star, name, depth+1); v != nil {
			return v
		}
	}
	return nil
}

// FromJSON makes a value of JSON text, in the order of the text; Undefined of
// what is none.
func FromJSON(text []byte) Value {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	v, err := fromJSON(decoder, 0)
	if err != nil {
		return Undefined{}
	}
	return v
}

func fromJSON(decoder *json.Decoder, depth int) (Value, error) {
	t, err := decoder.Token()
	if err != nil || depth > 1000 {
		return Undefined{}, err
	}
	switch t := t.(type) {
	case json.Delim:
		o := &Object{Array: t == '['}
		for decoder.More() {
			if o.Array {
				e, err := fromJSON(decoder, depth+1)
				if err != nil {
					return nil, err
				}
				o.Elems = append(o.Elems, e)
				continue
			}
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			e, err := fromJSON(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			if text, ok := key.(string); ok {
				o.Set(text, e)
			}
		}
		_, err := decoder.Token()
		return o, err
	case string:
		return Str(t), nil
	case float64:
		return Num(t), nil
	case bool:
		return Bool(t), nil
	}
	return Null{}, nil
}

// Imported is what `import * as x` of a module gives, or, of CommonJS, what
// require gives.
func (m *Machine) Imported(target *Module) Value {
	if target.File != nil && target.esm && !target.commonJS() {
		return target.names
	}
	return target.current()
}
