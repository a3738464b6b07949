// Package interpret runs the parts of a program that build it up, as far as
// they can be known from its text: modules, constants, loops over known lists,
// functions that are called with known arguments.
//
// The sources of a tree go in; the values that their modules export come out,
// and the host, which knows the frameworks, is told of every call of what
// another package exports. What is not known is a Symbol that remembers where
// it came from; where a condition is not known, both ways are taken, and what
// they disagree upon is not known afterwards. Functions that nobody calls are
// called at the end with parameters of which nothing is known, so that routes
// in callbacks are found.
//
// Nothing of the program is executed: files are read, and directories that it
// lists, below the root alone. Nothing is refused; the number of steps, the depth
// of calls and the length of loops are bounded.
package interpret

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// Bounds on what is run.
const (
	maxSteps       = 30_000_000 // nodes, in one tree
	maxFileSteps   = 3_000_000  // while one entry runs
	maxLooseSteps  = 100_000    // while a function runs that nobody calls
	maxSpokenSteps = 1_000_000  // while one does that speaks of frameworks
	maxLooseCalls  = 8          // of a function by those that nobody calls, with nothing that is known
	maxToldCalls   = 60         // of one by them, with something that is known
	maxSameCalls   = 20_000     // of a function otherwise
	maxCalls       = 120        // depth of calls
	maxRecursion   = 4          // how often a function may be on the stack
	maxLoop        = 3_000      // iterations of a loop
	maxElems       = 20_000     // elements of an array that grows
	maxText        = 100_000    // bytes of a text that grows
	maxClosures    = 40         // closures of one function that are called at the end
	maxPending     = 200_000    // functions that are called at the end
)

// Host is told of what leads out of the sources.
type Host interface {
	// Call is asked what a call of another package's export gives; nil is "not known".
	Call(m *Machine, callee *Symbol, call *Call) Value
	// Assume gives a parameter of a function that nobody calls; nil is "not known".
	Assume(m *Machine, parameter *ecma.Node, fn *Func) Value
	// Property is told of a property that is set on a native object; false lets
	// it be set.
	Property(m *Machine, object *Object, name string, value Value) bool
}

// Call is one call.
type Call struct {
	Machine *Machine
	This    Value
	Args    []Value
	New     bool
	round   bool // of a loop over known elements
	Place
}

// Arg is an argument, Undefined when it was not given.
func (c *Call) Arg(i int) Value {
	if i < len(c.Args) && c.Args[i] != nil {
		return c.Args[i]
	}
	return Undefined{}
}

// Machine holds the modules of one tree.
type Machine struct {
	Root      string // what is outside is not read
	Host      Host
	modules   map[string]*Module
	steps     int
	limit     int
	depth     int
	uncertain int
	active    map[*ecma.Node]int
	closures  []*Func
	perNode   map[*ecma.Node]int
	globals   *Scope
	metadata  map[any]*Object
	paths     *aliases
	arrays    map[string]arrayMethod
	texts     map[string]func(string, *Call) Value
	finishing bool
	calls     map[*ecma.Node]int
	running   *Func
	spoken    map[*ecma.Node]bool
	loosely   map[*ecma.Node]bool
	// Loose is the function that runs although nobody calls it; nil for none.
	Loose *ecma.Node
	// Recalled are those that somebody called after all, later.
	Recalled map[*ecma.Node]bool
	// Exhausted tells that not everything could be run.
	Exhausted bool
}

// New makes a machine over the files below root.
func New(root string, host Host) *Machine {
	m := &Machine{
		Root: filepath.Clean(root), Host: host, modules: map[string]*Module{},
		active: map[*ecma.Node]int{}, perNode: map[*ecma.Node]int{}, metadata: map[any]*Object{},
		spoken: map[*ecma.Node]bool{}, loosely: map[*ecma.Node]bool{}, Recalled: map[*ecma.Node]bool{}, calls: map[*ecma.Node]int{}, arrays: arrayMethods(), texts: stringMethods(),
	}
	m.globals = m.newGlobals()
	return m
}

