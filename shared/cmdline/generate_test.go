package cmdline

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"
)

// flagSets are the sets that command lines are made for: those of the three
// tools, and one in which names nest in each other and look like numbers.
func flagSets() map[string]*cli.App {
	text := func(name string, aliases ...string) cli.Flag {
		return &cli.StringFlag{Name: name, Aliases: aliases}
	}
	on := func(name string, aliases ...string) cli.Flag {
		return &cli.BoolFlag{Name: name, Aliases: aliases}
	}
	many := func(name string, aliases ...string) cli.Flag {
		return &cli.StringSliceFlag{Name: name, Aliases: aliases}
	}
	number := func(name string, aliases ...string) cli.Flag {
		return &cli.IntFlag{Name: name, Aliases: aliases, Value: 10}
	}
	sets := map[string][]cli.Flag{
		"script": { // as the Python script declared it
			text("method", "m"), text("body", "b"), many("header", "H"), number("concurrency", "c"),
			&cli.Float64Flag{Name: "duration", Aliases: []string{"d"}}, &cli.Float64Flag{Name: "timeout", Aliases: []string{"t"}},
			on("compare"), on("no-verify-ssl"), text("output", "o"),
		},
		"nested": {
			on("verb", "V"), on("verbatim", "x"), on("1", "one"), text("2", "two"), text("n"), on("a"), on("b"),
			many("name", "e"), text("names"), on("é"), &cli.Int64Flag{Name: "number", Aliases: []string{"N"}}, &cli.IntSliceFlag{Name: "codes"},
		},
	}
	for _, tool := range []string{"scaffolder", "migrator", "loadtester"} {
		sets[tool] = flagsOf(tool)
	}
	apps := map[string]*cli.App{}
	for name, flags := range sets {
		apps[name] = &cli.App{Name: name, Usage: "is a set of flags", Flags: flags}
	}
	return apps
}

// recordedFlag is one flag of testdata/flags.
type recordedFlag struct {
	Names []string
	Kind  string
}

var toolFlags = sync.OnceValue(func() map[string][]recordedFlag {
	read := map[string][]recordedFlag{}
	for _, tool := range []string{"scaffolder", "migrator", "loadtester"} {
		text, err := os.ReadFile(filepath.Join("testdata", "flags", tool+".json"))
		if err != nil {
			panic(err)
		}
		var flags []recordedFlag
		if err := json.Unmarshal(text, &flags); err != nil {
			panic(err)
		}
		read[tool] = flags
	}
	return read
})

// flagsOf are the flags of a tool, whose own tests see to it that these are all.
func flagsOf(tool string) []cli.Flag {
	var flags []cli.Flag
	for _, d := range toolFlags()[tool] {
		name, aliases := d.Names[0], d.Names[1:]
		flags = append(flags, map[string]cli.Flag{
			"bool":  &cli.BoolFlag{Name: name, Aliases: aliases},
			"text":  &cli.StringFlag{Name: name, Aliases: aliases},
			"many":  &cli.StringSliceFlag{Name: name, Aliases: aliases},
			"int":   &cli.IntFlag{Name: name, Aliases: aliases, Value: 10},
			"int64": &cli.Int64Flag{Name: name, Aliases: aliases},
			"float": &cli.Float64Flag{Name: name, Aliases: aliases},
		}[d.Kind])
	}
	return flags
}

// values are what people and hostile people put behind flags.
var values = []string{
	"1", "50", "0", "-1", "-5", "-1.5", "-.5", "-5.", "-1e3", "1e3", "0.25", ".5", "010", "-010", "0x10", "1_000", "1__0", "_1", " 7 ", "+3",
	"nan", "inf", "-inf", "Infinity", "30s", "10ms", "9223372036854775807", "abc", "", "-", "---", "a b", "-a b", "--a b", "-5 x", "- ", "=", "a=b", "-=", "--=",
	"GET", "post", "A: 1, 2", "Authorization: Bearer a.b:c,d", "https://localhost:8080/a?b=c&d=--e", "postgres://localhost/mydb", "@file.json",
	`{"product_id": 1, "quantity": 2}`, `{"a":[1,2]}`, "src/routes/", "a,b,c", "file.sql", "it's", `"`, `it's "both"`, `back\slash`, "tab\tbed", "two\nlines", "-5\n", "bell\a",
	"naïve", "日本語", "\u00a0", "\u200b", "\u202e", "\U0001f600", "-é", "help", "h", "version", "agent",
}

