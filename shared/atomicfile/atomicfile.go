// Package atomicfile writes whole files: either the new content is there,
// complete and on the disk, or the file is as it was before.
//
// A path and a function that writes the content go in. A directory, a missing
// or read-only directory, a file that may not be written and a full disk are
// refused with an error of package fault that says what to do. Devices and
// pipes, such as /dev/stdout, are written directly: there is nothing to replace.
package atomicfile

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	bufferSize = 64 << 10
	newMode    = fs.FileMode(0o666) // before the umask, as with any new file
	attempts   = 100
	maxStem    = 200 // file systems allow 255 bytes; the rest is for the random part
)

// Write replaces the file at path with what write produces. An existing file
// keeps its mode; a symbolic link stays and the file it leads to is replaced.
// When write or anything else fails, the error is returned and no trace is left.
func Write(path string, write func(io.Writer) error) error {
	target, mode, err := resolve(path)
	if err != nil {
		return explain(path, err)
	}
	if mode.Type() != 0 {
		return explain(path, writeDevice(target, write))
	}
	return explain(path, replace(target, mode, write))
}

// WriteBytes replaces the file at path with data; see Write.
func WriteBytes(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// resolve follows links and returns the file to replace with its mode, or
// newMode when there is none yet.
func resolve(path string) (string, fs.FileMode, error) {
	if path == "" {
		return "", 0, errNoName
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return danglingTarget(path), newMode, nil
	}
	if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(target)
	if err != nil {
		return "", 0, err
	}
	switch {
	case info.IsDir():
		return "", 0, errIsDirectory
	case !info.Mode().IsRegular():
		return target, info.Mode(), nil
	}
	// A rename needs no permission on the file it replaces, but a read-only file is meant to stay.
	existing, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return "", 0, err
	}
	return target, info.Mode().Perm(), existing.Close()
}

// danglingTarget is where a link leads whose file does not exist yet.
func danglingTarget(path string) string {
	for range attempts {
		next, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return path
}

func writeDevice(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(file, bufferSize)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	return errors.Join(err, file.Close())
}

func replace(target string, mode fs.FileMode, write func(io.Writer) error) error {
	file, err := createBeside(target)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			_ = file.Close() // closed already when the failure came later
			_ = os.Remove(file.Name())
		}
	}()
	if err := fill(file, mode, write); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), target); err != nil {
		return err
	}
	done = true
	syncDirectory(filepath.Dir(target))
	return nil
}

func fill(file *os.File, mode fs.FileMode, write func(io.Writer) error) error {
	buffered := bufio.NewWriterSize(file, bufferSize)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if mode != newMode {
		if err := file.Chmod(mode); err != nil {
			return err
		}
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// createBeside makes a new file in target's directory, since a rename is only
// atomic within one file system. The umask applies, which os.CreateTemp
// would not let it do.
func createBeside(target string) (*os.File, error) {
	directory, stem := filepath.Split(target)
	if len(stem) > maxStem {
		stem = stem[:maxStem]
	}
	var err error
	for range attempts {
		var file *os.File
		name := fmt.Sprintf(".%s.%s.tmp", stem, rand.Text()[:12])
		file, err = os.OpenFile(filepath.Join(directory, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, newMode)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
	return nil, err
}

// syncDirectory makes the rename itself durable. Not every system can; the
// content is safe either way.
func syncDirectory(path string) {
	directory, err := os.Open(path)
	if err != nil {
		return
	}
	_ = directory.Sync()
	_ = directory.Close()
}
