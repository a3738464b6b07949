package tree

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Apply makes the changes under dir, all or none: everything is written under
// other names first and then renamed. The error is a *fault.Environment.
func Apply(dir string, changes []Change) error {
	w := &writer{}
	for _, change := range changes {
		if change.Action == Keep || change.Action == Remove {
			continue
		}
		if err := w.stage(filepath.Join(dir, filepath.FromSlash(change.Path)), change); err != nil {
			w.discard()
			return writeError(dir, err)
		}
	}
	if err := w.commit(); err != nil {
		w.discard()
		return writeError(dir, err)
	}
	for _, change := range changes {
		if change.Action != Remove {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(change.Path))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &fault.Environment{Message: fmt.Sprintf("remove %s: %v; everything else is done", change.Path, err), Hint: "remove it by hand", Err: err}
		}
	}
	return nil
}

// staged is a file that is written and not yet in its place.
type staged struct {
	temporary, path string
	old             string // content to put back; only with existed
	existed, moved  bool
}

type writer struct {
	files []staged
	made  []string // directories that were made, outermost first
}

func (w *writer) stage(path string, change Change) error {
	if err := w.makeDirectory(filepath.Dir(path)); err != nil {
		return err
	}
	if change.Backup {
		if err := w.write(path+".orig", change.Old); err != nil {
			return err
		}
	}
	if err := w.write(path, change.New); err != nil {
		return err
	}
	last := &w.files[len(w.files)-1]
	last.old, last.existed = change.Old, change.Action != Create
	return nil
}

func (w *writer) write(path, content string) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return &fs.PathError{Op: "write", Path: path, Err: errors.New("is not a regular file")}
		}
		mode = info.Mode().Perm()
	}
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8])
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return named(path, err)
	}
	w.files = append(w.files, staged{temporary: temporary, path: path})
	_, err = file.WriteString(content)
	return named(path, errors.Join(err, file.Close()))
}

// named makes err speak of path rather than of its temporary name.
func named(path string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		return &fs.PathError{Op: cause.Op, Path: path, Err: cause.Err}
	}
	return err
}

// makeDirectory makes dir and what is above it, and remembers what was missing.
func (w *writer) makeDirectory(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("is a file, not a directory")}
		}
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := w.makeDirectory(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	w.made = append(w.made, dir)
	return nil
}

func (w *writer) commit() error {
	for i := range w.files {
		file := &w.files[i]
		if err := os.Rename(file.temporary, file.path); err != nil {
			return err
		}
		file.moved = true
	}
	return nil
}

// discard takes everything back, as far as it can.
func (w *writer) discard() {
	for i := len(w.files) - 1; i >= 0; i-- {
		file := w.files[i]
		switch {
		case !file.moved:
			os.Remove(file.temporary)
		case file.existed:
			os.WriteFile(file.path, []byte(file.old), 0o644)
		default:
			os.Remove(file.path)
		}
	}
	for i := len(w.made) - 1; i >= 0; i-- {
		os.Remove(w.made[i])
	}
}

func writeError(dir string, err error) error {
	path, message := dir, err.Error()
	var cause *fs.PathError
	if errors.As(err, &cause) {
		path, message = cause.Path, cause.Err.Error()
	}
	hint := "choose another --output"
	if errors.Is(err, syscall.ENOSPC) {
		hint = "make room, or choose another --output"
	}
	return &fault.Environment{Message: fmt.Sprintf("write %s: %s; nothing was changed", path, message), Hint: hint, Err: err}
}
