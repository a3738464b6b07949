package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// createTable makes a table with the parts that can be made with it.
func (g *generator) createTable(o *schema.Table, c diff.Create) {
	id := o.ID()
	of := o.IsPartition() && !c.Attach
	var lines []string
	for _, column := range g.target.Columns(id) {
		if of || column.Inherited && !column.Local && !o.IsPartition() || !holds(c.Parts, column) {
			continue
		}
		if !o.OfType.IsZero() {
			if line := strings.TrimPrefix(g.columnLine(column, c.Parts), ident(column.ID().Name)+" "+column.Type); line != "" {
				lines = append(lines, ident(column.ID().Name)+" WITH OPTIONS"+line)
			}
			continue
		}
		lines = append(lines, g.columnLine(column, c.Parts))
	}
	var later []*schema.Constraint
	for _, part := range c.Parts {
		if constraint, ok := part.(*schema.Constraint); ok {
			if merged(constraint, c.Parts) {
				later = append(later, constraint)
				continue
			}
			lines = append(lines, fmt.Sprintf("CONSTRAINT %s %s", ident(constraint.ID().Name), definition(constraint)))
		}
	}
	if c.Attach {
		for _, constraint := range g.target.Constraints(id) {
			if constraint.Type == schema.Check && constraint.Inherited && !holds(c.Parts, constraint) {
				lines = append(lines, fmt.Sprintf("CONSTRAINT %s %s", ident(constraint.ID().Name), definition(constraint)))
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int { return constraintRank(a) - constraintRank(b) })
	g.say(g.tableHead(o, of) + tableBody(lines, of || !o.OfType.IsZero()) + g.tableTail(o, c.Attach))
	for _, constraint := range later {
		g.addConstraint(constraint)
	}
	g.inheritedDifferences(o, c, of)
	g.columnSettings(id)
	g.tableSettings(o)
}

// merged reports whether the server would take a key of a new table for the same
// as another that stands before it, and make one of the two.
func merged(constraint *schema.Constraint, parts []schema.Object) bool {
	if constraint.Type != schema.Unique {
		return false
	}
	for _, part := range parts {
		other, ok := part.(*schema.Constraint)
		if ok && other.ID() != constraint.ID() && slices.Equal(other.Columns, constraint.Columns) &&
			(other.Type == schema.PrimaryKey || other.Type == schema.Unique && other.ID().Name < constraint.ID().Name) {
			return true
		}
	}
	return false
}

// constraintRank keeps columns before constraints, the primary key first.
func constraintRank(line string) int {
	rest, ok := strings.CutPrefix(line, "CONSTRAINT ")
	switch {
	case !ok:
		return 0
	case strings.Contains(rest, " PRIMARY KEY ("):
		return 1
	}
	return 2
}

func holds(parts []schema.Object, object schema.Object) bool {
	return slices.ContainsFunc(parts, func(part schema.Object) bool { return part.ID() == object.ID() })
}

func (g *generator) tableHead(o *schema.Table, of bool) string {
	head := "CREATE " + unlogged(o.Unlogged) + "TABLE " + path(o.ID())
	if o.IsForeign() {
		head = "CREATE FOREIGN TABLE " + path(o.ID())
	}
	if !o.OfType.IsZero() {
		head += " OF " + path(o.OfType)
	}
	if of {
		head += " PARTITION OF " + path(o.PartitionOf)
	}
	return head
}

func tableBody(lines []string, optional bool) string {
	if len(lines) == 0 {
		if optional {
			return ""
		}
		return " ()"
	}
	return " (\n    " + join(lines) + "\n)"
}

func (g *generator) tableTail(o *schema.Table, attach bool) string {
	var b strings.Builder
	if o.IsPartition() && !attach {
		b.WriteString("\n" + o.Bound)
	}
	if len(o.Inherits) > 0 {
		parents := make([]string, len(o.Inherits))
		for n, parent := range o.Inherits {
			parents[n] = path(parent)
		}
		b.WriteString("\nINHERITS (" + strings.Join(parents, ", ") + ")")
	}
	if o.IsPartitioned() {
		b.WriteString("\nPARTITION BY " + o.PartitionKey)
	}
	if o.AccessMethod != "" {
		b.WriteString("\nUSING " + ident(o.AccessMethod))
	}
	if options := allOptions(o); len(options) > 0 {
		b.WriteString("\nWITH (" + parameters(options) + ")")
	}
	if o.Server != "" {
		b.WriteString("\nSERVER " + ident(o.Server) + foreignOptions(o.ForeignOpts))
	}
	if o.Tablespace != "" {
		b.WriteString("\nTABLESPACE " + ident(o.Tablespace))
	}
	return b.String()
}

func allOptions(o *schema.Table) []string {
	options := slices.Clone(o.Options)
	for _, option := range o.ToastOptions {
		options = append(options, "toast."+option)
	}
	return options
}

// foreignOptions writes the options of a foreign object.
func foreignOptions(options []string) string {
	if len(options) == 0 {
		return ""
	}
	written := make([]string, len(options))
	for n, option := range options {
		name, value, _ := strings.Cut(option, "=")
		written[n] = ident(name) + " " + literal(value)
	}
	return " OPTIONS (" + strings.Join(written, ", ") + ")"
}

// columnLine is a column as CREATE TABLE and ADD COLUMN write it.
func (g *generator) columnLine(o *schema.Column, parts []schema.Object) string {
	id := o.ID()
	var b strings.Builder
	b.WriteString(ident(id.Name) + " " + o.Type + foreignOptions(o.ForeignOpts))
	if o.Collation != "" {
		b.WriteString(" COLLATE " + o.Collation)
	}
	if value := g.defaultOf(o, parts); value != nil {
		if o.Generated != "" {
			fmt.Fprintf(&b, " GENERATED ALWAYS AS (%s) %s", value.Expr, o.Generated)
		} else {
			b.WriteString(" DEFAULT " + value.Expr)
		}
	}
	if o.Identity != "" {
		b.WriteString(" GENERATED " + o.Identity + " AS IDENTITY" + identityOptions(o))
	}
	if o.NotNull && !o.NotNullNotes.Invalid {
		// A partition that is detached meanwhile may have the usual name, which
		// the server would then not choose again.
		if o.NotNullName != "" || g.target.Version >= 180000 && g.source.Has(o.Table) && g.fresh[o.Table] && g.source.Has(o.ID()) {
			b.WriteString(" CONSTRAINT " + ident(notNullName(o)))
		}
		b.WriteString(" NOT NULL")
		if o.NotNullNotes.NoInherit {
			b.WriteString(" NO INHERIT")
		}
	}
	return b.String()
}

// defaultOf is the column's default, when it is to be made with the column.
func (g *generator) defaultOf(o *schema.Column, parts []schema.Object) *schema.Default {
	value := g.target.Default(o.Table, o.ID().Name)
	if value != nil && (holds(parts, value) || o.Generated != "") {
		return value
	}
	return nil
}

// identityOptions are the parameters of an identity column's sequence that it would not have anyway.
func identityOptions(o *schema.Column) string {
	if o.Sequence == nil {
		return ""
	}
	options := *o.Sequence
	usual := identityName(o)
	text := ""
	if options.Name != usual {
		namespace, name, _ := strings.Cut(options.Name, ".")
		text = "SEQUENCE NAME " + ident(namespace) + "." + ident(name)
	}
	if o.Type != options.Type { // see identityType
		options.Type = o.Type
		lowest, highest := sequenceBounds(&options)
		options.Min, options.Max = max(lowest, options.Min), min(highest, options.Max)
	}
	options.Type, options.Max = "bigint", widened(options)
	if text = strings.TrimSpace(text + sequenceOptions(&options)); text == "" {
		return ""
	}
	return " (" + text + ")"
}

// identityType gives an identity column's sequence a type other than the column's,
// which only a copy of a table, or a change of the column's type, leaves it with.
func (g *generator) identityType(o *schema.Column) {
	if o.Identity != "" && o.Sequence != nil && o.Sequence.Type != o.Type {
		g.sequenceType(o)
	}
}

func (g *generator) sequenceType(o *schema.Column) {
	name, _ := splitName(o.Sequence.Name)
	g.say(fmt.Sprintf("ALTER SEQUENCE %s AS %s MINVALUE %d MAXVALUE %d", name, o.Sequence.Type, o.Sequence.Min, o.Sequence.Max))
}

// widened is the upper bound as it would be for a bigint, when it is the default one.
func widened(o schema.SequenceOptions) int64 {
	if _, highest := sequenceBounds(&o); o.Max == highest && o.Increment > 0 {
		return 1<<63 - 1
	}
	return o.Max
}

// identityName is the name that the server gives an identity column's sequence.
func identityName(o *schema.Column) string {
	return o.Table.Schema + "." + objectName(o.Table.Name, o.ID().Name, "seq")
}

// objectName joins names as the server does for objects that nobody named: the
// longer of the two is cut until all fits into 63 bytes.
func objectName(first, second, label string) string {
	room := 63 - len(label) - 2
	for len(first)+len(second) > room {
		if len(first) > len(second) {
			first = first[:len(first)-1]
		} else {
			second = second[:len(second)-1]
		}
	}
	return first + "_" + second + "_" + label
}

// inheritedDifferences sets what a child has otherwise than its parent.
func (g *generator) inheritedDifferences(o *schema.Table, c diff.Create, of bool) {
	parents := o.Inherits
	if of {
		parents = []schema.ID{o.PartitionOf}
	}
	if len(parents) == 0 {
		return
	}
	for _, column := range g.target.Columns(o.ID()) {
		if !of && column.Local {
			continue
		}
		name := column.ID().Name
		var parentColumn *schema.Column
		var parentDefault *schema.Default
		for _, parent := range parents {
			if found := g.target.Column(parent, name); found != nil {
				parentColumn, parentDefault = found, g.target.Default(parent, name)
			}
		}
		if parentColumn == nil {
			continue
		}
		g.childColumn(column, parentColumn, parentDefault)
	}
}

func (g *generator) childColumn(column, parent *schema.Column, parentDefault *schema.Default) {
	alter := "ALTER TABLE ONLY " + path(column.Table) + " ALTER COLUMN " + ident(column.ID().Name)
	own := g.target.Default(column.Table, column.ID().Name)
	switch {
	case column.Generated != "":
	case own == nil && parentDefault != nil:
		g.say(alter + " DROP DEFAULT")
	case own != nil && (parentDefault == nil || own.Expr != parentDefault.Expr):
		g.say(alter + " SET DEFAULT " + own.Expr)
	}
	if column.NotNull && !parent.NotNull {
		g.say(alter + " SET NOT NULL")
	}
}

// columnSettings sets what only ALTER COLUMN can, for all columns of a new relation.
func (g *generator) columnSettings(id schema.ID) {
	for _, column := range g.target.Columns(id) {
		g.columnExtras(nil, column)
	}
}

// tableSettings sets what only ALTER TABLE can.
func (g *generator) tableSettings(o *schema.Table) {
	alter := "ALTER TABLE " + path(o.ID()) + " "
	if o.RowSecurity {
		g.say(alter + "ENABLE ROW LEVEL SECURITY")
	}
	if o.ForceSecurity {
		g.say(alter + "FORCE ROW LEVEL SECURITY")
	}
	if (o.Replica == "full" || o.Replica == "nothing") && !o.IsForeign() {
		g.say(alter + "REPLICA IDENTITY " + strings.ToUpper(o.Replica))
	}
}

// settle names the indexes that a table is clustered by and identified by, and
// gives a sequence to its column.
func (g *generator) settle(c diff.Settle) {
	id := c.New.ID()
	switch o := c.New.(type) {
	case *schema.Table:
		old, _ := c.Old.(*schema.Table)
		if o.ClusterOn != "" && (old == nil || g.fresh[id] || old.ClusterOn != o.ClusterOn || g.remade(o.ClusterOn)) {
			g.say("ALTER TABLE " + path(id) + " CLUSTER ON " + ident(o.ClusterOn))
		}
		if o.ReplicaIndex != "" && (old == nil || g.fresh[id] || old.ReplicaIndex != o.ReplicaIndex || g.remade(o.ReplicaIndex)) {
			g.say("ALTER TABLE " + path(id) + " REPLICA IDENTITY USING INDEX " + ident(o.ReplicaIndex))
		}
	case *schema.View:
		g.say("ALTER MATERIALIZED VIEW " + path(id) + " CLUSTER ON " + ident(o.ClusterOn))
	case *schema.Sequence:
		g.say("ALTER SEQUENCE " + path(id) + " OWNED BY " + path(ownerTable(o.OwnedBy)) + "." + ident(o.OwnedBy.Name))
		if (c.Old == nil || g.fresh[id]) && !g.refilled[ownerTable(o.OwnedBy)] {
			g.goOn(path(id), &o.SequenceOptions, ownerTable(o.OwnedBy), o.OwnedBy.Name)
		}
	}
}

// ownerTable is the table of an owning column.
func ownerTable(column schema.ID) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: column.Schema, Name: column.Parent}
}

