package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// pageByRoutes says whether --docs is shown by routes/index.ts: where the
// application is the user's own, or is there already and does not mount the page.
func pageByRoutes(o options, p place) (bool, error) {
	if !o.Docs || o.TypesOnly {
		return false, nil
	}
	if !p.project {
		return true, nil
	}
	name := filepath.Join(p.root, p.source, "app.ts")
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil // it will be written, with the page
	case err != nil:
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	return !strings.Contains(string(text), "middleware/docs.js"), nil
}

// notePage tells where the page is then.
func notePage(s streams, p place) {
	s.log.Info().Msgf("--docs: %s shows the page at docs below where your application mounts the routes, such as /docs",
		path.Join(filepath.ToSlash(p.root), p.source, "routes/index.ts"))
}
