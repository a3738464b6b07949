package plan

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// create makes an object, its parts, its comments and its privileges.
func (g *generator) create(c diff.Create) {
	switch o := c.Object.(type) {
	case *schema.Namespace:
		g.say("CREATE SCHEMA " + ident(o.ID().Name))
	case *schema.Extension:
		g.say("CREATE EXTENSION IF NOT EXISTS " + ident(o.ID().Name) + " WITH SCHEMA " + ident(o.In))
	case *schema.Sequence:
		g.say("CREATE " + unlogged(o.Unlogged) + "SEQUENCE " + path(o.ID()) + sequenceOptions(&o.SequenceOptions))
	case *schema.Enum:
		g.say("CREATE TYPE " + path(o.ID()) + " AS ENUM (" + enumValues(o.Values) + ")")
	case *schema.Domain:
		g.createDomain(o, c.Parts)
	case *schema.Composite:
		g.createComposite(o)
	case *schema.Table:
		g.fresh[o.ID()] = true
		g.createTable(o, c)
	case *schema.Column:
		if c.Down {
			g.handDownColumn(o, c.Parts)
		} else {
			g.addColumn(o, c.Parts)
		}
	case *schema.Default:
		g.setDefault(o)
	case *schema.View:
		g.fresh[o.ID()] = true
		g.createView(o)
	case *schema.Routine:
		g.say(o.Definition)
	case *schema.Constraint:
		if c.Down {
			g.handDown(g.standInOf(o.Table), o)
		} else {
			g.addConstraint(o)
		}
	case *schema.Index:
		g.createIndex(o)
	case *schema.Trigger:
		g.createTrigger(o)
	case *schema.Rule:
		g.say(o.Definition)
		g.enable("RULE", o.Table, o.ID().Name, "O", o.Enabled)
	case *schema.Policy:
		g.createPolicy(o)
	case *schema.Definition:
		for _, sql := range append(append([]string{}, o.Create...), settings(o)...) {
			g.say(sql)
		}
	}
	if old := g.source.Object(c.Object.ID()); c.Again && old != nil && old.Common().Owner != g.source.Role {
		g.owner = old.Common().Owner
		defer func() { g.owner = "" }()
	}
	g.head(nil, c.Object)
	for _, part := range c.Parts {
		if of, ok := c.Object.(*schema.Column); ok {
			g.inheritedColumn(part, of)
		}
		g.partHead(part, c.Parts)
	}
}

// inheritedColumn sets what the column of a child, which came with its parent's,
// has otherwise than that.
func (g *generator) inheritedColumn(part schema.Object, parent *schema.Column) {
	column, ok := part.(*schema.Column)
	if !ok || column.Table == parent.Table || column.ID().Name != parent.ID().Name {
		return
	}
	g.childColumn(column, parent, g.target.Default(parent.Table, parent.ID().Name))
	came := *parent // what was set for the parent reached the child too
	came.Options, came.ForeignOpts, came.Compression = nil, nil, ""
	g.columnExtras(&came, column)
}

// partHead gives a part its comment and privileges.
func (g *generator) partHead(part schema.Object, _ []schema.Object) {
	switch part.(type) {
	case *schema.Column, *schema.Constraint, *schema.Index:
		g.head(nil, part)
	}
}

// settings are a definition's settings that a new object does not have anyway.
func settings(o *schema.Definition) []string {
	var needed []string
	for _, setting := range o.Settings {
		if strings.HasSuffix(setting, " ENABLE") || strings.HasSuffix(setting, " SET STATISTICS -1") {
			continue
		}
		needed = append(needed, setting)
	}
	return needed
}

func unlogged(is bool) string {
	if is {
		return "UNLOGGED "
	}
	return ""
}

func enumValues(values []string) string {
	quoted := make([]string, len(values))
	length := 0
	for n, value := range values {
		quoted[n] = literal(value)
		length += len(quoted[n]) + 2
	}
	if length > 90 {
		return "\n    " + join(quoted) + "\n"
	}
	return strings.Join(quoted, ", ")
}

func (g *generator) createDomain(o *schema.Domain, parts []schema.Object) {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE DOMAIN %s AS %s", path(o.ID()), o.Type)
	if o.Collation != "" {
		b.WriteString(" COLLATE " + o.Collation)
	}
	if o.Default != "" {
		b.WriteString("\n    DEFAULT " + o.Default)
	}
	if o.NotNull {
		b.WriteString("\n    NOT NULL")
	}
	for _, part := range parts {
		if constraint, ok := part.(*schema.Constraint); ok && constraint.Type != schema.NotNull {
			fmt.Fprintf(&b, "\n    CONSTRAINT %s %s", ident(constraint.ID().Name), constraint.Definition)
		}
	}
	g.say(b.String())
}

func (g *generator) createComposite(o *schema.Composite) {
	var fields []string
	for _, a := range o.Attributes {
		fields = append(fields, attribute(a))
	}
	g.say("CREATE TYPE " + path(o.ID()) + " AS (\n    " + join(fields) + "\n)")
	for _, a := range o.Attributes {
		if a.Comment != "" {
			g.say("COMMENT ON COLUMN " + path(o.ID()) + "." + ident(a.Name) + " IS " + literal(a.Comment))
		}
	}
}

