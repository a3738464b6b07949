// Package plan turns ordered changes into the SQL statements that a careful
// person would run, with what is dangerous about each.
//
// Changes and the two schemas that they lead from and to go in; a Plan comes
// out: statements in order, each with a comment, its hazards and how it must
// be run. The online plan, which is the default, holds no lock longer than it
// must: indexes are built concurrently, constraints are added NOT VALID and
// validated afterwards. The transactional plan is one transaction. The package
// is pure and refuses nothing; that a plan works is proved elsewhere.
package plan

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Kind is how a plan is meant to be run.
type Kind string

// The kinds of plan.
const (
	Online        Kind = "online"        // statement by statement, each short in its locks
	Transactional Kind = "transactional" // all or nothing
)

// Options say what plan is wanted.
type Options struct {
	Kind  Kind
	Owner bool // set the owners of objects
}

// Plan is the way from one schema to another.
type Plan struct {
	Kind       Kind
	Statements []Statement
}

// Statement is one statement with what a reader should know.
type Statement struct {
	SQL     string // without the final semicolon
	Comment string // why it is there; may be empty
	Group   string // the heading that it stands under, such as "table public.users"
	Hazards []Hazard
	Alone   bool // cannot run inside a transaction

	// Together numbers the transaction of an online plan that the statement is in
	// with its neighbours of the same number; 0 for one of its own.
	Together int
}

// Hazards collects the hazards of all statements.
func (p Plan) Hazards() []Hazard {
	var all []Hazard
	for _, statement := range p.Statements {
		all = append(all, statement.Hazards...)
	}
	return all
}

// First puts a statement at the head of a plan. What cannot run in a transaction
// stays before it, unless it is to run alone itself.
func (p *Plan) First(statement Statement) {
	at := 0
	for p.Kind == Transactional && !statement.Alone && at < len(p.Statements) && p.Statements[at].Alone {
		at++
	}
	p.Statements = slices.Insert(p.Statements, at, statement)
}

// Make plans the changes that lead from source to target.
func Make(changes []diff.Change, source, target *schema.Schema, options Options) Plan {
	if options.Kind == "" {
		options.Kind = Online
	}
	g := &generator{
		source: source, target: target, options: options,
		fresh: map[schema.ID]bool{}, attaching: map[schema.ID]int{}, altered: map[schema.ID]bool{},
		standIns: map[schema.ID]*standIn{}, refilled: map[schema.ID]bool{},
	}
	for _, change := range changes {
		switch c := change.(type) {
		case diff.Attach:
			g.attaching[c.Table.ID()]++
		case diff.Alter:
			g.altered[c.New.ID()] = true
		}
	}
	for len(changes) > 0 {
		if run := retypes(changes); len(run) > 0 {
			g.group = groupOf(run[0].New)
			g.alterColumns(run)
			changes = changes[len(run):]
			continue
		}
		g.beginTogether(changes[0])
		g.change(changes[0])
		g.endTogether(changes[0])
		changes = changes[1:]
	}
	g.cut()
	return Plan{Kind: options.Kind, Statements: g.ordered()}
}

// generator is one planning.
type generator struct {
	source, target *schema.Schema
	options        Options
	statements     []Statement
	group          string
	fresh          map[schema.ID]bool // relations that this plan has made: nobody uses them yet
	owner          string             // of what is made again, when owners are not compared
	attaching      map[schema.ID]int  // tables that are still to be attached
	altered        map[schema.ID]bool // objects with a change in place that is not just their parent's
	together       together
	standIns       map[schema.ID]*standIn // of tables that have no parent for a while
	refilled       map[schema.ID]bool     // tables whose rows have come back
}

func (g *generator) online() bool { return g.options.Kind == Online }

// existing reports whether a relation was there before this plan and holds rows.
func (g *generator) existing(id schema.ID) bool { return g.source.Has(id) && !g.fresh[id] }

// say adds a statement.
func (g *generator) say(sql string, hazards ...Hazard) *Statement {
	if slow(sql) {
		g.cut()
	}
	g.statements = append(g.statements, Statement{SQL: stable(sql), Group: g.group, Hazards: hazards, Together: g.together.number})
	return &g.statements[len(g.statements)-1]
}

// alone adds a statement that cannot run inside a transaction.
func (g *generator) alone(sql string, hazards ...Hazard) *Statement {
	g.cut()
	statement := g.say(sql, hazards...)
	statement.Alone = true
	return statement
}

