package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// object builds a mapping in the order in which members are set. Absent values
// are left out.
type object struct{ node *yaml.Node }

func newObject() object {
	return object{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}}
}

func (o object) empty() bool { return len(o.node.Content) == 0 }

// orNil is the object's node, or nil when it has no members.
func (o object) orNil() *yaml.Node {
	if o.empty() {
		return nil
	}
	return o.node
}

func (o object) set(key string, node *yaml.Node) {
	if node != nil {
		o.node.Content = append(o.node.Content, textNode(key), node)
	}
}

func (o object) text(key, text string) {
	if text != "" {
		o.set(key, textNode(text))
	}
}

func (o object) flag(key string, truth bool) {
	if truth {
		o.set(key, boolNode(true))
	}
}

func (o object) count(key string, n *int) {
	if n != nil {
		o.set(key, scalarNode("!!int", strconv.Itoa(*n)))
	}
}

func (o object) number(key string, n api.Number) {
	if n != "" {
		o.set(key, numberNode(string(n)))
	}
}

func (o object) value(key string, v api.Value) {
	if v != "" {
		o.set(key, valueNode(v))
	}
}

func (o object) texts(key string, list []string) {
	if len(list) > 0 {
		o.set(key, textsNode(list))
	}
}

func (o object) extensions(list []api.Extension) {
	for _, x := range list {
		o.value(x.Name, x.Value)
	}
}

func (o object) externalDocs(docs *api.ExternalDocs) {
	if docs == nil {
		return
	}
	out := newObject()
	out.text("description", docs.Description)
	out.set("url", textNode(docs.URL))
	o.set("externalDocs", out.node)
}

func scalarNode(tag, text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}

func boolNode(truth bool) *yaml.Node { return scalarNode("!!bool", strconv.FormatBool(truth)) }

// textNode is a string. Text of several lines becomes a block where YAML can
// say it so without loss; the encoder alone would try it always.
func textNode(text string) *yaml.Node {
	node := scalarNode("!!str", text)
	if strings.Contains(text, "\n") {
		node.Style = yaml.DoubleQuotedStyle
		if blockable(text) {
			node.Style = yaml.LiteralStyle
		}
	}
	return node
}

func blockable(text string) bool {
	if strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\n") || strings.HasSuffix(text, "\n\n") {
		return false
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasSuffix(line, " ") || strings.HasPrefix(line, "\t") {
			return false
		}
	}
	for _, c := range text {
		if c != '\n' && (c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffd || c > 0xffff) {
			return false
		}
	}
	return true
}

func numberNode(n string) *yaml.Node {
	if strings.ContainsAny(n, ".eE") {
		return scalarNode("!!float", n)
	}
	return scalarNode("!!int", n)
}

func listNode(items []*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

func textsNode(list []string) *yaml.Node {
	out := listNode(nil)
	for _, text := range list {
		out.Content = append(out.Content, scalarNode("!!str", text))
	}
	return out
}

// valueNode is a JSON value with the digits and the order of its text. Text
// that is no JSON, which no reader makes, becomes a string.
func valueNode(v api.Value) *yaml.Node {
	decoder := json.NewDecoder(strings.NewReader(string(v)))
	decoder.UseNumber()
	node, err := decodeNode(decoder)
	if err != nil {
		return textNode(string(v))
	}
	return node
}

func decodeNode(decoder *json.Decoder) (*yaml.Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		out := listNode(nil)
		if token == '{' {
			out = newObject().node
		}
		for decoder.More() {
			item, err := decodeNode(decoder)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, item)
		}
		_, err := decoder.Token()
		return out, err
	case string:
		return textNode(token), nil
	case json.Number:
		return numberNode(token.String()), nil
	case bool:
		return boolNode(token), nil
	default:
		return scalarNode("!!null", "null"), nil
	}
}

// encodeYAML writes node as YAML.
func encodeYAML(node *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return b.Bytes(), nil
}

// encodeJSON writes node as JSON.
func encodeJSON(node *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	compact := value{node: node, scope: &scope{}}.appendJSON(nil)
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