func attribute(a schema.Attribute) string {
	field := ident(a.Name) + " " + a.Type
	if a.Collation != "" {
		field += " COLLATE " + a.Collation
	}
	return field
}

// createView makes a view or a materialised view.
func (g *generator) createView(o *schema.View) {
	if o.ID().Kind == schema.KindView {
		g.say("CREATE VIEW " + path(o.ID()) + with(o.Options) + " AS\n" + o.Query)
		return
	}
	using := ""
	if o.AccessMethod != "" {
		using = " USING " + ident(o.AccessMethod)
	}
	data := ""
	if !o.Populated {
		data = "\nWITH NO DATA"
	}
	g.say("CREATE MATERIALIZED VIEW "+path(o.ID())+using+with(o.Options)+" AS\n"+o.Query+data,
		Hazard{Code: LongLock, Object: o.ID().String(), Message: "computes the whole view", ID: o.ID()})
	g.columnSettings(o.ID())
}

// with writes storage parameters.
func with(options []string) string {
	if len(options) == 0 {
		return ""
	}
	return " WITH (" + parameters(options) + ")"
}

// parameters writes name=value pairs of a catalog as a list of SQL.
func parameters(options []string) string {
	written := make([]string, len(options))
	for n, option := range options {
		name, value, _ := strings.Cut(option, "=")
		parts := strings.SplitN(name, ".", 2)
		for m := range parts {
			parts[m] = ident(parts[m])
		}
		written[n] = strings.Join(parts, ".") + " = " + literal(value)
		if plainValue(value) {
			written[n] = strings.Join(parts, ".") + " = " + value
		}
	}
	return strings.Join(written, ", ")
}

func plainValue(value string) bool {
	if value == "" {
		return false
	}
	for _, r := range value {
		if (r < '0' || r > '9') && r != '.' {
			return value == "true" || value == "false" || value == "on" || value == "off"
		}
	}
	return strings.Trim(value, ".") == value
}

func parameterNames(options []string) []string {
	names := make([]string, len(options))
	for n, option := range options {
		names[n], _, _ = strings.Cut(option, "=")
	}
	return names
}

func (g *generator) createTrigger(o *schema.Trigger) {
	if !o.Copied {
		g.say(o.Definition)
		g.enable("TRIGGER", o.Table, o.ID().Name, "O", o.Enabled)
		return
	}
	g.enable("TRIGGER", o.Table, o.ID().Name, "", o.Enabled)
}

// enable says when a trigger or rule fires, if that changed.
func (g *generator) enable(what string, table schema.ID, name, old, wanted string) {
	if old == wanted {
		return
	}
	verb := map[string]string{"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}[wanted]
	g.say(fmt.Sprintf("ALTER TABLE %s %s %s %s", path(table), verb, what, ident(name)))
}

func (g *generator) createPolicy(o *schema.Policy) {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE POLICY %s ON %s", ident(o.ID().Name), path(o.Table))
	if !o.Permissive {
		b.WriteString(" AS RESTRICTIVE")
	}
	if o.Command != "ALL" {
		b.WriteString(" FOR " + o.Command)
	}
	b.WriteString(policyTail(o))
	g.say(b.String())
}

func policyTail(o *schema.Policy) string {
	tail := ""
	if len(o.Roles) > 0 {
		tail = " TO " + idents(o.Roles)
	}
	if o.Using != "" {
		tail += "\n    USING (" + o.Using + ")"
	}
	if o.Check != "" {
		tail += "\n    WITH CHECK (" + o.Check + ")"
	}
	return tail
}

// sequenceOptions writes the parameters that a new sequence would not have anyway.
func sequenceOptions(o *schema.SequenceOptions) string {
	var b strings.Builder
	if o.Type != "bigint" {
		b.WriteString(" AS " + o.Type)
	}
	lowest, highest := sequenceBounds(o)
	start := o.Min
	if o.Increment < 0 {
		start = o.Max
	}
	if o.Start != start {
		fmt.Fprintf(&b, " START WITH %d", o.Start)
	}
	if o.Increment != 1 {
		fmt.Fprintf(&b, " INCREMENT BY %d", o.Increment)
	}
	if o.Min != lowest {
		fmt.Fprintf(&b, " MINVALUE %d", o.Min)
	}
	if o.Max != highest {
		fmt.Fprintf(&b, " MAXVALUE %d", o.Max)
	}
	if o.Cache != 1 {
		fmt.Fprintf(&b, " CACHE %d", o.Cache)
	}
	if o.Cycle {
		b.WriteString(" CYCLE")
	}
	return b.String()
}

// sequenceBounds are the bounds that a sequence of the type and direction gets by default.
func sequenceBounds(o *schema.SequenceOptions) (lowest, highest int64) {
	bits := map[string]uint{"smallint": 15, "integer": 31, "bigint": 63}[o.Type]
	if o.Increment < 0 {
		return -1 << bits, -1
	}
	return 1, int64(uint64(1)<<bits - 1)
}
