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
	name     string    // group__case
	from, to string    // SQL
	then     *mutation // random changes to the second side; nil for none
	quick    bool      // as the runner's, for this pair alone
	grown    *growth   // what both sides hold at random; nil for nothing
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
			pairs = append(pairs, cases(group(dir, path), string(text))...)
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

// group is what the pairs of a file are counted under: the directory that the
// file is in, or the file's own name at the top.
func group(dir, path string) string {
	if in := filepath.Dir(path); filepath.Clean(in) != filepath.Clean(dir) {
		return filepath.Base(in)
	}
	return strings.TrimSuffix(filepath.Base(path), ".sql")
}

// mutations are pairs of the schemas of a directory with what becomes of them
// at random.
func mutations(dir string, each int, first mutation) ([]pair, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s holds no .sql file", dir)
	}
	var pairs []pair
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		group := strings.TrimSuffix(filepath.Base(file), ".sql")
		for n := range each {
			m := first
			m.seed += uint64(n)
			pairs = append(pairs, pair{name: fmt.Sprintf("%s__%d", group, m.seed), from: string(text), to: string(text), then: &m})
		}
	}
	return pairs, nil
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
