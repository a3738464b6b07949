package database

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// integer is a type of whole numbers with its bounds.
func integer(format, least, most string) *api.Schema {
	return &api.Schema{Types: []string{"integer"}, Format: format, Minimum: api.Number(least), Maximum: api.Number(most)}
}

func text(format string) *api.Schema {
	return &api.Schema{Types: []string{"string"}, Format: format}
}

// typeSchema is the JSON form of a type. Enums, domains and composite types
// become named schemas. Numeric, bigint and money are strings, so that no digit is
// lost where numbers are held in 53 bits, as in JavaScript.
func (d *describer) typeSchema(t *Type) *api.Schema {
	switch {
	case t == nil:
		return &api.Schema{}
	case t.Element != nil:
		return &api.Schema{Types: []string{"array"}, Items: d.elementSchema(t.Element)}
	case t.Kind == kindEnum, t.Kind == kindDomain, t.Kind == kindComposite:
		return &api.Schema{Ref: d.typeName(t)}
	case t.Kind == kindRange:
		return &api.Schema{Types: []string{"string"}, Pattern: `^(empty|[\[(].*,.*[\])])$`, Examples: []api.Value{jsonText(cmp.Or(rangeExamples[t.Name], "empty"))}}
	case t.Kind == kindMulti:
		example := rangeExamples[strings.Replace(t.Name, "multirange", "range", 1)]
		return &api.Schema{Types: []string{"string"}, Pattern: `^\{.*\}$`, Examples: []api.Value{jsonText("{" + example + "}")}}
	}
	switch t.Name {
	case "bool":
		return &api.Schema{Types: []string{"boolean"}}
	case "int2":
		return integer("", "-32768", "32767")
	case "int4":
		return integer("int32", "-2147483648", "2147483647")
	case "int8":
		return &api.Schema{Types: []string{"string"}, Format: "int64", Pattern: wholePattern}
	case "oid", "xid", "cid":
		return integer("", "0", "4294967295")
	case "float4":
		return &api.Schema{Types: []string{"number"}, Format: "float"}
	case "float8":
		return &api.Schema{Types: []string{"number"}, Format: "double"}
	case "numeric":
		return &api.Schema{Types: []string{"string"}, Format: "decimal", Pattern: `^-?[0-9]+(\.[0-9]+)?$`}
	case "uuid":
		return text("uuid")
	case "date":
		return text("date")
	case "timestamp", "timestamptz":
		return text("date-time")
	case "bytea":
		return &api.Schema{Types: []string{"string"}, ContentEncoding: "base64", Pattern: base64Pattern, Examples: []api.Value{`"AAEC"`}}
	case "json", "jsonb":
		return &api.Schema{Description: anyJSON}
	case "hstore":
		return &api.Schema{Types: []string{"object"}, AdditionalProperties: &api.Schema{Types: []string{"string", "null"}}}
	case "inet", "cidr":
		return written(`^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$`, "192.0.2.1")
	case "macaddr":
		return written(`^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$`, "08:00:2b:01:02:03")
	case "time":
		return written(`^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$`, "09:30:00")
	case "timetz":
		return written(`^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$`, "09:30:00+00")
	case "bit", "varbit":
		return written(`^[01]*$`, "1")
	case "name":
		most := 63
		return &api.Schema{Types: []string{"string"}, MaxLength: &most}
	}
	s := text("")
	if example, ok := examples[t.Name]; ok {
		s.Examples = []api.Value{jsonText(example)}
	}
	return s
}

// wholePattern is what an int8 is written like; it may be too great all the same,
// which the database says.
const wholePattern = `^-?[0-9]{1,19}$`

// isExact says that a type's values are numbers that may have more digits than
// JSON's readers keep.
func isExact(t *Type) bool {
	base := baseOf(t)
	return base != nil && (base.Name == "numeric" || base.Name == "int8")
}

const base64Pattern = `^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`

// written is text of a form that PostgreSQL reads.
func written(pattern, example string) *api.Schema {
	return &api.Schema{Types: []string{"string"}, Pattern: pattern, Examples: []api.Value{jsonText(example)}}
}

// examples are values of types whose text PostgreSQL reads in many forms.
var examples = map[string]string{
	"interval": "1 day 02:00:00", "money": "12.50", "xml": "<a/>", "tsvector": "word", "tsquery": "word", "macaddr8": "08:00:2b:01:02:03:04:05",
	"point": "(1,2)", "line": "{1,2,3}", "lseg": "[(0,0),(1,1)]", "box": "(1,1),(0,0)", "path": "((0,0),(1,1))", "polygon": "((0,0),(1,1))",
	"circle": "<(0,0),1>", "pg_lsn": "0/0", "pg_snapshot": "10:20:10,14", "regclass": "pg_catalog.pg_class", "regtype": "text", "ltree": "top.sub", "cube": "(1)", "jsonpath": "$.a",
}

var rangeExamples = map[string]string{
	"int4range": "[1,10)", "int8range": "[1,10)", "numrange": "[1.5,2.5)", "daterange": "[2024-01-01,2024-02-01)",
	"tsrange": "[2024-01-01 09:00:00,2024-01-01 17:00:00)", "tstzrange": "[2024-01-01 09:00:00Z,2024-01-01 17:00:00Z)",
}

