// Package relation is the model of what stands behind an API that was read from a
// database: the tables whose rows its operations serve, and the functions that
// they call.
//
// It says which operation and which schema of an api.API belongs to which table,
// and how PostgreSQL writes each column. It imports nothing of ours and is only
// handed on: from the reader of databases to what writes servers.
package relation

// Source is what the API's operations work on.
type Source struct {
	Tables    []*Table
	Functions []*Function
}

// Table is a table or a view.
type Table struct {
	Schema, Name string

	// Row, New and Change are the names of schemas in the API: of a row as it is
	// answered, as it is created and as it is changed. The latter two are empty
	// for what is only read.
	Row, New, Change string

	// The IDs of the operations on it; empty for those that it does not have.
	List, Create, Get, Replace, Update, Delete string

	Columns []Column
	// Key is the columns whose values no two rows share and that are never
	// null; rows are addressed by them and come in their order. It may be empty.
	Key []string
	// Version is what changes whenever a row does: the system column "xmin", the
	// name of another column, or "" when there is nothing of the kind.
	Version     string
	Constraints []Constraint
	Relations   []Relation
}

// Column is a column of a Table.
type Column struct {
	Name string
	// Type is the type as SQL writes it, quoted and with its schema.
	Type string
	Form Form
	// Fields are those of a Record, or of each of Records, where some of them have a
	// form too; nil where PostgreSQL's own conversion serves.
	Fields []Column
	// Nullable says that it may be null, Generated that it is never written,
	// Hidden that it is never read, Compared that rows can be found and sorted
	// by it.
	Nullable, Generated, Hidden, Compared bool
}

// Form is how a column's values are carried in JSON.
type Form string

// The forms of values.
const (
	Plain   Form = ""        // as PostgreSQL's own conversion to JSON has it
	Text    Form = "text"    // as the text that PostgreSQL prints
	UTC     Form = "utc"     // a timestamp without a time zone, taken for UTC
	Base64  Form = "base64"  // bytes
	JSON    Form = "json"    // a JSON value
	Record  Form = "record"  // a composite type's fields as an object
	Records Form = "records" // an array of those
	Pairs   Form = "pairs"   // an hstore as an object
)

// Constraint is what a row may violate.
type Constraint struct {
	Name    string
	Kind    ConstraintKind
	Columns []string
}

// ConstraintKind is the kind of a Constraint.
type ConstraintKind string

// The kinds of constraints.
const (
	Unique  ConstraintKind = "unique"
	Foreign ConstraintKind = "foreign"
	Check   ConstraintKind = "check"
)

// Relation leads from a row of one table to rows of another.
type Relation struct {
	Name string // in the API; no column has the same
	// Schema and Table name the other table, which is one of Source.Tables.
	Schema, Table string
	// Columns of this table equal References of the other, each its counterpart.
	Columns, References []string
	Many                bool // there may be several rows; otherwise there is one or none
}

// Function is a function that an operation calls.
type Function struct {
	Schema, Name string
	Operation    string // the operation's ID
	Parameters   []Column
	// Many says that it returns several values or rows, Void that it returns nothing.
	Many, Void bool
	// Fields are those of the rows that it returns; nil where it returns values, and
	// Result is how they are carried.
	Fields []Column
	Result Column
}
