package atomicfile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/atomicfile"
)

func TestPermissionDenied(t *testing.T) {
	directory := t.TempDir()
	file := filepath.Join(directory, "file")
	require.NoError(t, os.WriteFile(file, []byte("before"), 0o444))
	require.NoError(t, os.Chmod(directory, 0o555))
	t.Cleanup(func() { _ = os.Chmod(directory, 0o755) })
	for _, path := range []string{file, filepath.Join(directory, "new")} {
		err := unprivileged(func() error { return atomicfile.WriteBytes(path, []byte("x")) })
		require.ErrorContains(t, err, "write "+path+": permission denied")
	}
	requireContent(t, file, "before")
	requireNames(t, directory, "file")
}

// unprivileged runs f on a thread of its own that has no root rights, since
// root may write anywhere. The thread ends with the goroutine that holds it.
func unprivileged(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			const keep, nobody = ^uintptr(0), 65534
			if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, keep, nobody, keep); errno != 0 {
				result <- errno
				return
			}
		}
		result <- f()
	}()
	return <-result
}
