package scratch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	maxClusters   = 64  // that may run at once, per version
	maxSocketPath = 100 // bytes; the kernels take 107 (Linux) and 103 (macOS)
	socketName    = ".s.PGSQL.5432"
	superuser     = "postgres"
)

// cluster is a private PostgreSQL, running.
type cluster struct {
	dir     string   // holds data, socket directory and log; of mode 0700
	sockets string   // directory of the unix socket
	lock    *os.File // held while this run uses the cluster
	process *process
	account account
	bin     installation
}

// startCluster starts the first cluster of this version that no other run uses.
func startCluster(ctx context.Context, p places, bin installation, o Options) (*cluster, error) {
	c, err := lockCluster(p, bin)
	if err != nil {
		return nil, err
	}
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(err, c.lock.Close())
	}
	err = c.start(ctx, o)
	if err != nil && ctx.Err() == nil {
		// A cluster without fsync may be broken after a crash. It holds nothing.
		o.Log.Debug().Err(err).Msg("the kept cluster does not start; making a new one")
		if err = c.rebuild(ctx); err == nil {
			err = c.start(ctx, o)
		}
	}
	if err != nil {
		return nil, errors.Join(err, c.lock.Close())
	}
	return c, nil
}

// lockCluster finds a cluster directory that no other run uses.
func lockCluster(p places, bin installation) (*cluster, error) {
	// The same version from another place may have other extensions and libraries.
	place := sha256.Sum256([]byte(bin.dir))
	family := filepath.Join(p.root, fmt.Sprintf("%d-%x", bin.major, place[:4]))
	if err := os.MkdirAll(family, 0o755); err != nil {
		return nil, fmt.Errorf("make a directory for clusters: %w", err)
	}
	for n := range maxClusters {
		dir := filepath.Join(family, fmt.Sprint(n))
		lock, err := tryLock(dir + ".lock")
		if err != nil {
			return nil, err
		}
		if lock != nil {
			return &cluster{dir: dir, lock: lock, account: p.account, bin: bin}, nil
		}
	}
	return nil, fmt.Errorf("%d private servers run already", maxClusters)
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// prepare ends what a killed run left running and makes the cluster if there is none.
func (c *cluster) prepare(ctx context.Context) error {
	if err := os.Mkdir(c.dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a directory for the cluster: %w", err)
	}
	if err := c.account.own(c.dir); err != nil {
		return fmt.Errorf("hand over the cluster's directory: %w", err)
	}
	clean, err := c.recover()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.data(), "PG_VERSION")); err != nil || !clean {
		return c.rebuild(ctx)
	}
	return nil
}

// rebuild throws the cluster away and makes a new one. The new one bears its
// name only once it is complete.
func (c *cluster) rebuild(ctx context.Context) error {
	half := filepath.Join(c.dir, "half")
	for _, dir := range []string{half, c.data()} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove a broken cluster: %w", err)
		}
	}
	init := exec.CommandContext(ctx, filepath.Join(c.bin.dir, "initdb"), "--pgdata", half, "--username", superuser,
		"--encoding", "UTF8", "--locale", "C", "--auth-local", "trust", "--auth-host", "reject", "--no-sync", "--no-instructions")
	if c.bin.major < 14 {
		init.Args = init.Args[:len(init.Args)-1] // it has no such switch
	}
	c.program(init)
	out, err := runHeld(init)
	if err != nil {
		_ = os.RemoveAll(half)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("make a cluster: %w: %s", err, lastLine(out))
	}
	if err := os.Rename(half, c.data()); err != nil {
		return fmt.Errorf("name the new cluster: %w", err)
	}
	return nil
}

// program has cmd run as the server's account, away from our directory, which
// that account may not be able to enter, and with nothing of our environment,
// where PGDATA and the like would confuse it.
func (c *cluster) program(cmd *exec.Cmd) {
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "HOME=" + c.dir}
	cmd.SysProcAttr = c.account.attributes()
	cmd.WaitDelay = time.Second
}

// url is a connection URL of one of the cluster's databases.
func (c *cluster) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database}
	u.RawQuery = url.Values{"host": {c.sockets}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// stop shuts the server down and lets go of the cluster.
func (c *cluster) stop() error {
	err := c.process.end()
	if filepath.Dir(c.sockets) != c.dir {
		err = errors.Join(err, os.RemoveAll(c.sockets))
	}
	return errors.Join(err, c.lock.Close())
}
