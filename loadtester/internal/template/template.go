// Package template fills in what differs from one request to the next.
//
// Text with actions in it goes into a Compiler, such as "/users/{{.id}}?n={{randInt 1 9}}";
// out comes a Text, which is appended to a buffer for each request, given the request's
// Values. Nothing is allocated for that, and what is appended depends on nothing but the
// Values: the same request of the same seed is always the same, on whatever thread and
// however often it is rendered.
//
// The actions are {{uuid}}, {{seq}}, {{randInt LOW HIGH}}, {{.column}} and {{"text"}}.
// What comes from data is escaped for where it lands. Refused are actions that aren't
// closed or unknown, and columns that the data doesn't have, each with its place.
package template

import (
	"encoding/hex"
	"math/bits"
	"strconv"
)

// Values are what the actions of one request are filled in from.
type Values struct {
	Seed  uint64   // of the run
	Index uint64   // of the request in the run, from 0
	Row   []string // the data's row for this request; may be nil when no column is used
}

// Text is compiled text. The zero value is empty. It is safe for concurrent use.
type Text struct {
	segments []segment
	dynamic  bool
}

type action uint8

const (
	actLiteral action = iota
	actUUID
	actSeq
	actRandInt
	actColumn
)

// segment is a literal, or an action with what it needs.
type segment struct {
	action  action
	literal string
	ordinal uint64 // tells the random values of one request apart
	low     int64
	span    uint64 // of randInt: how many values there are, 0 for all
	column  int
	escape  Escape
}

// Literal is text without actions.
func Literal(text string) Text {
	var t Text
	t.addLiteral(text)
	return t
}

// Dynamic tells whether the text differs from request to request.
func (t *Text) Dynamic() bool { return t.dynamic }

// Add appends what other holds.
func (t *Text) Add(other Text) {
	for _, s := range other.segments {
		if s.action == actLiteral {
			t.addLiteral(s.literal)
			continue
		}
		t.segments = append(t.segments, s)
		t.dynamic = true
	}
}

// AddLiteral appends text as it stands.
func (t *Text) AddLiteral(text string) { t.addLiteral(text) }

func (t *Text) addLiteral(text string) {
	if text == "" {
		return
	}
	if n := len(t.segments); n > 0 && t.segments[n-1].action == actLiteral {
		t.segments[n-1].literal += text
		return
	}
	t.segments = append(t.segments, segment{literal: text})
}

// Append appends the text, filled in with v, to dst.
func (t *Text) Append(dst []byte, v *Values) []byte {
	for i := range t.segments {
		s := &t.segments[i]
		switch s.action {
		case actLiteral:
			dst = append(dst, s.literal...)
		case actUUID:
			dst = appendUUID(dst, v.Random(2*s.ordinal), v.Random(2*s.ordinal+1))
		case actSeq:
			dst = strconv.AppendUint(dst, v.Index+1, 10)
		case actRandInt:
			dst = strconv.AppendInt(dst, s.randInt(v), 10)
		case actColumn:
			dst = s.escape.appendTo(dst, v.Row[s.column])
		}
	}
	return dst
}

// String is the text filled in with v.
func (t *Text) String(v *Values) string { return string(t.Append(nil, v)) }

func (s *segment) randInt(v *Values) int64 {
	random := v.Random(2 * s.ordinal)
	if s.span != 0 {
		random, _ = bits.Mul64(random, s.span) // a number below span, evenly enough
	}
	return int64(uint64(s.low) + random)
}

// appendUUID appends a version 4 UUID of the given bits, RFC 9562 section 5.4.
func appendUUID(dst []byte, high, low uint64) []byte {
	var raw [16]byte
	for i := range 8 {
		raw[i], raw[8+i] = byte(high>>(56-8*i)), byte(low>>(56-8*i))
	}
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	at := 0
	for _, size := range [...]int{4, 2, 2, 2, 6} {
		if at > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, raw[at:at+size])
		at += size
	}
	return dst
}

// Random is one of the random numbers that belong to the request. It is the output
// function of SplitMix64 (Steele, Lea, Flood 2014), applied to seed, index and ordinal
// in turn.
func (v *Values) Random(ordinal uint64) uint64 {
	return mix(mix(mix(v.Seed)+v.Index) + ordinal)
}

func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
