package schema

// Object is one object of a schema. The interface is sealed: its
// implementations are the pointer types of this package.
type Object interface {
	ID() ID
	Common() *Head
}

// Head is what objects of all kinds have.
type Head struct {
	Identity ID
	Owner    string  // empty for kinds that have none
	Comment  string  // empty when there is none
	Grants   []Grant // beyond those that the owner and PUBLIC have by default; sorted
	Revoked  []Grant // those that the owner or PUBLIC has by default and lacks here; sorted
}

// ID returns the object's identity.
func (h *Head) ID() ID { return h.Identity }

// Common returns what objects of all kinds have.
func (h *Head) Common() *Head { return h }

// Grant is one privilege of one role on an object.
type Grant struct {
	Role      string // a role's name; "" is PUBLIC
	OwnerRole bool   // the role is the object's owner, whoever that is; Role is empty
	Privilege string // as GRANT spells it, such as "SELECT"
	Grantable bool   // WITH GRANT OPTION
}

// Namespace is what SQL calls a schema.
type Namespace struct{ Head }

// Extension is an installed extension. Its members are not in the model.
type Extension struct {
	Head
	In      string // the schema that it was installed in
	Version string
}

// Sequence is a sequence that is no identity column's.
type Sequence struct {
	Head
	SequenceOptions
	Unlogged bool
	OwnedBy  ID // the column that it is dropped with; may be zero
}

// SequenceOptions are a sequence's parameters, also those of an identity column.
type SequenceOptions struct {
	Name      string // of an identity column's sequence, as schema.name; otherwise empty
	Type      string // smallint, integer or bigint
	Start     int64
	Increment int64
	Min, Max  int64
	Cache     int64
	Cycle     bool
	Last      int64 // the last value handed out, 0 when none was or it is not readable; no part of the schema
	Unlogged  bool  // of an identity column's sequence
}

// Enum is an enumerated type.
type Enum struct {
	Head
	Values []string // in their order
}

// Domain is a type with constraints. Its checks are Constraint objects.
type Domain struct {
	Head
	Type      string
	Collation string // quoted and qualified; empty when it is the type's own
	NotNull   bool
	Default   string // an expression; empty when there is none
}

// Composite is a row type of its own.
type Composite struct {
	Head
	Attributes []Attribute
}

// Attribute is a field of a composite type.
type Attribute struct {
	Name      string
	Type      string
	Collation string // quoted and qualified; empty when it is the type's own
	Comment   string
}

// View is a view or, by its ID's kind, a materialised view. Its columns are
// Column objects and, when materialised, its indexes are Index objects.
type View struct {
	Head
	Query        string // without the final semicolon
	Options      []string
	AccessMethod string // of a materialised view, when it is not heap
	Populated    bool   // of a materialised view
	Unlogged     bool
	ClusterOn    string  // index name
	Rows         float64 // estimate; -1 when unknown
	Bytes        int64
}

// Routine is a function, a procedure or an aggregate, by its ID's kind.
type Routine struct {
	Head
	Definition string   // the whole CREATE OR REPLACE statement, without the final semicolon
	Returns    string   // empty for procedures
	Arguments  string   // with names, modes and defaults
	Inputs     []string // names of the arguments that a call passes; "" for unnamed ones
	Outputs    string   // names and types of OUT and TABLE columns
	Defaults   int      // how many arguments may be left out
	Language   string
	Volatility string // immutable, stable or volatile
	Strict     bool
	Support    bool // has a planner support function
}

// Trigger is a trigger of a relation. Those that partitions copy from their
// parent are in the model only when their enabled state differs from it.
type Trigger struct {
	Head
	Table      ID
	Definition string // the whole CREATE statement
	Enabled    string // "O" origin, "D" disabled, "R" replica, "A" always
	Copied     bool   // from the partitioned parent
}

// Rule is a rewrite rule that is not a view's query.
type Rule struct {
	Head
	Table      ID
	Definition string // the whole CREATE statement
	Enabled    string // as Trigger.Enabled
}

// Policy is a row security policy.
type Policy struct {
	Head
	Table      ID
	Command    string // ALL, SELECT, INSERT, UPDATE, DELETE
	Permissive bool
	Roles      []string // empty means PUBLIC
	Using      string   // an expression; may be empty
	Check      string   // an expression; may be empty
}

// Definition is an object of a kind that is only ever made and unmade as a
// whole: casts, operators, text search objects, publications, statistics and
// the like.
type Definition struct {
	Head
	Create   []string // the statements that make it, in order, without semicolons
	Settings []string // run after Create; alone, they bring an older state of the object to this one
	Drop     string   // the statement that unmakes it
	Name     string   // as COMMENT ON, ALTER … OWNER TO and GRANT ON name it, kind included
}

// DefaultGrants is what ALTER DEFAULT PRIVILEGES says for one role, schema
// and kind of object: the Grants and Revoked of its Head.
type DefaultGrants struct {
	Head
	Role string // empty for the role that the schema was read as
	In   string // a schema; empty for all
	On   string // TABLES, SEQUENCES, FUNCTIONS, TYPES, SCHEMAS
}
