package cmdline

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Choices is the key of an app's Metadata below which a map[string][]string
// holds, by the name of a flag, the values that it takes, for the completion of
// command lines.
const Choices = "choices"

// shells are those that --completion writes a script for.
var shells = []string{"bash", "zsh", "fish"}

// suggestion is a flag as completion shows it.
type suggestion struct {
	short, long []string // with their dashes
	text        string
	value       string // the placeholder of its value; empty for a switch
	choices     []string
	repeatable  bool
}

func (s suggestion) spelled() []string { return slices.Concat(s.long, s.short) }

// fromFiles tells whether the value is the name of a file or a directory.
func (s suggestion) fromFiles() bool {
	return slices.ContainsFunc([]string{"FILE", "DIR", "PATH", "TEXT"}, func(word string) bool { return strings.Contains(s.value, word) })
}

// printCompletion writes the script that teaches shell to complete app's command
// lines. Another shell than those there are is a usage error.
func printCompletion(app *cli.App, shell string) error {
	list := suggestions(app)
	switch shell {
	case "bash":
		return bashCompletion(app, list)
	case "zsh":
		return zshCompletion(app, list)
	case "fish":
		return fishCompletion(app, list)
	default:
		return fault.Usagef("argument --%s: invalid choice: %s (choose from %s)", completionFlag, quote(shell), strings.Join(shells, ", "))
	}
}

func suggestions(app *cli.App) []suggestion {
	choices, _ := app.Metadata[Choices].(map[string][]string)
	common := map[string]string{
		jsonFlag: "print the result as JSON", verboseFlag: "tell what is being done", logJSONFlag: "log in JSON lines",
		helpFlag: "print the flags", versionFlag: "print the version", completionFlag: "print a completion script for `SHELL`",
	}
	var list []suggestion
	for _, flag := range app.Flags {
		if c, ok := flag.(cli.VisibleFlag); ok && !c.IsVisible() {
			continue
		}
		name := flag.Names()[0]
		s := suggestion{choices: choices[name]}
		for _, n := range flag.Names() {
			if spelled := spelling(n); strings.HasPrefix(spelled, "--") {
				s.long = append(s.long, spelled)
			} else {
				s.short = append(s.short, spelled)
			}
		}
		if name == completionFlag {
			s.choices = shells
		}
		if doc, ok := flag.(cli.DocGenerationFlag); ok {
			usage := doc.GetUsage()
			if usage == "" {
				usage = common[name]
			}
			s.value, s.text = placeholder(usage)
			if !doc.TakesValue() {
				s.value = ""
			} else if s.value == "" {
				s.value = "VALUE"
			}
		}
		_, s.repeatable = flag.(*cli.StringSliceFlag)
		list = append(list, s)
	}
	return list
}

// commandNames are the names of app's commands that its help shows.
func commandNames(app *cli.App) []string {
	var names []string
	for _, command := range app.Commands {
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	return names
}

func bashCompletion(app *cli.App, list []suggestion) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Completion of %[1]s in bash: put this into your ~/.bashrc\n#   source <(%[1]s --completion bash)\n", app.Name)
	fmt.Fprintf(&b, "_%s_complete() {\n", app.Name)
	b.WriteString(`  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $prev in
`)
	var all, files, free []string
	for _, s := range list {
		all = append(all, s.spelled()...)
		switch {
		case s.value == "":
		case len(s.choices) > 0:
			fmt.Fprintf(&b, "    %s)\n      COMPREPLY=($(compgen -W %s -- \"$cur\"))\n      return\n      ;;\n",
				strings.Join(s.spelled(), " | "), shellQuote(strings.Join(s.choices, " ")))
		case s.fromFiles():
			files = append(files, s.spelled()...)
		default:
			free = append(free, s.spelled()...)
		}
	}
	if len(files) > 0 {
		fmt.Fprintf(&b, "    %s) return ;;\n", strings.Join(files, " | "))
	}
	if len(free) > 0 {
		fmt.Fprintf(&b, "    %s)\n      compopt +o default +o bashdefault 2>/dev/null\n      return\n      ;;\n", strings.Join(free, " | "))
	}
	fmt.Fprintf(&b, "  esac\n  if [[ $cur == -* ]]; then\n    COMPREPLY=($(compgen -W %s -- \"$cur\"))\n", shellQuote(strings.Join(all, " ")))
	if names := commandNames(app); len(names) > 0 {
		fmt.Fprintf(&b, "  elif [[ $COMP_CWORD -eq 1 ]]; then\n    COMPREPLY=($(compgen -W %s -- \"$cur\"))\n", shellQuote(strings.Join(names, " ")))
	}
	fmt.Fprintf(&b, "  fi\n}\ncomplete -o bashdefault -o default -F _%[1]s_complete %[1]s\n", app.Name)
	_, err := io.WriteString(app.Writer, b.String())
	return err
}

