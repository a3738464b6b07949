package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// alter changes an object in place.
func (g *generator) alter(c diff.Alter) {
	if c.Old.ID() != c.New.ID() {
		switch o := c.New.(type) {
		case *schema.Constraint:
			if o.HasIndex() {
				g.alterConstraint(c.Old.(*schema.Constraint), o)
			}
		case *schema.Column:
			g.alterColumn(c.Old.(*schema.Column), o)
		case *schema.Default:
			if c.Old.(*schema.Default).Expr != o.Expr {
				g.setDefault(o)
			}
		}
		return
	}
	if diff.SameBody(c.Old, c.New) {
		if o, ok := c.New.(*schema.Column); ok { // what it has otherwise than its children may change there
			g.childrensExtras(o, o)
		}
		return
	}
	id := c.New.ID()
	switch o := c.New.(type) {
	case *schema.Extension:
		g.say("ALTER EXTENSION " + ident(id.Name) + " SET SCHEMA " + ident(o.In))
	case *schema.Sequence:
		g.alterSequence(c.Old.(*schema.Sequence), o)
	case *schema.Enum:
		g.addValues(c.Old.(*schema.Enum), o)
	case *schema.Domain:
		g.alterDomain(c.Old.(*schema.Domain), o)
	case *schema.Composite:
		g.alterComposite(c.Old.(*schema.Composite), o)
	case *schema.Table:
		g.alterTable(c.Old.(*schema.Table), o)
	case *schema.Column:
		g.alterColumn(c.Old.(*schema.Column), o)
	case *schema.Default:
		g.setDefault(o)
	case *schema.Constraint:
		g.alterConstraint(c.Old.(*schema.Constraint), o)
	case *schema.Index:
		g.alterIndex(c.Old.(*schema.Index), o)
	case *schema.View:
		g.alterView(c.Old.(*schema.View), o)
	case *schema.Routine:
		g.say(o.Definition)
	case *schema.Trigger:
		g.enable("TRIGGER", o.Table, id.Name, c.Old.(*schema.Trigger).Enabled, o.Enabled)
	case *schema.Rule:
		old := c.Old.(*schema.Rule)
		if old.Definition != o.Definition {
			g.say(strings.Replace(o.Definition, "CREATE RULE", "CREATE OR REPLACE RULE", 1))
		}
		g.enable("RULE", o.Table, id.Name, old.Enabled, o.Enabled)
	case *schema.Policy:
		g.alterPolicy(o)
	case *schema.Definition:
		for _, sql := range o.Settings {
			if !slices.Contains(c.Old.(*schema.Definition).Settings, sql) {
				g.say(sql)
			}
		}
	}
}

func (g *generator) alterSequence(old, o *schema.Sequence) {
	alter := "ALTER SEQUENCE " + path(o.ID()) + " "
	if old.OwnedBy != o.OwnedBy && !old.OwnedBy.IsZero() {
		g.say(alter + "OWNED BY NONE")
	}
	was := old.SequenceOptions
	clauses := []string{}
	if old.Type != o.Type {
		clauses = append(clauses, "AS "+o.Type)
		// The server moves bounds that are the old type's own to the new type's.
		lowest, highest := sequenceBounds(&was)
		defaultLow, defaultHigh := was.Min == lowest, was.Max == highest
		was.Type = o.Type
		lowest, highest = sequenceBounds(&was)
		if defaultLow {
			was.Min = lowest
		}
		if defaultHigh {
			was.Max = highest
		}
	}
	clauses = append(clauses, sequenceClauses(&was, &o.SequenceOptions)...)
	if len(clauses) > 0 {
		g.say(alter + strings.Join(clauses, " "))
	}
	if old.Unlogged != o.Unlogged {
		g.say(alter + logged(o.Unlogged))
	}
}

func logged(unlogged bool) string {
	if unlogged {
		return "SET UNLOGGED"
	}
	return "SET LOGGED"
}

// addValues adds the values that an enum lacks, each at its place.
func (g *generator) addValues(old, o *schema.Enum) {
	have := slices.Clone(old.Values)
	for n, value := range o.Values {
		if slices.Contains(have, value) {
			continue
		}
		place := ""
		if n == 0 && len(have) > 0 {
			place = " BEFORE " + literal(have[0])
		} else if n > 0 && have[len(have)-1] != o.Values[n-1] {
			place = " AFTER " + literal(o.Values[n-1])
		}
		g.alone("ALTER TYPE " + path(o.ID()) + " ADD VALUE " + literal(value) + place)
		at := n
		have = slices.Insert(have, min(at, len(have)), value)
	}
}

func (g *generator) alterDomain(old, o *schema.Domain) {
	alter := "ALTER DOMAIN " + path(o.ID()) + " "
	if old.Default != o.Default {
		if o.Default == "" {
			g.say(alter + "DROP DEFAULT")
		} else {
			g.say(alter + "SET DEFAULT " + o.Default)
		}
	}
	if old.NotNull && !o.NotNull {
		g.say(alter + "DROP NOT NULL")
	}
	if !old.NotNull && o.NotNull {
		g.say(alter+"SET NOT NULL", g.hazard(BackwardIncompatible, o.ID(), "NULLs are refused from now on, and this fails when there are any"))
	}
}

