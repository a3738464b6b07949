package cmdline

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/senior-backend/toolkit/shared/fault"
)

// parser takes arguments apart as Python's argparse (3.11) does, with two
// differences: positionals may stand anywhere, as with parse_intermixed_args,
// and a prefix is not ambiguous when all it could mean is one flag, or one of
// the older flags that an app names with OlderFlags.
type parser struct {
	options  map[string]*option // by spelling, "--concurrency" or "-c"
	spelled  []string           // the spellings, in the order of declaration
	negative bool               // a flag looks like a negative number
}

// setting is one flag as it was given.
type setting struct {
	option *option
	value  string // empty when the flag takes none
}

// arguments is what a command line says.
type arguments struct {
	settings    []setting
	positionals []string
	stop        string // helpFlag or versionFlag when it was met; what follows was not read
}

// match is what one argument that begins with "-" can mean.
type match struct {
	option   *option // nil when no flag is called so
	spelled  string
	value    string // what is attached to it
	attached bool
}

// The kinds of argument, as argparse's patterns name them.
const (
	kindValue  = 'A' // a positional, or the value of the flag before it
	kindOption = 'O'
	kindEnd    = '-' // the first "--"
)

// negativeNumber is argparse's pattern; its \d is any decimal digit and its $
// lets a line feed stand at the end.
var negativeNumber = regexp.MustCompile(`^-\p{Nd}+\n?$|^-\p{Nd}*\.\p{Nd}+\n?$`)

func newParser(options []*option) *parser {
	p := &parser{options: map[string]*option{}}
	for _, o := range options {
		for _, s := range o.spelled {
			if p.options[s] != nil {
				continue
			}
			p.options[s] = o
			p.spelled = append(p.spelled, s)
			p.negative = p.negative || negativeNumber.MatchString(s)
		}
	}
	return p
}

// parse takes args apart. Its errors are of type *fault.Usage.
func (p *parser) parse(args []string) (arguments, error) {
	kinds, matches, err := p.classify(args)
	if err != nil {
		return arguments{}, err
	}
	var (
		result  arguments
		unknown []string
	)
	for i := 0; i < len(args); {
		switch kinds[i] {
		case kindValue:
			result.positionals = append(result.positionals, args[i])
			i++
		case kindEnd:
			result.positionals = append(result.positionals, args[i+1:]...)
			i = len(args)
		case kindOption:
			if matches[i].option == nil {
				unknown = append(unknown, args[i])
				i++
				continue
			}
			settings, next, err := p.consume(args, kinds, i, matches[i])
			if err != nil {
				return arguments{}, err
			}
			i = next
			for _, s := range settings {
				if s.value, err = s.option.convert(s.value); err != nil {
					return arguments{}, err
				}
				result.settings = append(result.settings, s)
				if name := s.option.name; name == helpFlag || name == versionFlag {
					result.stop = name
					return result, nil
				}
			}
		}
	}
	if err := p.required(result.settings); err != nil {
		return arguments{}, err
	}
	if len(unknown) > 0 {
		return arguments{}, fault.Usagef("unrecognized arguments: %s", strings.Join(unknown, " "))
	}
	return result, nil
}

// classify gives each argument its kind and each option its meaning.
func (p *parser) classify(args []string) ([]byte, []match, error) {
	kinds := make([]byte, len(args))
	matches := make([]match, len(args))
	ended := false
	for i, arg := range args {
		kinds[i] = kindValue
		switch {
		case ended:
		case arg == "--":
			kinds[i], ended = kindEnd, true
		default:
			m, isOption, err := p.lookup(arg)
			if err != nil {
				return nil, nil, err
			}
			if isOption {
				kinds[i], matches[i] = kindOption, m
			}
		}
	}
	return kinds, matches, nil
}

// lookup says what arg means, and whether it is an option at all.
func (p *parser) lookup(arg string) (match, bool, error) {
	if len(arg) < 2 || arg[0] != '-' {
		return match{}, false, nil
	}
	if o := p.options[arg]; o != nil {
		return match{option: o, spelled: arg}, true, nil
	}
	if name, value, ok := strings.Cut(arg, "="); ok && p.options[name] != nil {
		return match{option: p.options[name], spelled: name, value: value, attached: true}, true, nil
	}
	candidates := p.abbreviated(arg)
	if len(candidates) > 0 {
		if m, ok := only(candidates, func(*option) bool { return true }); ok {
			return m, true, nil
		}
		if m, ok := only(candidates, func(o *option) bool { return o.older }); ok {
			return m, true, nil
		}
		return match{}, false, ambiguous(arg, candidates)
	}
	if !p.negative && negativeNumber.MatchString(arg) {
		return match{}, false, nil
	}
	if strings.Contains(arg, " ") {
		return match{}, false, nil
	}
	return match{}, true, nil
}

