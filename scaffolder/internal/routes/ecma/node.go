package ecma

// Kind is the kind of a node.
type Kind uint8

// Kinds of nodes, with the fields that they use.
const (
	Invalid Kind = iota

	// Expressions.
	Identifier  // Text
	PrivateName // Text, with its #
	String      // Text
	Number      // Text
	BigInt      // Text
	Regex       // Text, with delimiters and flags
	Boolean     // Text
	Null
	This
	Super
	Template       // Texts, one more than List
	TaggedTemplate // Left, Right: the template
	Array          // List, with nil for holes; also a pattern
	Object         // List of Property and Spread; also a pattern
	Property       // Left: key, Right: value; flags Computed, Shorthand, Getter, Setter, Method
	Function       // Text, Params, Body: a Block or, of an arrow, an expression; Type: what it returns
	Class          // Text, Left: what it extends, List of Member
	Member         // Left: key, Right: value or nil; of a static block Body
	Unary          // Text, Left
	Update         // Text, Left
	Binary         // Text, Left, Right; also && || ??
	Assign         // Text, Left, Right; "=" in a pattern is a default
	Conditional    // Left, Right, Third
	Call           // Left, List, TypeArgs; flag Optional
	New            // Left, List, TypeArgs
	Dot            // Left, Text; flag Optional
	Index          // Left, Right; flag Optional
	Spread         // Left; in a pattern the rest
	Sequence       // List
	Await          // Left
	Yield          // Left or nil
	As             // Left, Type: as, satisfies, <T>x; x! has no Type
	ImportCall     // List
	Meta           // Text: "import.meta" or "new.target"
	Element        // JSX, passed over
	Param          // Left: pattern, Right: default, Type; flags Rest, Optional, Field

	// Statements.
	Block               // List
	Variables           // Text: var, let, const, using; List of Declarator
	Declarator          // Left: pattern, Right or nil, Type
	ExpressionStatement // Left
	If                  // Left, Right, Third
	For                 // Left, Right, Third, Body
	ForIn               // Left: Variables or pattern, Right, Body
	ForOf               // likewise
	While               // Left, Body
	DoWhile             // Left, Body
	Return              // Left or nil
	Throw               // Left
	Try                 // Body, Left: parameter or nil, Right: handler, Third: finally
	Switch              // Left, List of Case
	Case                // Left, nil for default; List
	Jump                // Text: break or continue
	Labeled             // Text, Body
	Empty
	Import       // Text: module; List of ImportName; Right: CommonJS expression of `import x = require()`
	ImportName   // Text: name there ("default", "*"), Left: Identifier here
	Export       // Left: the declaration, or List of ExportName with Text: module
	ExportName   // Text: name here, Left: Identifier outside
	ExportAll    // Text: module, Left: name or nil
	ExportAssign // Left: of export default and export =
	TypeAlias    // Text, TypeParams, Type
	Interface    // Text, TypeParams, Params: what it extends, List of members
	Enum         // Text, List of Property
	Namespace    // Text, Body

	// Types.
	TypeName      // Text, dotted; TypeArgs; keywords too
	TypeLiteral   // Left: String, Number, Boolean, Null, Template
	TypeObject    // List of TypeMember
	TypeMember    // Left: key, Type; flags Optional, Readonly, Method; Text "[" for an index signature with Right: type of the key
	TypeUnion     // List
	TypeBoth      // List: an intersection
	TypeArray     // Type
	TypeTuple     // List, with the flags Optional and Rest
	TypeFunction  // Params, Type
	TypeOperator  // Text: keyof, readonly, unique, infer, asserts, is, typeof; Type, or Left of typeof
	TypeIndex     // Type, Right
	TypeCondition // Left: checked, Right: extends, List: yes and no
	TypeMapped    // Text: name, Right: over, Type
	TypeParam     // Text, Left: extends, Right: default
	TypeImport    // Text: module, TypeArgs
)

// Flags say more of a node.
type Flags uint16

// Flags of nodes.
const (
	Computed Flags = 1 << iota
	Shorthand
	Getter
	Setter
	Method
	Static
	Async
	Generator
	Arrow
	Optional
	Rest
	Field // a parameter that becomes a property
	Readonly
	TypeOnly
	Default // of an Export or ExportAssign
)

// Node is one node of the tree. Which fields are used depends on Kind.
type Node struct {
	Kind       Kind
	Flags      Flags
	Start, End int32
	Text       string
	Left       *Node
	Right      *Node
	List       []*Node
	// DocStart and DocEnd are where the doc comment before the node is; 0 for none.
	DocStart, DocEnd int32
	*Extra
}

// Extra holds what few kinds of nodes have.
type Extra struct {
	Third      *Node
	Body       *Node
	Type       *Node
	Params     []*Node
	TypeParams []*Node
	TypeArgs   []*Node
	Decorators []*Node
	Texts      []string
}

// Has tells whether all of the flags are set.
func (n *Node) Has(flags Flags) bool { return n.Flags&flags == flags }

var none Extra

// More is n's Extra, for reading.
func (n *Node) More() *Extra {
	if n.Extra == nil {
		return &none
	}
	return n.Extra
}

// Key is the name of a key that is not computed, or computed from a string.
func (n *Node) Key() (string, bool) {
	if n == nil || n.Left == nil {
		return "", false
	}
	switch n.Left.Kind {
	case Identifier, PrivateName:
		return n.Left.Text, !n.Has(Computed)
	case String, Number:
		return n.Left.Text, true
	}
	return "", false
}
