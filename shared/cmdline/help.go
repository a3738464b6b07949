package cmdline

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// general is what the help says of the flags that every tool has.
const general = `General:
  --json prints one JSON document on stdout; -v, --verbose tells what is done,
  --log-json in JSON lines; -h, --help, with -v about every flag; --version;
  --completion bash, zsh or fish prints a script that completes command lines
`

const (
	helpWidth  = 80
	helpIndent = 26 // where the descriptions of the flags begin
)

// Brief, behind a flag's category, as in "Load"+Brief, says that --help only names
// the flag, below the other flags of the category; --verbose --help describes it.
const Brief = "\x00brief"

// printHelp prints one screen about the app, or about one of its commands; whole
// says to describe the brief flags too.
func printHelp(app *cli.App, command *cli.Command, whole bool) error {
	var b strings.Builder
	name, usage, args, description, flags := app.Name, app.Usage, app.ArgsUsage, app.Description, app.Flags
	if command != nil {
		name, usage = app.Name+" "+command.Name, command.Usage
		args, description = command.ArgsUsage, command.Description
		flags = command.Flags
	}
	paragraph(&b, name+": "+strings.TrimSuffix(usage, ".")+".", 0)
	fmt.Fprintf(&b, "Usage: %s [flags] %s\n", name, args)
	printFlags(&b, flags, whole)
	b.WriteString(general)
	if command == nil {
		printCommands(&b, app.Commands)
	}
	if examples := strings.TrimSpace(description); examples != "" {
		b.WriteString("\nExamples:\n")
		for line := range strings.Lines(examples) {
			fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(line))
		}
	}
	b.WriteString("\nExit status: 0 done, 1 failed, 2 usage, 3 not as expected, 130 interrupted\n")
	_, err := io.WriteString(app.Writer, b.String())
	return err
}

func printCommands(b *strings.Builder, commands []*cli.Command) {
	if len(commands) == 0 {
		return
	}
	b.WriteString("\nCommands:\n")
	for _, c := range commands {
		if !c.Hidden {
			row(b, c.Name+" "+c.ArgsUsage, c.Usage)
		}
	}
}

// printFlags prints the flags below their categories, in the order in which
// they are declared.
func printFlags(b *strings.Builder, flags []cli.Flag, whole bool) {
	var order []string
	groups, named := map[string][]cli.Flag{}, map[string][]string{}
	for _, flag := range flags {
		category, visible := categoryOf(flag)
		if !visible || slices.Contains(commonNames(), flag.Names()[0]) {
			continue
		}
		category, brief := strings.CutSuffix(category, Brief)
		if !slices.Contains(order, category) {
			order = append(order, category)
		}
		if brief && !whole {
			named[category] = append(named[category], longest(flag.Names()))
			continue
		}
		groups[category] = append(groups[category], flag)
	}
	b.WriteByte('\n')
	for _, category := range order {
		fmt.Fprintf(b, "%s:\n", category)
		for _, flag := range groups[category] {
			names, text := describeFlag(flag)
			row(b, names, text)
		}
		if names := named[category]; len(names) > 0 {
			var also strings.Builder
			paragraph(&also, strings.Join(names, ", "), len("  also "))
			b.WriteString("  also " + also.String())
		}
	}
}

// longest is the spelling of a flag that says most.
func longest(names []string) string {
	return spelling(slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(len(a), len(b)) }))
}

// categoryOf returns the heading of a flag, and whether the help shows the flag.
func categoryOf(flag cli.Flag) (category string, visible bool) {
	c, ok := flag.(cli.CategorizableFlag)
	if !ok || c.IsVisible() && c.GetCategory() == "" {
		return "Flags", true
	}
	return c.GetCategory(), c.IsVisible()
}

// describeFlag returns the flag's spellings with its placeholder, and its description.
func describeFlag(flag cli.Flag) (names, text string) {
	var short, long []string
	for _, name := range flag.Names() {
		if s := spelling(name); strings.HasPrefix(s, "--") {
			long = append(long, s)
		} else {
			short = append(short, s)
		}
	}
	names = strings.Join(append(short, long...), ", ")
	doc, ok := flag.(cli.DocGenerationFlag)
	if !ok {
		return names, ""
	}
	placeholder, text := placeholder(doc.GetUsage())
	if doc.TakesValue() {
		if placeholder == "" {
			placeholder = "VALUE"
		}
		names += " " + placeholder
		if value := strings.Trim(doc.GetDefaultText(), `"`); value != "" && value != "0" && value != "0s" {
			text += " (default " + value + ")"
		}
	}
	return names, text
}

// placeholder returns the word that usage has in backquotes, and usage without
// the quotes, or without the word when it begins usage and a colon follows.
func placeholder(usage string) (word, text string) {
	before, rest, ok := strings.Cut(usage, "`")
	if !ok {
		return "", usage
	}
	word, after, ok := strings.Cut(rest, "`")
	if !ok {
		return "", usage
	}
	if text, alone := strings.CutPrefix(after, ":"); alone && before == "" {
		return word, strings.TrimSpace(text)
	}
	return word, before + word + after
}

func row(b *strings.Builder, left, text string) {
	left = "  " + strings.TrimSpace(left)
	if len(left) > helpIndent-2 && text != "" {
		b.WriteString(left + "\n")
		left = ""
	}
	if text == "" {
		b.WriteString(left + "\n")
		return
	}
	fmt.Fprintf(b, "%-*s", helpIndent, left)
	paragraph(b, text, helpIndent)
}

// paragraph breaks text into lines that end before helpWidth; those after the
// first begin at indent.
func paragraph(b *strings.Builder, text string, indent int) {
	column := indent
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+len(word) > helpWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteByte('\n')
}
