// Package documents finds API descriptions in a directory.
package documents

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// In finds the files below a folder that may be whole documents, small ones first.
func In(folder string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)) {
			return err
		}
		head := make([]byte, 4096)
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("open document: %w", err)
		}
		defer file.Close()
		n, _ := io.ReadFull(file, head)
		for _, word := range []string{"openapi", "swagger"} {
			if bytes.Contains(head[:n], []byte(word+":")) || bytes.Contains(head[:n], []byte(`"`+word+`"`)) {
				found = append(found, path)
				return nil
			}
		}
		if info, err := entry.Info(); err == nil && info.Size() > 100_000 {
			found = append(found, path)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b string) int {
		left, _ := os.Stat(a)
		right, _ := os.Stat(b)
		return int(left.Size() - right.Size())
	})
	if err != nil {
		return nil, fmt.Errorf("walk documents: %w", err)
	}
	return found, nil
}
