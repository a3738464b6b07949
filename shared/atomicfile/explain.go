package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/senior-backend/toolkit/shared/fault"
)

var (
	errIsDirectory = errors.New("is a directory")
	errNoName      = errors.New("no name")
)

// explain turns what the system said into what a person can do about it. Errors
// that are not the file system's, such as those of the write function, keep
// their kind.
func explain(path string, err error) error {
	directory := filepath.Dir(path)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNoName):
		return &fault.Input{Message: "no file name was given", Err: err}
	case errors.Is(err, errIsDirectory):
		return &fault.Input{Path: path, Message: "is a directory", Hint: "name a file in it", Err: err}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &fault.Environment{
			Message: fmt.Sprintf("write %s: no space left on the disk", path),
			Hint:    "free some or write elsewhere; nothing was changed", Err: err,
		}
	case errors.Is(err, syscall.EROFS):
		return &fault.Environment{
			Message: fmt.Sprintf("write %s: the file system is read-only", path),
			Hint:    "write elsewhere", Err: err,
		}
	case errors.Is(err, syscall.ENAMETOOLONG):
		return &fault.Input{Path: path, Message: "the name is too long for the file system", Hint: "choose a shorter one", Err: err}
	case errors.Is(err, syscall.ENOTDIR):
		return &fault.Input{Path: path, Message: "a part of the path is a file, not a directory", Hint: "name another path", Err: err}
	case !isPathError(err):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return &fault.Input{Path: directory, Message: "no such directory", Hint: "create it or name another one", Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &fault.Environment{
			Message: fmt.Sprintf("write %s: permission denied", path),
			Hint:    "name a file that you may write, in a directory that you may write to", Err: err,
		}
	}
	return fmt.Errorf("write %s: %w", path, err)
}

func isPathError(err error) bool {
	var path *fs.PathError
	var link *os.LinkError
	return errors.As(err, &path) || errors.As(err, &link)
}
