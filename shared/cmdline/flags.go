package cmdline

import (
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

// The flags that every tool has.
const (
	verboseFlag = "verbose"
	jsonFlag    = "json"
	logJSONFlag = "log-json"
	helpFlag    = "help"
	versionFlag = "version"
)

const generalCategory = "General"

func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: jsonFlag, Category: generalCategory, Usage: "print the result as one JSON document on stdout"},
		&cli.BoolFlag{Name: verboseFlag, Aliases: []string{"v"}, Category: generalCategory, Usage: "tell on stderr what is being done"},
		&cli.BoolFlag{Name: logJSONFlag, Category: generalCategory, Usage: "log as JSON lines"},
		&cli.BoolFlag{Name: helpFlag, Aliases: []string{"h"}, Category: generalCategory, Usage: "print this page"},
		&cli.BoolFlag{Name: versionFlag, Category: generalCategory, Usage: "print the version"},
	}
}

// option is one flag as the parser sees it.
type option struct {
	name       string   // the flag's first name, by which the app knows it
	spelled    []string // all its names with their dashes
	takesValue bool
	required   bool
	kind       valueKind
	root       bool // belongs to the app itself, not to one of its commands
}

// valueKind is the type of a flag's value where argparse has an opinion on it.
type valueKind int

const (
	kindText valueKind = iota
	kindInt
	kindFloat
)

func (o *option) label() string { return strings.Join(o.spelled, "/") }

// convert checks the value as Python's int and float do and returns it in the
// form that Go reads alike ("010" is ten, "1_000" a thousand).
func (o *option) convert(value string) (string, error) {
	switch o.kind {
	case kindInt:
		if n, err := strconv.ParseInt(pythonNumber(value), 10, 64); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
		return "", o.errorf("invalid int value: %s", quote(value))
	case kindFloat:
		text := pythonNumber(value)
		if _, err := strconv.ParseFloat(text, 64); err == nil && !strings.ContainsAny(text, "xX") {
			return text, nil
		}
		return "", o.errorf("invalid float value: %s", quote(value))
	default:
		return value, nil
	}
}

var digitGroups = regexp.MustCompile(`([0-9])_([0-9])`)

// pythonNumber drops what Python allows in a number and Go does not: blanks
// around it and single underscores between digits.
func pythonNumber(text string) string {
	text = strings.TrimSpace(text)
	for strings.Contains(text, "_") {
		joined := digitGroups.ReplaceAllString(text, "$1$2")
		if joined == text {
			break
		}
		text = joined
	}
	return text
}

// prepare makes app obey this package: its streams, its common flags, and none
// of urfave/cli's own help, exits and splitting of values.
func prepare(app *cli.App, stdin io.Reader, stdout, stderr io.Writer) {
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	app.ExitErrHandler = func(*cli.Context, error) {}
	app.OnUsageError = usageError
	app.HideHelp, app.HideHelpCommand, app.HideVersion = true, true, true
	app.DisableSliceFlagSeparator = true
	for _, flag := range commonFlags() {
		if !declared(app.Flags, flag.Names()[0]) {
			app.Flags = append(app.Flags, without(flag, app.Flags))
		}
	}
	keepSpaces(app.Flags)
	for _, command := range app.Commands {
		command.HideHelp, command.HideHelpCommand = true, true
		command.OnUsageError = usageError
		keepSpaces(command.Flags)
	}
}