func zshCompletion(app *cli.App, list []suggestion) error {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %[1]s\n# Completion of %[1]s in zsh: put this into your ~/.zshrc, behind compinit\n#   source <(%[1]s --completion zsh)\n", app.Name)
	fmt.Fprintf(&b, "_%s() {\n  _arguments -s -S", app.Name)
	// What zsh takes for the end of a part of a specification.
	plain := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `:`, `\:`)
	for _, s := range list {
		value := ""
		switch {
		case s.value == "":
		case len(s.choices) > 0:
			value = fmt.Sprintf(":%s:(%s)", plain.Replace(s.value), strings.Join(s.choices, " "))
		case s.fromFiles():
			value = ":" + plain.Replace(s.value) + ":_files"
		default:
			value = ":" + plain.Replace(s.value) + ":"
		}
		others := "(" + strings.Join(s.spelled(), " ") + ")"
		if s.repeatable {
			others = "*"
		}
		for _, name := range s.spelled() {
			if s.value != "" && strings.HasPrefix(name, "--") {
				name += "="
			} else if s.value != "" {
				name += "+"
			}
			fmt.Fprintf(&b, " \\\n    %s", shellQuote(others+name+"["+plain.Replace(s.text)+"]"+value))
		}
	}
	if names := commandNames(app); len(names) > 0 {
		words := fmt.Sprintf(`_alternative "commands:command:(%s)" "files:file:_files"`, strings.Join(names, " "))
		fmt.Fprintf(&b, " \\\n    %s", shellQuote("1: : "+words))
	}
	b.WriteString(" \\\n    '*:file:_files'\n}\n")
	fmt.Fprintf(&b, "if [[ ${funcstack[1]} == _%[1]s ]]; then\n  _%[1]s \"$@\"\nelse\n  compdef _%[1]s %[1]s\nfi\n", app.Name)
	_, err := io.WriteString(app.Writer, b.String())
	return err
}

func fishCompletion(app *cli.App, list []suggestion) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Completion of %[1]s in fish: put this into your ~/.config/fish/config.fish\n#   %[1]s --completion fish | source\n", app.Name)
	inQuotes := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, s := range list {
		fmt.Fprintf(&b, "complete -c %s", app.Name)
		for _, name := range s.long {
			b.WriteString(" -l " + strings.TrimPrefix(name, "--"))
		}
		for _, name := range s.short {
			b.WriteString(" -s " + strings.TrimPrefix(name, "-"))
		}
		switch {
		case s.value == "":
		case len(s.choices) > 0:
			fmt.Fprintf(&b, " -x -a '%s'", inQuotes.Replace(strings.Join(s.choices, " ")))
		case s.fromFiles():
			b.WriteString(" -r")
		default:
			b.WriteString(" -x")
		}
		fmt.Fprintf(&b, " -d '%s'\n", inQuotes.Replace(s.text))
	}
	for _, command := range app.Commands {
		if !command.Hidden {
			fmt.Fprintf(&b, "complete -c %s -n __fish_use_subcommand -a %s -d '%s'\n", app.Name, command.Name, inQuotes.Replace(command.Usage))
		}
	}
	_, err := io.WriteString(app.Writer, b.String())
	return err
}

// shellQuote returns text as one word of a POSIX shell.
func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
