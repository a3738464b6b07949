// Command pairs tries the migrator on a directory of pairs of schemas.
//
//	go run ./internal/pairs [flags] DIR
//
// DIR holds directories with a from.sql and a to.sql each and, if it likes, a
// roles.sql that is run first; or, at any depth, .sql files of many pairs, each
// begun by a line "-- case: NAME" and parted by a line "-- to". Each pair is migrated there and back on a
// private server and what pg_dump then says, line by line in any order, is
// compared with what it says of a database made from the file. It prints the
// passes by group (the part of the name before "__") and the names of the
// failures; its status is 1 when there are any. Pairs that this server version
// cannot load are listed and not counted. It refuses a directory without pairs.
// With -random it makes pairs of random schemas instead, each by its seed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
)

func main() {
	var r runner
	flag.StringVar(&r.dump, "pg_dump", "", "the pg_dump to compare with; default: the newest installed")
	flag.StringVar(&r.only, "only", "", "only the pairs whose name contains this")
	flag.IntVar(&r.every, "every", 1, "only each pair of so many, such as 3 for every third")
	flag.IntVar(&r.jobs, "jobs", 2, "pairs at a time")
	flag.BoolVar(&r.show, "show", false, "print each migration, and the differences in full")
	flag.BoolVar(&r.quick, "quick", false, "compare by the migrator's own reading of the catalogs only, not by pg_dump")
	flag.IntVar(&r.mutations, "mutations", 0, "instead of pairs: so many random mutations of each schema file in DIR")
	flag.IntVar(&r.random, "random", 0, "instead of pairs: so many pairs of random schemas; takes no DIR")
	flag.IntVar(&r.first.changes, "changes", 5, "with -mutations and -random: random changes in each")
	flag.IntVar(&r.first.blind, "blind", 1, "with -mutations: random changes between two readings of the schema; more is faster, and other changes come of the same seed")
	flag.Uint64Var(&r.first.seed, "seed", 1, "with -mutations and -random: the first seed; the others follow")
	kind := flag.String("plan", "online", "online or transactional")
	flag.StringVar(&r.url, "scratch", "", "server to use instead of a private one")
	flag.IntVar(&r.version, "postgres", 0, "major version of the private server, 13 to 18; where no pg_dump is new enough for it, as with -quick")
	flag.Parse()
	r.kind = plan.Kind(*kind)
	r.first.blind = max(r.first.blind, 1)
	if (flag.NArg() == 1) == (r.random > 0) {
		fmt.Fprintln(os.Stderr, "pairs: name one directory of pairs")
		os.Exit(2)
	}
	failed, err := r.run(context.Background(), flag.Arg(0))
	if err != nil {
		fmt.Fprintf(os.Stderr, "pairs: %v\n", err)
		os.Exit(1)
	}
	if failed {
		os.Exit(1)
	}
}

// runner is one run over a directory.
type runner struct {
	dump, only, url string
	every, jobs     int
	show, quick     bool
	mutations       int
	random          int
	first           mutation // the first of them
	version         int
	kind            plan.Kind
	server          *scratch.Server
}

// outcome is what became of one pair.
type outcome struct {
	name     string
	up, back bool
	said     string // why not
	quiet    bool   // the tool said that it worked
	unfit    bool   // a side could not be loaded
}

func (r *runner) run(ctx context.Context, dir string) (bool, error) {
	var (
		pairs []pair
		err   error
	)
	switch {
	case r.mutations > 0:
		pairs, err = mutations(dir, r.mutations, r.first)
	case r.random > 0:
		pairs = growths(r.random, r.first)
	default:
		pairs, err = find(dir)
	}
	if err != nil {
		return false, err
	}
	if r.server, err = scratch.Open(ctx, scratch.Options{ScratchURL: r.url, Version: r.version, Log: zerolog.Nop()}); err != nil {
		return false, err
	}
	defer r.server.Close()
	r.findDump()
	if err := r.roles(ctx, filepath.Join(dir, "roles.sql")); err != nil {
		return false, err
	}
	return summary(r.all(ctx, pairs)), nil
}

// all tries the pairs, some at a time.
func (r *runner) all(ctx context.Context, pairs []pair) []outcome {
	work, done := make(chan pair), make(chan outcome)
	var group sync.WaitGroup
	for range r.jobs {
		group.Go(func() {
			w := &worker{runner: r}
			for p := range work {
				done <- w.try(ctx, p)
			}
		})
	}
	go func() {
		for n, p := range pairs {
			if strings.Contains(p.name, r.only) && n%max(r.every, 1) == 0 {
				work <- p
			}
		}
		close(work)
		group.Wait()
		close(done)
	}()
	var all []outcome
	for o := range done {
		all = append(all, o)
		if !o.unfit && !(o.up && o.back) { // a long run need not be waited for
			fmt.Fprintf(os.Stderr, "FAIL %s: %s\n", o.name, o.said)
		}
		if len(all)%20 == 0 {
			fmt.Fprintf(os.Stderr, "%d pairs\n", len(all))
		}
	}
	return all
}

// findDump takes the newest pg_dump installed; without one, the migrator's own
// reading of the catalogs is what is compared.
func (r *runner) findDump() {
	if r.dump != "" {
		return
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if onPath, err := exec.LookPath("pg_dump"); err == nil && len(found) == 0 {
		found = []string{onPath}
	}
	if len(found) == 0 {
		r.quick = true
		return
	}
	r.dump = slices.Max(found)
	r.quick = r.quick || dumpMajor(r.dump) < r.server.Major()
}

// dumpMajor is the newest major version of servers that a pg_dump can read.
func dumpMajor(path string) int {
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		return 0
	}
	var major int
	_, _ = fmt.Sscanf(string(out), "pg_dump (PostgreSQL) %d", &major)
	return major
}

// summary prints the passes by group and the failures.
func summary(all []outcome) (failed bool) {
	slices.SortFunc(all, func(a, b outcome) int { return strings.Compare(a.name, b.name) })
	type count struct{ all, up, back, quiet, unfit int }
	groups := map[string]*count{"total": {}}
	var order []string
	for _, o := range all {
		name, _, _ := strings.Cut(o.name, "__")
		if groups[name] == nil {
			groups[name] = &count{}
			order = append(order, name)
		}
		for _, c := range []*count{groups[name], groups["total"]} {
			if o.unfit {
				c.unfit++
				continue
			}
			c.all++
			if o.up {
				c.up++
			}
			if o.up && o.back {
				c.back++
			}
			if o.quiet {
				c.quiet++
			}
		}
		switch {
		case o.unfit:
			fmt.Printf("NOT LOADED %s: %s\n", o.name, o.said)
		case !o.up || !o.back:
			failed = true
			fmt.Printf("FAIL %s: %s\n", o.name, o.said)
		}
	}
	for _, name := range append(order, "total") {
		c := groups[name]
		fmt.Printf("%-24s %4d pairs, up %4d (%.1f%%), there and back %4d (%.1f%%), wrongly said to work %d, not loaded %d\n",
			name, c.all, c.up, 100*float64(c.up)/float64(max(c.all, 1)), c.back, 100*float64(c.back)/float64(max(c.all, 1)), c.quiet, c.unfit)
	}
	return failed
}
