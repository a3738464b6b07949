package zod

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// values writes enum and const. covered says that nothing is left for the
// other keywords to say.
func (p *Printer) values(s *api.Schema) (node *script.Node, covered bool) {
	if s.Enum == nil && s.Const == "" {
		return nil, false
	}
	list := s.Enum
	if s.Const != "" {
		list = []api.Value{s.Const}
		if s.Enum != nil && !slices.Contains(s.Enum, s.Const) {
			return p.value("nothing"), true
		}
	}
	bare := !hasString(s) && !hasNumber(s) && !hasArray(s) && !hasObject(s)
	if s.Types != nil {
		list = slices.DeleteFunc(slices.Clone(list), func(v api.Value) bool { return !IsOfType(v, s.Types) })
	}
	// What narrows the listed values still has to be said, but not a format.
	covered = bare || onlyFormat(s)
	return p.listed(list, p.plan.Int64(s)), covered
}

func onlyFormat(s *api.Schema) bool {
	return s.MinLength == nil && s.MaxLength == nil && s.Pattern == "" && !bounded(s) && !hasArray(s) && !hasObject(s)
}

// listed writes a choice among values; exact ones are integers of 64 bits.
func (p *Printer) listed(list []api.Value, exact bool) *script.Node {
	if len(list) == 0 {
		return p.value("nothing")
	}
	var nodes []*script.Node
	allStrings, scalars := true, true
	seen := map[string]bool{}
	for _, value := range list {
		node := Literal(value)
		if exact {
			node = ExactLiteral(value)
		}
		kind := value.Kind()
		allStrings = allStrings && kind == "string"
		scalars = scalars && kind != "object" && kind != "array"
		if !seen[string(value)] {
			seen[string(value)] = true
			nodes = append(nodes, node)
		}
	}
	switch {
	case !scalars:
		return p.helper("oneOfValues", nodes...)
	case len(nodes) == 1:
		return script.Call("z.literal", nodes[0])
	case allStrings:
		return script.Call("z.enum", script.Array(nodes...))
	}
	return script.Call("z.literal", script.Array(nodes...))
}

// IsOfType tells whether a value is of one of the JSON Schema types.
func IsOfType(v api.Value, types []string) bool {
	kind := v.Kind()
	if slices.Contains(types, kind) {
		return true
	}
	if kind != "number" || !slices.Contains(types, "integer") {
		return false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return err == nil && f == math.Trunc(f)
}

func decodeString(v api.Value) (string, bool) {
	var s string
	if v.Kind() != "string" || json.Unmarshal([]byte(v), &s) != nil {
		return "", false
	}
	return s, true
}

// ExactLiteral writes a value of a schema of integers of 64 bits, as a bigint where a
// number would lose digits.
func ExactLiteral(v api.Value) *script.Node {
	if plan.Unsafe(string(v)) {
		return script.Text(exactNumber(api.Number(v)))
	}
	return Literal(v)
}

// exactNumber writes a number as a literal that loses no digit: integers that a number
// cannot hold are bigints.
func exactNumber(n api.Number) string {
	if value, ok := new(big.Rat).SetString(string(n)); ok && value.IsInt() && plan.Unsafe(value.Num().String()) {
		return value.Num().String() + "n"
	}
	return Number(n)
}

// Literal writes a JSON value as an expression.
func Literal(v api.Value) *script.Node {
	switch v.Kind() {
	case "string":
		text, _ := decodeString(v)
		return script.String(text)
	case "number":
		return script.Text(Number(api.Number(v)))
	case "object":
		return objectLiteral(v)
	case "array":
		var items []json.RawMessage
		if json.Unmarshal([]byte(v), &items) != nil {
			return script.Array()
		}
		nodes := make([]*script.Node, 0, len(items))
		for _, item := range items {
			nodes = append(nodes, Literal(api.Value(item)))
		}
		return script.Array(nodes...)
	}
	return script.Text(strings.TrimSpace(string(v)))
}

func objectLiteral(v api.Value) *script.Node {
	decoder := json.NewDecoder(strings.NewReader(string(v)))
	if _, err := decoder.Token(); err != nil {
		return script.Object(false)
	}
	var fields []script.Field
	index := map[string]int{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			break
		}
		name, _ := key.(string)
		field := script.Field{Key: script.LiteralKey(name), Value: Literal(api.Value(value))}
		if at, found := index[name]; found {
			fields[at] = field
			continue
		}
		index[name] = len(fields)
		fields = append(fields, field)
	}
	return script.Object(false, fields...)
}

// Number writes a JSON number as a literal that loses no digit it shows.
func Number(n api.Number) string {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		if strings.HasPrefix(string(n), "-") {
			return "-Infinity"
		}
		return "Infinity"
	}
	if f == 0 {
		return "0"
	}
	if magnitude := math.Abs(f); magnitude >= 1e21 || magnitude < 1e-6 || f == math.Trunc(f) && magnitude > 1<<53 {
		text := strconv.FormatFloat(f, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(text, "e")
		sign := ""
		if exponent[0] == '-' {
			sign = "-"
		}
		return mantissa + "e" + sign + strings.TrimLeft(exponent, "+-0")
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
