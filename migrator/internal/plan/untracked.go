package plan

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// untracked warns of routines that stay and whose text has the name of what
// goes: the server does not know what a body given as a string uses.
func (g *generator) untracked(object schema.Object) []Hazard {
	names := []string{object.ID().Name}
	switch o := object.(type) {
	case *schema.Table, *schema.View, *schema.Routine, *schema.Enum, *schema.Domain, *schema.Composite, *schema.Sequence:
	case *schema.Column:
		if o.Table.Kind == schema.KindView || o.Table.Kind == schema.KindMaterialized {
			return nil
		}
		names = append(names, o.Table.Name)
	default:
		return nil
	}
	var hazards []Hazard
	for _, routine := range g.target.Routines() {
		if !textual(routine) || routine.ID() == object.ID() || !mentions(routine.Definition, names) {
			continue
		}
		hazards = append(hazards, Hazard{
			Code: DependencyUntracked, Object: object.ID().String(), ID: object.ID(),
			Message: "the text of " + routine.ID().String() + " mentions the name",
		})
		if len(hazards) == 3 {
			break
		}
	}
	return hazards
}

// textual reports whether a routine's body is a string that the server does not look into.
func textual(routine *schema.Routine) bool {
	return routine.Language != "c" && routine.Language != "internal" && strings.Contains(routine.Definition, "\nAS ")
}

// mentions reports whether all of the names stand in a text as words.
func mentions(text string, names []string) bool {
	_, body, _ := strings.Cut(text, "\nAS ")
	for _, name := range names {
		if !word(strings.ToLower(body), strings.ToLower(name)) {
			return false
		}
	}
	return true
}

func word(text, name string) bool {
	for name != "" {
		at := strings.Index(text, name)
		if at < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if !partOfName(before) && !partOfName(after) {
			return true
		}
		text = text[at+len(name):]
	}
	return false
}

func partOfName(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
