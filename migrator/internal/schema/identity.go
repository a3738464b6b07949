package schema

import (
	"cmp"
	"strings"
)

// Kind is a kind of object, in the words that PostgreSQL's DROP uses.
type Kind string

// The kinds of object, roughly in the order in which a schema is built.
const (
	KindSchema        Kind = "schema"
	KindExtension     Kind = "extension"
	KindLanguage      Kind = "language"
	KindForeignData   Kind = "foreign data wrapper"
	KindServer        Kind = "server"
	KindUserMapping   Kind = "user mapping"
	KindCollation     Kind = "collation"
	KindConversion    Kind = "conversion"
	KindEnum          Kind = "enum"
	KindDomain        Kind = "domain"
	KindComposite     Kind = "composite type"
	KindRange         Kind = "range type"
	KindBaseType      Kind = "base type"
	KindSequence      Kind = "sequence"
	KindFunction      Kind = "function"
	KindProcedure     Kind = "procedure"
	KindAggregate     Kind = "aggregate"
	KindOperator      Kind = "operator"
	KindFamily        Kind = "operator family"
	KindClass         Kind = "operator class"
	KindFamilyMember  Kind = "operator family member"
	KindCast          Kind = "cast"
	KindTransform     Kind = "transform"
	KindAccessMethod  Kind = "access method"
	KindTextParser    Kind = "text search parser"
	KindTextTemplate  Kind = "text search template"
	KindTextDict      Kind = "text search dictionary"
	KindTextConfig    Kind = "text search configuration"
	KindTable         Kind = "table"
	KindForeignTable  Kind = "foreign table"
	KindColumn        Kind = "column"
	KindDefault       Kind = "default"
	KindView          Kind = "view"
	KindMaterialized  Kind = "materialized view"
	KindConstraint    Kind = "constraint"
	KindIndex         Kind = "index"
	KindStatistics    Kind = "statistics"
	KindTrigger       Kind = "trigger"
	KindRule          Kind = "rule"
	KindPolicy        Kind = "policy"
	KindEventTrigger  Kind = "event trigger"
	KindPublication   Kind = "publication"
	KindPublished     Kind = "publication member"
	KindTextMapping   Kind = "text search mapping"
	KindDefaultGrants Kind = "default privileges"
)

// ID says which object is meant, in any database. It is comparable.
type ID struct {
	Kind   Kind
	Schema string // empty for what lives outside schemas
	Parent string // the relation or domain of a part of one; the role or access method of some others
	Name   string
	Args   string // identity arguments of a routine or operator, types of a cast
}

// ColumnID is the identity of a relation's column.
func ColumnID(relation ID, name string) ID {
	return ID{Kind: KindColumn, Schema: relation.Schema, Parent: relation.Name, Name: name}
}

// DefaultID is the identity of a column's default or generation expression.
func DefaultID(relation ID, column string) ID {
	return ID{Kind: KindDefault, Schema: relation.Schema, Parent: relation.Name, Name: column}
}

// String names the object for a person: "table public.users", "column public.users.email".
func (id ID) String() string {
	return string(id.Kind) + " " + id.Path()
}

// Path is String without the kind.
func (id ID) Path() string {
	var b strings.Builder
	for _, part := range []string{id.Schema, id.Parent} {
		if part != "" {
			b.WriteString(part)
			b.WriteByte('.')
		}
	}
	b.WriteString(id.Name)
	switch id.Kind {
	case KindFunction, KindProcedure, KindAggregate, KindOperator, KindCast:
		b.WriteString("(" + id.Args + ")")
	}
	return b.String()
}

// Compare orders identities: by schema, then kind, then name.
func (id ID) Compare(other ID) int {
	return cmp.Or(
		strings.Compare(id.Schema, other.Schema),
		strings.Compare(string(id.Kind), string(other.Kind)),
		strings.Compare(id.Parent, other.Parent),
		strings.Compare(id.Name, other.Name),
		strings.Compare(id.Args, other.Args),
	)
}

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// IsType reports whether the object is a type of its own, apart from a relation's row type.
func (id ID) IsType() bool {
	switch id.Kind {
	case KindEnum, KindDomain, KindComposite, KindRange, KindBaseType:
		return true
	}
	return false
}

// IsRelation reports whether the object is something that can be selected from.
func (id ID) IsRelation() bool {
	switch id.Kind {
	case KindTable, KindForeignTable, KindView, KindMaterialized:
		return true
	}
	return false
}