// only returns the first candidate of those that count, if they all mean one flag.
func only(candidates []match, counts func(*option) bool) (match, bool) {
	var found *match
	for i, c := range candidates {
		switch {
		case !counts(c.option):
		case found == nil:
			found = &candidates[i]
		case c.option != found.option:
			return match{}, false
		}
	}
	if found == nil {
		return match{}, false
	}
	return *found, true
}

// abbreviated returns what arg can mean as the beginning of a long flag, or as
// a short flag with its value or further short flags attached.
func (p *parser) abbreviated(arg string) []match {
	var found []match
	if strings.HasPrefix(arg, "--") {
		prefix, value, attached := strings.Cut(arg, "=")
		for _, s := range p.spelled {
			if strings.HasPrefix(s, prefix) {
				found = append(found, match{option: p.options[s], spelled: s, value: value, attached: attached})
			}
		}
		return found
	}
	short, rest := cutShort(arg[1:])
	if o := p.options[short]; o != nil {
		found = append(found, match{option: o, spelled: short, value: rest, attached: true})
	}
	return found
}

// cutShort splits text, what follows a "-", into the short flag that its first
// character names and the rest.
func cutShort(text string) (short, rest string) {
	_, size := utf8.DecodeRuneInString(text)
	return "-" + text[:size], text[size:]
}

func ambiguous(arg string, candidates []match) error {
	names := make([]string, len(candidates))
	for i, c := range candidates {
		names[i] = c.spelled
	}
	return fault.Usagef("ambiguous option: %s could match %s", arg, strings.Join(names, ", "))
}

// consume reads the option at args[i], which may be several short flags in
// one, and its value. It returns the index of the argument after them.
func (p *parser) consume(args []string, kinds []byte, i int, m match) ([]setting, int, error) {
	var settings []setting
	for m.attached && !m.option.takesValue {
		next, rest := cutShort(m.value)
		if strings.HasPrefix(m.spelled, "--") || p.options[next] == nil {
			return nil, 0, m.option.errorf("ignored explicit argument %s", quote(m.value))
		}
		settings = append(settings, setting{option: m.option})
		m = match{option: p.options[next], spelled: next, value: rest, attached: rest != ""}
	}
	switch {
	case m.attached:
		return append(settings, setting{m.option, m.value}), i + 1, nil
	case !m.option.takesValue:
		return append(settings, setting{option: m.option}), i + 1, nil
	case i+1 < len(args) && kinds[i+1] == kindValue:
		return append(settings, setting{m.option, args[i+1]}), i + 2, nil
	default:
		return nil, 0, m.option.errorf("expected one argument")
	}
}

// required refuses a command line that lacks a flag it must have.
func (p *parser) required(settings []setting) error {
	given := map[*option]bool{}
	for _, s := range settings {
		given[s.option] = true
	}
	var missing []string
	for _, s := range p.spelled {
		o := p.options[s]
		if o.required && !given[o] {
			given[o] = true
			missing = append(missing, o.label())
		}
	}
	if len(missing) > 0 {
		return fault.Usagef("the following arguments are required: %s", strings.Join(missing, ", "))
	}
	return nil
}

// firstPositional returns the index of the first positional in args, or -1.
// It passes over whatever is wrong before it.
func (p *parser) firstPositional(args []string) int {
	kinds := make([]byte, len(args))
	matches := make([]match, len(args))
	for i, arg := range args {
		kinds[i] = kindValue
		if arg == "--" {
			kinds[i] = kindEnd
		} else if m, isOption, err := p.lookup(arg); isOption || err != nil {
			kinds[i], matches[i] = kindOption, m
		}
	}
	for i := 0; i < len(args) && kinds[i] != kindEnd; {
		if kinds[i] == kindValue {
			return i
		}
		next := i + 1
		if matches[i].option != nil {
			if _, after, err := p.consume(args, kinds, i, matches[i]); err == nil {
				next = after
			}
		}
		i = next
	}
	return -1
}

// errorf returns a usage error about this flag, as argparse words it.
func (o *option) errorf(format string, args ...any) error {
	return fault.Usagef("argument %s: %s", o.label(), fmt.Sprintf(format, args...))
}
