// Package report is what the tools say to people: one document model that every
// tool fills, and its renderings for a terminal, as JSON, as Markdown and as a
// self-contained HTML page.
//
// A Document goes in; bytes come out. Whatever a Document holds may come from a
// hostile server or file: each rendering escapes all text for where it lands,
// and every rendering redacts secrets (see Redact), so no caller has to.
// The package refuses nothing: an empty document renders as its title.
package report

// Document is one report. Empty parts are not rendered.
type Document struct {
	Title    string    // what was done, to what
	Subtitle string    // one line below it: target, version, when
	Verdict  Verdict   // the outcome in one line
	Figures  []Figure  // the key figures, in reading order
	Sections []Section // the body
}

// Verdict is the outcome of the whole document.
type Verdict struct {
	Level Level
	Text  string // one plain sentence; empty means no verdict is shown
}

// Figure is one key figure with its label, such as {"p99", "182 ms", "from the moment due"}.
type Figure struct {
	Label string
	Value string // formatted, with its unit
	Note  string // may be empty
	Level Level  // colours the value; LevelNone for ordinary figures
}

// Section is a heading with what belongs below it.
type Section struct {
	Heading string
	Blocks  []Block
}

// Block is one part of a section: Text, Code, Table, Findings or Chart.
type Block interface{ block() }

// Text is running prose. Blank lines part paragraphs; other line breaks are kept as spaces.
type Text string

// Code is verbatim text, such as SQL that can be run as it stands.
type Code struct {
	Language string // "sql", "sh", "json", "text"
	Text     string
}

// Table is rows below column heads. Rows may be shorter than Columns.
type Table struct {
	Caption string // may be empty
	Columns []Column
	Rows    [][]Cell
}

// Column is a table's column.
type Column struct {
	Head    string
	Numeric bool // aligned right, tabular digits
}

// Cell is one table cell. A Level colours it.
type Cell struct {
	Text  string
	Level Level
}

// Findings is a list of things that were found, most severe first as given.
type Findings []Finding

// Finding is one thing that was found, with its evidence and what to do.
type Finding struct {
	Severity Severity
	Code     string // stable identifier of the rule, such as "fk-without-index"; may be empty
	Subject  string // what it is about, such as "orders.customer_id"
	Message  string // what is wrong
	Evidence string // why we think so, with figures; may be empty
	Advice   string // what to do; may be empty
	Fix      *Code  // what to run; may be nil
	Link     string // where to read more, relative or absolute; may be empty
}

// Severity is how bad a finding is. The zero value is not valid.
type Severity string

// The severities, as the JSON results spell them.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Level is how a text is to be taken.
type Level int

// The levels.
const (
	LevelNone Level = iota
	LevelGood
	LevelNotice
	LevelWarn
	LevelBad
)

// Chart is a picture of one or more series over a common x axis. In text it
// becomes a sparkline per series; in HTML, inline SVG.
type Chart struct {
	Title   string
	Kind    ChartKind
	XLabel  string // with unit
	YLabel  string // with unit
	XScale  Scale
	YScale  Scale
	Series  []Series
	Markers []Marker // vertical lines with a label
}

// ChartKind is how the series are drawn.
type ChartKind string

// The kinds of chart.
const (
	ChartLine ChartKind = "line" // points joined
	ChartArea ChartKind = "area" // stacked areas
	ChartBar  ChartKind = "bar"  // stacked bars
)

// Scale is how an axis maps values.
type Scale string

// The scales. Percentile spreads 1/(1-p) evenly, for x values in [0, 1).
const (
	ScaleLinear     Scale = "linear"
	ScaleLog        Scale = "log"
	ScalePercentile Scale = "percentile"
)

// Series is one named line, area or row of bars. X ascends.
type Series struct {
	Name   string
	Level  Level // LevelNone takes the next colour of the palette
	Points []Point
}

// Point is one value. A NaN Y is a gap.
type Point struct{ X, Y float64 }

// Marker is a labelled vertical line at X.
type Marker struct {
	X     float64
	Label string
}

func (Text) block()     {}
func (Code) block()     {}
func (Table) block()    {}
func (Findings) block() {}
func (Chart) block()    {}
