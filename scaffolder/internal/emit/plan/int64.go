package plan

import (
	"math/big"
	"slices"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// safest is the largest integer up to which numbers of JavaScript are exact.
var safest = big.NewRat(1<<53-1, 1)

// Int64 tells integers of 64 bits that a number of JavaScript may not hold: those
// that the schema does not keep within 53 bits.
func (p *Plan) Int64(s *api.Schema) bool {
	if p.numbers || s == nil || s.Format != "int64" || !slices.Contains(s.Types, "integer") || slices.Contains(s.Types, "number") {
		return false
	}
	if s.Enum != nil || s.Const != "" {
		return slices.ContainsFunc(append(slices.Clone(s.Enum), s.Const), func(v api.Value) bool { return Unsafe(string(v)) })
	}
	return !atMost(s.Maximum, s.ExclusiveMaximum, 1) || !atMost(s.Minimum, s.ExclusiveMinimum, -1)
}

// atMost tells whether one of the bounds keeps values within 53 bits on the side
// of sign.
func atMost(bound, exclusive api.Number, sign int64) bool {
	for _, text := range []api.Number{bound, exclusive} {
		value, ok := new(big.Rat).SetString(string(text))
		if ok && value.Mul(value, big.NewRat(sign, 1)).Cmp(safest) <= 0 {
			return true
		}
	}
	return false
}

// Unsafe tells the text of an integer whose digits a number of JavaScript may lose.
func Unsafe(text string) bool {
	value, ok := new(big.Int).SetString(text, 10)
	return ok && new(big.Rat).SetInt(value.Abs(value)).Cmp(safest) > 0
}

// HoldsInt64 tells whether values of a schema may have integers of 64 bits in them.
func (p *Plan) HoldsInt64(s *api.Schema) bool {
	if s == nil || p.numbers {
		return false
	}
	holds := func(wire string) bool { return p.byWire[wire] != nil && p.byWire[wire].int64 }
	found := p.Int64(s) || holds(s.Ref)
	if s.Discriminator != nil {
		found = found || slices.ContainsFunc(s.Discriminator.Mapping, func(m api.DiscriminatorMapping) bool { return holds(m.Schema) })
	}
	Children(s, func(child *api.Schema, _ bool) { found = found || p.HoldsInt64(child) })
	return found
}

// markInt64 finds the named schemas that hold integers of 64 bits. What is referred
// to stands first, so that only those that reach themselves take another turn.
func (p *Plan) markInt64() {
	for changed := !p.numbers; changed; {
		changed = false
		for _, schema := range p.Schemas {
			if !schema.int64 && p.HoldsInt64(schema.Schema) {
				schema.int64, changed = true, true
			}
		}
	}
}

// UsesInt64 tells whether requests, answers or messages may hold integers of 64 bits.
func (p *Plan) UsesInt64() bool { return p.int64s }

// usesInt64 looks for integers of 64 bits in everything that is sent and received.
func (p *Plan) usesInt64() bool {
	media := func(m *api.Media) bool { return m != nil && p.HoldsInt64(m.Schema) }
	outgoing := make([]*Operation, 0, len(p.Outgoing))
	for _, one := range p.Outgoing {
		outgoing = append(outgoing, one.Operation)
	}
	return slices.ContainsFunc(p.Schemas, func(s *Schema) bool { return s.int64 }) ||
		slices.ContainsFunc(slices.Concat(p.Operations, outgoing), func(o *Operation) bool {
			return slices.ContainsFunc(o.Parameters, func(one *api.Parameter) bool { return p.HoldsInt64(parameterSchema(one)) }) ||
				o.Body != nil && slices.ContainsFunc(o.Body.Content, media) ||
				slices.ContainsFunc(o.Answers(), func(answer Answer) bool { return media(answer.Media) })
		})
}
