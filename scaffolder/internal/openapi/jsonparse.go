package openapi

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/pb33f/go-yaml"
)

// parseJSON builds the nodes of a valid JSON text. It is slower than the usual
// parser, and for what that refuses because YAML would: a line break before a
// colon, half of a surrogate pair, which becomes the replacement character.
func parseJSON(data []byte) (*yaml.Node, error) {
	p := &jsonParser{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	p.decoder.UseNumber()
	node, err := p.value()
	if err != nil {
		return nil, err
	}
	return &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{node}}, nil
}

type jsonParser struct {
	data      []byte
	decoder   *json.Decoder
	at        int // of data counted into line
	line      int
	lineStart int
}

// mark sets where the token that ends at the decoder's offset begins.
func (p *jsonParser) mark(node *yaml.Node, from int) {
	for from < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[from]) >= 0 {
		from++
	}
	p.line += bytes.Count(p.data[p.at:from], []byte("\n"))
	if i := bytes.LastIndexByte(p.data[p.at:from], '\n'); i >= 0 {
		p.lineStart = p.at + i + 1
	}
	p.at = from
	node.Line, node.Column = p.line, utf8.RuneCount(p.data[p.lineStart:from])+1
}

func (p *jsonParser) value() (*yaml.Node, error) {
	from := int(p.decoder.InputOffset())
	token, err := p.decoder.Token()
	if err != nil {
		return nil, err
	}
	node := &yaml.Node{Kind: yaml.ScalarNode}
	p.mark(node, from)
	switch token := token.(type) {
	case json.Delim:
		node.Kind, node.Tag, node.Style = yaml.MappingNode, "!!map", yaml.FlowStyle
		if token == '[' {
			node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		}
		for p.decoder.More() {
			item, err := p.value()
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, item)
		}
		if _, err := p.decoder.Token(); err != nil {
			return nil, err
		}
	case string:
		node.Tag, node.Value, node.Style = "!!str", token, yaml.DoubleQuotedStyle
	case json.Number:
		number := numberNode(token.String())
		node.Tag, node.Value = number.Tag, number.Value
	case bool:
		boolean := boolNode(token)
		node.Tag, node.Value = boolean.Tag, boolean.Value
	default:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, nil
}
