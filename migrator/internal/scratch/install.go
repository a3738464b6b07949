package scratch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oldest and newest are the major versions that private servers may have.
const oldest, newest = 13, 18

// installation is a directory with PostgreSQL's server programs.
type installation struct {
	dir   string // holds postgres and initdb
	full  string // such as "15.18"
	major int
}

// findInstallation returns binaries of the wanted version, or the newest found:
// those of this machine first, else fetched ones.
func findInstallation(ctx context.Context, p places, o Options) (installation, error) {
	var best installation
	for _, dir := range installedDirs(ctx) {
		found, err := inspect(ctx, dir)
		switch {
		case err != nil:
			o.Log.Debug().Err(err).Msgf("no server in %s", dir)
		case found.major < oldest || o.Version != 0 && found.major != o.Version:
		case p.account.other && !p.account.reaches(dir):
			o.Log.Debug().Msgf("user %s cannot reach the server in %s", p.account.name, dir)
		case found.major > best.major:
			best = found
		}
	}
	if best.dir != "" {
		return best, nil
	}
	return fetch(ctx, p, o)
}

// installedDirs lists the directories in which this machine may have a server.
func installedDirs(ctx context.Context) []string {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if path, err := filepath.EvalSymlinks(filepath.Join(dir, "initdb")); err == nil && filepath.IsAbs(path) {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/Library/PostgreSQL/*/bin",
	} {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (([0-9]+)[0-9.]*)`)

// inspect asks the programs in dir for their version.
func inspect(ctx context.Context, dir string) (installation, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return installation{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").CombinedOutput()
	if err != nil {
		return installation{}, fmt.Errorf("run postgres --version: %w: %s", err, firstLine(string(out)))
	}
	match := versionLine.FindStringSubmatch(string(out))
	if match == nil {
		return installation{}, errors.New("postgres --version prints no version")
	}
	major, err := strconv.Atoi(match[2])
	if err != nil {
		return installation{}, fmt.Errorf("read the version: %w", err)
	}
	return installation{dir: dir, full: match[1], major: major}, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
