package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// addColumn adds a column to a table that is there already.
func (g *generator) addColumn(o *schema.Column, parts []schema.Object) {
	if o.Table.Kind == schema.KindView || o.Table.Kind == schema.KindMaterialized {
		return // the view's query makes it
	}
	g.say("ALTER "+tableWord(o.Table)+" "+path(o.Table)+" ADD COLUMN "+g.columnLine(o, parts), g.newColumnHazards(o, g.defaultOf(o, parts))...)
	g.columnExtras(nil, o)
}

// newColumnHazards are the dangers of adding a column, with a default or without.
func (g *generator) newColumnHazards(o *schema.Column, value *schema.Default) []Hazard {
	name := o.ID().Name
	switch {
	case !g.existing(o.Table):
	case o.Generated == "STORED":
		return []Hazard{g.hazard(TableRewrite, o.Table, "computes column %s for every row under ACCESS EXCLUSIVE", name)}
	case o.Identity != "" || value != nil && volatile(value.Expr):
		return []Hazard{g.hazard(TableRewrite, o.Table, "writes a value of column %s into every row under ACCESS EXCLUSIVE", name)}
	case o.NotNull && value == nil && o.Identity == "":
		return []Hazard{g.hazard(BackwardIncompatible, o.Table, "column %s is NOT NULL without a default: fails when the table has rows, and inserts that do not name it fail", name)}
	}
	return nil
}

// volatile guesses whether an expression has to be computed per row. A wrong
// guess only changes a warning.
func volatile(expr string) bool {
	for _, name := range []string{"nextval(", "random()", "gen_random_uuid()", "uuid_generate", "clock_timestamp()"} {
		if strings.Contains(expr, name) {
			return true
		}
	}
	return false
}

func tableWord(id schema.ID) string { return strings.ToUpper(string(id.Kind)) }

// setDefault gives a column a default.
func (g *generator) setDefault(o *schema.Default) {
	g.say("ALTER " + tableWord(o.Table) + " " + path(o.Table) + " ALTER COLUMN " + ident(o.ID().Name) + " SET DEFAULT " + o.Expr)
}

// columnExtras sets what only ALTER COLUMN can. Without old, the column is new.
func (g *generator) columnExtras(old, o *schema.Column) {
	alter := "ALTER " + tableWord(o.Table) + " " + path(o.Table) + " ALTER COLUMN " + ident(o.ID().Name) + " "
	if old == nil {
		old = g.stored(o)
		if o.NotNullNotes.Invalid && !o.NotNullNotes.Inherited {
			g.addInvalidNotNull(o)
		}
		g.notNullComment("", o)
		g.identityType(o)
	}
	if o.Table.Kind != schema.KindView && old.Storage != o.Storage && o.Storage != "" {
		g.say(alter + "SET STORAGE " + o.Storage)
	}
	if old.Compression != o.Compression {
		method := o.Compression
		if method == "" {
			method = "default"
		}
		g.say(alter + "SET COMPRESSION " + method)
	}
	if old.Statistics != o.Statistics {
		g.say(fmt.Sprintf("%sSET STATISTICS %d", alter, o.Statistics))
	}
	g.setOptions(alter, old.Options, o.Options)
	g.foreignOptions(alter, old.ForeignOpts, o.ForeignOpts, len(old.ForeignOpts) > 0 || g.existing(o.Table))
}

// setOptions sets and resets storage parameters after the given words.
func (g *generator) setOptions(alter string, old, wanted []string) {
	var set []string
	for _, option := range wanted {
		if !slices.Contains(old, option) {
			set = append(set, option)
		}
	}
	var reset []string
	for _, name := range parameterNames(old) {
		if !slices.Contains(parameterNames(wanted), name) {
			reset = append(reset, name)
		}
	}
	if len(reset) > 0 {
		g.say(alter + "RESET (" + strings.Join(reset, ", ") + ")")
	}
	if len(set) > 0 {
		g.say(alter + "SET (" + parameters(set) + ")")
	}
}

