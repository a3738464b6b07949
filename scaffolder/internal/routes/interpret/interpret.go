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
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"
)

// Bounds on what is run.
const (
	maxSteps       = 8_000_000 // nodes, in one tree; beyond that each part has its least share
	maxFileSteps   = 1_000_000 // while the statements of one file run
	minFileSteps   = 20_000    // the least share of a file
	maxSpokenSteps = 500_000   // while a function runs that nobody calls and that speaks of frameworks
	minSpokenSteps = 20_000
	maxLooseSteps  = 100_000 // while another one does that nobody calls
	minLooseSteps  = 500
	maxLooseCalls  = 8       // of a function by those that nobody calls, with nothing that is known
	maxToldCalls   = 60      // of one by them, with something that is known
	maxSameCalls   = 20_000  // of a function otherwise
	maxCalls       = 120     // depth of calls
	maxRecursion   = 4       // how often a function may be on the stack
	maxLoop        = 3_000   // iterations of a loop
	maxElems       = 20_000  // elements of an array that grows
	maxText        = 100_000 // bytes of a text that grows
	maxClosures    = 40      // closures of one function that are called at the end
	maxPending     = 200_000 // functions that are called at the end
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
	Root        string // what is outside is not read
	Host        Host
	modules     map[string]*Module
	steps       int
	limit       int
	depth       int
	uncertain   int
	active      map[*ecma.Node]int
	closures    []*Func
	perNode     map[*ecma.Node]int
	globals     *Scope
	metadata    map[any]*Object
	paths       *aliases
	arrays      map[string]arrayMethod
	texts       map[string]func(string, *Call) Value
	finishing   bool
	calls       map[*ecma.Node]int
	running     *Func
	spoken      map[*ecma.Node]bool
	registering map[*ecma.Node]bool
	loosely     map[*ecma.Node]bool
	// Loose is the function that runs although nobody calls it; nil for none.
	Loose *ecma.Node
	// Recalled are those that somebody called after all, later.
	Recalled map[*ecma.Node]bool
	// Stopped are the places where files and functions were broken off.
	Stopped []Place
	stop    Place
}

// New makes a machine over the files below root.
func New(root string, host Host) *Machine {
	m := &Machine{
		Root: filepath.Clean(root), Host: host, modules: map[string]*Module{},
		active: map[*ecma.Node]int{}, perNode: map[*ecma.Node]int{}, metadata: map[any]*Object{},
		spoken: map[*ecma.Node]bool{}, registering: map[*ecma.Node]bool{}, loosely: map[*ecma.Node]bool{}, Recalled: map[*ecma.Node]bool{}, calls: map[*ecma.Node]int{}, arrays: arrayMethods(), texts: stringMethods(),
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
	m.Loose = fn.Node
	if m.speaks(fn) {
		m.bounded(minSpokenSteps, maxSpokenSteps, true, func() { m.assume(fn) })
	} else {
		m.bounded(minLooseSteps, maxLooseSteps, m.registers(fn), func() { m.assume(fn) })
	}
	m.loosely[fn.Node] = true
	m.Loose = nil
}

// bounded runs a part of the program with its own share of the steps, so that
// what is heavy takes them from nobody else; told is whether it matters that it
// was broken off.
func (m *Machine) bounded(least, most int, told bool, run func()) {
	began, limit, stop := m.steps, m.limit, m.stop
	m.limit = began + max(least, min(most, (maxSteps-began)/8))
	m.stop = Place{}
	run()
	if m.stop.Node != nil && told {
		m.Stopped = append(m.Stopped, m.stop)
	}
	m.limit, m.stop = limit+m.steps-began, stop
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
func (m *Machine) speaks(fn *Func) bool { return m.holds(fn, m.spoken, Speaks) }

// registers tells whether a function's text may register routes.
func (m *Machine) registers(fn *Func) bool {
	return m.holds(fn, m.registering, registration.MatchString)
}

func (m *Machine) holds(fn *Func, known map[*ecma.Node]bool, tells func(string) bool) bool {
	if fn.Module == nil || fn.Module.File == nil || fn.Node == nil {
		return false
	}
	found, has := known[fn.Node]
	if !has {
		found = tells(fn.Module.File.Text[fn.Node.Start:fn.Node.End])
		known[fn.Node] = found
	}
	return found
}

var registration = regexp.MustCompile("\\.(get|post|put|patch|delete|del|all|use|route|register)\\(\\s*['\"`/\\[]")

// Speaks tells whether a text has to do with frameworks or routers.
func Speaks(text string) bool {
	for _, word := range []string{"Router(", "astify(", "new Koa", ".register(", ".route("} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return Names(text, "express")
}

// Names tells whether a text has a word that no small letter follows: express, not
// expression.
func Names(text, word string) bool {
	for {
		i := strings.Index(text, word)
		if i < 0 {
			return false
		}
		text = text[i+len(word):]
		if text == "" || text[0] < 'a' || text[0] > 'z' {
			return true
		}
	}
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
