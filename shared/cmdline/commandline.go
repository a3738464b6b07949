package cmdline

import (
	"errors"
	"slices"

	"github.com/urfave/cli/v2"
)

// commandLine is a command line in the form that urfave/cli reads rightly.
type commandLine struct {
	argv     []string     // program, flags, command, its flags, "--", positionals
	command  *cli.Command // nil for the app itself
	stop     string       // helpFlag or versionFlag
	settings []setting
}

// given tells whether one of the common flags was given.
func (l commandLine) given(name string) bool {
	return slices.ContainsFunc(l.settings, func(s setting) bool { return s.option.root && s.option.name == name })
}

// value returns what a common flag was set to last, and whether it was given.
func (l commandLine) value(name string) (value string, given bool) {
	for _, s := range l.settings {
		if s.option.root && s.option.name == name {
			value, given = s.value, true
		}
	}
	return value, given
}

// parse takes the arguments apart and puts them together again for urfave/cli,
// which would stop at the first positional and refuses a flag that is given
// under two of its names. The common flags may stand after a command's name too.
func parse(app *cli.App, args []string) (commandLine, error) {
	if len(args) == 0 {
		return commandLine{}, errors.New("no program name among the arguments")
	}
	own := options(app.Flags, true)
	markOlder(app, own)
	before, command, after := split(app, own, args[1:])
	outer, err := newParser(own).parse(before)
	if err != nil {
		return commandLine{}, err
	}
	line := commandLine{command: command, stop: outer.stop, settings: outer.settings}
	if command == nil || line.stop != "" {
		line.argv = spell(args[0], outer.settings)
		line.argv = append(append(line.argv, "--"), outer.positionals...)
		return line, nil
	}
	inner, err := newParser(append(options(command.Flags, false), common(own)...)).parse(after)
	if err != nil {
		return commandLine{}, err
	}
	line.stop, line.settings = inner.stop, append(line.settings, inner.settings...)
	var mine, theirs []setting
	for _, s := range line.settings {
		if s.option.root {
			mine = append(mine, s)
		} else {
			theirs = append(theirs, s)
		}
	}
	line.argv = append(spell(args[0], mine), spell(command.Name, theirs)...)
	line.argv = append(append(line.argv, "--"), inner.positionals...)
	return line, nil
}

// split parts args at the command, which is the first positional if that names one.
func split(app *cli.App, own []*option, args []string) (before []string, command *cli.Command, after []string) {
	if len(app.Commands) == 0 {
		return args, nil, nil
	}
	at := newParser(own).firstPositional(args)
	if at < 0 {
		return args, nil, nil
	}
	if command = app.Command(args[at]); command == nil {
		return args, nil, nil
	}
	return args[:at], command, args[at+1:]
}

// common picks the options that may also stand after a command's name.
func common(own []*option) []*option {
	return slices.DeleteFunc(slices.Clone(own), func(o *option) bool { return !slices.Contains(commonNames(), o.name) })
}

func spell(program string, settings []setting) []string {
	argv := []string{program}
	for _, s := range settings {
		if s.option.takesValue {
			argv = append(argv, "--"+s.option.name+"="+s.value)
		} else {
			argv = append(argv, "--"+s.option.name)
		}
	}
	return argv
}
