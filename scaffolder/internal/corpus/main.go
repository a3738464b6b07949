// Command corpus writes the server of every API description in a directory,
// lets the TypeScript compiler judge each, and prints a table.
//
//	go run ./internal/corpus [flags] DIR
//
// It needs a folder with the packages that generated projects depend on
// (--packages: one in which npm install has run), and prettier for --prettier.
// For --lint it needs another folder, with eslint, @eslint/js, typescript-eslint
// and the version of TypeScript that this asks for.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/senior-backend/toolkit/scaffolder/internal/corpus/documents"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	framework, packages, lint, output, only string
	prettier, boot                          bool
}

func run(arguments []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("corpus", flag.ContinueOnError)
	flags.StringVar(&o.framework, "framework", emit.Express, "express, fastify or koa")
	flags.StringVar(&o.packages, "packages", "", "a folder with node_modules")
	flags.StringVar(&o.lint, "lint", "", "a folder with eslint: also count what its and typescript-eslint's recommended rules find")
	flags.StringVar(&o.output, "output", "", "where the servers are written; a temporary folder when empty")
	flags.StringVar(&o.only, "only", "", "documents whose path holds this text")
	flags.BoolVar(&o.prettier, "prettier", false, "also count the files that prettier would change")
	flags.BoolVar(&o.boot, "boot", false, "also build each application, with all its routes")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("parse flags: %w", err)
	}
	if flags.NArg() != 1 || o.packages == "" {
		return errors.New("give --packages and one directory of documents")
	}
	if o.output == "" {
		folder, err := os.MkdirTemp("", "corpus-")
		if err != nil {
			return fmt.Errorf("make output folder: %w", err)
		}
		defer os.RemoveAll(folder)
		o.output = folder
	}
	found, err := documents.In(flags.Arg(0))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%-44s %5s %5s %5s %6s %6s %7s %6s %6s\n",
		"document", "ops", "types", "warn", "read", "emit", "KB", "judge", "faults")
	if err := o.configure(); err != nil {
		return err
	}
	for _, document := range found {
		if strings.Contains(document, o.only) {
			one(o, document, out)
		}
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err == nil {
		_, _ = fmt.Fprintf(out, "peak memory of reading and writing: %d MB\n", usage.Maxrss/1024)
	}
	return nil
}

// configure writes what eslint is to look for.
func (o options) configure() error {
	if o.lint == "" {
		return nil
	}
	const rules = `import eslint from "@eslint/js";
import tseslint from "typescript-eslint";
export default tseslint.config(eslint.configs.recommended, tseslint.configs.recommended);
`
	if err := os.WriteFile(filepath.Join(o.lint, "eslint.config.js"), []byte(rules), 0o644); err != nil {
		return fmt.Errorf("write rules: %w", err)
	}
	return nil
}

func one(o options, document string, out io.Writer) {
	name := filepath.Base(document)
	started := cpu()
	read, err := openapi.Read(document, openapi.Options{})
	if err != nil {
		_, _ = fmt.Fprintf(out, "%-44s not read: %v\n", name, err)
		return
	}
	afterRead := cpu()
	result, err := emit.Server(read.API, emit.Options{Framework: o.framework, Project: true})
	if err != nil {
		_, _ = fmt.Fprintf(out, "%-44s not emitted: %v\n", name, err)
		return
	}
	emitted := cpu()
	size := 0
	folder := filepath.Join(o.output, strings.ReplaceAll(strings.TrimPrefix(document, "/"), "/", "_"))
	for _, file := range result.Files {
		size += len(file.Content)
		if err := write(folder, file); err != nil {
			_, _ = fmt.Fprintf(out, "%-44s not written: %v\n", name, err)
			return
		}
	}
	if err := os.Symlink(filepath.Join(o.packages, "node_modules"), filepath.Join(folder, "node_modules")); err != nil && !errors.Is(err, fs.ErrExist) {
		_, _ = fmt.Fprintf(out, "%-44s no packages: %v\n", name, err)
		return
	}
	compiling := time.Now()
	faults := compile(o, folder)
	_, _ = fmt.Fprintf(out, "%-44s %5d %5d %5d %6.2f %6.2f %7d %6.2f %6d\n", name, result.RoutesCount, result.TypesCount,
		len(result.Warnings), (afterRead - started).Seconds(), (emitted - afterRead).Seconds(), size/1024,
		time.Since(compiling).Seconds(), len(faults))
	for _, fault := range faults[:min(3, len(faults))] {
		_, _ = fmt.Fprintln(out, "    "+fault)
	}
}

func write(folder string, file emit.File) error {
	path := filepath.Join(folder, filepath.FromSlash(file.Path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(path, []byte(file.Content), 0o644); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// compile returns the lines in which the compiler names errors.
func compile(o options, folder string) []string {
	var faults []string
	command := exec.Command(filepath.Join(o.packages, "node_modules", ".bin", "tsc"), "-p", ".")
	command.Dir = folder
	output, err := command.CombinedOutput()
	for line := range strings.SplitSeq(string(output), "\n") {
		if strings.Contains(line, "error TS") {
			faults = append(faults, line)
		}
	}
	if err != nil && len(faults) == 0 {
		faults = append(faults, "tsc: "+err.Error()+": "+strings.TrimSpace(string(output[max(0, len(output)-200):])))
	}
	if o.boot && len(faults) == 0 {
		command := exec.Command("node", "--input-type=module", "-e",
			`const { createApp } = await import("./dist/app.js"); const app = await createApp(); await app.ready?.();`)
		command.Dir = folder
		if output, err := command.CombinedOutput(); err != nil {
			faults = append(faults, "boot: "+firstError(string(output)))
		}
	}
	if o.lint != "" {
		command := exec.Command(filepath.Join(o.lint, "node_modules", ".bin", "eslint"), "-c", filepath.Join(o.lint, "eslint.config.js"),
			"--ignore-pattern", "dist", "--format", "json", ".")
		command.Dir = folder
		output, _ := command.Output()
		faults = append(faults, lintFaults(output)...)
	}
	if o.prettier {
		command := exec.Command(filepath.Join(o.packages, "node_modules", ".bin", "prettier"), "--check", "*.ts", "middleware", "routes", "test")
		command.Dir = folder
		output, _ := command.CombinedOutput()
		for line := range strings.SplitSeq(string(output), "\n") {
			if strings.HasPrefix(line, "[warn] ") && strings.HasSuffix(line, ".ts") || strings.HasPrefix(line, "[error]") {
				faults = append(faults, "prettier: "+line)
			}
		}
	}
	return faults
}

// lintFaults reads what eslint found.
func lintFaults(output []byte) []string {
	var files []struct {
		FilePath string
		Messages []struct {
			RuleID, Message string
			Line            int
		}
	}
	if err := json.Unmarshal(output, &files); err != nil {
		return []string{"eslint: " + string(output[:min(300, len(output))])}
	}
	var faults []string
	for _, file := range files {
		for _, message := range file.Messages {
			faults = append(faults, fmt.Sprintf("eslint: %s:%d: %s: %s", filepath.Base(file.FilePath), message.Line, message.RuleID, message.Message))
		}
	}
	return faults
}

// firstError is the line of a stack trace that says what happened.
func firstError(output string) string {
	for line := range strings.SplitSeq(output, "\n") {
		if strings.Contains(line, "Error") {
			return line
		}
	}
	return strings.TrimSpace(output)
}

// cpu is the processor time that this process has taken in user mode.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano())
}
