// Command pieces holds the splitter of SQL files against a server.
//
//	go run ./internal/pieces [flags] DIR
//
// Each .sql file below DIR is cut into pieces. Joined, they have to be the file;
// alone, each statement, COPY too, has to be one statement to the server's own
// parser. One after the other they are run in a database of their own, COPY with
// the rows that follow it, and the files that did not run to their end are
// listed: they may need what the server lacks. It prints what does not hold, and
// counts; its status is 1 when anything does not. A file roles.sql is run first
// and once.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

func main() {
	version := flag.Int("postgres", 0, "major version of the server")
	quick := flag.Bool("quick", false, "parse the statements only, do not run the files")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "pieces: name one directory of SQL files")
		os.Exit(2)
	}
	c, err := run(context.Background(), flag.Arg(0), *version, *quick, os.Stdout)
	if err != nil {
		fmt.Fprintf(os.Stderr, "pieces: %v\n", err)
		os.Exit(1)
	}
	if c.faults > 0 {
		os.Exit(1)
	}
}

// count is what a run saw.
type count struct {
	files, statements, faults int
	copies                    int // of the statements, those that rows follow
	unloaded                  int // files that the server would not run, though their pieces are right
}

// checker holds files against one server.
type checker struct {
	count
	server *scratch.Server
	one    *sql.DB // where all statements are parsed, and none runs; nil runs them
	roles  string  // the file that has run first
	out    io.Writer
}

func run(ctx context.Context, dir string, version int, quick bool, out io.Writer) (c count, err error) {
	server, err := scratch.Open(ctx, scratch.Options{Version: version, Log: zerolog.Nop()})
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	k := &checker{server: server, out: out}
	if quick {
		database, err := server.Database(ctx)
		if err != nil {
			return c, err
		}
		k.one = database.DB()
	}
	k.roles = filepath.Join(dir, "roles.sql")
	if text, err := os.ReadFile(k.roles); err == nil {
		if err := k.makeRoles(ctx, string(text)); err != nil {
			return c, fmt.Errorf("make the roles: %w", err)
		}
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".sql" {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			err = k.file(ctx, path, string(text))
		}
		return err
	})
	if err == nil && k.files == 0 {
		err = fmt.Errorf("%s holds no SQL file", dir)
	}
	ran := fmt.Sprintf("%d files did not run to their end", k.unloaded)
	if quick {
		ran = "none was run"
	}
	fmt.Fprintf(out, "%d files, %d statements, of which %d COPY with rows, %d faults; %s\n", k.files, k.statements, k.copies, k.faults, ran)
	return k.count, err
}

func (k *checker) makeRoles(ctx context.Context, text string) error {
	db, err := scratch.Connect(ctx, k.server.URL())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, text)
	return errors.Join(err, db.Close())
}

func (k *checker) fault(path string, at script.Piece, err error) {
	k.faults++
	fmt.Fprintf(k.out, "%s:%d:%d: %v\n", path, at.Line, at.Column, err)
}

func (k *checker) file(ctx context.Context, path, text string) error {
	k.files++
	pieces, err := script.Split(path, text)
	if err != nil {
		k.faults++
		fmt.Fprintln(k.out, err)
		return nil
	}
	var joined strings.Builder
	for _, piece := range pieces {
		joined.WriteString(piece.Text)
	}
	if joined.String() != text {
		k.fault(path, script.Piece{Line: 1, Column: 1}, errors.New("joined, the pieces are not the file"))
	}
	if k.one != nil {
		return k.alone(ctx, k.one, path, pieces)
	}
	database, err := k.server.Database(ctx)
	if err != nil {
		return err
	}
	if err := k.alone(ctx, database.DB(), path, pieces); err != nil {
		return errors.Join(err, database.Close())
	}
	if !hasStatement(pieces) || path == k.roles {
		return database.Close() // there is nothing to run, or it has run
	}
	if err := database.LoadText(ctx, path, text); err != nil {
		k.unloaded++
		fmt.Fprintf(k.out, "not run to its end: %v\n", err)
		if isSyntax(err) {
			k.fault(path, script.Piece{Line: 1, Column: 1}, err)
		}
	}
	return database.Close()
}

// alone has the server parse each statement by itself. A prepared statement is
// one: two, or half of one, are refused. That a table is not there comes later.
func (k *checker) alone(ctx context.Context, db *sql.DB, path string, pieces []script.Piece) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "RESET ALL"); err != nil {
		return err
	}
	for _, piece := range pieces {
		if piece.Kind == script.CopyData {
			k.copies++
		}
		if piece.Kind != script.Statement {
			continue
		}
		k.statements++
		text := piece.Text
		if piece.Verb() == "COPY" { // the driver would take it for a command to send rows by; what is empty is no statement
			text = ";" + text
		}
		prepared, err := conn.PrepareContext(ctx, text)
		if err == nil {
			err = prepared.Close()
		}
		if isSyntax(err) {
			k.fault(path, piece, err)
		}
		if settings := piece.SetsSession(); settings && err == nil {
			_, _ = conn.ExecContext(ctx, piece.Text) // how strings are read may depend on it
		}
	}
	return nil
}

func hasStatement(pieces []script.Piece) bool {
	return slices.ContainsFunc(pieces, func(p script.Piece) bool { return p.Kind == script.Statement })
}

func isSyntax(err error) bool { return err != nil && strings.Contains(err.Error(), "42601") }
