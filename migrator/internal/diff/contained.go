package diff

import (
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// tightened makes a domain again that shall refuse more than it did, where the
// server cannot look at the values that there are: those within arrays and rows.
func (c *comparison) tightened(id schema.ID) []schema.ID {
	domain := id
	switch wanted := c.target.Object(id).(type) {
	case *schema.Domain:
		old, ok := c.source.Object(id).(*schema.Domain)
		if !ok || old.NotNull || !wanted.NotNull {
			return nil
		}
	case *schema.Constraint:
		if wanted.Table.Kind != schema.KindDomain || !wanted.Validated {
			return nil
		}
		domain = wanted.Table
	default:
		return nil
	}
	if fate := c.fates[domain]; fate != keep && fate != alter || !c.source.Has(domain) || !c.contained(domain, map[schema.ID]bool{}) {
		return nil
	}
	c.fates[domain] = replace
	return []schema.ID{domain}
}

// contained reports whether a column has values of the type within others.
func (c *comparison) contained(id schema.ID, seen map[schema.ID]bool) bool {
	seen[id] = true
	for _, dependent := range c.dependents[id] {
		switch o := c.source.Object(dependent).(type) {
		case *schema.Column:
			if o.Table.Kind == schema.KindTable && (id.Kind != schema.KindDomain || strings.HasSuffix(o.Type, "[]")) {
				return true
			}
		case *schema.Composite, *schema.Domain:
			if !seen[dependent] && c.contained(dependent, seen) {
				return true
			}
		}
	}
	return false
}
