package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/diff"
	"github.com/senior-backend/toolkit/migrator/internal/plan"
	"github.com/senior-backend/toolkit/migrator/internal/proof"
	"github.com/senior-backend/toolkit/migrator/internal/schema"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/shared/cmdline"
	"github.com/senior-backend/toolkit/shared/fault"
)

// compareOptions is what only --compare reads.
type compareOptions struct {
	Plan     string   // online or transactional
	NoVerify bool     // write the files without having run them
	Owner    bool     // compare and set owners
	KeepData bool     // put tables and columns aside that would be dropped
	Renames  []string // "old:new"
	Allow    []string // codes of hazards that are no reason for status 3
}

func (o *compareOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "plan", Usage: "`KIND`: online or transactional", Value: string(plan.Online), Category: groupCompare, Destination: &o.Plan},
		&cli.BoolFlag{Name: "no-verify", Usage: "write the files without trying them on a clone", Category: groupCompare + cmdline.Brief, Destination: &o.NoVerify},
		&cli.BoolFlag{Name: "owner", Usage: "also the owners of objects", Category: groupCompare + cmdline.Brief, Destination: &o.Owner},
		&cli.BoolFlag{Name: "keep-data", Usage: "put what would be dropped aside, rows and all", Category: groupCompare + cmdline.Brief, Destination: &o.KeepData},
		&cli.StringSliceFlag{Name: "rename", Usage: "new name of a table or column: `OLD:NEW`; repeatable", Category: groupCompare},
		&cli.StringFlag{Name: "allow-hazards", Usage: "`LIST` of hazards that --fail-on lets pass", Category: groupCompare},
	}
}

func (o *compareOptions) read(c *cli.Context) {
	o.Renames = c.StringSlice("rename")
	o.Allow = nil
	for _, code := range strings.Split(c.String("allow-hazards"), ",") {
		if code = strings.ToUpper(strings.TrimSpace(code)); code != "" {
			o.Allow = append(o.Allow, code)
		}
	}
}

func (o compareOptions) validate(all options) error {
	if o.KeepData && all.Compare == "" {
		return fault.Usagef("--keep-data needs --compare FILE: the wanted schema")
	}
	if o.Plan != "" && o.Plan != string(plan.Online) && o.Plan != string(plan.Transactional) {
		return fault.Usagef("argument --plan: invalid choice: %q (choose from online, transactional)", o.Plan)
	}
	for _, rename := range o.Renames {
		if before, after, ok := strings.Cut(rename, ":"); !ok || before == "" || after == "" {
			return fault.Usagef("argument --rename: %q is not OLD:NEW", rename)
		}
	}
	for _, code := range o.Allow {
		if !slices.Contains(plan.Codes, plan.Code(code)) {
			return fault.Usagef("argument --allow-hazards: invalid choice: %q (choose from %s)", code, join(plan.Codes))
		}
	}
	return nil
}

func join[T ~string](list []T) string {
	texts := make([]string, len(list))
	for n, text := range list {
		texts[n] = string(text)
	}
	return strings.Join(texts, ", ")
}

// comparison is one run of --compare.
type comparison struct {
	o      options
	s      streams
	server *scratch.Server

	source, target *end
	clone          *scratch.Database // has the source's schema
	before         []renaming        // what is done first, and taken back last
	kept           []string          // what --keep-data puts aside, for a person
	offers         []offer
	result         diff.Result
	migration      proof.Migration
	failure        *proof.Failure // what did not prove; nil when all did
	verified       bool
}

// runCompare writes the migration from one schema to another.
func runCompare(ctx context.Context, o options, s streams) error {
	c := &comparison{o: o, s: s}
	defer func() {
		if left := c.close(); left != nil {
			s.log.Warn().Msgf("what this run made on the server is still there, for the next run to remove: %v", left)
		}
	}()
	if err := c.open(ctx); err != nil {
		return err
	}
	if err := c.plan(ctx); err != nil {
		return err
	}
	if err := c.prove(ctx); err != nil {
		return err
	}
	return c.report()
}

// open makes both schemas real and reads them.
func (c *comparison) open(ctx context.Context) (err error) {
	for _, path := range []string{c.o.Schema, c.o.Compare} {
		if path != "" && !isURL(path) {
			if _, err := holdsNothing(path); err != nil {
				return err
			}
		}
	}
	if c.source, err = c.connect(ctx, c.o.Connection); err != nil {
		return err
	}
	if c.target, err = c.connect(ctx, urlOf(c.o.Compare)); err != nil {
		return err
	}
	if c.source == nil || c.target == nil || !c.o.Comparing.NoVerify || len(c.o.Comparing.Renames) > 0 || c.o.Comparing.KeepData {
		if c.server, err = openScratch(ctx, c.o, c.s); err != nil {
			return err
		}
	}
	if c.source == nil {
		if c.source, err = c.load(ctx, c.o.Schema); err != nil {
			return err
		}
		c.clone = c.source.database
	}
	if c.target == nil {
		if c.target, err = c.load(ctx, c.o.Compare); err != nil {
			return err
		}
	}
	if a, b := c.source.schema.Version/10000, c.target.schema.Version/10000; a != b {
		c.s.log.Warn().Msgf("the schemas were read from PostgreSQL %d and %d, which may write the same thing differently; --scratch names a server of the same version", a, b)
	}
	return nil
}

