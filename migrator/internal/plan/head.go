package plan

import (
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// head brings an object's comment, owner and privileges about. Without old, the
// object is new.
func (g *generator) head(old, object schema.Object) {
	wanted := object.Common()
	before := g.initial(object)
	if old != nil {
		before = *old.Common()
	}
	owner := wanted.Owner
	if !g.options.Owner {
		owner = g.owner // of what is only made again
	}
	if owner != "" && owner != before.Owner && ownable(object) {
		// What the new owner was granted becomes one with what the old one had.
		before.Grants = slices.DeleteFunc(slices.Clone(before.Grants), func(grant schema.Grant) bool { return grant.Role == owner })
		g.say("ALTER " + named(object) + " OWNER TO " + ident(owner))
	}
	if wanted.Comment != before.Comment && named(object) != "" {
		g.say("COMMENT ON " + named(object) + " IS " + commentText(wanted.Comment))
	}
	g.privileges(object, before, *wanted)
}

// ownable leaves out what has its table's owner, and extensions, whose owner
// cannot be changed.
func ownable(object schema.Object) bool {
	switch object.(type) {
	case *schema.Column, *schema.Default, *schema.Constraint, *schema.Index, *schema.Trigger, *schema.Rule, *schema.Policy, *schema.Extension, *schema.DefaultGrants:
		return false
	}
	return named(object) != ""
}

// initial is what an object has just after it was made, by default privileges.
func (g *generator) initial(object schema.Object) schema.Head {
	head := schema.Head{Owner: g.source.Role}
	on := map[string]string{"TABLE": "TABLES", "SEQUENCE": "SEQUENCES", "FUNCTION": "FUNCTIONS", "PROCEDURE": "FUNCTIONS", "TYPE": "TYPES", "DOMAIN": "TYPES", "SCHEMA": "SCHEMAS"}[grantWord(object)]
	if on == "" || object.ID().Kind == schema.KindColumn {
		return head
	}
	for _, in := range []string{"", object.ID().Schema} {
		id := schema.ID{Kind: schema.KindDefaultGrants, Schema: in, Name: on}
		grants, ok := g.source.Object(id).(*schema.DefaultGrants)
		if !ok || in == "" && object.ID().Schema == "" && head.Grants != nil {
			continue
		}
		head.Grants = append(head.Grants, grants.Grants...)
		head.Revoked = append(head.Revoked, grants.Revoked...)
	}
	return head
}

func commentText(text string) string {
	if text == "" {
		return "NULL"
	}
	return literal(text)
}

// grantWord is the kind of object as GRANT names it; empty when it has no privileges.
func grantWord(object schema.Object) string {
	switch o := object.(type) {
	case *schema.Table, *schema.View, *schema.Column:
		return "TABLE"
	case *schema.Sequence:
		return "SEQUENCE"
	case *schema.Namespace:
		return "SCHEMA"
	case *schema.Enum, *schema.Composite:
		return "TYPE"
	case *schema.Domain:
		return "DOMAIN"
	case *schema.Routine:
		return strings.ToUpper(string(o.ID().Kind))
	case *schema.Definition:
		switch o.ID().Kind {
		case schema.KindAggregate:
			return "FUNCTION"
		case schema.KindRange:
			return "TYPE"
		case schema.KindServer:
			return "FOREIGN SERVER"
		case schema.KindForeignData:
			return "FOREIGN DATA WRAPPER"
		case schema.KindLanguage:
			return "LANGUAGE"
		}
	}
	return ""
}

// grantTarget is what a GRANT is ON.
func grantTarget(object schema.Object) string {
	id := object.ID()
	switch o := object.(type) {
	case *schema.Column:
		return "TABLE " + path(o.Table)
	case *schema.Routine:
		return grantWord(object) + " " + path(id) + "(" + id.Args + ")"
	case *schema.Definition:
		if id.Kind == schema.KindAggregate {
			return "FUNCTION " + strings.TrimPrefix(strings.Replace(o.Name, "(*)", "()", 1), "AGGREGATE ")
		}
	}
	return grantWord(object) + " " + path(id)
}

// privileges revokes and grants what is between two states.
func (g *generator) privileges(object schema.Object, before, after schema.Head) {
	revoke := append(missing(before.Grants, after.Grants), missing(after.Revoked, before.Revoked)...)
	grant := append(missing(after.Grants, before.Grants), missing(before.Revoked, after.Revoked)...)
	grant = append(grant, regrant(revoke, after)...)
	if defaults, ok := object.(*schema.DefaultGrants); ok {
		g.defaultPrivileges(defaults, revoke, grant)
		return
	}
	if grantWord(object) == "" {
		return
	}
	owner := after.Owner
	if !g.options.Owner {
		owner = g.owner
	}
	column := ""
	if _, ok := object.(*schema.Column); ok {
		column = " (" + ident(object.ID().Name) + ")"
	}
	for _, set := range byRole(revoke) {
		g.say("REVOKE " + privilegeList(set, column, object) + " ON " + grantTarget(object) + " FROM " + roleName(set[0], owner))
	}
	for _, set := range byRole(grant) {
		g.say("GRANT " + privilegeList(set, column, object) + " ON " + grantTarget(object) + " TO " + roleName(set[0], owner) + option(set[0]))
	}
}

// regrant gives back what revoking a privilege with its grant option took along.
func regrant(revoked []schema.Grant, after schema.Head) []schema.Grant {
	var again []schema.Grant
	for _, grant := range revoked {
		other := grant
		other.Grantable = !grant.Grantable
		if slices.Contains(after.Grants, other) {
			again = append(again, other)
		}
	}
	return again
}

func (g *generator) defaultPrivileges(o *schema.DefaultGrants, revoke, grant []schema.Grant) {
	alter := "ALTER DEFAULT PRIVILEGES"
	if o.Role != "" {
		alter += " FOR ROLE " + ident(o.Role)
	}
	if o.In != "" {
		alter += " IN SCHEMA " + ident(o.In)
	}
	owner := o.Role
	for _, set := range byRole(revoke) {
		g.say(alter + " REVOKE " + privilegeList(set, "", o) + " ON " + o.On + " FROM " + roleName(set[0], owner))
	}
	for _, set := range byRole(grant) {
		g.say(alter + " GRANT " + privilegeList(set, "", o) + " ON " + o.On + " TO " + roleName(set[0], owner) + option(set[0]))
	}
}

func missing(of, in []schema.Grant) []schema.Grant {
	var left []schema.Grant
	for _, grant := range of {
		if !slices.Contains(in, grant) && !slices.Contains(left, grant) {
			left = append(left, grant)
		}
	}
	return left
}

// byRole groups privileges that one statement can carry.
func byRole(grants []schema.Grant) [][]schema.Grant {
	var sets [][]schema.Grant
	for _, grant := range grants {
		at := slices.IndexFunc(sets, func(set []schema.Grant) bool {
			return set[0].Role == grant.Role && set[0].OwnerRole == grant.OwnerRole && set[0].Grantable == grant.Grantable
		})
		if at < 0 {
			sets = append(sets, []schema.Grant{grant})
		} else if !slices.Contains(sets[at], grant) {
			sets[at] = append(sets[at], grant)
		}
	}
	return sets
}

func privilegeList(set []schema.Grant, column string, _ schema.Object) string {
	names := make([]string, len(set))
	for n, grant := range set {
		names[n] = grant.Privilege + column
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func roleName(grant schema.Grant, owner string) string {
	switch {
	case grant.OwnerRole && owner != "":
		return ident(owner)
	case grant.OwnerRole:
		return "CURRENT_USER"
	case grant.Role == "":
		return "PUBLIC"
	}
	return ident(grant.Role)
}

func option(grant schema.Grant) string {
	if grant.Grantable {
		return " WITH GRANT OPTION"
	}
	return ""
}
