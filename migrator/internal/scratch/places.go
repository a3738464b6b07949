package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// product names our directories below the user's cache.
const product = "senior-backend-migrator"

// places are the directories that outlive a run.
type places struct {
	root    string  // clusters and fetched binaries; absolute
	account account // who runs servers
}

// findPlaces chooses a directory that this user may write to and that the
// account that runs servers can reach. Home directories of root are commonly
// closed to everybody else, so root's cache is in a public place.
func findPlaces(cacheDir string) (places, error) {
	who, err := serverAccount()
	if err != nil {
		return places{}, err
	}
	candidates := []string{cacheDir}
	if cacheDir == "" {
		candidates = nil
		if who.other {
			candidates = append(candidates, filepath.Join("/var/cache", product))
		} else if cache, err := os.UserCacheDir(); err == nil {
			candidates = append(candidates, filepath.Join(cache, product))
		}
		candidates = append(candidates, filepath.Join(os.TempDir(), fmt.Sprintf("%s-%d", product, os.Getuid())))
	}
	var errs []error
	for _, dir := range candidates {
		err := usable(dir, who)
		if err == nil {
			return places{root: dir, account: who}, nil
		}
		errs = append(errs, err)
	}
	return places{}, errors.Join(errs...)
}

// usable makes dir and sees that nobody else can write to it.
func usable(dir string, who account) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("cache directory %s: not an absolute path", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make cache directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("read cache directory: %w", err)
	}
	if !info.IsDir() || owner(info) != os.Getuid() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("cache directory %s: others may write to it", dir)
	}
	probe, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		return fmt.Errorf("write to cache directory: %w", err)
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	if !who.reaches(dir) {
		return fmt.Errorf("cache directory %s: user %s, who runs the server, cannot reach it", dir, who.name)
	}
	return nil
}