// elementSchema is the JSON form of an array's elements. PostgreSQL writes those
// that it has a form of its own for; only exact numbers are turned into text.
func (d *describer) elementSchema(t *Type) *api.Schema {
	if t != nil && (t.Name == "timestamp" || t.Name == "bytea") {
		return text("")
	}
	return d.typeSchema(t)
}

// typeName returns the name of a type's schema, which is made on first use.
func (d *describer) typeName(t *Type) string {
	if name, ok := d.types[t]; ok {
		return name
	}
	name := d.free(pascal(t.Name))
	d.types[t] = name
	named := &api.NamedSchema{Name: name}
	d.api.Schemas = append(d.api.Schemas, named)
	switch t.Kind {
	case kindEnum:
		named.Schema = &api.Schema{Types: []string{"string"}, Enum: []api.Value{}}
		for _, label := range t.Labels {
			named.Schema.Enum = append(named.Schema.Enum, jsonText(label))
		}
	case kindDomain:
		named.Schema = d.typeSchema(t.Base)
		t.limit(t.Base, named.Schema)
		for _, check := range t.Checks {
			constrain(check, func(column string) *api.Schema {
				if column != "VALUE" {
					return nil
				}
				return named.Schema
			})
		}
	default:
		named.Schema = &api.Schema{Types: []string{"object"}}
		for _, field := range t.Fields {
			named.Schema.Properties = append(named.Schema.Properties, api.Property{Name: field.Name, Schema: d.columnSchema(field, true)})
		}
	}
	named.Schema.Description = t.Comment
	if isJSON(t) {
		d.commented(named.Schema, t.Comment, name+"JSON", "type "+t.Schema+"."+t.Name)
	}
	return name
}

// columnSchema is the schema of a column's values.
func (d *describer) columnSchema(col *Column, nullable bool) *api.Schema {
	s := d.typeSchema(col.Type)
	col.limit(col.Type, s)
	if col.Comment != "" {
		s.Description = col.Comment
	}
	if value, ok := constant(col, s); ok {
		s.Default = value
	}
	if nullable {
		return orNull(s)
	}
	return s
}

// limit says in the schema of a type what its modifier does.
func (l Limits) limit(t *Type, s *api.Schema) {
	if s.Items != nil {
		s, t = s.Items, t.Element
	}
	switch {
	case s.Ref != "" || t == nil:
	case l.Length > 0 && (t.Name == "bit" || t.Name == "varbit"):
		least := "0"
		if t.Name == "bit" {
			least = strconv.Itoa(l.Length)
		}
		*s = *written("^[01]{"+least+","+strconv.Itoa(l.Length)+"}$", strings.Repeat("1", l.Length))
	case l.Length > 0:
		s.MaxLength = &l.Length
	case l.Precision > 0 && l.Scale >= 0 && s.Format == "decimal":
		s.Pattern = decimalPattern(l.Precision, l.Scale)
	}
}

func decimalPattern(precision, scale int) string {
	if scale == 0 {
		return fmt.Sprintf(`^-?[0-9]{1,%d}$`, precision)
	}
	return fmt.Sprintf(`^-?[0-9]{1,%d}(\.[0-9]{1,%d})?$`, max(1, precision-scale), scale)
}

func orNull(s *api.Schema) *api.Schema {
	switch {
	case s.Ref != "":
		return &api.Schema{Description: s.Description, AnyOf: []*api.Schema{{Ref: s.Ref}, {Types: []string{"null"}}}}
	case len(s.Types) > 0:
		s.Types = append(s.Types, "null")
	}
	return s
}

// constant is a column's default when it is the same for every row.
func constant(col *Column, s *api.Schema) (api.Value, bool) {
	e, err := parseExpression(col.Default)
	if err != nil || col.Default == "" || col.Generated || s.Ref != "" || s.Items != nil {
		return "", false
	}
	switch {
	case e.op == "number" && numeric(s) && isNumber(e.text), e.op == "text" && numeric(s) && isNumber(e.text):
		return api.Value(e.text), true
	case (e.op == "number" || e.op == "text") && isWhole(s) && isNumber(e.text):
		return jsonText(e.text), true
	case e.op == "column" && (e.text == "true" || e.text == "false") && slices.Contains(s.Types, "boolean"):
		return api.Value(e.text), true
	case e.op == "text" && slices.Contains(s.Types, "string") && s.Format == "" && s.ContentEncoding == "":
		return jsonText(e.text), true
	}
	return "", false
}

var secretPattern = regexp.MustCompile(`(?i)(^|_)(password|passwd|pwd|passphrase|hash|salt|secret|token|apikey|api_key|private_key|credential)s?(_|$)|password|secret`)

// isSecret says that a column's name looks like that of a secret.
func isSecret(name string) bool { return secretPattern.MatchString(name) }

// pascal makes a name for a schema or an operation from a table's or a type's.
func pascal(name string) string {
	var b strings.Builder
	upper := true
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z' && upper:
			b.WriteRune(c - 'a' + 'A')
			upper = false
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			b.WriteRune(c)
			upper = false
		default:
			upper = true
		}
	}
	if b.Len() == 0 {
		return "Table"
	}
	return b.String()
}
