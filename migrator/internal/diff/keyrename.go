package diff

import (
	"regexp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// A partitioned table whose key differs in nothing but a column's name, while
// the one column goes and the other, of the same type, comes, has a renamed
// column: the bounds of the partitions are the same, so what a new column held
// would have to be what the old one holds. A drop and an add could not be done
// with rows in it, or at all. RENAME COLUMN keeps both the key and the rows.

// keyRename is the new name of a column of a partitioned table and all its partitions.
type keyRename struct {
	table    schema.ID // the topmost one
	from, to string
	tokens   map[string]string // the same, as the server writes them
}

var tokens = regexp.MustCompile(`"(?:[^"]|"")*"|'(?:[^']|'')*'|[\pL_][\pL\pN_$]*|.`)

// keyRenames finds the columns.
func (c *comparison) keyRenames() []keyRename {
	var found []keyRename
	for _, old := range c.source.Tables() {
		wanted, ok := c.target.Object(old.ID()).(*schema.Table)
		if !ok || !old.IsPartitioned() || !wanted.IsPartitioned() || old.PartitionKey == wanted.PartitionKey {
			continue
		}
		names := differingNames(old.PartitionKey, wanted.PartitionKey)
		for from, to := range names {
			r := keyRename{table: c.top(old), from: unquoted(from), to: unquoted(to), tokens: map[string]string{from: to}}
			if c.samePlace(r) && !slices.ContainsFunc(found, func(other keyRename) bool {
				return other.table == r.table && (other.from == r.from || other.to == r.to)
			}) {
				found = append(found, r)
			}
		}
	}
	return found
}

// differingNames are the words in which two texts differ, the first's with the
// second's; nil when they differ in more than words.
func differingNames(a, b string) map[string]string {
	old, wanted := tokens.FindAllString(a, -1), tokens.FindAllString(b, -1)
	if len(old) != len(wanted) {
		return nil
	}
	names := map[string]string{}
	for n := range old {
		if other, ok := names[old[n]]; ok && other != wanted[n] {
			return nil
		}
		if old[n] != wanted[n] {
			names[old[n]] = wanted[n]
		}
	}
	return names
}

func unquoted(token string) string {
	if strings.HasPrefix(token, `"`) {
		return strings.ReplaceAll(token[1:len(token)-1], `""`, `"`)
	}
	return token
}

// top is the table that a partition has its columns from.
func (c *comparison) top(table *schema.Table) schema.ID {
	for table.IsPartition() && !c.moves(table.ID()) {
		parent, ok := c.source.Object(table.PartitionOf).(*schema.Table)
		if !ok {
			break
		}
		table = parent
	}
	return table.ID()
}

// samePlace reports whether the one column goes and the other comes, alike.
func (c *comparison) samePlace(r keyRename) bool {
	was, is := c.source.Column(r.table, r.from), c.target.Column(r.table, r.to)
	return was != nil && is != nil && c.source.Column(r.table, r.to) == nil && c.target.Column(r.table, r.from) == nil &&
		was.Type == is.Type && was.Collation == is.Collation && was.Generated == is.Generated
}

// family are a partitioned table and its partitions that stay such.
func (c *comparison) family(top schema.ID) []schema.ID {
	all := []schema.ID{top}
	for _, table := range c.source.Tables() {
		if table.PartitionOf == top && c.target.Has(table.ID()) && !c.moves(table.ID()) {
			all = append(all, c.family(table.ID())...)
		}
	}
	return all
}

// foresee puts what the server will make of keys, checks and indexes in the
// place of what they are, so that they are not made again.
func (c *comparison) foresee(renames []keyRename) {
	var later []schema.Object
	for _, r := range renames {
		for _, id := range c.family(r.table) {
			for _, part := range c.source.Parts(id) {
				switch o := c.source.Object(part).(type) {
				case *schema.Index:
					later = append(later, r.index(o))
				case *schema.Constraint:
					later = append(later, r.constraint(o))
				}
			}
		}
		if len(later) > 0 {
			c.source = c.source.With(later...)
		}
	}
}

func (r keyRename) index(o *schema.Index) *schema.Index {
	later := *o
	head, rest, found := strings.Cut(o.Definition, " USING ")
	if found {
		later.Definition = head + " USING " + r.text(rest)
	}
	later.Include, later.Predicate = r.names(o.Include), r.text(o.Predicate)
	later.Keys = slices.Clone(o.Keys)
	for n := range later.Keys {
		later.Keys[n].Expr = r.text(later.Keys[n].Expr)
		later.Keys[n].Column = r.name(later.Keys[n].Column)
	}
	return &later
}

func (r keyRename) constraint(o *schema.Constraint) *schema.Constraint {
	later := *o
	own, elsewhere, found := strings.Cut(o.Definition, " REFERENCES ")
	later.Definition = r.text(own)
	if found {
		later.Definition += " REFERENCES " + elsewhere
	}
	later.Columns, later.Expression = r.names(o.Columns), r.text(o.Expression)
	return &later
}

func (r keyRename) name(name string) string {
	if name == r.from {
		return r.to
	}
	return name
}

func (r keyRename) names(names []string) []string {
	later := slices.Clone(names)
	for n := range later {
		later[n] = r.name(later[n])
	}
	return later
}

func (r keyRename) text(text string) string {
	return tokens.ReplaceAllStringFunc(text, func(token string) string {
		if other, ok := r.tokens[token]; ok {
			return other
		}
		return token
	})
}

// renameKeys gives columns new names, and their tables the fate that they have
// apart from that.
func (c *comparison) renameKeys(renames []keyRename) {
	keys := map[schema.ID]string{}
	for _, r := range renames {
		for _, id := range c.family(r.table) {
			c.rename(c.source.Object(schema.ColumnID(id, r.from)), c.target.Object(schema.ColumnID(id, r.to)))
			c.rename(c.source.Object(schema.DefaultID(id, r.from)), c.target.Object(schema.DefaultID(id, r.to)))
			table := c.source.Object(id).(*schema.Table)
			if keys[id] == "" {
				keys[id] = table.PartitionKey
			}
			keys[id] = r.text(keys[id])
		}
	}
	for id, key := range keys {
		later, wanted := *c.source.Object(id).(*schema.Table), c.target.Object(id).(*schema.Table)
		later.PartitionKey = key
		switch {
		case !SameBody(&later, wanted):
			c.fates[id] = c.change(&later, wanted)
		case SameHead(later.Common(), wanted.Common(), c.options):
			delete(c.fates, id)
		default:
			c.fates[id] = alter
		}
	}
}

// linkRenamed: what a column's default was goes while the column still has the
// old name.
func (g *graph) linkRenamed() {
	for id, old := range g.c.renamed {
		if column, ok := old.(*schema.Column); ok {
			g.order(nodeKey{stepDrop, schema.DefaultID(column.Table, column.ID().Name)}, nodeKey{stepAlter, id}, true)
		}
	}
}
