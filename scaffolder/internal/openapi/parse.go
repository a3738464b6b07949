package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/pb33f/go-yaml"
	"github.com/pb33f/libopenapi/datamodel"

	"github.com/senior-backend/toolkit/shared/fault"
)

// parse turns the bytes of a file into nodes. It refuses what is neither YAML
// nor JSON, with the place, and aliases that expand without end.
func parse(path string, data []byte) (*yaml.Node, error) {
	if len(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))) == 0 {
		return nil, &fault.Input{Path: path, Message: "is empty"}
	}
	if bytes.IndexByte(data, 0) >= 0 && !isUTF16(data) {
		return nil, &fault.Input{Path: path, Message: "is a binary file, neither YAML nor JSON"}
	}
	document, err := parseNodes(data)
	if err != nil {
		return nil, syntaxError(path, data, err)
	}
	if err := checkAliases(path, document); err != nil {
		return nil, err
	}
	if document.Kind == yaml.DocumentNode {
		if len(document.Content) == 0 {
			return nil, &fault.Input{Path: path, Message: "is empty"}
		}
		document = document.Content[0]
	}
	if document.Kind == 0 { // nothing but comments
		return nil, &fault.Input{Path: path, Message: "is empty"}
	}
	return unalias(document), nil
}

func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff})
}

// parseNodes parses with libopenapi, which reads JSON directly rather than as
// YAML. The bypass makes it accept files that are parts of a document; what it
// cannot parse it then returns as one string, for which YAML's own error is
// fetched.
func parseNodes(data []byte) (document *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			document, err = nil, fmt.Errorf("the YAML parser gave up: %v", p)
		}
	}()
	config := &datamodel.DocumentConfiguration{BypassDocumentCheck: true, SkipJSONConversion: true}
	info, err := datamodel.ExtractSpecInfoWithConfig(data, config)
	if err != nil {
		return nil, err
	}
	document = info.RootNode
	if document == nil || isUnparsed(document, data) {
		document = &yaml.Node{}
		if err := yaml.Unmarshal(data, document); err != nil {
			if json.Valid(data) {
				return parseJSON(data)
			}
			return nil, err
		}
	}
	return document, nil
}

func isUnparsed(document *yaml.Node, data []byte) bool {
	if len(document.Content) != 1 {
		return false
	}
	only := document.Content[0]
	return only.Kind == yaml.ScalarNode && only.Line == 0 && len(only.Value) == len(data)
}

var linePattern = regexp.MustCompile(`\bline (\d+)(?:, column (\d+))?:? ?`)

// syntaxError turns a parser's error into one that names the place.
func syntaxError(path string, data []byte, err error) error {
	var syntax *json.SyntaxError
	if start := bytes.TrimSpace(data); start[0] == '{' || start[0] == '[' {
		var anything json.RawMessage
		if jsonErr := json.Unmarshal(data, &anything); errors.As(jsonErr, &syntax) && strings.HasSuffix(strings.ToLower(path), ".json") {
			line, column := place(data, int(syntax.Offset)-1)
			return &fault.Input{Path: path, Line: line, Column: column, Message: "invalid JSON: " + syntax.Error(), Err: err}
		}
	}
	if !utf8.Valid(data) && !isUTF16(data) {
		line, column := place(data, firstInvalid(data))
		return &fault.Input{Path: path, Line: line, Column: column, Message: "is not encoded in UTF-8 from here on", Hint: "convert it, with iconv for example", Err: err}
	}
	input := &fault.Input{Path: path, Err: err}
	message := strings.Join(strings.Fields(err.Error()), " ")
	var load *yaml.LoadError
	if errors.As(err, &load) {
		input.Line, input.Column = load.Mark.Line, load.Mark.Column
		message = load.Message
		if input.Line == 0 {
			input.Line, input.Column = load.ContextMark.Line, load.ContextMark.Column
		}
	}
	message = strings.TrimPrefix(message, "yaml: ")
	if input.Line == 0 {
		if m := linePattern.FindStringSubmatch(message); m != nil {
			fmt.Sscan(m[1], &input.Line)
			fmt.Sscan(m[2], &input.Column)
		}
	}
	if input.Line > 0 && input.Column == 0 {
		input.Column = 1
	}
	input.Message = "invalid YAML: " + linePattern.ReplaceAllString(message, "")
	return input
}

