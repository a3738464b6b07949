// Command recall reads the routes of real applications and holds them against
// their true lists.
//
//	go run ./internal/routes/recall [--show] DIR
//
// DIR holds unpacked npm packages, such as `npm pack express-gateway@1.16.11`
// gives, each in a folder of the name that its list begins with. The lists stand
// in the folder lists beside this file: the routes that the application's own
// routers name once it is started, or, where the list says so, those that its
// sources were found to have by hand. Paths are compared without the names of
// their parameters.
package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/describe"
	"github.com/senior-backend/toolkit/scaffolder/internal/routes/framework"
)

//go:embed lists/*.txt
var lists embed.FS

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("recall", flag.ContinueOnError)
	show := flags.Bool("show", false, "name the routes that are missed, and those that are not there")
	all := flags.Bool("all", false, "print all routes of one directory, without a list")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("parse flags: %w", err)
	}
	if flags.NArg() != 1 {
		return errors.New("name the directory of the packages")
	}
	if *all {
		return print(flags.Arg(0), out)
	}
	names, err := lists.ReadDir("lists")
	if err != nil {
		return fmt.Errorf("list lists: %w", err)
	}
	_, _ = fmt.Fprintf(out, "%-34s %6s %6s %8s %10s %8s\n", "application", "routes", "found", "recall", "precision", "seconds")
	for _, name := range names {
		text, err := lists.ReadFile("lists/" + name.Name())
		if err != nil {
			return fmt.Errorf("read list: %w", err)
		}
		if err := one(flags.Arg(0), string(text), *show, out); err != nil {
			return err
		}
	}
	return nil
}

// one compares an application with its list, whose first line is its folder.
func one(packages, text string, show bool, out io.Writer) error {
	folder, rest, _ := strings.Cut(text, "\n")
	folder = strings.TrimSpace(strings.TrimPrefix(folder, "#"))
	wanted := map[string]bool{}
	for line := range strings.SplitSeq(rest, "\n") {
		method, path, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		kind, path, _ := strings.Cut(path, " ")
		if path == "" {
			kind, path = framework.Express, kind
		}
		methods := []string{method}
		if method == "ALL" {
			methods = framework.AnyMethod
		}
		for _, t := range framework.Templates(kind, strings.TrimRight(path, "/")) {
			for _, one := range methods {
				wanted[one+" "+describe.Shape(t.Path)] = true
			}
		}
	}
	at := filepath.Join(packages, filepath.FromSlash(folder))
	if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
		_, _ = fmt.Fprintf(out, "%-34s %6d   is not in %s\n", folder, len(wanted), packages)
		return nil
	}
	began := time.Now()
	read, err := routes.Read(at)
	took := time.Since(began)
	if err != nil {
		_, _ = fmt.Fprintf(out, "%-34s %6d %6d   %v\n", folder, len(wanted), 0, err)
		return nil
	}
	found := map[string]bool{}
	for _, f := range read.Findings {
		found[f.Method+" "+describe.Shape(f.Path)] = true
	}
	both := 0
	for route := range wanted {
		if found[route] {
			both++
		}
	}
	_, _ = fmt.Fprintf(out, "%-34s %6d %6d %7.1f%% %9.1f%% %8.2f\n", folder, len(wanted), len(found), percent(both, len(wanted)), percent(both, len(found)), took.Seconds())
	if show {
		difference(out, "missed", wanted, found)
		difference(out, "not there", found, wanted)
	}
	return nil
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

func difference(out io.Writer, what string, left, right map[string]bool) {
	for _, route := range slices.Sorted(maps.Keys(left)) {
		if !right[route] {
			_, _ = fmt.Fprintf(out, "    %s: %s\n", what, route)
		}
	}
}

func print(folder string, out io.Writer) error {
	read, err := routes.Read(folder)
	if err != nil {
		return fmt.Errorf("read routes: %w", err)
	}
	for _, f := range read.Findings {
		_, _ = fmt.Fprintf(out, "%-7s %-60s %s:%d\n", f.Method, f.Path, f.Position.Path, f.Position.Line)
	}
	for _, n := range read.Notes {
		_, _ = fmt.Fprintf(out, "note %s:%d: %s\n", n.Position.Path, n.Position.Line, n.Message)
	}
	_, _ = fmt.Fprintln(out, len(read.Findings), "routes,", read.Files, "files")
	return nil
}
