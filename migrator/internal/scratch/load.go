package scratch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

// maxFile bounds the size of a schema file, in bytes. Real ones stay below 10 MB.
const maxFile = 100 << 20

// maxRestarts bounds how often a load begins anew for a role that is missing
// inside a transaction.
const maxRestarts = 100

// Load runs the SQL files, in order, in the database, which must be empty. A
// directory stands for the .sql files in it, by name. Roles that the files name
// and the server lacks are made as stubs. The schema of a function's body is
// not checked, as when pg_dump's output is loaded. Errors in a file are
// fault.Input with its place and the server's words.
func (d *Database) Load(ctx context.Context, paths ...string) error {
	var files []file
	for _, path := range paths {
		found, err := readFiles(path)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	return d.loadAll(ctx, files)
}

// Check reads and cuts the files as Load does, so that what cannot be loaded is
// refused before a server is started for it.
func Check(paths ...string) error {
	for _, path := range paths {
		if _, err := readFiles(path); err != nil {
			return err
		}
	}
	return nil
}

// LoadText runs a script as Load runs a file; path names it in errors.
func (d *Database) LoadText(ctx context.Context, path, text string) error {
	pieces, err := cut(path, text)
	if err != nil {
		return err
	}
	return d.loadAll(ctx, []file{{path: path, pieces: pieces}})
}

// file is a script, cut.
type file struct {
	path   string
	pieces []script.Piece
}

func readFiles(path string) ([]file, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.IsDir() {
		f, err := readFile(path, info)
		return []file{f}, err
	}
	names, err := filepath.Glob(filepath.Join(escapeGlob(path), "*.sql"))
	if err != nil || len(names) == 0 {
		return nil, &fault.Input{Path: path, Message: "the directory holds no .sql file", Hint: "name a schema file, or a directory of them"}
	}
	slices.Sort(names)
	var files []file
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, unreadable(name, err)
		}
		f, err := readFile(name, info)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func readFile(path string, info fs.FileInfo) (file, error) {
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		return file{}, &fault.Input{Path: path, Message: "not a file", Hint: "name a SQL schema file"}
	}
	if info.Size() > maxFile {
		return file{}, &fault.Input{
			Path:    path,
			Message: fmt.Sprintf("%d MB is more than a schema holds (at most %d MB)", info.Size()>>20, maxFile>>20),
			Hint:    "dump the schema without rows: pg_dump --schema-only",
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return file{}, unreadable(path, err)
	}
	pieces, err := cut(path, string(text))
	return file{path: path, pieces: pieces}, err
}

func unreadable(path string, err error) error {
	hint := "check the path"
	var what *fs.PathError
	message := err.Error()
	if errors.As(err, &what) {
		message = what.Err.Error()
	}
	if errors.Is(err, fs.ErrPermission) {
		hint = "make it readable for this user"
	}
	return &fault.Input{Path: path, Message: message, Hint: hint, Err: err}
}

// cut splits a script and refuses one that holds nothing: taken for a wanted
// schema, it would mean to drop everything.
func cut(path, text string) ([]script.Piece, error) {
	pieces, err := script.Split(path, text)
	if err != nil {
		return nil, err
	}
	for _, p := range pieces {
		if p.Kind == script.Statement {
			return pieces, nil
		}
	}
	return nil, &fault.Input{Path: path, Message: "the file holds no SQL statement", Hint: "name a schema file such as pg_dump --schema-only writes"}
}

// loadAll runs the files, again from the start each time that a role turns out
// to be missing inside a transaction.
func (d *Database) loadAll(ctx context.Context, files []file) error {
	for range maxRestarts {
		err := d.loadOnce(ctx, files)
		if !errors.Is(err, errRestart) {
			return err
		}
		if err := d.reset(ctx); err != nil {
			return err
		}
	}
	return errors.New("load the schema: too many roles are missing")
}

func (d *Database) loadOnce(ctx context.Context, files []file) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the temporary database: %w", err)
	}
	// The session's settings are the files' doing; nobody else shall get them.
	defer func() { _ = conn.Raw(func(any) error { return errBadConn }) }()
	for _, f := range files {
		if _, err := conn.ExecContext(ctx, "RESET ALL; SET check_function_bodies = off; SET client_min_messages = error; SET statement_timeout = 0"); err != nil {
			return fmt.Errorf("prepare the temporary database: %w", err)
		}
		l := loader{database: d, conn: conn, path: f.path}
		if err := l.run(ctx, f.pieces); err != nil {
			return err
		}
	}
	return nil
}