// foreignOptions changes the options of something foreign.
func (g *generator) foreignOptions(alter string, old, wanted []string, apply bool) {
	if !apply || slices.Equal(old, wanted) {
		return
	}
	before := map[string]string{}
	for _, option := range old {
		name, value, _ := strings.Cut(option, "=")
		before[name] = value
	}
	var changes []string
	for _, option := range wanted {
		name, value, _ := strings.Cut(option, "=")
		was, there := before[name]
		delete(before, name)
		switch {
		case !there:
			changes = append(changes, "ADD "+ident(name)+" "+literal(value))
		case was != value:
			changes = append(changes, "SET "+ident(name)+" "+literal(value))
		}
	}
	for _, option := range old {
		name, _, _ := strings.Cut(option, "=")
		if _, left := before[name]; left {
			changes = append(changes, "DROP "+ident(name))
		}
	}
	if len(changes) > 0 {
		g.say(alter + "OPTIONS (" + strings.Join(changes, ", ") + ")")
	}
}

// dropPartitionsNotNull: from 18 on a partition's own primary key makes NOT NULL
// its own too, which then does not go with the parent's.
func (g *generator) dropPartitionsNotNull(o *schema.Column) {
	if g.target.Version < 180000 {
		return
	}
	name := o.ID().Name
	for _, table := range g.target.Tables() {
		child := g.target.Column(table.ID(), name)
		if table.PartitionOf != o.Table || child == nil || child.NotNull {
			continue
		}
		for _, constraint := range g.source.Constraints(table.ID()) {
			if constraint.Type == schema.PrimaryKey && slices.Contains(constraint.Columns, name) {
				g.say("ALTER TABLE " + path(table.ID()) + " ALTER COLUMN " + ident(name) + " DROP NOT NULL")
			}
		}
		g.dropPartitionsNotNull(child)
	}
}

// alterNotNull changes what 18 and later know of a NOT NULL constraint.
func (g *generator) alterNotNull(old, o *schema.Column) {
	if !o.NotNull || o.NotNullNotes.Inherited {
		return
	}
	alter := "ALTER " + tableWord(o.Table) + " " + path(o.Table) + " "
	was, name := notNullName(&schema.Column{Head: o.Head, Table: o.Table}), notNullName(o)
	notes := schema.NotNullNotes{}
	switch {
	case old.NotNull:
		was, notes = notNullName(old), old.NotNullNotes
	case o.NotNullNotes.Invalid: // it was added by its name
		was, notes.NoInherit = name, o.NotNullNotes.NoInherit
	}
	if was != name && g.target.Version >= 180000 {
		g.say(alter + "RENAME CONSTRAINT " + ident(was) + " TO " + ident(name))
	}
	if notes.NoInherit != o.NotNullNotes.NoInherit {
		g.say(alter + "ALTER CONSTRAINT " + ident(name) + map[bool]string{true: " NO INHERIT", false: " INHERIT"}[o.NotNullNotes.NoInherit])
	}
	if notes.Invalid && !o.NotNullNotes.Invalid {
		g.say(alter + "VALIDATE CONSTRAINT " + ident(name))
	}
	g.notNullComment(notes.Comment, o)
}

// addInvalidNotNull forbids NULL for rows to come.
func (g *generator) addInvalidNotNull(o *schema.Column) {
	noInherit := ""
	if o.NotNullNotes.NoInherit {
		noInherit = " NO INHERIT"
	}
	g.say("ALTER "+tableWord(o.Table)+" "+path(o.Table)+" ADD CONSTRAINT "+ident(notNullName(o))+" NOT NULL "+ident(o.ID().Name)+noInherit+" NOT VALID",
		g.hazard(BackwardIncompatible, o.Table, "writes of NULL to column %s fail", o.ID().Name))
}

func (g *generator) notNullComment(old string, o *schema.Column) {
	if old != o.NotNullNotes.Comment {
		g.say("COMMENT ON CONSTRAINT " + ident(notNullName(o)) + " ON " + path(o.Table) + " IS " + commentText(o.NotNullNotes.Comment))
	}
}

// notNullName is the name of a column's NOT NULL constraint.
func notNullName(o *schema.Column) string {
	if o.NotNullName != "" {
		return o.NotNullName
	}
	return objectName(o.Table.Name, o.ID().Name, "not_null")
}

