package diff

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Describe says in a few words how an object was and how it shall be: the
// fields that differ, side by side.
func Describe(old, wanted schema.Object) (was, is string) {
	a, b := reflect.ValueOf(old).Elem(), reflect.ValueOf(wanted).Elem()
	if a.Type() != b.Type() {
		return string(old.ID().Kind), string(wanted.ID().Kind)
	}
	var before, after []string
	for n := range a.NumField() {
		name := a.Type().Field(n).Name
		switch name {
		case "Head", "Position", "Rows", "Bytes", "TypeID", "Inherited", "Local", "TypeStorage", "Copies", "NotNullNotes", "Keys", "Include", "Predicate", "Expression", "Inputs", "Outputs":
			continue
		}
		describeField(&before, &after, name, a.Field(n), b.Field(n))
	}
	x, y := old.Common(), wanted.Common()
	for _, field := range []struct{ name, a, b string }{
		{"comment", x.Comment, y.Comment},
		{"owner", x.Owner, y.Owner},
		{"privileges", grantList(x), grantList(y)},
	} {
		if field.a != field.b && (field.name != "owner" || len(before) == 0) {
			before, after = append(before, field.name+" "+quoted(field.a)), append(after, field.name+" "+quoted(field.b))
		}
	}
	return strings.Join(before, "; "), strings.Join(after, "; ")
}

func describeField(before, after *[]string, name string, a, b reflect.Value) {
	if a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil() {
		a, b = a.Elem(), b.Elem()
	}
	x, y := fmt.Sprintf("%v", a.Interface()), fmt.Sprintf("%v", b.Interface())
	if x == y {
		return
	}
	*before = append(*before, strings.ToLower(name)+" "+quoted(x))
	*after = append(*after, strings.ToLower(name)+" "+quoted(y))
}

func quoted(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func grantList(h *schema.Head) string {
	var list []string
	for _, grant := range h.Grants {
		list = append(list, grantText(grant))
	}
	for _, grant := range h.Revoked {
		list = append(list, "not "+grantText(grant))
	}
	return strings.Join(list, ", ")
}

func grantText(g schema.Grant) string {
	role := g.Role
	switch {
	case g.OwnerRole:
		role = "the owner"
	case role == "":
		role = "everybody"
	}
	return g.Privilege + " to " + role
}
