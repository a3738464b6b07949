package emit_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/emittest"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
	"github.com/senior-backend/toolkit/scaffolder/internal/relation"
)

var frameworks = emittest.Frameworks()

func read(t *testing.T, path string) *api.API {
	t.Helper()
	document, err := openapi.Read(path, openapi.Options{})
	require.NoError(t, err)
	require.Empty(t, document.Problems)
	return document.API
}

// compiled writes the project of an API and compiles it as its own
// configuration says.
func compiled(t *testing.T, a *api.API, framework string) string {
	return compiledOver(t, a, nil, framework)
}

// compiledOver does that with an API over a database.
func compiledOver(t *testing.T, a *api.API, rows *relation.Source, framework string) string {
	t.Helper()
	options := emit.Options{Framework: framework, Project: true, Rows: rows}
	if rows == nil {
		options.Replies, options.Document = true, `{"openapi":"3.1.0"}`
	}
	result, err := emit.Server(a, options)
	require.NoError(t, err)
	return written(t, result)
}

// written writes what was emitted and compiles it.
func written(t *testing.T, result *emit.Result) string {
	t.Helper()
	folder := t.TempDir()
	modules := emittest.Packages(t)
	require.NoError(t, os.Symlink(filepath.Join(modules, "node_modules"), filepath.Join(folder, "node_modules")))
	for _, file := range result.Files {
		require.True(t, filepath.IsLocal(file.Path), file.Path)
		path := filepath.Join(folder, filepath.FromSlash(file.Path))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(file.Content), 0o644))
	}
	compile := exec.Command(filepath.Join(modules, "node_modules", ".bin", "tsc"), "-p", ".")
	compile.Dir = folder
	output, err := compile.CombinedOutput()
	require.NoError(t, err, string(output))
	return folder
}

// boot starts a compiled project and returns its address.
func boot(t *testing.T, folder string, settings ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	server := exec.Command("node", "dist/server.js")
	server.Dir = folder
	server.Env = append(os.Environ(), append(settings, "PORT="+strconv.Itoa(port), "HOST=127.0.0.1", "RATE_LIMIT=100000")...)
	output, err := server.StdoutPipe()
	require.NoError(t, err)
	faults, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	server.Stderr = faults
	said := func() string {
		text, err := os.ReadFile(faults.Name())
		require.NoError(t, err)
		return string(text)
	}
	require.NoError(t, server.Start())
	listening := make(chan bool, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"listening"`) {
				listening <- true
			}
		}
		close(listening)
	}()
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		<-drained
		require.NoError(t, server.Wait(), "the server stops when it is asked to: %s", said())
		require.NoError(t, faults.Close())
	})
	select {
	case up := <-listening:
		require.True(t, up, "the server ended: %s", said())
	case <-time.After(2 * time.Minute):
		require.Fail(t, "the server does not listen", said())
	}
	return "http://127.0.0.1:" + strconv.Itoa(port)
}