// Uncertain tells whether what runs now may not happen.
func (m *Machine) Uncertain() bool { return m.uncertain > 0 }

// Maybe runs something that may not happen.
func (m *Machine) Maybe(run func()) {
	m.uncertain++
	run()
	m.uncertain--
}

// Finish calls the functions that nobody has called, also those that come up
// by it.
func (m *Machine) Finish() {
	m.finishing = true
	clear(m.calls)
	for _, promise := range []func(*Func) bool{m.building, m.promising} {
		for i := 0; i < len(m.closures) && i < maxPending; i++ {
			if promise(m.closures[i]) {
				m.loose(m.closures[i])
			}
		}
	}
	for i := 0; i < len(m.closures) && i < maxPending; i++ {
		m.loose(m.closures[i])
	}
}

func (m *Machine) loose(fn *Func) {
	if fn.Called || fn.Handler {
		return
	}
	m.limit = m.steps + maxLooseSteps
	if m.speaks(fn) {
		m.limit = m.steps + maxSpokenSteps
	}
	m.Loose = fn.Node
	m.assume(fn)
	m.loosely[fn.Node] = true
	m.Loose = nil
}

// promising tells functions that speak of applications or routers themselves:
// they come first, so that they see the whole of what they call.
func (m *Machine) promising(fn *Func) bool {
	return !fn.Called && !fn.Handler && m.speaks(fn)
}

// building tells functions that make an application.
func (m *Machine) building(fn *Func) bool {
	if !m.promising(fn) {
		return false
	}
	text := fn.Module.File.Text[fn.Node.Start:fn.Node.End]
	return strings.Contains(text, "express()") || strings.Contains(text, "express.default)()") || strings.Contains(text, "astify(") || strings.Contains(text, "new Koa")
}

// speaks tells whether a function's text has to do with frameworks.
func (m *Machine) speaks(fn *Func) bool {
	if fn.Module == nil || fn.Module.File == nil || fn.Node == nil {
		return false
	}
	if known, ok := m.spoken[fn.Node]; ok {
		return known
	}
	text := fn.Module.File.Text[fn.Node.Start:fn.Node.End]
	found := slices.ContainsFunc([]string{"express", "Router(", "astify(", "new Koa", ".register(", ".route("}, func(word string) bool {
		return strings.Contains(text, word)
	})
	m.spoken[fn.Node] = found
	return found
}

// assume calls a function with what is known of its parameters.
func (m *Machine) assume(fn *Func) {
	if fn.IsClass {
		if fn.Instance == nil {
			m.Construct(fn, m.assumed(m.constructor(fn), fn), fn.Place)
		}
		return
	}
	var this Value = Undefined{}
	if fn.home != nil && fn.home.Class != nil {
		if class := fn.home.Class; class.Instance != nil {
			this = class.Instance
		} else if !class.Called {
			m.Construct(class, m.assumed(m.constructor(class), class), class.Place)
			if class.Instance != nil {
				this = class.Instance
			}
		}
	}
	m.CallFunc(fn, &Call{Machine: m, This: this, Args: m.assumed(fn, fn), Place: fn.Place})
}

func (m *Machine) assumed(fn, owner *Func) []Value {
	if fn == nil || fn.Node == nil {
		return nil
	}
	var args []Value
	for _, p := range fn.Node.More().Params {
		if p.Has(ecma.Rest) {
			break
		}
		v := m.Host.Assume(m, p, fn)
		if v == nil {
			if p.Right != nil {
				v = Undefined{} // its default
			} else {
				v = &Symbol{Place: Place{owner.Module, p}, Op: Given, Name: patternName(p.Left)}
			}
		}
		args = append(args, v)
	}
	return args
}

func patternName(n *ecma.Node) string {
	if n.Kind == ecma.Identifier {
		return n.Text
	}
	return ""
}
