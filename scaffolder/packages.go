package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// packageAt is the package.json in dir or the nearest above it; "" when there
// is none.
func packageAt(dir string) string {
	dir, err := filepath.Abs(dir)
	for err == nil {
		path := filepath.Join(dir, "package.json")
		if _, statErr := os.Stat(path); statErr == nil {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return ""
}

// noteMissing logs which packages the generated sources import and the
// package.json at path does not have: it is the user's, and stays as it is.
func noteMissing(s streams, path string, packages map[string]string) error {
	text, err := os.ReadFile(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	var has struct{ Dependencies, DevDependencies, PeerDependencies map[string]string }
	if err := json.Unmarshal(text, &has); err != nil {
		s.log.Warn().Msgf("%s cannot be read, so it is not known whether it has the packages that the server imports: %v", path, err)
		return nil
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		if has.Dependencies[name] == "" && has.DevDependencies[name] == "" && has.PeerDependencies[name] == "" {
			missing = append(missing, name+"@"+packages[name])
		}
	}
	if missing != nil {
		s.log.Warn().Msgf("%s lacks packages that the server imports: npm install %s", path, strings.Join(missing, " "))
	}
	return nil
}
