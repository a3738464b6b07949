package openapi

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// jsonValue is the JSON text of a value; "" of an absent one.
func (v value) jsonValue() api.Value {
	if !v.exists() {
		return ""
	}
	return api.Value(v.appendJSON(nil))
}

func (v value) appendJSON(out []byte) []byte {
	switch {
	case v.isMapping():
		out = append(out, '{')
		for i, e := range lastWins(v.entries()) {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendString(out, e.key)
			out = append(out, ':')
			out = e.value.appendJSON(out)
		}
		return append(out, '}')
	case v.isSequence():
		out = append(out, '[')
		for i, item := range v.items() {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.appendJSON(out)
		}
		return append(out, ']')
	case v.isScalar():
		return v.appendScalar(out)
	default:
		return append(out, "null"...)
	}
}

// lastWins drops all but the last member of each key.
func lastWins(entries []entry) []entry {
	last := make(map[string]int, len(entries))
	for i, e := range entries {
		last[e.key] = i
	}
	if len(last) == len(entries) {
		return entries
	}
	kept := make([]entry, 0, len(last))
	for i, e := range entries {
		if last[e.key] == i {
			kept = append(kept, e)
		}
	}
	return kept
}

func (v value) appendScalar(out []byte) []byte {
	switch v.node.Tag {
	case "!!null":
		return append(out, "null"...)
	case "!!bool":
		return strconv.AppendBool(out, strings.EqualFold(v.node.Value, "true"))
	case "!!int", "!!float", "!!str":
		if n := v.number(); n != "" {
			return append(out, n...)
		}
	}
	return appendString(out, v.node.Value)
}

// appendString appends s as a JSON string. Bytes that are no UTF-8 become the
// replacement character, as encoding/json has it.
func appendString(out []byte, s string) []byte {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		out = append(out, '"')
		out = append(out, s...)
		return append(out, '"')
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil { // cannot happen for a string
		return append(out, `""`...)
	}
	return append(out, strings.TrimSuffix(b.String(), "\n")...)
}

// isJSONNumber is RFC 8259's grammar of numbers.
func isJSONNumber(s string) bool {
	if s == "" || (s[0] != '-' && (s[0] < '0' || s[0] > '9')) {
		return false
	}
	return json.Valid([]byte(s))
}

// number is a number's JSON text with every digit of the source; "" when the
// value is no number or one that JSON cannot say, such as .inf.
func (v value) number() api.Number {
	if !v.isScalar() || v.node.Tag != "!!int" && v.node.Tag != "!!float" && !v.isHugeNumber() {
		return ""
	}
	text := v.node.Value
	if isJSONNumber(text) {
		return api.Number(text)
	}
	return yamlNumber(text)
}

// isHugeNumber says that the value is a number beyond what a float holds, such
// as 1e400, which the YAML parser takes for a string.
func (v value) isHugeNumber() bool {
	return v.node.Tag == "!!str" && v.node.Style == 0 && v.scope != nil && v.scope.file != nil && isJSONNumber(v.node.Value)
}

// yamlNumber turns YAML's further spellings of numbers into JSON's: a leading
// plus or point, underscores, leading zeros, other bases.
func yamlNumber(text string) api.Number {
	clean := strings.ReplaceAll(text, "_", "")
	if whole, ok := new(big.Int).SetString(clean, 0); ok && regexp.MustCompile(`^[-+]?0[box]?`).MatchString(clean) {
		return api.Number(whole.String())
	}
	clean = strings.TrimPrefix(clean, "+")
	sign := ""
	if strings.HasPrefix(clean, "-") {
		sign, clean = "-", clean[1:]
	}
	if strings.HasPrefix(clean, ".") {
		clean = "0" + clean
	}
	for len(clean) > 1 && clean[0] == '0' && clean[1] >= '0' && clean[1] <= '9' {
		clean = clean[1:]
	}
	clean = strings.Replace(clean, ".e", ".0e", 1)
	if strings.HasSuffix(clean, ".") {
		clean += "0"
	}
	if isJSONNumber(sign + clean) {
		return api.Number(sign + clean)
	}
	return ""
}

// count is a non-negative whole number, also when written as 5.0.
func (v value) count() (int, bool) {
	n := v.number()
	if n == "" {
		return 0, false
	}
	if i, err := strconv.Atoi(string(n)); err == nil {
		return i, i >= 0
	}
	f, ok := new(big.Float).SetString(string(n))
	if !ok || !f.IsInt() {
		return 0, false
	}
	i, accuracy := f.Int64()
	return int(i), accuracy == big.Exact && i >= 0
}
