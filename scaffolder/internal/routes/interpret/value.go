package interpret

import (
	"math"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// Value is what an expression comes to: Undefined, Null, Bool, Num, Big, Str,
// *Regex, *Object, *Func, or, where that is not known, *Symbol.
type Value any

// The simple values.
type (
	Undefined struct{}
	Null      struct{}
	Bool      bool
	Num       float64
	Big       string // the digits of a bigint
	Str       string
	Regex     struct{ Source, Flags string }
)

// Place is where in the sources a value was made.
type Place struct {
	Module *Module
	Node   *ecma.Node
}

// Made tells which call a value came out of.
type Made struct {
	Callee Value
	Args   []Value
	Inner  *Made // the call in it that gave the value
	Place
}

// Object is an object, an array or something of a host's.
type Object struct {
	Place
	Array  bool
	Open   bool // there may be more in it than is known
	Elems  []Value
	Keys   []string
	Props  map[string]*Prop
	Proto  *Object
	Class  *Func
	Native Native
	Made   *Made
	Var    string // the constant that holds it
	level  int
}

// Prop is a property; Get wins over Value.
type Prop struct {
	Value Value
	Get   *Func
	Set   *Func
	Node  *ecma.Node // where it is written, for its doc comment
}

// Native is an object that a host has made: it answers for its members, with
// nil for those it does not know, and may be called.
type Native interface {
	Member(m *Machine, self *Object, name string) Value
	Call(m *Machine, self *Object, call *Call) Value
}

// Func is a function or class: of the sources, or native.
type Func struct {
	Place
	Name   string
	Native func(*Call) Value
	Env    *Scope
	This   Value // bound, or nil
	Bound  []Value
	Props  *Object
	Made   *Made
	Type   *ecma.Node // of the variable that it was assigned to
	Doc    *ecma.Node // what carries its doc comment, when not Node

	IsClass  bool
	Super    Value
	Instance *Object // the last one made

	Called  bool
	Handler bool // it was given to a router and serves requests
	home    *Object
}

// Op is how a Symbol came about.
type Op uint8

// Ways in which what is not known comes about.
const (
	Opaque   Op = iota // nothing is known
	External           // the package Name
	Member             // Base.Name
	Called             // Base(Args)
	Created            // new Base(Args)
	Env                // process.env.Name
	Item               // an element of Base
	Given              // the parameter Name of a function that nobody calls
	Either             // one of Args
	Text               // a text with the pieces Args
)

// Symbol is a value that is not known, and what is known of it.
type Symbol struct {
	Place
	Op    Op
	Name  string
	Base  *Symbol
	Self  Value // of a call: what the method belongs to, if it is no Symbol
	Args  []Value
	Made  *Made
	Var   string // the constant that holds it
	Doc   Place  // what carries its doc comment
	props map[string]Value
}

// Root is the package that a symbol comes from, and the path of names that
// leads to it: "zod", "z.string". Calls are left out of the path.
func (s *Symbol) Root() (module string, path []string) {
	for s != nil {
		switch s.Op {
		case External:
			for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
				path[i], path[j] = path[j], path[i]
			}
			return s.Name, path
		case Member:
			if s.Name != "default" {
				path = append(path, s.Name)
			}
		case Called, Created:
		default:
			return "", nil
		}
		s = s.Base
	}
	return "", nil
}

// Get is the value of a plain property; nil when there is none.
func (o *Object) Get(name string) Value {
	if o == nil {
		return nil
	}
	if p := o.Props[name]; p != nil && p.Value != nil {
		return p.Value
	}
	return nil
}

// Set sets a plain property.
func (o *Object) Set(name string, value Value) { o.define(name, &Prop{Value: value}) }

func (o *Object) define(name string, p *Prop) {
	if o.Props == nil {
		o.Props = map[string]*Prop{}
	}
	if _, has := o.Props[name]; !has {
		o.Keys = append(o.Keys, name)
	}
	o.Props[name] = p
}

func (o *Object) remove(name string) {
	if _, has := o.Props[name]; !has {
		return
	}
	delete(o.Props, name)
	for i, key := range o.Keys {
		if key == name {
			o.Keys = append(o.Keys[:i:i], o.Keys[i+1:]...)
			return
		}
	}
}

// NewArray makes an array.
func NewArray(elems ...Value) *Object { return &Object{Array: true, Elems: elems} }

// Unknown makes a value of which nothing is known.
func Unknown(place Place) *Symbol { return &Symbol{Place: place} }

// Known tells whether a value is no Symbol.
func Known(v Value) bool {
	_, symbol := v.(*Symbol)
	return !symbol && v != nil
}

// Truth tells whether a value counts as true, and whether that is known.
func Truth(v Value) (truth, known bool) {
	switch v := v.(type) {
	case nil, Undefined, Null:
		return false, true
	case Bool:
		return bool(v), true
	case Num:
		return v != 0 && !math.IsNaN(float64(v)), true
	case Str:
		return v != "", true
	case Big:
		return v != "0", true
	case *Symbol:
		return false, false
	}
	return true, true
}

func nullish(v Value) bool {
	switch v.(type) {
	case nil, Undefined, Null:
		return true
	}
	return false
}

// String is the text of a simple value.
func String(v Value) (string, bool) {
	switch v := v.(type) {
	case Str:
		return string(v), true
	case Big:
		return string(v), true
	case Num:
		return number(float64(v)), true
	case Bool:
		return strconv.FormatBool(bool(v)), true
	case Undefined:
		return "undefined", true
	case Null:
		return "null", true
	case *Regex:
		return "/" + v.Source + "/" + v.Flags, true
	case *Object:
		if !v.Array || v.Open {
			return "", false
		}
		parts := make([]string, 0, len(v.Elems))
		for _, e := range v.Elems {
			part, ok := "", true
			if !nullish(e) {
				part, ok = String(e)
			}
			if !ok {
				return "", false
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ","), true
	}
	return "", false
}

func number(n float64) string {
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

// same is ===, when it is known.
func same(a, b Value) (equal, known bool) {
	if nullish(a) && nullish(b) {
		_, left := a.(Null)
		_, right := b.(Null)
		return left == right, true
	}
	switch x := a.(type) {
	case *Symbol:
		y, ok := b.(*Symbol)
		return ok && x == y, ok && x == y
	case *Object, *Func, Str, Num, Big, Bool:
		if _, symbol := b.(*Symbol); symbol {
			return false, false
		}
		return a == b, true
	}
	if _, symbol := b.(*Symbol); symbol {
		return false, false
	}
	return false, true
}

func typeOf(v Value) (string, bool) {
	switch v := v.(type) {
	case nil, Undefined:
		return "undefined", true
	case Null, *Regex:
		return "object", true
	case Bool:
		return "boolean", true
	case Num:
		return "number", true
	case Big:
		return "bigint", true
	case Str:
		return "string", true
	case *Func:
		return "function", true
	case *Object:
		if v.Native != nil {
			return "function", true
		}
		return "object", true
	}
	return "", false
}