// setNotNull forbids NULL without a long lock: a check is validated first, and
// the server takes that for proof.
func (g *generator) setNotNull(alter string, o *schema.Column) {
	if o.NotNullNotes.Invalid {
		g.addInvalidNotNull(o)
		return
	}
	incompatible := g.hazard(BackwardIncompatible, o.Table, "writes of NULL to column %s fail, and so does this when there are NULLs", o.ID().Name)
	if !g.online() || !g.existing(o.Table) || o.Table.Kind != schema.KindTable {
		g.say(alter+"SET NOT NULL", incompatible)
		return
	}
	table, check := path(o.Table), ident(objectName(o.Table.Name, o.ID().Name, "not_null_proof"))
	statement := g.say(fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID", table, check, ident(o.ID().Name)), incompatible)
	statement.Comment = "proves that there are no NULLs without blocking writes; dropped again below"
	g.say(fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", table, check))
	g.say(alter + "SET NOT NULL")
	g.say(fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", table, check))
}

// alterIdentity makes a column an identity column or changes its sequence.
func (g *generator) alterIdentity(alter string, old, o *schema.Column) {
	if o.Identity == "" {
		return
	}
	if old.Identity == "" {
		g.say(alter + "ADD GENERATED " + o.Identity + " AS IDENTITY" + identityOptions(o))
		g.identityType(o)
		if o.Sequence != nil {
			name, _ := splitName(o.Sequence.Name)
			g.goOn(name, o.Sequence, o.Table, o.ID().Name)
		}
		return
	}
	if old.Identity != o.Identity {
		g.say(alter + "SET GENERATED " + o.Identity)
	}
	if old.Sequence == nil || o.Sequence == nil {
		return
	}
	if old.Sequence.Name != o.Sequence.Name {
		from, _ := splitName(old.Sequence.Name)
		_, to := splitName(o.Sequence.Name)
		g.say("ALTER SEQUENCE " + from + " RENAME TO " + to)
	}
	was := *old.Sequence
	if old.Type == o.Type && was.Type != o.Sequence.Type || old.Type != o.Type && o.Type != o.Sequence.Type {
		g.sequenceType(o)
		was.Type, was.Min, was.Max = o.Sequence.Type, o.Sequence.Min, o.Sequence.Max
	} else if old.Type != o.Type { // the server has widened the sequence with the column
		_, highest := sequenceBounds(&was)
		defaulted := was.Max == highest
		was.Type = o.Sequence.Type
		if _, now := sequenceBounds(&was); defaulted {
			was.Max = now
		}
	}
	// All at once: each alone might contradict the bounds as they were.
	if changes := sequenceClauses(&was, o.Sequence); len(changes) > 0 {
		g.say(alter + strings.ReplaceAll("SET "+strings.Join(changes, " SET "), "SET RESTART", "RESTART"))
	}
}

// splitName writes a "schema.name" of the model as SQL, and its name alone.
func splitName(qualified string) (full, name string) {
	namespace, name, _ := strings.Cut(qualified, ".")
	return ident(namespace) + "." + ident(name), ident(name)
}

// sequenceClauses are sequenceChanges with a new position where the old one is
// out of the new bounds.
func sequenceClauses(old, wanted *schema.SequenceOptions) []string {
	changes := sequenceChanges(old, wanted)
	within := func(n int64) bool { return n >= wanted.Min && n <= wanted.Max }
	last := old.Last
	if last == 0 {
		last = old.Start
	}
	if within(old.Start) && within(last) {
		return changes
	}
	position := wanted.Start
	if next := last + wanted.Increment; within(last) && within(next) {
		position = next
	}
	return append(changes, fmt.Sprintf("RESTART WITH %d", position))
}

// sequenceChanges are the clauses that bring a sequence's parameters about.
func sequenceChanges(old, wanted *schema.SequenceOptions) []string {
	var changes []string
	for _, option := range []struct {
		was, is int64
		clause  string
	}{
		{old.Increment, wanted.Increment, "INCREMENT BY"},
		{old.Min, wanted.Min, "MINVALUE"},
		{old.Max, wanted.Max, "MAXVALUE"},
		{old.Start, wanted.Start, "START WITH"},
		{old.Cache, wanted.Cache, "CACHE"},
	} {
		if option.was != option.is {
			changes = append(changes, fmt.Sprintf("%s %d", option.clause, option.is))
		}
	}
	if old.Cycle != wanted.Cycle {
		changes = append(changes, map[bool]string{true: "CYCLE", false: "NO CYCLE"}[wanted.Cycle])
	}
	return changes
}
