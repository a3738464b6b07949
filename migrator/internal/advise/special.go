package advise

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// special makes the indexes for operators that a B-tree does not know.
func (g *generator) special() {
	for _, p := range g.access.within {
		typed := ""
		if c := g.d.Schema.Column(g.table.Identity, p.on.column); c != nil {
			typed = typeOf(c)
		}
		key := keyOf(p.on)
		c := candidate{table: g.table, method: "gin"}
		switch {
		case slices.Contains([]string{"~~", "~~*", "~", "~*", "%"}, p.by) && (typed == "" || isText(typed)):
			class, prepare, ok := g.trigrams()
			if !ok {
				continue
			}
			key.suffix, c.prepare = " "+class, prepare
		case typed == "jsonb" && slices.Contains([]string{"@>", "@?", "@@"}, p.by):
			key.suffix = " jsonb_path_ops"
		case typed == "jsonb" && strings.HasPrefix(p.by, "?"), p.by == "@@" && (typed == "tsvector" || typed == ""):
		case strings.HasSuffix(typed, "[]") && slices.Contains([]string{"@>", "<@", "&&"}, p.by):
		case strings.HasSuffix(typed, "range") && slices.Contains([]string{"@>", "<@", "&&", "-|-", "<<", ">>"}, p.by):
			c.method = "gist"
		default:
			continue
		}
		c.keys = []candidateKey{key}
		g.found = append(g.found, c)
	}
}

func isText(typed string) bool {
	return typed == "text" || typed == "character varying" || typed == "character"
}

// trigrams is the operator class for LIKE and its like, and what makes it.
func (g *generator) trigrams() (class string, prepare []string, ok bool) {
	if e, _ := g.d.Schema.Object(schema.ID{Kind: schema.KindExtension, Name: "pg_trgm"}).(*schema.Extension); e != nil {
		if e.In == "public" || e.In == "" {
			return "gin_trgm_ops", nil, true
		}
		return quote(e.In) + ".gin_trgm_ops", nil, true
	}
	if g.d.Statistics != nil && g.d.Statistics.Trigrams {
		return "gin_trgm_ops", []string{"CREATE EXTENSION IF NOT EXISTS pg_trgm"}, true
	}
	return "", nil, false
}
