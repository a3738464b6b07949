package migration

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Find resolves what the user named to a file or directory that exists. A file
// that does not exist and whose name has no version means the newest file of
// that name with one, beside it; then took says which was taken.
func Find(path string) (found string, took bool, err error) {
	if _, err := os.Stat(path); err == nil {
		return path, false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", false, &fault.Input{Path: path, Message: "the file cannot be read: " + err.Error(), Hint: "check the path and its permissions", Err: err}
	}
	missing := &fault.Input{Path: path, Message: "there is no such file", Hint: "check the path", Err: fs.ErrNotExist}
	directory, name := filepath.Split(path)
	if version(name) != "" || name == "" {
		return "", false, missing
	}
	entries, err := os.ReadDir(filepath.Clean(directory + "."))
	if err != nil {
		return "", false, missing
	}
	newest := ""
	for _, entry := range entries {
		stamp, isDated := strings.CutSuffix(entry.Name(), "_"+name)
		if !isDated || entry.IsDir() || strings.Trim(stamp, "0123456789_-") != "" || stamp == "" {
			continue
		}
		if newest == "" || compareVersions(stamp, strings.TrimSuffix(newest, "_"+name)) > 0 {
			newest = entry.Name()
		}
	}
	if newest == "" {
		missing.Message = fmt.Sprintf("there is no such file, and none named *_%s beside it", name)
		return "", false, missing
	}
	return directory + newest, true, nil
}

// ReadDirectory reads the migrations of a directory in the order in which they
// run, and those with Flyway's names of the directories below it. Skipped are the
// names of SQL files that have no version although others have one: dumps and
// notes that stand beside migrations.
func ReadDirectory(directory string) (migrations []*Migration, skipped []string, err error) {
	paths, err := candidates(directory)
	if err != nil {
		return nil, nil, err
	}
	versioned := slices.ContainsFunc(paths, func(path string) bool { return version(filepath.Base(path)) != "" })
	for _, path := range paths {
		if name := filepath.Base(path); versioned && version(name) == "" && nameFormat(name) != Flyway {
			skipped = append(skipped, name)
			continue
		}
		migration, err := Read(path)
		if err != nil {
			return nil, nil, err
		}
		migrations = append(migrations, migration)
	}
	slices.SortFunc(migrations, order)
	return migrations, skipped, refuseTwins(migrations)
}

// candidates are the paths of the files that go up.
func candidates(directory string) ([]string, error) {
	var paths []string
	root := directory + string(filepath.Separator) // follows it when it is a link
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		switch {
		case err != nil:
			return err
		case path == root:
			return nil
		case entry.IsDir() && strings.HasPrefix(name, "."):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		below := filepath.Dir(path) != filepath.Clean(directory)
		if strings.HasSuffix(name, ".go") && !below {
			return refuseProgram(path)
		}
		if strings.HasSuffix(name, ".sql") && !strings.HasPrefix(name, ".") && !IsRollback(name) && (!below || nameFormat(name) == Flyway) {
			paths = append(paths, path)
		}
		return nil
	})
	var input *fault.Input
	if err != nil && !errors.As(err, &input) {
		return nil, &fault.Input{Path: directory, Message: "the directory cannot be read", Hint: "check the path and its permissions", Err: err}
	}
	return paths, err
}

// refuseProgram refuses migrations that are programs: to pass over one would be
// to run the later ones without it.
func refuseProgram(path string) error {
	text, err := readText(path)
	if err != nil || numericProgram.FindString(filepath.Base(path)) == "" || !strings.Contains(text, "goose") {
		return err
	}
	return &fault.Input{Path: path, Message: "this migration of goose is a program, which is not run here", Hint: "write it in SQL, or let goose run it and move it elsewhere"}
}

var numericProgram = regexp.MustCompile(`^[0-9]+_.*\.go$`)

// order is by version, repeatable ones last, then by name.
func order(a, b *Migration) int {
	if a.Repeatable != b.Repeatable {
		if b.Repeatable {
			return -1
		}
		return 1
	}
	return cmp.Or(compareVersions(a.Version, b.Version), strings.Compare(a.Name, b.Name))
}

// refuseTwins refuses two migrations of one version where the format's own tool
// would: the second might have been applied or not, and nobody could tell.
func refuseTwins(migrations []*Migration) error {
	for i := 1; i < len(migrations); i++ {
		a, b := migrations[i-1], migrations[i]
		if a.Name == b.Name { // in two directories
			return &fault.Input{Path: b.Path, Message: a.Path + " has the same name", Hint: "give one of them another"}
		}
		if a.Version != "" && a.Version == b.Version && b.Format != Plain {
			return &fault.Input{Path: b.Path, Message: fmt.Sprintf("%s has the same version, %s", a.Name, a.Version), Hint: "give one of them another"}
		}
	}
	return nil
}

// compareVersions compares runs of digits by value, one by one: 9 < 10, 1.2 < 1.10.
func compareVersions(a, b string) int {
	isSeparator := func(r rune) bool { return r == '.' || r == '_' || r == '-' }
	left, right := strings.FieldsFunc(a, isSeparator), strings.FieldsFunc(b, isSeparator)
	for i := range min(len(left), len(right)) {
		l, r := strings.TrimLeft(left[i], "0"), strings.TrimLeft(right[i], "0")
		if order := cmp.Or(cmp.Compare(len(l), len(r)), strings.Compare(l, r)); order != 0 {
			return order
		}
	}
	return cmp.Compare(len(left), len(right))
}
