package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/proof"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
)

// roles runs roles.sql on the server, where it is one of ours.
func (r *runner) roles(ctx context.Context, path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	db, err := scratch.Connect(ctx, r.server.URL())
	if err != nil {
		return err
	}
	defer db.Close()
	for _, line := range strings.Split(string(text), ";") {
		if _, err := db.ExecContext(ctx, line); err != nil && !strings.Contains(err.Error(), "already exists") {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// side is one end of a pair.
type side struct {
	database *scratch.Database
	schema   *schema.Schema
	dump     []string
	quick    bool
}

func (w *worker) load(ctx context.Context, n int, name, text string, p pair) (*side, error) {
	s := &side{quick: w.quick || p.quick}
	var err error
	if s.database, err = w.filled(ctx, n, name, text, p.then != nil); err != nil {
		return s, err
	}
	if p.grown != nil {
		statements, err := p.grown.fill(ctx, s.database.DB(), n)
		if w.show {
			fmt.Printf("=== %s: seed %d\n%s;\n", name, p.grown.seeds[n], strings.Join(statements, ";\n"))
		}
		if err != nil {
			return s, err
		}
	}
	if p.then != nil && n == 1 {
		changes, err := mutate(ctx, s.database.DB(), w.holds[n], *p.then)
		if w.show {
			fmt.Printf("=== %s: seed %d\n%s;\n", name, p.then.seed, strings.Join(changes, ";\n"))
		}
		if err != nil {
			return s, err
		}
	}
	if p.then != nil && n == 0 {
		s.schema = w.holds[n]
	} else if s.schema, err = catalog.Read(ctx, s.database.DB()); err != nil {
		return s, err
	}
	s.dump, err = w.dumped(s)
	return s, err
}

// filled returns one of the worker's databases with a text loaded.
func (w *worker) filled(ctx context.Context, n int, name, text string, mutable bool) (*scratch.Database, error) {
	text += "\n;SELECT 1;"
	if mutable {
		return w.mutable(ctx, n, name, text)
	}
	d, err := w.database(ctx, n)
	if err != nil {
		return nil, err
	}
	return d, d.LoadText(ctx, name, text)
}

// try migrates one pair there and back.
func (w *worker) try(ctx context.Context, p pair) outcome {
	o := outcome{name: p.name}
	from, err := w.load(ctx, 0, p.name+"/from", p.from, p)
	if err != nil {
		o.said, o.unfit = err.Error(), true
		return o
	}
	to, err := w.load(ctx, 1, p.name+"/to", p.to, p)
	w.spoilt = true // until it is known that they came back
	if err != nil {
		o.said, o.unfit = err.Error(), true
		return o
	}
	options := diff.Options{Owner: true}
	planning := plan.Options{Kind: w.kind, Owner: true}
	up := plan.Make(diff.Compare(from.schema, to.schema, options).Changes, from.schema, to.schema, planning)
	down := plan.Make(diff.Compare(to.schema, from.schema, options).Changes, to.schema, from.schema, planning)
	if w.show {
		fmt.Printf("=== %s\n%s\n--- back\n%s\n", o.name, up.Script(plan.Header{}), down.Script(plan.Header{Rollback: true}))
	}
	db := from.database.DB()
	o.up, o.quiet, o.said = w.way(ctx, db, from, up, to, options)
	if !o.up {
		return o
	}
	o.back, o.quiet, o.said = w.way(ctx, db, from, down, from, options)
	if !o.back {
		o.said = "back: " + o.said
	} else if p.then != nil {
		w.holds[0] = w.left
		w.takeBack(ctx, &o, down, from, to, options)
	}
	return o
}

// takeBack leads the mutated side back, too, so that both are where the next
// mutation starts.
func (w *worker) takeBack(ctx context.Context, o *outcome, down plan.Plan, from, to *side, options diff.Options) {
	got, err := proof.Try(ctx, to.database.DB(), down, from.schema, options, true)
	if o.back = err == nil; !o.back {
		o.said = "back from the other side: " + err.Error()
		return
	}
	w.holds[1], w.spoilt = got, false
}

// way runs one plan and compares with pg_dump.
func (w *worker) way(ctx context.Context, db *sql.DB, on *side, p plan.Plan, wanted *side, options diff.Options) (ok, quiet bool, said string) {
	got, err := proof.Try(ctx, db, p, wanted.schema, options, false)
	w.left = got
	var failure *proof.Failure
	if errors.As(err, &failure) {
		said = failure.Error()
		for _, d := range failure.Differences {
			if w.show {
				said += fmt.Sprintf("\n  %s\n    is     %+v\n    should %+v", d.ID, d.Old, d.New)
			}
		}
		if failure.Err != nil {
			return false, false, said
		}
	} else if err != nil {
		return false, false, err.Error()
	}
	dump, err := w.dumped(on)
	if err != nil {
		return false, false, err.Error()
	}
	if slices.Equal(dump, wanted.dump) {
		return said == "" || !on.quick, false, said
	}
	return false, said == "", said + " pg_dump differs:" + difference(dump, wanted.dump)
}

// difference lists the lines that only one side has.
func difference(got, wanted []string) string {
	count := map[string]int{}
	for _, line := range got {
		count[line]++
	}
	for _, line := range wanted {
		count[line]--
	}
	var lines []string
	for line, n := range count {
		if n > 0 {
			lines = append(lines, "+"+line)
		} else if n < 0 {
			lines = append(lines, "-"+line)
		}
	}
	slices.Sort(lines)
	if len(lines) > 12 {
		lines = append(lines[:12], "…")
	}
	return "\n    " + strings.Join(lines, "\n    ")
}

// dumped is what pg_dump says of a database, as sorted lines.
func (r *runner) dumped(of *side) ([]string, error) {
	if of.quick {
		return nil, nil
	}
	command := exec.Command(r.dump, "--schema-only", "--dbname", of.database.URL())
	var complaint strings.Builder
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("pg_dump: %s", complaint.String())
	}
	var lines []string
	for _, line := range strings.Split(string(out), "\n") {
		line = strings.TrimSuffix(strings.TrimRight(line, " "), ",")
		if line == "" || strings.HasPrefix(line, "--") || strings.HasPrefix(line, `\`) {
			continue
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines, nil
}
