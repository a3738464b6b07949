// Package tree brings generated files into a directory in which people work.
//
// A directory and the files that should be in it go in; out come the changes
// that this takes, and Apply makes them, all or none. Generated files carry a
// header with a checksum, so that one which a person edited is noticed; such
// files, and files that were never generated, are refused rather than replaced
// unless the caller insists, and then a backup is kept. Files that belong to the
// user are created once and later only added to. Paths that lead out of the
// directory are refused.
package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/senior-backend/toolkit/shared/fault"
)

// File is a file that should be there.
type File struct {
	Path    string // relative to the directory, with forward slashes
	Content string // without the header
	// User says that the file is the user's once it exists.
	User bool
	// Bare says that the file gets no header and replaces whatever is there,
	// because the caller was asked for just that path.
	Bare bool
	// Spare says of a bare file that what is there when it is first replaced may
	// be a person's: it is kept beside it.
	Spare bool
	// Extend, for a user's file, returns what the existing content lacks added
	// to it, and the names of what was added and what is no longer wanted. Nil
	// leaves existing content alone.
	Extend func(existing string) (content string, added, stale []string)
}

// Action is what happens to a file.
type Action string

// Actions.
const (
	Create  Action = "create"
	Replace Action = "replace"
	Extend  Action = "extend"
	Keep    Action = "keep"   // nothing to do
	Remove  Action = "remove" // generated, and of no use any more
)

// Change is what one file takes.
type Change struct {
	Path   string
	Action Action
	Old    string // content that is there
	New    string // content that should be there
	Backup bool   // keep Old beside it, as Path + ".orig"
	Added  []string
	Stale  []string // in the user's file, and no longer wanted
}

// Plan finds the changes that bring files into dir. With force, files that a
// person edited are replaced too, with a backup. The error is a *fault.Input
// that names the first file that stands in the way.
func Plan(dir string, files []File, force bool) ([]Change, error) {
	seen := map[string]string{}
	changes := make([]Change, 0, len(files))
	for _, file := range files {
		if !filepath.IsLocal(filepath.FromSlash(file.Path)) {
			return nil, fmt.Errorf("plan file %q: its path leads out of the directory", file.Path)
		}
		folded := strings.ToLower(file.Path)
		if other, ok := seen[folded]; ok {
			return nil, fmt.Errorf("plan file %q: it would be the same file as %q", file.Path, other)
		}
		seen[folded] = file.Path
		change, err := plan(dir, file, force)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

func plan(dir string, file File, force bool) (Change, error) {
	place := filepath.Join(dir, filepath.FromSlash(file.Path))
	change := Change{Path: file.Path, Action: Create, New: file.Content}
	if !file.User && !file.Bare {
		change.New = seal(file.Path, file.Content)
	}
	existing, err := os.ReadFile(place)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return change, nil
	case err != nil:
		return change, readError(place, err)
	}
	change.Old = string(existing)
	switch {
	case file.User:
		change.Action, change.New = Keep, change.Old
		if file.Extend != nil {
			change.New, change.Added, change.Stale = file.Extend(change.Old)
			if change.New != change.Old {
				change.Action = Extend
			}
		}
	case sameText(change.Old, change.New):
		change.Action, change.New = Keep, change.Old
	default:
		change.Action = Replace
		state := stateOf(file.Path, change.Old)
		if file.Spare {
			_, err := os.Lstat(place + ".orig")
			change.Backup = errors.Is(err, fs.ErrNotExist)
		}
		if state == intact || file.Bare {
			break
		}
		if !force {
			return change, inTheWay(place, state)
		}
		change.Backup = true
	}
	return change, nil
}

func readError(path string, err error) error {
	var cause *fs.PathError
	message := err.Error()
	if errors.As(err, &cause) {
		message = cause.Err.Error()
	}
	return &fault.Input{Path: path, Message: "cannot be read: " + message, Hint: "choose another --output", Err: err}
}

func inTheWay(path string, s state) error {
	message := "was not written by this tool"
	if s == edited {
		message = "was edited since it was generated"
	}
	return &fault.Input{Path: path, Message: message + " and is not replaced", Hint: "move it, or replace it with --force, which keeps a backup"}
}

// Leftovers finds generated files of a folder in dir that are not among files, and
// are as they were generated: those can go. ending is how their names end.
func Leftovers(dir, folder, ending string, files []File) []Change {
	entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(folder)))
	if err != nil {
		return nil
	}
	wanted := map[string]bool{}
	for _, file := range files {
		wanted[strings.ToLower(file.Path)] = true
	}
	var changes []Change
	for _, entry := range entries {
		at := path.Join(folder, entry.Name())
		if !entry.Type().IsRegular() || !strings.HasSuffix(at, ending) || wanted[strings.ToLower(at)] {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(at)))
		if err == nil && stateOf(at, string(text)) == intact {
			changes = append(changes, Change{Path: at, Action: Remove, Old: string(text)})
		}
	}
	return changes
}

// Stale says whether any change is more than Keep.
func Stale(changes []Change) bool {
	for _, change := range changes {
		if change.Action != Keep {
			return true
		}
	}
	return false
}