func declared(flags []cli.Flag, name string) bool {
	return slices.ContainsFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// without drops the aliases of a common flag that the tool uses for a flag of its own.
func without(flag cli.Flag, taken []cli.Flag) cli.Flag {
	if b, ok := flag.(*cli.BoolFlag); ok {
		b.Aliases = slices.DeleteFunc(b.Aliases, func(alias string) bool { return declared(taken, alias) })
	}
	return flag
}

func keepSpaces(flags []cli.Flag) {
	for _, flag := range flags {
		if f, ok := flag.(*cli.StringSliceFlag); ok {
			f.KeepSpace = true
		}
	}
}

// goFlagError is how the standard library words a value that a flag refused.
var goFlagError = regexp.MustCompile(`(?s)^invalid (?:boolean )?value ("(?:[^"\\]|\\.)*") for (?:flag )?-([^:]+): (.*)$`)

func usageError(_ *cli.Context, err error, _ bool) error {
	parts := goFlagError.FindStringSubmatch(err.Error())
	if parts == nil {
		return &fault.Usage{Message: err.Error()}
	}
	value, unquoteErr := strconv.Unquote(parts[1])
	if unquoteErr != nil {
		return &fault.Usage{Message: err.Error()}
	}
	return fault.Usagef("argument %s: invalid value: %s: %s", spelling(parts[2]), quote(value), parts[3])
}

func spelling(name string) string {
	if len([]rune(name)) == 1 {
		return "-" + name
	}
	return "--" + name
}

func options(flags []cli.Flag, root bool) []*option {
	list := make([]*option, 0, len(flags))
	for _, flag := range flags {
		o := &option{name: flag.Names()[0], root: root, kind: kindOf(flag)}
		for _, name := range flag.Names() {
			o.spelled = append(o.spelled, spelling(name))
		}
		doc, ok := flag.(cli.DocGenerationFlag)
		o.takesValue = ok && doc.TakesValue()
		if r, isRequired := flag.(cli.RequiredFlag); isRequired && r.IsRequired() {
			o.required = !ok || !slices.ContainsFunc(doc.GetEnvVars(), inEnvironment)
		}
		list = append(list, o)
	}
	return list
}

func inEnvironment(name string) bool {
	_, found := os.LookupEnv(name)
	return found
}

func kindOf(flag cli.Flag) valueKind {
	switch flag.(type) {
	case *cli.IntFlag, *cli.Int64Flag, *cli.IntSliceFlag, *cli.Int64SliceFlag:
		return kindInt
	case *cli.Float64Flag, *cli.Float64SliceFlag:
		return kindFloat
	default:
		return kindText
	}
}

// commandLine is a command line in the form that urfave/cli reads rightly.
type commandLine struct {
	argv    []string     // program, flags, command, its flags, "--", positionals
	command *cli.Command // nil for the app itself
	stop    string       // helpFlag or versionFlag
	flags   []setting
}

func (l commandLine) given(name string) bool {
	return slices.ContainsFunc(l.flags, func(s setting) bool { return s.option.root && s.option.name == name })
}

// parse takes the arguments apart and puts them together again for urfave/cli,
// which would stop at the first positional and refuses a flag that is given
// under two of its names.
func parse(app *cli.App, args []string) (commandLine, error) {
	if len(args) == 0 {
		return commandLine{}, errors.New("no program name among the arguments")
	}
	own := options(app.Flags, true)
	before, after := args[1:], []string(nil)
	var command *cli.Command
	if at := newParser(own).firstPositional(before); at >= 0 && len(app.Commands) > 0 {
		if command = app.Command(before[at]); command != nil {
			before, after = before[:at], before[at+1:]
		}
	}
	outer, err := newParser(own).parse(before)
	if err != nil || command == nil || outer.stop != "" {
		line := commandLine{stop: outer.stop, flags: outer.settings}
		line.argv = append(spell(args[0], outer.settings), append([]string{"--"}, outer.positionals...)...)
		return line, err
	}
	inner, err := newParser(append(options(command.Flags, false), common(own)...)).parse(after)
	if err != nil {
		return commandLine{}, err
	}
	line := commandLine{command: command, stop: inner.stop, flags: append(outer.settings, inner.settings...)}
	var mine, theirs []setting
	for _, s := range line.flags {
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

// common picks the options that may also stand after a command's name.
func common(own []*option) []*option {
	names := []string{verboseFlag, jsonFlag, logJSONFlag, helpFlag, versionFlag}
	return slices.DeleteFunc(slices.Clone(own), func(o *option) bool { return !slices.Contains(names, o.name) })
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
