package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/atomicfile"
	"github.com/senior-backend/toolkit/shared/fault"
)

func TestWriteMakesTheFileWithTheUsualMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.txt")
	ordinary := filepath.Join(filepath.Dir(path), "ordinary.txt")
	require.NoError(t, os.WriteFile(ordinary, nil, 0o666))
	require.NoError(t, atomicfile.WriteBytes(path, []byte("hello")))
	requireContent(t, path, "hello")
	require.Equal(t, mode(t, ordinary), mode(t, path))
	requireNames(t, filepath.Dir(path), "new.txt", "ordinary.txt")
}

func TestWriteKeepsTheModeOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.sh")
	require.NoError(t, os.WriteFile(path, []byte("old and longer"), 0o600))
	require.NoError(t, os.Chmod(path, 0o751))
	require.NoError(t, atomicfile.WriteBytes(path, []byte("new")))
	requireContent(t, path, "new")
	require.Equal(t, fs.FileMode(0o751), mode(t, path))
}

func TestAFailureLeavesEverythingAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.txt")
	require.NoError(t, atomicfile.WriteBytes(path, []byte("before")))
	broken := errors.New("cannot render")
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Repeat("half ", 100_000))
		return errors.Join(err, broken)
	})
	require.ErrorIs(t, err, broken)
	requireContent(t, path, "before")
	requireNames(t, filepath.Dir(path), "kept.txt")
}

func TestAPanicLeavesNothingBehind(t *testing.T) {
	directory := t.TempDir()
	require.Panics(t, func() {
		_ = atomicfile.Write(filepath.Join(directory, "a"), func(io.Writer) error { panic("bug") })
	})
	requireNames(t, directory)
}

func TestLinksStayLinks(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(directory, "real"), 0o755))
	link := filepath.Join(directory, "link")
	require.NoError(t, os.Symlink(filepath.Join("real", "file"), link))
	for _, content := range []string{"dangling before", "replaced"} {
		require.NoError(t, atomicfile.WriteBytes(link, []byte(content)))
		requireContent(t, filepath.Join(directory, "real", "file"), content)
	}
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.Equal(t, fs.ModeSymlink, info.Mode().Type())
}

func TestLongNames(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, strings.Repeat("n", 255))
	require.NoError(t, atomicfile.WriteBytes(path, []byte("x")))
	requireContent(t, path, "x")
	err := atomicfile.WriteBytes(path+"n", []byte("x"))
	require.ErrorContains(t, err, "too long")
	requireNames(t, directory, strings.Repeat("n", 255))
}

func TestDevicesAreWrittenDirectly(t *testing.T) {
	require.NoError(t, atomicfile.WriteBytes(os.DevNull, []byte("x")))
	if _, err := os.Stat("/dev/full"); err == nil {
		err := atomicfile.WriteBytes("/dev/full", []byte("x"))
		require.ErrorContains(t, err, "no space left")
		require.Equal(t, fault.StatusFailed, fault.Status(err))
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	directory := t.TempDir()
	file := filepath.Join(directory, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, test := range map[string]struct{ path, want string }{
		"directory":         {directory, directory + ": is a directory; name a file in it"},
		"missing directory": {filepath.Join(directory, "no", "file"), filepath.Join(directory, "no") + ": no such directory; create it or name another one"},
		"file as directory": {filepath.Join(file, "x"), "a part of the path is a file, not a directory"},
		"empty":             {"", "no file name was given"},
	} {
		t.Run(name, func(t *testing.T) {
			err := atomicfile.WriteBytes(test.path, []byte("x"))
			require.ErrorContains(t, err, test.want)
			require.Equal(t, fault.StatusFailed, fault.Status(err))
		})
	}
	requireNames(t, directory, "file")
}

func requireContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

func requireNames(t *testing.T, directory string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	require.ElementsMatch(t, want, names)
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}
