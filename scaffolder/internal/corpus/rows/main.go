// Command rows writes the server over every PostgreSQL schema in a directory,
// starts it with a real database behind it, and creates, fetches, changes, lists,
// filters, sorts, pages, relates and deletes rows of every table that has a key.
//
//	go run ./internal/corpus/rows --packages DIR [flags] SCHEMAS
//
// SCHEMAS is a directory of .sql files. It needs a folder with the packages that
// generated projects depend on (--packages: one in which npm install has run). The
// databases are private ones, made by the migrator's keep command. A step counts as
// refused when the database's own rules (checks, triggers) turn down a made-up
// row with 409 or 422, and as a fault when anything else is answered than should be.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/senior-backend/toolkit/scaffolder/internal/database"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

const keep = "github.com/senior-backend/toolkit/migrator/internal/scratch/keep"

type options struct {
	framework, packages, only string
	verbose                   bool
}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("rows", flag.ContinueOnError)
	flags.StringVar(&o.framework, "framework", emit.Express, "express, fastify or koa")
	flags.StringVar(&o.packages, "packages", "", "a folder with node_modules")
	flags.StringVar(&o.only, "only", "", "schemas whose file's name holds this text")
	flags.BoolVar(&o.verbose, "v", false, "print what was refused too, and what the server logged of errors")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("parse flags: %w", err)
	}
	if flags.NArg() != 1 || o.packages == "" {
		return errors.New("give --packages and one directory of schemas")
	}
	files, err := filepath.Glob(filepath.Join(flags.Arg(0), "*.sql"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("find schemas in %s: none (%w)", flags.Arg(0), err)
	}
	folder, err := os.MkdirTemp("", "rows-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "keep")
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", program, keep).CombinedOutput(); err != nil {
		return fmt.Errorf("build keep: %w: %s", err, said)
	}
	_, _ = fmt.Fprintf(out, "%-18s %6s %6s %6s %7s %7s %7s\n", "schema", "tables", "keyed", "steps", "passed", "refused", "faults")
	faults := 0
	for _, file := range files {
		if !strings.Contains(filepath.Base(file), o.only) {
			continue
		}
		trial, err := one(ctx, o, program, folder, file)
		if err != nil {
			faults++
			_, _ = fmt.Fprintf(out, "%-18s %v\n", filepath.Base(file), err)
			continue
		}
		faults += len(trial.faults)
		_, _ = fmt.Fprintf(out, "%-18s %6d %6d %6d %7d %7d %7d\n", filepath.Base(file), trial.tables, trial.keyed, trial.steps, trial.passed, len(trial.refused), len(trial.faults))
		for _, fault := range trial.faults {
			_, _ = fmt.Fprintln(out, "   fault  ", fault)
		}
		for _, refusal := range trial.refused {
			if o.verbose {
				_, _ = fmt.Fprintln(out, "   refused", refusal)
			}
		}
	}
	if faults > 0 {
		return fmt.Errorf("%d faults", faults)
	}
	return nil
}

// one tries the server over one schema.
func one(ctx context.Context, o options, program, folder, file string) (*trial, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	name := strings.TrimSuffix(filepath.Base(file), ".sql")
	url, release, err := kept(ctx, program, name, file)
	if err != nil {
		return nil, err
	}
	defer release()
	read, err := database.Read(ctx, database.Options{URL: url, Functions: true})
	if err != nil {
		return nil, fmt.Errorf("read database: %w", err)
	}
	described := database.Describe(read, database.Choice{Sensitive: true})
	written, err := emit.Server(described.API, emit.Options{Framework: o.framework, Project: true, Rows: described.Rows})
	if err != nil {
		return nil, fmt.Errorf("write server: %w", err)
	}
	project := filepath.Join(folder, name)
	if err := write(project, o.packages, written.Files); err != nil {
		return nil, err
	}
	compile := exec.CommandContext(ctx, filepath.Join(o.packages, "node_modules", ".bin", "tsc"), "-p", ".")
	compile.Dir = project
	if said, err := compile.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile: %w: %.2000s", err, said)
	}
	address, stop, err := start(ctx, project, url)
	if err != nil {
		return nil, err
	}
	defer stop()
	t := newTrial(address, described, plan.New(described.API))
	t.run()
	if o.verbose {
		t.faults = append(t.faults, thrown(filepath.Join(project, "log"))...)
	}
	return t, nil
}

// thrown are the errors in a server's log that nobody was to see.
func thrown(log string) []string {
	text, err := os.ReadFile(log)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"level":"error"`) {
			out = append(out, fmt.Sprintf("log: %.600s", line))
		}
	}
	return out
}

// kept loads a schema into a private database and returns its URL.
func kept(ctx context.Context, program, name, file string) (url string, release func(), err error) {
	command := exec.CommandContext(ctx, program, "--name", "rows_"+name, file)
	var said strings.Builder
	command.Stderr = &said
	stay, err := command.StdinPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start keep: %w", err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start keep: %w", err)
	}
	if err := command.Start(); err != nil {
		return "", nil, fmt.Errorf("start keep: %w", err)
	}
	release = func() {
		_ = stay.Close()
		_ = command.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		release()
		return "", nil, fmt.Errorf("load schema: %w: %s", err, &said)
	}
	return strings.TrimSpace(line), release, nil
}

func write(project, packages string, files []emit.File) error {
	for _, file := range files {
		path := filepath.Join(project, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("write project: %w", err)
		}
		if err := os.WriteFile(path, []byte(file.Content), 0o644); err != nil {
			return fmt.Errorf("write project: %w", err)
		}
	}
	modules, err := filepath.Abs(filepath.Join(packages, "node_modules"))
	if err == nil {
		err = os.Symlink(modules, filepath.Join(project, "node_modules"))
	}
	if err != nil {
		return fmt.Errorf("link packages: %w", err)
	}
	return nil
}

// start starts the compiled server and waits until it listens.
func start(ctx context.Context, project, url string) (address string, stop func(), err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("find a port: %w", err)
	}
	address = listener.Addr().String()
	_ = listener.Close()
	_, port, _ := net.SplitHostPort(address)
	server := exec.CommandContext(ctx, "node", "dist/server.js")
	server.Dir = project
	server.Env = append(os.Environ(), "PORT="+port, "HOST=127.0.0.1", "RATE_LIMIT=100000000", "DATABASE_URL="+url)
	log, err := os.Create(filepath.Join(project, "log"))
	if err != nil {
		return "", nil, fmt.Errorf("start server: %w", err)
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return "", nil, fmt.Errorf("start server: %w", err)
	}
	stop = func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
		_ = log.Close()
	}
	for range 600 {
		var dialer net.Dialer
		if connection, err := dialer.DialContext(ctx, "tcp", address); err == nil {
			_ = connection.Close()
			return "http://" + address, stop, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	said, _ := os.ReadFile(log.Name())
	return "", nil, fmt.Errorf("the server does not listen: %s", said)
}
