package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// pair is two schemas.
type pair struct {
	name     string // group__case
	from, to string // SQL
}

// find reads all pairs below a directory.
func find(dir string) ([]pair, error) {
	var pairs []pair
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".sql" || entry.Name() == "roles.sql" || entry.Name() == "to.sql" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if entry.Name() != "from.sql" {
			group := strings.TrimSuffix(entry.Name(), ".sql")
			pairs = append(pairs, cases(group, string(text))...)
			return nil
		}
		to, err := os.ReadFile(filepath.Join(filepath.Dir(path), "to.sql"))
		pairs = append(pairs, pair{name: filepath.Base(filepath.Dir(path)), from: string(text), to: string(to)})
		return err
	})
	if err == nil && len(pairs) == 0 {
		err = fmt.Errorf("%s holds no <case>/from.sql and no file of cases", dir)
	}
	return pairs, err
}

// cases cuts a file of many pairs. What stands before the first is put before
// both sides of each.
func cases(group, text string) []pair {
	parts := strings.Split("\n"+text, "\n-- case: ")
	var pairs []pair
	for _, part := range parts[1:] {
		name, body, _ := strings.Cut(part, "\n")
		from, to, _ := strings.Cut("\n"+body, "\n-- to\n")
		pairs = append(pairs, pair{name: group + "__" + strings.TrimSpace(name), from: parts[0] + "\n" + from, to: parts[0] + "\n" + to})
	}
	return pairs
}
