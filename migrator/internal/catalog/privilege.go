package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// privilegeNames are the letters of aclitem's text form.
var privilegeNames = map[byte]string{
	'r': "SELECT", 'w': "UPDATE", 'a': "INSERT", 'd': "DELETE", 'D': "TRUNCATE", 'x': "REFERENCES",
	't': "TRIGGER", 'X': "EXECUTE", 'U': "USAGE", 'C': "CREATE", 'c': "CONNECT", 'T': "TEMPORARY",
	's': "SET", 'A': "ALTER SYSTEM", 'm': "MAINTAIN",
}

// privileges compares an object's access list with the one that its kind has
// by default, and says which privileges it has beyond those and which it lacks.
// A nil list is the default one.
func privileges(acl, fallback []string, owner string) (granted, revoked []schema.Grant) {
	if acl == nil {
		return nil, nil
	}
	have, usual := explode(acl, owner), explode(fallback, owner)
	for _, grant := range have {
		if !slices.Contains(usual, grant) {
			granted = append(granted, grant)
		}
	}
	for _, grant := range usual {
		if !slices.Contains(have, grant) {
			revoked = append(revoked, grant)
		}
	}
	return granted, revoked
}

// explode reads access list items such as `"some role"=ar*/owner`, sorted and
// without the grantors.
func explode(acl []string, owner string) []schema.Grant {
	var grants []schema.Grant
	for _, item := range acl {
		role, rest := aclRole(item)
		letters, _, _ := strings.Cut(rest, "/")
		for n := 0; n < len(letters); n++ {
			grant := schema.Grant{Role: role, Privilege: privilegeNames[letters[n]]}
			if grant.Role == owner && owner != "" {
				grant.Role, grant.OwnerRole = "", true
			}
			if n+1 < len(letters) && letters[n+1] == '*' {
				grant.Grantable = true
				n++
			}
			if grant.Privilege != "" {
				grants = append(grants, grant)
			}
		}
	}
	slices.SortFunc(grants, func(a, b schema.Grant) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(fmt.Sprint(a.OwnerRole), fmt.Sprint(b.OwnerRole)),
			cmp.Compare(a.Privilege, b.Privilege), cmp.Compare(fmt.Sprint(a.Grantable), fmt.Sprint(b.Grantable)))
	})
	return slices.Compact(grants)
}

// aclRole splits an access list item at the equals sign after the role's name.
func aclRole(item string) (role, rest string) {
	if !strings.HasPrefix(item, `"`) {
		role, rest, _ = strings.Cut(item, "=")
		return role, rest
	}
	var b strings.Builder
	for n := 1; n < len(item); n++ {
		if item[n] != '"' {
			b.WriteByte(item[n])
			continue
		}
		if n+1 < len(item) && item[n+1] == '"' {
			b.WriteByte('"')
			n++
			continue
		}
		return b.String(), strings.TrimPrefix(item[n+1:], "=")
	}
	return b.String(), ""
}

// defaultGrants reads what ALTER DEFAULT PRIVILEGES has set.
func (r *reader) defaultGrants() error {
	type row struct {
		head
		Role string
		In   string
		Kind string
	}
	found, err := rows[row](r, `SELECT d.oid::int8, pg_catalog.pg_get_userbyid(d.defaclrole) AS role, coalesce(n.nspname, '') AS in,
		d.defaclobjtype::text AS kind, d.defaclacl::text[] AS acl,
		CASE WHEN d.defaclnamespace = 0 THEN pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)::text[] END AS acldefault
		FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace`)
	if err != nil {
		return fmt.Errorf("default privileges: %w", err)
	}
	kinds := map[string]string{"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS", "L": "LARGE OBJECTS"}
	for _, d := range found {
		object := &schema.DefaultGrants{Role: d.Role, In: d.In, On: kinds[d.Kind]}
		object.Identity = schema.ID{Kind: schema.KindDefaultGrants, Schema: d.In, Parent: d.Role, Name: object.On}
		if d.Role == r.schema.Role {
			object.Role, object.Identity.Parent = "", ""
		}
		if d.ACL == nil {
			d.ACL = []string{}
		}
		object.Grants, object.Revoked = privileges(d.ACL, d.Default, d.Role)
		if err := r.add("pg_default_acl", d.Oid, object); err != nil {
			return err
		}
		if d.In != "" {
			namespace := schema.ID{Kind: schema.KindSchema, Name: d.In}
			r.schema.Depends[object.Identity] = append(r.schema.Depends[object.Identity], namespace)
		}
	}
	return nil
}
