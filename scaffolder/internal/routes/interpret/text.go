package interpret

import (
	"regexp"
	"strings"
	"unicode"
)

// stringMethod is a method of texts; nil for what there is none of.
func (m *Machine) stringMethod(s, name string) *Func {
	method := m.texts[name]
	if method == nil {
		return nil
	}
	return &Func{Name: name, Native: func(c *Call) Value {
		if this, ok := c.This.(Str); ok {
			return method(string(this), c)
		}
		return method(s, c)
	}}
}

func stringMethods() map[string]func(string, *Call) Value {
	return map[string]func(string, *Call) Value{
		"toLowerCase":       func(s string, _ *Call) Value { return Str(strings.ToLower(s)) },
		"toUpperCase":       func(s string, _ *Call) Value { return Str(strings.ToUpper(s)) },
		"toLocaleLowerCase": func(s string, _ *Call) Value { return Str(strings.ToLower(s)) },
		"toLocaleUpperCase": func(s string, _ *Call) Value { return Str(strings.ToUpper(s)) },
		"trim":              func(s string, _ *Call) Value { return Str(strings.TrimSpace(s)) },
		"trimStart":         func(s string, _ *Call) Value { return Str(strings.TrimLeftFunc(s, unicode.IsSpace)) },
		"trimEnd":           func(s string, _ *Call) Value { return Str(strings.TrimRightFunc(s, unicode.IsSpace)) },
		"toString":          func(s string, _ *Call) Value { return Str(s) },
		"valueOf":           func(s string, _ *Call) Value { return Str(s) },
		"startsWith":        textTest(strings.HasPrefix),
		"endsWith":          textTest(strings.HasSuffix),
		"includes":          textTest(strings.Contains),
		"indexOf":           textIndex(strings.Index),
		"lastIndexOf":       textIndex(strings.LastIndex),
		"charAt": func(s string, c *Call) Value {
			i, _ := c.Arg(0).(Num)
			if i >= 0 && int(i) < len(s) {
				return Str(s[int(i) : int(i)+1])
			}
			return Str("")
		},
		"slice": func(s string, c *Call) Value {
			from, to := bounds(c, len(s))
			return Str(s[from:to])
		},
		"substring": func(s string, c *Call) Value {
			clamp := func(v Value, otherwise int) int {
				if n, ok := v.(Num); ok {
					return int(min(max(n, 0), Num(len(s))))
				}
				return otherwise
			}
			from, to := clamp(c.Arg(0), 0), clamp(c.Arg(1), len(s))
			return Str(s[min(from, to):max(from, to)])
		},
		"substr": func(s string, c *Call) Value {
			from, _ := bounds(&Call{Args: c.Args[:min(1, len(c.Args))]}, len(s))
			to := len(s)
			if n, ok := c.Arg(1).(Num); ok {
				to = min(from+max(int(n), 0), len(s))
			}
			return Str(s[from:to])
		},
		"concat": func(s string, c *Call) Value {
			for _, a := range c.Args {
				text, ok := String(a)
				if !ok {
					return &Symbol{Place: c.Place, Op: Text, Args: append([]Value{Str(s)}, c.Args...)}
				}
				s += text
			}
			return Str(s)
		},
		"repeat": func(s string, c *Call) Value {
			if n, ok := c.Arg(0).(Num); ok && n >= 0 && n*Num(len(s)) < maxText {
				return Str(strings.Repeat(s, int(n)))
			}
			return Unknown(c.Place)
		},
		"padStart": func(s string, c *Call) Value { return pad(s, c, true) },
		"padEnd":   func(s string, c *Call) Value { return pad(s, c, false) },
		"split": func(s string, c *Call) Value {
			out := NewArray()
			var parts []string
			switch separator := c.Arg(0).(type) {
			case Str:
				parts = strings.Split(s, string(separator))
			case *Regex:
				re := separator.compile()
				if re == nil {
					return Unknown(c.Place)
				}
				parts = re.Split(s, -1)
			default:
				parts = []string{s}
			}
			for _, part := range parts {
				out.Elems = append(out.Elems, Str(part))
			}
			return out
		},
		"replace":    func(s string, c *Call) Value { return replace(s, c, false) },
		"replaceAll": func(s string, c *Call) Value { return replace(s, c, true) },
		"match": func(s string, c *Call) Value {
			if r, ok := c.Arg(0).(*Regex); ok {
				return r.match(s, c)
			}
			return Unknown(c.Place)
		},
	}
}