// place is the line and column of a byte, both from 1, columns in characters.
func place(data []byte, offset int) (line, column int) {
	offset = max(0, min(offset, len(data)))
	before := data[:offset]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// firstInvalid is the offset of the first byte that is no UTF-8.
func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

// maxExpansion is how many nodes aliases may add to a file. Real documents stay
// under a thousand.
const maxExpansion = 1_000_000

// checkAliases refuses aliases that contain themselves and those that, taken
// together, stand for more than maxExpansion nodes.
func checkAliases(path string, document *yaml.Node) error {
	c := aliasChecker{path: path, sizes: map[*yaml.Node]int{}}
	_, err := c.size(document)
	return err
}

type aliasChecker struct {
	path     string
	sizes    map[*yaml.Node]int // of anchored nodes; -1 while being measured
	expanded int
}

func (c *aliasChecker) size(node *yaml.Node) (int, error) {
	if node.Kind == yaml.AliasNode {
		size, err := c.anchored(node)
		if err != nil {
			return 0, err
		}
		if size > maxExpansion {
			return 0, &fault.Input{Path: c.path, Line: node.Line, Column: node.Column, Message: fmt.Sprintf("aliases stand for more than %d nodes", maxExpansion), Hint: "write the parts out, or refer to them with $ref"}
		}
		return size, nil
	}
	size := 1
	for _, child := range node.Content {
		more, err := c.size(child)
		if err != nil {
			return 0, err
		}
		size = min(size+more, 1<<40)
	}
	return size, nil
}

func (c *aliasChecker) anchored(alias *yaml.Node) (int, error) {
	target := alias.Alias
	if target == nil {
		return 0, &fault.Input{Path: c.path, Line: alias.Line, Column: alias.Column, Message: "alias without an anchor"}
	}
	known, ok := c.sizes[target]
	if ok && known < 0 {
		return 0, &fault.Input{Path: c.path, Line: alias.Line, Column: alias.Column, Message: fmt.Sprintf("the alias *%s contains itself", alias.Value)}
	}
	if !ok {
		c.sizes[target] = -1
		size, err := c.size(target)
		if err != nil {
			return 0, err
		}
		c.sizes[target], known = size, size
	}
	c.expanded = min(c.expanded+known, 1<<40)
	return max(known, c.expanded), nil
}

// documentVersion is what the document calls itself; an error when it is no
// OpenAPI document of a version that is read here.
func documentVersion(f *file) (string, error) {
	root := f.value()
	if !root.isMapping() {
		return "", &fault.Input{Path: f.path, Line: 1, Message: fmt.Sprintf("is no OpenAPI document: it holds %s", root.kind()), Hint: "it should begin with openapi: 3.1.0"}
	}
	openapi, swagger := root.get("openapi"), root.get("swagger")
	found := openapi
	supported := strings.HasPrefix(openapi.text(), "3.") || openapi.text() == "3"
	if !openapi.exists() {
		found, supported = swagger, strings.HasPrefix(swagger.text(), "2")
	}
	switch {
	case !found.exists() && root.get("asyncapi").exists():
		return "", &fault.Input{Path: f.path, Message: "is an AsyncAPI document, which describes no HTTP API"}
	case !found.exists():
		return "", &fault.Input{Path: f.path, Message: "is no OpenAPI document: it has neither openapi nor swagger at its top", Hint: "it should begin with openapi: 3.1.0"}
	case !found.isScalar():
		at := found.position()
		return "", &fault.Input{Path: f.path, Line: at.Line, Column: at.Column, Message: fmt.Sprintf("the version should be text such as 3.1.0, not %s", found.kind())}
	case !supported:
		at := found.position()
		return "", &fault.Input{Path: f.path, Line: at.Line, Column: at.Column, Message: fmt.Sprintf("version %q is not read here", found.text()), Hint: "OpenAPI 3.0, 3.1, 3.2 and Swagger 2.0 are"}
	}
	return found.text(), nil
}
