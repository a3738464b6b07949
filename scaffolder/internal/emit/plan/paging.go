package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Paging is how an operation's parameters ask for a page of a list.
type Paging struct {
	Size          string // of a page; "" when there is no parameter for it
	Offset, Page  string // entries or pages that are left out; at most one of them
	After, Before string // cursors; without Offset and Page
	ByID          bool   // what After and Before hold are ids of entries, no opaque cursors
	First         int    // number of the first page
	Standard      int    // entries on a page when nothing is said
	Largest       int    // entries that a page may have
}

// Names of parameters, in lower case and without what separates words.
var (
	sizes   = []string{"limit", "perpage", "pagesize", "pagelimit", "maxresults", "maxpagesize", "itemsperpage", "size", "count", "take", "top", "first"}
	offsets = []string{"offset", "skip", "startindex", "pageoffset"}
	pages   = []string{"page", "pagenumber", "pageno", "pageindex"}
	cursors = []string{"cursor", "pagetoken", "nexttoken", "nextcursor", "aftercursor", "pagecursor", "continuationtoken", "pageafter"}
	ids     = []string{"startingafter"}
	afters  = []string{"after"} // only where there is a size too: it may be a time
	befores = map[string][]string{
		"ids": {"endingbefore"}, "cursors": {"before", "beforecursor", "prevcursor", "previouscursor", "pagebefore"},
	}
)

// Standard sizes of pages where the document says nothing.
const (
	standardSize = 20
	largestSize  = 100
)

// Paging tells how the operation pages; nil when its parameters ask for no pages.
func (o *Operation) Paging(p *Plan) *Paging {
	if o.Method != "GET" && o.Method != "QUERY" {
		return nil
	}
	served := o.Served(api.InQuery)
	find := func(names []string) *api.Parameter {
		for _, name := range names {
			at := slices.IndexFunc(served, func(parameter *api.Parameter) bool { return plainName(parameter.Name) == name })
			if at >= 0 && p.scalar(served[at].Schema) {
				return served[at]
			}
		}
		return nil
	}
	paging := &Paging{First: 1, Standard: standardSize, Largest: largestSize}
	if size := find(sizes); size != nil {
		paging.Size = size.Name
		paging.bound(p.Inline(size.Schema))
	}
	if !paging.cursor(find) && !paging.counted(p, find) {
		return nil
	}
	return paging
}

func (g *Paging) cursor(find func([]string) *api.Parameter) bool {
	after, before := find(cursors), find(befores["cursors"])
	if after == nil && g.Size != "" {
		after = find(afters)
	}
	if one := find(ids); after == nil && one != nil {
		after, before, g.ByID = one, find(befores["ids"]), true
	}
	if after == nil || isTime(after.Schema) {
		return false
	}
	g.After = after.Name
	g.ByID = g.ByID || after.Schema != nil && slices.Contains(after.Schema.Types, "integer")
	if before != nil && !isTime(before.Schema) {
		g.Before = before.Name
	}
	return true
}

func (g *Paging) counted(p *Plan, find func([]string) *api.Parameter) bool {
	if offset := find(offsets); offset != nil {
		g.Offset = offset.Name
		return counts(p.Inline(offset.Schema))
	}
	page := find(pages)
	if page == nil {
		return false
	}
	g.Page = page.Name
	schema := p.Inline(page.Schema)
	if schema == nil || !counts(schema) {
		return schema == nil
	}
	if string(schema.Minimum) == "0" || string(schema.Default) == "0" {
		g.First = 0
	}
	return true
}

// counts tells numbers: what is text is a token that another page gave out.
func counts(schema *api.Schema) bool {
	return schema == nil || schema.Types == nil || slices.Contains(schema.Types, "integer") || slices.Contains(schema.Types, "number")
}

// bound takes the sizes out of the parameter's schema.
func (g *Paging) bound(schema *api.Schema) {
	if schema == nil {
		return
	}
	if largest, err := strconv.Atoi(string(schema.Maximum)); err == nil && largest > 0 {
		g.Largest = largest
	}
	if standard, err := strconv.Atoi(string(schema.Default)); err == nil && standard > 0 {
		g.Standard = standard
		g.Largest = max(g.Largest, standard)
	}
	g.Standard = min(g.Standard, g.Largest)
}

// scalar tells values that are one number or one text.
func (p *Plan) scalar(schema *api.Schema) bool {
	schema = p.Inline(schema)
	return schema == nil || !slices.Contains(schema.Types, "object") && !slices.Contains(schema.Types, "array") &&
		!slices.Contains(schema.Types, "boolean") && len(schema.Properties) == 0 && schema.Items == nil
}

func isTime(schema *api.Schema) bool {
	return schema != nil && (strings.HasPrefix(schema.Format, "date") || schema.Format == "time")
}

func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "", "[", "", "]", "", "$", "").Replace(strings.ToLower(name))
}
