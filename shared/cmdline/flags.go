package cmdline

import (
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

// The flags that every tool has.
const (
	verboseFlag    = "verbose"
	jsonFlag       = "json"
	logJSONFlag    = "log-json"
	helpFlag       = "help"
	versionFlag    = "version"
	completionFlag = "completion"
)

func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: jsonFlag},
		&cli.BoolFlag{Name: verboseFlag, Aliases: []string{"v"}},
		&cli.BoolFlag{Name: logJSONFlag},
		&cli.BoolFlag{Name: helpFlag, Aliases: []string{"h"}},
		&cli.BoolFlag{Name: versionFlag},
		&cli.StringFlag{Name: completionFlag},
	}
}

func commonNames() []string {
	return []string{jsonFlag, verboseFlag, logJSONFlag, helpFlag, versionFlag, completionFlag}
}

// prepare makes app obey this package: its streams, its common flags, and none
// of urfave/cli's own help, exits and splitting of values.
func prepare(app *cli.App, stdin io.Reader, stdout, stderr io.Writer) {
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	app.ExitErrHandler = func(*cli.Context, error) {}
	app.HideHelp, app.HideHelpCommand, app.HideVersion = true, true, true
	app.DisableSliceFlagSeparator = true
	for _, flag := range commonFlags() {
		if !declared(app.Flags, flag.Names()[0]) {
			app.Flags = append(app.Flags, without(flag, app.Flags))
		}
	}
	keepSpaces(app.Flags)
	app.OnUsageError = usageError(app.Flags)
	for _, command := range app.Commands {
		command.HideHelp, command.HideHelpCommand = true, true
		keepSpaces(command.Flags)
		command.OnUsageError = usageError(command.Flags)
	}
}

func usageError(flags []cli.Flag) cli.OnUsageErrorFunc {
	return func(_ *cli.Context, err error, _ bool) error {
		return &fault.Usage{Message: refusal(flags, err)}
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

// option is one flag as the parser sees it.
type option struct {
	name       string   // the flag's first name, by which the app knows it
	spelled    []string // all its names with their dashes
	takesValue bool
	required   bool
	kind       valueKind
	root       bool // belongs to the app itself, not to one of its commands
	older      bool // a prefix that names it and only newer flags besides means it
}

// label is how errors name the flag.
func (o *option) label() string { return strings.Join(o.spelled, "/") }

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

// OlderFlags is the key of an app's Metadata below which a []string holds the names of
// the flags that it had before others were added. A prefix that is unambiguous among
// them, --help, --json and --verbose stays so, whatever newer flags begin alike.
const OlderFlags = "older flags"

// markOlder marks the options that the app calls its older ones.
func markOlder(app *cli.App, list []*option) {
	names, ok := app.Metadata[OlderFlags].([]string)
	if !ok {
		return
	}
	for _, o := range list {
		o.older = slices.Contains(names, o.name) || slices.Contains([]string{helpFlag, jsonFlag, verboseFlag}, o.name)
	}
}

func inEnvironment(name string) bool {
	_, found := os.LookupEnv(name)
	return found
}

// spelling returns a flag's name with its dashes.
func spelling(name string) string {
	if utf8.RuneCountInString(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
