package database

import (
	"fmt"
	"regexp"
	"slices"
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
	case t.Kind == kindDomain && d.nested && isExact(t):
		return d.typeSchema(t.Base) // which is a number here, a string elsewhere
	case t.Kind == kindEnum, t.Kind == kindDomain, t.Kind == kindComposite:
		return &api.Schema{Ref: d.typeName(t)}
	case t.Kind == kindRange:
		return &api.Schema{Types: []string{"string"}, Pattern: `^(empty|[\[(].*,.*[\])])$`, Examples: []api.Value{`"empty"`}}
	case t.Kind == kindMulti:
		return &api.Schema{Types: []string{"string"}, Pattern: `^\{.*\}$`, Examples: []api.Value{`"{}"`}}
	}
	switch t.Name {
	case "bool":
		return &api.Schema{Types: []string{"boolean"}}
	case "int2":
		return integer("", "-32768", "32767")
	case "int4":
		return integer("int32", "-2147483648", "2147483647")
	case "int8":
		if d.nested {
			return integer("int64", "", "")
		}
		return &api.Schema{Types: []string{"string"}, Format: "int64", Pattern: wholePattern}
	case "oid", "xid", "cid":
		return integer("", "0", "4294967295")
	case "float4":
		return &api.Schema{Types: []string{"number"}, Format: "float"}
	case "float8":
		return &api.Schema{Types: []string{"number"}, Format: "double"}
	case "numeric":
		if d.nested {
			return &api.Schema{Types: []string{"number"}}
		}
		return &api.Schema{Types: []string{"string"}, Format: "decimal", Pattern: `^-?[0-9]+(\.[0-9]+)?$`}
	case "uuid":
		return text("uuid")
	case "date":
		return text("date")
	case "timestamp":
		if d.nested {
			return text("")
		}
		return text("date-time")
	case "timestamptz":
		return text("date-time")
	case "bytea":
		if d.nested {
			return text("")
		}
		return &api.Schema{Types: []string{"string"}, ContentEncoding: "base64", Pattern: base64Pattern, Examples: []api.Value{`"AAEC"`}}
	case "json", "jsonb":
		return &api.Schema{Description: "Any JSON value."}
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
	"circle": "<(0,0),1>", "pg_lsn": "0/0", "ltree": "top.sub", "cube": "(1)", "jsonpath": "$.a",
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
		outside := d.nested
		d.nested = false
		named.Schema = d.typeSchema(t.Base)
		d.nested = outside
		if t.Length > 0 && t.Base != nil && (t.Base.Name == "varchar" || t.Base.Name == "bpchar") {
			named.Schema.MaxLength = &t.Length
		}
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
		outside := d.nested
		d.nested = true
		defer func() { d.nested = outside }()
		for _, field := range t.Fields {
			named.Schema.Properties = append(named.Schema.Properties, api.Property{Name: field.Name, Schema: d.columnSchema(field, true)})
		}
	}
	named.Schema.Description = t.Comment
	return name
}

// columnSchema is the schema of a column's values.
func (d *describer) columnSchema(col *Column, nullable bool) *api.Schema {
	s := d.typeSchema(col.Type)
	target := s
	if s.Items != nil {
		target = s.Items
	}
	if col.Length > 0 {
		target.MaxLength = &col.Length
	}
	if col.Precision > 0 && col.Scale >= 0 && target.Format == "decimal" {
		target.Pattern = decimalPattern(col.Precision, col.Scale)
	}
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