// plan finds the way there and the way back.
func (c *comparison) plan(ctx context.Context) error {
	comparing := c.o.Comparing
	options := diff.Options{Owner: comparing.Owner}
	planning := plan.Options{Kind: plan.Kind(comparing.Plan), Owner: comparing.Owner}
	if err := c.makeClone(ctx, planning); err != nil {
		return err
	}
	if err := c.rename(ctx); err != nil {
		return err
	}
	from, err := c.reread(ctx)
	if err != nil {
		return err
	}
	to := c.scope(from)
	c.result = diff.Compare(from, to, options)
	c.offers = offers(c.result.Changes)
	if comparing.KeepData {
		if from, to, err = c.keepData(ctx, from, to, options); err != nil {
			return err
		}
	}
	c.migration = proof.Migration{
		Source: c.source.schema, Target: to, Options: options,
		Up:   plan.Make(c.result.Changes, from, to, planning),
		Down: plan.Make(diff.Compare(to, from, options).Changes, to, from, planning),
	}
	for _, step := range slices.Backward(c.before) {
		c.migration.Up.First(step.up)
		if step.down.SQL == "" {
			continue
		}
		if _, err := c.clone.DB().ExecContext(ctx, step.down.SQL); err != nil {
			return fmt.Errorf("try the way back from %s: %w", step.up.SQL, err)
		}
		c.migration.Down.Statements = append(c.migration.Down.Statements, step.down)
	}
	return nil
}

// reread reads the clone, where renames have been carried out on it.
func (c *comparison) reread(ctx context.Context) (*schema.Schema, error) {
	if len(c.before) == 0 {
		return c.source.schema, nil
	}
	from, err := catalog.Read(ctx, c.clone.DB())
	if err == nil {
		sized(from, c.source.schema)
		from.Role = c.source.schema.Role
	}
	return from, err
}

// makeClone gives the proof a database of the source's schema, where the source
// is a live one.
func (c *comparison) makeClone(ctx context.Context, planning plan.Options) (err error) {
	if c.clone != nil || c.o.Comparing.NoVerify && len(c.o.Comparing.Renames) == 0 && !c.o.Comparing.KeepData {
		return nil
	}
	if !c.server.Shared() {
		if err := copyRoles(ctx, c.source.live, c.server); err != nil {
			return fmt.Errorf("copy the roles: %w", err)
		}
	}
	if c.clone, err = c.server.Database(ctx); err != nil {
		return err
	}
	empty, err := catalog.Read(ctx, c.clone.DB())
	if err != nil {
		return err
	}
	planning.Kind = plan.Transactional
	build := plan.Make(diff.Compare(empty, c.source.schema, diff.Options{}).Changes, empty, c.source.schema, planning)
	err = proof.Step(ctx, c.clone.DB(), build, c.source.schema, diff.Options{}, false)
	var failure *proof.Failure
	if errors.As(err, &failure) {
		return fmt.Errorf("clone the source schema to try the migration on (--no-verify does without): %w", failure)
	}
	return err
}

// prove runs the migration on the clone, there and back.
func (c *comparison) prove(ctx context.Context) error {
	if len(c.migration.Up.Statements) == 0 {
		if left := c.result.Differences; len(left) > 0 { // there is no statement for what differs
			c.failure = &proof.Failure{Differences: left}
		}
		return nil
	}
	if c.o.Comparing.NoVerify {
		return nil
	}
	if err := proof.Empty(ctx, c.clone.DB()); err != nil {
		return err
	}
	err := proof.Prove(ctx, c.clone.DB(), c.migration)
	if errors.As(err, &c.failure) {
		return nil
	}
	c.verified = err == nil
	return err
}

// report writes the files, if there is anything to write, and says what was found.
func (c *comparison) report() error {
	result := c.summary()
	if c.failure == nil && c.o.Output != "" && result.changed() {
		files, err := writeMigration(c.o, c.s, result)
		if err != nil {
			return err
		}
		result.Files = files
	}
	if err := deliver(c.o, c.s, compareDocument(result), result); err != nil {
		return err
	}
	if c.failure != nil {
		return fmt.Errorf("nothing was written, because it did not prove: %w", c.failure)
	}
	return gateHazards(c.o, result)
}

func (c *comparison) close() error {
	var errs []error
	for _, e := range []*end{c.source, c.target} {
		if e != nil && e.close != nil {
			errs = append(errs, e.close())
		}
	}
	if c.server != nil {
		errs = append(errs, c.server.Close())
	}
	return errors.Join(errs...)
}

// tablesIn are the tables among the differences of one direction.
func tablesIn(differences []diff.Difference, of func(diff.Difference) bool) []string {
	names := []string{}
	for _, d := range differences {
		if _, isTable := d.ID, d.ID.Kind == schema.KindTable || d.ID.Kind == schema.KindForeignTable; isTable && of(d) {
			names = append(names, strings.TrimPrefix(d.ID.Path(), "public."))
		}
	}
	return names
}