// ordered puts the new values of enums first in a transactional plan: a value
// can only be used once the transaction that added it is over.
func (g *generator) ordered() []Statement {
	if g.online() {
		return settled(g.statements)
	}
	var first, rest []Statement
	for _, statement := range g.statements {
		if statement.Alone {
			first = append(first, statement)
		} else {
			rest = append(rest, statement)
		}
	}
	return append(first, rest...)
}

func (g *generator) change(change diff.Change) {
	switch c := change.(type) {
	case diff.Create:
		g.group = groupOf(c.Object)
		g.create(c)
	case diff.Drop:
		g.group = groupOf(c.Object)
		g.drop(c)
	case diff.Alter:
		g.group = groupOf(c.New)
		g.renamed(c.Old, c.New)
		g.alter(c)
		g.head(c.Old, c.New)
	case diff.SetAside:
		g.group = groupOf(c.Object)
		g.say("ALTER " + typeNamed(c.Object) + " RENAME TO " + ident(c.As)).Comment = "the columns that have this type keep it until they are changed to the new one"
		if c.Object.ID().Kind == schema.KindRange {
			g.setRangeAside(c, multirange(c.Object))
		}
		if domain, ok := c.Object.(*schema.Domain); ok && domain.Default != "" {
			g.say("ALTER DOMAIN " + ident(domain.ID().Schema) + "." + ident(c.As) + " DROP DEFAULT")
		}
	case diff.Discard:
		g.group = groupOf(c.Object)
		id := c.Object.ID()
		g.say("DROP " + typeWord(c.Object) + " " + ident(id.Schema) + "." + ident(c.As))
	case diff.Refill:
		g.group = groupOf(c.New)
		g.refill(c)
	case diff.Settle:
		g.group = groupOf(c.New)
		g.settle(c)
	case diff.Detach:
		g.group = groupOf(c.Table)
		g.detach(c)
	case diff.Attach:
		g.group = groupOf(c.Table)
		g.attaching[c.Table.ID()]--
		g.attach(c)
	}
}

// groupOf is the heading that an object's statements stand under.
func groupOf(object schema.Object) string {
	switch o := object.(type) {
	case *schema.Column:
		return o.Table.String()
	case *schema.Default:
		return o.Table.String()
	case *schema.Constraint:
		return o.Table.String()
	case *schema.Index:
		return o.Table.String()
	case *schema.Trigger:
		return o.Table.String()
	case *schema.Rule:
		return o.Table.String()
	case *schema.Policy:
		return o.Table.String()
	case *schema.Sequence:
		if o.OwnedBy.Name != "" {
			return "table " + o.OwnedBy.Schema + "." + o.OwnedBy.Parent
		}
	}
	return object.ID().String()
}

func typeWord(object schema.Object) string {
	switch object.ID().Kind {
	case schema.KindDomain:
		return "DOMAIN"
	case schema.KindCollation:
		return "COLLATION"
	}
	return "TYPE"
}

func typeNamed(object schema.Object) string { return typeWord(object) + " " + path(object.ID()) }

// setRangeAside renames what a range type brings along: its multirange type and
// the constructors whose arguments its successor's will have too.
func (g *generator) setRangeAside(c diff.SetAside, name string) {
	id := c.Object.ID()
	if name != "" {
		g.say("ALTER TYPE " + name + " RENAME TO " + ident(c.As+"_multirange"))
	}
	_, subtype, _ := strings.Cut(c.Object.(*schema.Definition).Create[0], "subtype = ")
	subtype, _, _ = strings.Cut(subtype, "\n")
	subtype = strings.TrimSuffix(subtype, ",")
	for _, arguments := range []string{subtype + ", " + subtype, subtype + ", " + subtype + ", text"} {
		g.say("ALTER FUNCTION " + path(id) + "(" + arguments + ") RENAME TO " + ident(c.As))
	}
	if name != "" {
		g.say("ALTER FUNCTION " + name + "() RENAME TO " + ident(c.As+"_multirange"))
	}
}

// multirange is the qualified name of the multirange type that a range type
// brings, as SQL; empty for other types.
func multirange(object schema.Object) string {
	if object.ID().Kind != schema.KindRange {
		return ""
	}
	_, name, _ := strings.Cut(object.(*schema.Definition).Create[0], "multirange_type_name = ") // none before 14
	name, _, _ = strings.Cut(name, "\n")
	return strings.TrimSuffix(name, ",")
}

// join parts a list by commas on lines of their own.
func join(lines []string) string { return strings.Join(lines, ",\n    ") }
