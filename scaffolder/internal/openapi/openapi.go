// Package openapi reads API descriptions into package api's model and writes
// the model as an OpenAPI document.
//
// Into Read goes the path of a document: OpenAPI 3.0, 3.1 or 3.2, or Swagger
// 2.0, as YAML or JSON, whole or split over files. Out come the model and a list
// of problems, each with its place: what was wrong or is not supported, and was
// therefore left out or weakened; everything else is there. Read refuses what is
// no such document: unreadable or over 64 MiB, no YAML, no OpenAPI, aliases that
// expand without end. References are followed to files in the document's folder
// and in folders that the caller allows, never to the network.
//
// Documents are parsed and recognised by libopenapi's datamodel. Its models and
// index are not used: building them costs several times the parsing, loses
// members and can panic on parts that are half right, and a reference that
// leads nowhere costs them the whole document. Walking the nodes keeps the rest.
package openapi

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Options is what Read may do.
type Options struct {
	// Stdin is read when the path is "-". References are then relative to the
	// working directory.
	Stdin io.Reader
	// AllowRefs are directories outside the document's own from which
	// references may read files.
	AllowRefs []string
	// AllowRemote lets references read files from the network, over HTTP and HTTPS.
	AllowRemote bool
}

// Document is a document that was read.
type Document struct {
	API      *api.API
	Version  string   // as the document says: "3.0.3", "2.0"
	Files    []string // every file read, the document first
	Problems []Problem
}

// Read reads the document at path, or Options.Stdin for "-". The error is a
// *fault.Input or *fault.Environment and means that there is nothing to work
// with; everything lesser is a Problem.
func Read(path string, o Options) (*Document, error) {
	files, err := openFiles(path, o)
	if err != nil {
		return nil, err
	}
	defer files.close()
	root, version, err := files.readRoot(path, o.Stdin)
	if err != nil {
		return nil, err
	}
	r := newReader(files, root, version)
	r.readDocument()
	r.checkKeys(root)
	for _, other := range files.parsed {
		if other != root {
			r.checkKeys(other)
		}
	}
	return &Document{API: r.api, Version: version, Files: files.names(), Problems: r.sortedProblems()}, nil
}

// Severity is how bad a Problem is.
type Severity string

// Severities of a Problem.
const (
	// Invalid is something that the specification forbids.
	Invalid Severity = "error"
	// Unsupported is something that is doubtful, or that is left out.
	Unsupported Severity = "warning"
)

// Problem is something in a document that was left out or weakened.
type Problem struct {
	Position api.Position
	Severity Severity
	Message  string
}

func (p Problem) String() string {
	var b strings.Builder
	if p.Position.Path != "" {
		b.WriteString(p.Position.Path)
		if p.Position.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Position.Line, p.Position.Column)
		}
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s: %s", p.Severity, p.Message)
	return b.String()
}

// dialect is the family of a document's schemas.
type dialect int

const (
	dialectSwagger dialect = iota // 2.0
	dialect30
	dialect31 // and 3.2
)

// reader is the state of one reading.
type reader struct {
	files   *files
	root    value
	dialect dialect
	api     *api.API

	targets  map[targetKey]value          // of references, once resolved
	names    map[nodeKey]string           // of schemas that references point at
	taken    map[string]bool              // names in use
	numbers  map[string]int               // how often a name was taken already
	members  map[nodeKey]map[string]value // of large mappings, for pointers
	queue    []namedValue                 // schemas that have a name and are not read yet
	shared   sharedComponents             // components already read
	active   map[nodeKey]bool             // components being read, to notice circles
	anchors  map[nodeKey]*anchorList      // by document root
	problems []Problem
	known    map[Problem]bool
	reads    int // operations read so far
}

type namedValue struct {
	name  string
	value value
}

func newReader(files *files, root *file, version string) *reader {
	r := &reader{
		files:   files,
		api:     &api.API{},
		targets: map[targetKey]value{},
		names:   map[nodeKey]string{},
		taken:   map[string]bool{},
		numbers: map[string]int{},
		members: map[nodeKey]map[string]value{},
		shared:  newSharedComponents(),
		active:  map[nodeKey]bool{},
		anchors: map[nodeKey]*anchorList{},
		known:   map[Problem]bool{},
	}
	r.root = root.value()
	switch {
	case strings.HasPrefix(version, "2"):
		r.dialect = dialectSwagger
	case strings.HasPrefix(version, "3.0") || version == "3":
		r.dialect = dialect30
	default:
		r.dialect = dialect31
	}
	return r
}

func (r *reader) invalid(v value, format string, args ...any) {
	r.note(v, Invalid, format, args...)
}

func (r *reader) unsupported(v value, format string, args ...any) {
	r.note(v, Unsupported, format, args...)
}

func (r *reader) note(v value, severity Severity, format string, args ...any) {
	p := Problem{Position: v.position(), Severity: severity, Message: fmt.Sprintf(format, args...)}
	if !r.known[p] {
		r.known[p] = true
		r.problems = append(r.problems, p)
	}
}

// sortedProblems orders problems by file, in the order in which the files were
// read, and by place.
func (r *reader) sortedProblems() []Problem {
	order := map[string]int{}
	for i, name := range r.files.names() {
		order[name] = i
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if d := order[a.Position.Path] - order[b.Position.Path]; d != 0 {
			return d
		}
		if d := a.Position.Line - b.Position.Line; d != 0 {
			return d
		}
		return a.Position.Column - b.Position.Column
	})
	return r.problems
}
