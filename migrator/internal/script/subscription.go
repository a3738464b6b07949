package script

import (
	"slices"
	"strings"
)

// Subscription is a CREATE SUBSCRIPTION as a server may try it without reaching
// the publisher.
type Subscription struct {
	Name        string // as it is written
	Unconnected string // the statement, with connect = false and what that asks for
	Connects    bool   // as it stands it reaches the publisher
	MakesSlot   bool   // and makes a slot there, which no transaction can hold
}

// Subscription reads a CREATE SUBSCRIPTION; ok is false for other statements.
// Options that connect = false forbids are turned off where they are on, and all
// else stays for the server to judge.
func (p Piece) Subscription() (s Subscription, ok bool) {
	if head := p.Head(); at(head, 0) != "CREATE" || at(head, 1) != "SUBSCRIPTION" {
		return s, false
	}
	text := strings.TrimRight(p.Text, "; \t\r\n\f\v")
	tokens := significant(text)
	if len(tokens) < 3 {
		return s, false
	}
	s.Name, s.Connects, s.MakesSlot = tokens[2].text, true, true
	with := slices.IndexFunc(tokens, func(t span) bool { return t.word() == "WITH" })
	if with < 0 || with+1 >= len(tokens) || tokens[with+1].text != "(" {
		s.Unconnected = withoutComment(text, tokens) + " WITH (connect = false)"
		return s, true
	}
	s.readOptions(text, tokens[with+1], tokens[with+2:])
	return s, true
}

// readOptions reads what stands in the parentheses after WITH.
func (s *Subscription) readOptions(text string, open span, tokens []span) {
	var b strings.Builder
	from := open.start + 1
	b.WriteString(text[:from])
	named := false
	for n := 0; n < len(tokens) && tokens[n].text != ")"; n++ {
		name := optionName(tokens[n].text)
		last, value := n, "true" // an option without a value is on
		if n+2 < len(tokens) && tokens[n+1].text == "=" {
			last, value = n+2, strings.ToLower(strings.Trim(tokens[n+2].text, "'"))
		}
		if slices.Contains([]string{"connect", "enabled", "create_slot", "copy_data"}, name) {
			off := slices.Contains([]string{"false", "off", "0", "no"}, value)
			on := slices.Contains([]string{"true", "on", "1", "yes"}, value)
			named = named || name == "connect"
			s.Connects = s.Connects && (name != "connect" || !off)
			s.MakesSlot = s.MakesSlot && (name != "create_slot" || !off)
			if on { // what is neither, the server refuses
				b.WriteString(text[from:tokens[n].start] + tokens[n].text + " = false")
				from = tokens[last].start + len(tokens[last].text)
			}
		}
		for n = last; n+1 < len(tokens) && tokens[n+1].text != "," && tokens[n+1].text != ")"; n++ { //nolint:revive // to the end of the option
		}
		if n+1 < len(tokens) && tokens[n+1].text == "," {
			n++
		}
	}
	s.MakesSlot = s.MakesSlot && s.Connects
	b.WriteString(text[from:])
	s.Unconnected = b.String()
	if !named {
		at := open.start + 1
		rest := s.Unconnected[at:]
		if len(tokens) > 0 && tokens[0].text != ")" {
			rest = ", " + rest
		}
		s.Unconnected = s.Unconnected[:at] + "connect = false" + rest
	}
}

// optionName is an option's name as the server reads it.
func optionName(text string) string {
	if strings.HasPrefix(text, `"`) {
		return strings.Trim(text, `"`)
	}
	return strings.ToLower(text)
}

// span is a token and where it begins.
type span struct {
	kind  tokenKind
	text  string
	start int
}

func (s span) word() string {
	if s.kind != tokenWord {
		return ""
	}
	return strings.ToUpper(s.text)
}

// significant returns the tokens that are neither white space nor comments.
func significant(text string) []span {
	var all []span
	lexer := lexer{text: text}
	for {
		kind, start := lexer.next()
		switch kind {
		case tokenEnd, tokenUnfinished:
			return all
		case tokenSpace, tokenComment:
		default:
			all = append(all, span{kind: kind, text: text[start:lexer.pos], start: start})
		}
	}
}

// withoutComment is a statement up to its last token, so that words can follow.
func withoutComment(text string, tokens []span) string {
	last := tokens[len(tokens)-1]
	return text[:last.start+len(last.text)]
}
