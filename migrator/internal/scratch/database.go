package scratch

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/lib/pq"
)

// prefix begins the name of every temporary database; the number of the owning
// process and the time follow, for a person who finds one.
const prefix = "migrator_scratch_"

// Database is a fresh database that nobody else uses. It is not safe for
// concurrent use, except for DB.
type Database struct {
	server *Server
	name   string
	url    string
	db     *sql.DB
	roles  []string // stubs made for it
}

// Database makes an empty database. The caller closes it; Server.Close closes
// those that are left.
func (s *Server) Database(ctx context.Context) (*Database, error) {
	var salt [4]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return nil, fmt.Errorf("choose a name: %w", err)
	}
	d := &Database{
		server: s,
		name:   fmt.Sprintf("%s%d_%d_%s", prefix, time.Now().Unix(), os.Getpid(), hex.EncodeToString(salt[:])),
	}
	var err error
	if d.url, err = withDatabase(s.url, d.name); err != nil {
		return nil, err
	}
	if err := d.create(ctx); err != nil {
		err = errors.Join(err, d.Close())
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	s.mu.Lock()
	s.databases[d] = struct{}{}
	s.mu.Unlock()
	return d, nil
}

// create makes the database and connects to it.
func (d *Database) create(ctx context.Context) error {
	s := d.server
	if err := d.mark(ctx); err != nil {
		return err
	}
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(d.name)+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return fmt.Errorf("make a temporary database: %w", err)
	}
	db, err := Connect(ctx, d.url)
	if err != nil {
		return err
	}
	d.db = db
	return nil
}

// mark takes the lock that says that the database's owner lives, also on a
// private server, which other processes may have been told of.
func (d *Database) mark(ctx context.Context) error {
	if _, err := d.server.lock.ExecContext(ctx, "SELECT pg_advisory_lock($1, hashtext($2))", lockClass, d.name); err != nil {
		return fmt.Errorf("mark the temporary database: %w", err)
	}
	return nil
}

// Name returns the database's name.
func (d *Database) Name() string { return d.name }

// DB returns the connections to the database. Close closes them.
func (d *Database) DB() *sql.DB { return d.db }

// URL returns a connection URL of the database, with the password if there is one.
func (d *Database) URL() string { return d.url }

// Close drops the database and the role stubs made for it. It works also after
// an interrupt, within a bounded time; closing twice does nothing.
func (d *Database) Close() error {
	s := d.server
	s.mu.Lock()
	delete(s.databases, d)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	var errs []error
	if d.db != nil {
		errs = append(errs, d.db.Close())
		d.db = nil
	}
	errs = append(errs, d.drop(ctx))
	for _, role := range slices.Backward(d.roles) {
		_, err := s.admin.ExecContext(ctx, "DROP ROLE IF EXISTS "+pq.QuoteIdentifier(role))
		if isInUse(err) {
			s.leave(role)
			continue
		}
		errs = append(errs, err)
	}
	d.roles = nil
	_, err := s.lock.ExecContext(ctx, "SELECT pg_advisory_unlock($1, hashtext($2))", lockClass, d.name)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove temporary database %s: %w", d.name, err)
	}
	return nil
}

func (d *Database) drop(ctx context.Context) error {
	return dropDatabase(ctx, d.server.admin, d.name)
}

func dropDatabase(ctx context.Context, admin *sql.DB, name string) error {
	_, err := admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
	return err
}

// reset empties the database by making it anew.
func (d *Database) reset(ctx context.Context) error {
	return d.renew(ctx, "TEMPLATE template0 ENCODING 'UTF8'")
}

// Become makes the database anew as a copy of another one of the same server,
// which must be at rest: whoever is still connected to it after a few seconds
// makes this fail.
func (d *Database) Become(ctx context.Context, other *Database) error {
	how := "TEMPLATE " + pq.QuoteIdentifier(other.name)
	if d.server.Major() >= 15 {
		how += " STRATEGY file_copy" // before, the only way there was
	}
	return d.renew(ctx, how)
}

func (d *Database) renew(ctx context.Context, how string) error {
	err := d.db.Close()
	d.db = nil
	if err == nil {
		err = d.drop(ctx)
	}
	if err != nil {
		return fmt.Errorf("empty the temporary database: %w", err)
	}
	if _, err := d.server.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(d.name)+" "+how); err != nil {
		return fmt.Errorf("make a temporary database: %w", err)
	}
	d.db, err = Connect(ctx, d.url)
	return err
}