func textTest(test func(string, string) bool) func(string, *Call) Value {
	return func(s string, c *Call) Value {
		if other, ok := c.Arg(0).(Str); ok {
			return Bool(test(s, string(other)))
		}
		return Unknown(c.Place)
	}
}

func textIndex(find func(string, string) int) func(string, *Call) Value {
	return func(s string, c *Call) Value {
		if other, ok := c.Arg(0).(Str); ok {
			return Num(find(s, string(other)))
		}
		return Unknown(c.Place)
	}
}

func pad(s string, c *Call, start bool) Value {
	n, ok := c.Arg(0).(Num)
	with := " "
	if w, given := c.Arg(1).(Str); given {
		with = string(w)
	}
	if !ok || n > 1000 || with == "" {
		return Str(s)
	}
	for len(s) < int(n) {
		if start {
			s = with + s
		} else {
			s += with
		}
	}
	return Str(s)
}

// compile translates a pattern; nil for one that Go's engine does not have.
func (r *Regex) compile() *regexp.Regexp {
	flags := ""
	for _, flag := range r.Flags {
		if strings.ContainsRune("ims", flag) {
			flags += string(flag)
		}
	}
	source := strings.ReplaceAll(r.Source, `\/`, "/")
	if flags != "" {
		source = "(?" + flags + ")" + source
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return nil
	}
	return re
}

func (r *Regex) match(s string, c *Call) Value {
	re := r.compile()
	if re == nil {
		return Unknown(c.Place)
	}
	found := re.FindStringSubmatch(s)
	if found == nil {
		return Null{}
	}
	out := NewArray()
	for _, group := range found {
		out.Elems = append(out.Elems, Str(group))
	}
	return out
}

func regexMember(r *Regex, name string) Value {
	switch name {
	case "source":
		return Str(r.Source)
	case "flags":
		return Str(r.Flags)
	case "test":
		return &Func{Name: name, Native: func(c *Call) Value {
			s, ok := c.Arg(0).(Str)
			re := r.compile()
			if !ok || re == nil {
				return Unknown(c.Place)
			}
			return Bool(re.MatchString(string(s)))
		}}
	case "exec":
		return &Func{Name: name, Native: func(c *Call) Value {
			if s, ok := c.Arg(0).(Str); ok {
				return r.match(string(s), c)
			}
			return Unknown(c.Place)
		}}
	}
	return Undefined{}
}

var group = regexp.MustCompile(`\$(\d+|&)`)

func replace(s string, c *Call, all bool) Value {
	unknown := &Symbol{Place: c.Place, Op: Text, Args: []Value{Str(s)}}
	re, limit := (*regexp.Regexp)(nil), 1
	switch pattern := c.Arg(0).(type) {
	case Str:
		re = regexp.MustCompile(regexp.QuoteMeta(string(pattern)))
		if all {
			limit = -1
		}
	case *Regex:
		if re = pattern.compile(); strings.Contains(pattern.Flags, "g") {
			limit = -1
		}
	}
	if re == nil {
		return unknown
	}
	var b strings.Builder
	last := 0
	for _, at := range re.FindAllStringSubmatchIndex(s, limit) {
		b.WriteString(s[last:at[0]])
		last = at[1]
		switch with := c.Arg(1).(type) {
		case Str:
			template := strings.ReplaceAll(group.ReplaceAllString(string(with), "$${$1}"), "${&}", "${0}")
			b.Write(re.ExpandString(nil, template, s, at))
		case *Func:
			args := []Value{}
			for i := 0; i+1 < len(at); i += 2 {
				if at[i] < 0 {
					args = append(args, Undefined{})
				} else {
					args = append(args, Str(s[at[i]:at[i+1]]))
				}
			}
			text, ok := String(c.Machine.Call(with, &Call{Args: args, Place: c.Place}))
			if !ok {
				return unknown
			}
			b.WriteString(text)
		default:
			return unknown
		}
	}
	b.WriteString(s[last:])
	return Str(b.String())
}