// remade reports whether this plan has made an index of that name: it may have
// replaced the one that the table knew.
func (g *generator) remade(index string) bool {
	for _, statement := range g.statements {
		if statement.Group == g.group && strings.Contains(statement.SQL, ident(index)) {
			return true
		}
	}
	return false
}

func (g *generator) detach(c diff.Detach) {
	o := c.Table
	g.keepAs(c)
	for _, from := range c.From {
		switch {
		case o.IsPartition():
			g.say("ALTER TABLE "+path(from)+" DETACH PARTITION "+path(o.ID()),
				brief(g.hazard(LongLock, from, "ACCESS EXCLUSIVE on the parent for a moment: waits for and blocks all queries on it")))
		case from.IsType():
			g.say("ALTER TABLE " + path(o.ID()) + " NOT OF").Comment = "the type changes; the table comes back to it below"
		default:
			g.say("ALTER TABLE " + path(o.ID()) + " NO INHERIT " + path(from))
		}
	}
}

func (g *generator) attach(c diff.Attach) {
	o := c.Table
	for _, to := range c.To {
		switch {
		case o.IsPartition():
			g.say("ALTER TABLE " + path(to) + " ATTACH PARTITION " + path(o.ID()) + " " + o.Bound)
		case to.IsType():
			g.say("ALTER TABLE " + path(o.ID()) + " OF " + path(to))
		default:
			g.say("ALTER TABLE " + path(o.ID()) + " INHERIT " + path(to))
		}
	}
	g.endStandIn(o.ID())
}