// maker makes command lines for one set.
type maker struct {
	*rand.Rand
	parser  *parser
	spelled []string
	long    []string
	short   []string
}

// makeLines makes n command lines, the same ones each time.
func makeLines(n int) []recorded {
	random := rand.New(rand.NewPCG(3, 11))
	var makers []maker
	names := slices.Sorted(maps.Keys(flagSets()))
	for _, name := range names {
		app := flagSets()[name]
		prepare(app, nil, nil, nil)
		p := newParser(options(app.Flags, true))
		m := maker{Rand: random, parser: p, spelled: p.spelled}
		for _, s := range m.spelled {
			if strings.HasPrefix(s, "--") {
				m.long = append(m.long, s)
			} else {
				m.short = append(m.short, s)
			}
		}
		makers = append(makers, m)
	}
	var lines []recorded
	seen := map[string]bool{}
	for len(lines) < n {
		at := random.IntN(len(names))
		line := recorded{Set: names[at], Args: makers[at].line()}
		if key := line.Set + "\x00" + strings.Join(line.Args, "\x00"); !seen[key] {
			seen[key] = true
			lines = append(lines, line)
		}
	}
	return lines
}

// line makes a command line: two of three such that it is likely to be accepted.
func (m maker) line() []string {
	part := m.piece
	if m.IntN(3) > 0 {
		part = m.polite
	}
	args := []string{}
	for range m.IntN(7) {
		args = append(args, part()...)
	}
	if m.IntN(8) == 0 {
		args = append(args, "--", m.pick(values))
	}
	return args
}

// polite makes a flag with a value of its type, in any of the forms that
// argparse takes, or a positional.
func (m maker) polite() []string {
	spelled := m.pick(m.spelled)
	o := m.parser.options[spelled]
	value := m.pick(values)
	switch {
	case m.IntN(4) == 0:
		return []string{strings.TrimLeft(value, "-")}
	case o.name == helpFlag || o.name == versionFlag:
		return []string{"-v"}
	case !o.takesValue:
		return []string{spelled}
	case o.kind != kindText:
		value = m.pick([]string{"1", "50", "0", "-1", "010", "1_000", " 7 ", "+3", "200"})
	}
	switch m.IntN(5) {
	case 0, 1:
		return []string{spelled, value}
	case 2:
		if strings.HasPrefix(spelled, "--") {
			return []string{spelled[:len(spelled)-m.IntN(min(3, len(spelled)-3))] + "=" + value}
		}
		return []string{"-v" + spelled[1:] + value}
	case 3:
		if strings.HasPrefix(spelled, "--") {
			return []string{spelled[:len(spelled)-m.IntN(min(3, len(spelled)-3))], value}
		}
		return []string{spelled + value}
	default:
		return []string{spelled + "=" + value}
	}
}

func (m maker) pick(from []string) string { return from[m.IntN(len(from))] }

// piece makes a flag with or without a value, or something else.
func (m maker) piece() []string {
	switch m.IntN(16) {
	case 0, 1, 2:
		return []string{m.pick(m.spelled), m.pick(values)}
	case 3:
		return []string{m.pick(m.long) + "=" + m.pick(values)}
	case 4, 5:
		return []string{m.pick(m.short) + m.pick(values)}
	case 6:
		return []string{m.group()}
	case 7:
		return []string{m.group(), m.pick(values)}
	case 8:
		return []string{m.prefix(), m.pick(values)}
	case 9:
		return []string{m.prefix() + "=" + m.pick(values)}
	case 10:
		return []string{m.pick(m.spelled)}
	case 11:
		return []string{"--" + m.pick([]string{"unknown", "concurrency-x", "jsonl", "", "no", "V"})}
	case 12:
		return []string{m.pick(m.short) + "=" + m.pick(values)}
	default:
		return []string{m.pick(values)}
	}
}

// group makes short flags in one argument, perhaps with a value at the end.
func (m maker) group() string {
	group := "-"
	for range 1 + m.IntN(4) {
		group += strings.TrimPrefix(m.pick(m.short), "-")
	}
	if m.IntN(2) == 0 {
		group += m.pick(values)
	}
	return group
}

// prefix cuts a long flag short, so that some are ambiguous.
func (m maker) prefix() string {
	name := []rune(m.pick(m.long))
	return string(name[:min(len(name), 3+m.IntN(len(name)-2))])
}