func (g *generator) alterComposite(old, o *schema.Composite) {
	alter := "ALTER TYPE " + path(o.ID()) + " "
	find := func(in []schema.Attribute, name string) int {
		return slices.IndexFunc(in, func(a schema.Attribute) bool { return a.Name == name })
	}
	for _, a := range old.Attributes {
		if find(o.Attributes, a.Name) < 0 {
			g.say(alter+"DROP ATTRIBUTE "+ident(a.Name), g.hazard(DataLoss, o.ID(), "the values of field %s are lost", a.Name))
		}
	}
	for _, a := range o.Attributes {
		comment := ""
		if n := find(old.Attributes, a.Name); n < 0 {
			g.say(alter + "ADD ATTRIBUTE " + attribute(a))
		} else {
			comment = old.Attributes[n].Comment
		}
		if comment != a.Comment {
			g.say("COMMENT ON COLUMN " + path(o.ID()) + "." + ident(a.Name) + " IS " + commentText(a.Comment))
		}
	}
}

func (g *generator) alterTable(old, o *schema.Table) {
	id := o.ID()
	alter := "ALTER " + tableWord(id) + " " + path(id) + " "
	if old.Unlogged != o.Unlogged {
		g.say(alter+logged(o.Unlogged), g.hazard(TableRewrite, id, "writes the whole table anew under ACCESS EXCLUSIVE"))
	}
	if old.AccessMethod != o.AccessMethod {
		method := o.AccessMethod
		if method == "" {
			method = "heap"
		}
		g.say(alter+"SET ACCESS METHOD "+ident(method), g.hazard(TableRewrite, id, "writes the whole table anew under ACCESS EXCLUSIVE"))
	}
	if old.Tablespace != o.Tablespace {
		space := o.Tablespace
		if space == "" {
			space = "pg_default"
		}
		g.say(alter+"SET TABLESPACE "+ident(space), g.hazard(LongLock, id, "copies the whole table under ACCESS EXCLUSIVE"))
	}
	g.setOptions(alter, allOptions(old), allOptions(o))
	g.foreignOptions(alter, old.ForeignOpts, o.ForeignOpts, true)
	g.alterSecurity(alter, old, o)
}

func (g *generator) alterSecurity(alter string, old, o *schema.Table) {
	if old.RowSecurity != o.RowSecurity {
		g.say(alter + map[bool]string{true: "ENABLE", false: "DISABLE"}[o.RowSecurity] + " ROW LEVEL SECURITY")
	}
	if old.ForceSecurity != o.ForceSecurity {
		g.say(alter + map[bool]string{true: "FORCE", false: "NO FORCE"}[o.ForceSecurity] + " ROW LEVEL SECURITY")
	}
	if old.Replica != o.Replica && o.Replica != "index" && !o.IsForeign() {
		g.say(alter + "REPLICA IDENTITY " + strings.ToUpper(o.Replica))
	}
	if old.ClusterOn != "" && o.ClusterOn == "" {
		g.say(alter + "SET WITHOUT CLUSTER")
	}
}

func (g *generator) alterConstraint(old, o *schema.Constraint) {
	table, name := path(o.Table), ident(o.ID().Name)
	if o.Table.Kind == schema.KindDomain {
		g.say("ALTER DOMAIN " + table + " VALIDATE CONSTRAINT " + name)
		return
	}
	if o.HasIndex() {
		g.setOptions("ALTER INDEX "+indexPath(o.ID())+" ", old.Options, o.Options)
		return
	}
	if old.Deferrable != o.Deferrable || old.Deferred != o.Deferred {
		how := "NOT DEFERRABLE"
		if o.Deferrable {
			how = "DEFERRABLE INITIALLY " + map[bool]string{true: "DEFERRED", false: "IMMEDIATE"}[o.Deferred]
		}
		g.say("ALTER TABLE " + table + " ALTER CONSTRAINT " + name + " " + how)
	}
	if !old.Validated && o.Validated {
		g.say("ALTER TABLE " + table + " VALIDATE CONSTRAINT " + name)
	}
}

func (g *generator) alterIndex(old, o *schema.Index) {
	alter := "ALTER INDEX " + path(o.ID()) + " "
	g.setOptions(alter, old.Options, o.Options)
	for number, target := range o.Statistics {
		if was, ok := old.Statistics[number]; !ok || was != target {
			g.say(fmt.Sprintf("%sALTER COLUMN %d SET STATISTICS %d", alter, number, target))
		}
	}
	for number := range old.Statistics {
		if _, ok := o.Statistics[number]; !ok {
			g.say(fmt.Sprintf("%sALTER COLUMN %d SET STATISTICS -1", alter, number))
		}
	}
	if old.Parent.IsZero() && !o.Parent.IsZero() && o.Constraint == "" && !g.attachesLater(o.Table) {
		g.attachIndex(o.Parent, o.ID())
	}
}

func (g *generator) alterView(old, o *schema.View) {
	id := o.ID()
	alter := "ALTER " + strings.ToUpper(string(id.Kind)) + " " + path(id) + " "
	if old.Query != o.Query {
		g.say("CREATE OR REPLACE VIEW " + path(id) + with(o.Options) + " AS\n" + o.Query)
		return
	}
	g.setOptions(alter, old.Options, o.Options)
	if old.ClusterOn != "" && o.ClusterOn == "" {
		g.say(alter + "SET WITHOUT CLUSTER")
	}
}

func (g *generator) alterPolicy(o *schema.Policy) {
	tail := policyTail(o)
	if len(o.Roles) == 0 {
		tail = " TO PUBLIC" + tail
	}
	g.say("ALTER POLICY " + ident(o.ID().Name) + " ON " + path(o.Table) + tail)
}
