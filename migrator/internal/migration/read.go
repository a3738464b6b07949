package migration

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Read reads the migration whose up file is path, and its way back.
func Read(path string) (*Migration, error) {
	if IsRollback(path) {
		return nil, &fault.Input{Path: path, Message: "this is a rollback file", Hint: "name it with --rollback instead of --migrate"}
	}
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	up, down, format, err := sections(path, text)
	if err != nil {
		return nil, err
	}
	if !up.found {
		return nil, &fault.Input{Path: path, Message: fmt.Sprintf("the file has no part that goes up, as %s marks it", format), Hint: `add "-- +goose Up" or "-- migrate:up"`}
	}
	name := filepath.Base(path)
	migration := &Migration{Name: name, Path: path, Version: version(name), Format: format, Checksum: checksum(up.text)}
	if format == Plain {
		migration.Format = nameFormat(name)
		migration.Repeatable = IsRepeatable(name)
		if migration.Format == Flyway {
			if err := asFlyway(path, &up); err != nil {
				return nil, err
			}
		}
		if down, err = readDown(path); err != nil {
			return nil, err
		}
	}
	if format := migration.Format; format == Goose || format == Dbmate || format == GolangMigrate {
		migration.Version, _, _ = strings.Cut(migration.Version, "_")
	}
	if migration.Up, err = parse(up); err != nil {
		return nil, err
	}
	if migration.Up.Count == 0 {
		return nil, &fault.Input{Path: path, Message: "the file holds no statement", Hint: "write the migration into it, or delete it"}
	}
	if down.found {
		migration.Down, err = parse(down)
	}
	return migration, err
}

func readDown(path string) (section, error) {
	rollback := rollbackPath(path)
	if rollback == "" {
		return section{}, nil
	}
	text, err := readText(rollback)
	down := section{path: rollback, text: text, found: true, mode: header(text)}
	if err == nil && nameFormat(filepath.Base(rollback)) == Flyway {
		err = asFlyway(rollback, &down)
	}
	return down, err
}

// readText reads a whole file; what is wrong with it is a fault.Input.
func readText(path string) (string, error) {
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &fault.Input{Path: path, Message: "there is no such file", Hint: "check the path", Err: err}
	case err != nil:
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		return "", &fault.Input{Path: path, Message: "the file cannot be read: " + err.Error(), Hint: "name a readable SQL file", Err: err}
	}
	return string(content), nil
}

var (
	flywayName  = regexp.MustCompile(`^(?:[VvUu]([0-9]+(?:[._][0-9]+)*)|[Rr])__.*\.sql$`)
	numericName = regexp.MustCompile(`^([0-9]+(?:_[0-9]+)*)[._-].*\.sql$|^([0-9]+)\.sql$`)
)

// nameFormat is the format that a file's name alone tells.
func nameFormat(name string) Format {
	switch {
	case strings.HasSuffix(name, ".up.sql") || strings.HasSuffix(name, ".down.sql"):
		return GolangMigrate
	case flywayName.MatchString(name):
		return Flyway
	}
	return Plain
}

// version is the digits of a name that order it, or nothing.
func version(name string) string {
	if match := flywayName.FindStringSubmatch(name); match != nil {
		return match[1]
	}
	if match := numericName.FindStringSubmatch(name); match != nil {
		return match[1] + match[2]
	}
	return ""
}

// IsRollback says that a file by its name is another's way back.
func IsRollback(path string) bool {
	name := filepath.Base(path)
	return strings.HasSuffix(name, "_rollback.sql") || strings.HasSuffix(name, ".down.sql") ||
		flywayName.MatchString(name) && (name[0] == 'U' || name[0] == 'u')
}

// IsRepeatable says that a file by its name runs again whenever it changes.
func IsRepeatable(name string) bool {
	return flywayName.MatchString(name) && (name[0] == 'R' || name[0] == 'r')
}

// RollbackName is the name that a migration's rollback file has to have.
func RollbackName(m *Migration) string {
	switch m.Format {
	case GolangMigrate:
		return strings.TrimSuffix(m.Name, ".up.sql") + ".down.sql"
	case Flyway:
		return "U" + m.Version + "__NAME.sql"
	case Goose:
		return `a part "-- +goose Down" in the file`
	case Dbmate:
		return `a part "-- migrate:down" in the file`
	}
	return strings.TrimSuffix(m.Name, ".sql") + "_rollback.sql"
}

// rollbackPath is the file that takes path back, or nothing.
func rollbackPath(path string) string {
	directory, name := filepath.Split(path)
	if nameFormat(name) == Flyway {
		undo, err := filepath.Glob(globQuote(directory) + "[Uu]" + version(name) + "__*.sql")
		if err == nil && len(undo) == 1 && version(name) != "" {
			return undo[0]
		}
		return ""
	}
	candidate := strings.TrimSuffix(path, ".sql") + "_rollback.sql"
	if base, isUp := strings.CutSuffix(path, ".up.sql"); isUp {
		candidate = base + ".down.sql"
	}
	if _, err := os.Stat(candidate); err != nil {
		return ""
	}
	return candidate
}

// UpPath is the file that a rollback file takes back, or an error that says
// which was looked for.
func UpPath(rollback string) (string, error) {
	directory, name := filepath.Split(rollback)
	var candidate string
	switch {
	case nameFormat(name) == Flyway:
		found, err := filepath.Glob(globQuote(directory) + "[Vv]" + version(name) + "__*.sql")
		if err == nil && len(found) == 1 {
			return found[0], nil
		}
		candidate = directory + "V" + version(name) + "__*.sql"
	case strings.HasSuffix(name, ".down.sql"):
		candidate = strings.TrimSuffix(rollback, ".down.sql") + ".up.sql"
	default:
		candidate = strings.TrimSuffix(rollback, "_rollback.sql") + ".sql"
	}
	if _, err := os.Stat(candidate); err != nil {
		return "", &fault.Input{Path: rollback, Message: "the migration that this file takes back is not there: " + candidate, Hint: "keep the two beside each other", Err: err}
	}
	return candidate, nil
}

func globQuote(path string) string {
	return regexp.MustCompile(`[*?\[\\]`).ReplaceAllString(path, `\$0`)
}
