package openapi

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pb33f/go-yaml"

	"github.com/senior-backend/toolkit/shared/fault"
)

// maxBytes bounds what is read, over all files of a document. The largest
// documents known have 13 MB.
const maxBytes = 64 << 20

// file is one parsed file.
type file struct {
	path string   // as a person would name it
	dir  string   // absolute directory that references in it are relative to
	url  *url.URL // that it was fetched from; nil for files of this machine
	root *yaml.Node
}

func (f *file) value() value {
	return value{node: f.root, scope: &scope{file: f, resource: f.root}}
}

// files are the files of one document, each read once.
type files struct {
	folders []folder
	parsed  map[string]*file // by absolute path
	failed  map[string]error
	order   []string
	left    int64 // bytes that may still be read
	remote  bool  // files may be fetched
	fetched int
}

// folder is a directory tree that references may read. An os.Root keeps
// symbolic links and dots from leading out of it.
type folder struct {
	path  string // absolute
	shown string // as a person would name it
	root  *os.Root
}

// openFiles prepares reading the document at path. Its folder is opened when
// the first reference needs it.
func openFiles(path string, o Options) (*files, error) {
	dir := "."
	if path != "-" {
		dir = filepath.Dir(path)
	}
	f := &files{parsed: map[string]*file{}, failed: map[string]error{}, left: maxBytes, remote: o.AllowRemote}
	for i, shown := range append([]string{dir}, o.AllowRefs...) {
		absolute, err := filepath.Abs(shown)
		if err != nil {
			return nil, fmt.Errorf("find directory %s: %w", shown, err)
		}
		if i > 0 {
			if info, err := os.Stat(absolute); err != nil || !info.IsDir() {
				return nil, &fault.Input{Path: shown, Message: "is no directory that --allow-refs could open", Err: err}
			}
		}
		f.folders = append(f.folders, folder{path: absolute, shown: shown})
	}
	return f, nil
}

func (f *files) close() {
	for _, folder := range f.folders {
		if folder.root != nil {
			folder.root.Close()
		}
	}
}

func (f *files) names() []string { return f.order }

// readRoot reads and parses the document itself and returns its version.
func (f *files) readRoot(path string, stdin io.Reader) (*file, string, error) {
	shown := path
	var data []byte
	var err error
	if path == "-" {
		shown = "<stdin>"
		data, err = f.readAll(shown, stdin)
	} else {
		data, err = f.readPath(path)
	}
	if err != nil {
		return nil, "", err
	}
	node, err := parse(shown, data)
	if err != nil {
		return nil, "", err
	}
	root := &file{path: shown, dir: f.folders[0].path, root: node}
	version, err := documentVersion(root)
	if err != nil {
		return nil, "", err
	}
	if absolute, err := filepath.Abs(path); err == nil && path != "-" {
		f.parsed[absolute] = root
	}
	f.order = append(f.order, shown)
	return root, version, nil
}

func (f *files) readPath(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, inputError(path, err)
	}
	if info.IsDir() {
		return nil, &fault.Input{Path: path, Message: "is a directory, not an OpenAPI document", Hint: "name the document in it"}
	}
	if info.Mode().IsRegular() && info.Size() > f.left {
		return nil, tooLarge(path, info.Size())
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, inputError(path, err)
	}
	defer opened.Close()
	return f.readAll(path, opened)
}

func (f *files) readAll(path string, from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, f.left+1))
	if err != nil {
		return nil, inputError(path, err)
	}
	if int64(len(data)) > f.left {
		return nil, tooLarge(path, 0)
	}
	f.left -= int64(len(data))
	return data, nil
}

// inputError says why path could not be read, without repeating its name.
func inputError(path string, err error) error {
	var cause *fs.PathError
	message := err.Error()
	if errors.As(err, &cause) {
		message = cause.Err.Error()
	}
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.Contains(path, "://"):
		message, hint = "is an address, and nothing is read from the network", "download the document, or pipe it in and name it -"
	case errors.Is(err, fs.ErrNotExist):
		message, hint = "there is no such file", "check the path"
	case errors.Is(err, fs.ErrPermission):
		message, hint = "may not be read by this user", "check its permissions"
	}
	return &fault.Input{Path: path, Message: message, Hint: hint, Err: err}
}

func tooLarge(path string, size int64) error {
	message := fmt.Sprintf("is larger than the %d MiB that a document and its files may have", maxBytes>>20)
	if size > 0 {
		message = fmt.Sprintf("has %d MiB, more than the %d MiB that a document and its files may have", size>>20, maxBytes>>20)
	}
	return &fault.Input{Path: path, Message: message, Hint: "move large examples out of it"}
}

// errOutside is a reference to a file outside the folders that may be read.
var errOutside = errors.New("outside the document's folder")

// open returns the file that reference, the part before "#", names in from.
func (f *files) open(from *file, reference string) (*file, error) {
	name, err := url.PathUnescape(reference)
	if err != nil {
		name = reference
	}
	path := filepath.FromSlash(strings.TrimPrefix(name, "file://"))
	if !filepath.IsAbs(path) {
		path = filepath.Join(from.dir, path)
	}
	path = filepath.Clean(path)
	if known, ok := f.parsed[path]; ok {
		return known, nil
	}
	if err, ok := f.failed[path]; ok {
		return nil, err
	}
	opened, err := f.openNew(path)
	if err != nil {
		f.failed[path] = err
		return nil, err
	}
	f.parsed[path] = opened
	f.order = append(f.order, opened.path)
	return opened, nil
}

func (f *files) openNew(path string) (*file, error) {
	for i := range f.folders {
		folder := &f.folders[i]
		inside, err := filepath.Rel(folder.path, path)
		if err != nil || !filepath.IsLocal(inside) {
			continue
		}
		if folder.root == nil {
			if folder.root, err = os.OpenRoot(folder.path); err != nil {
				return nil, inputError(folder.shown, err)
			}
		}
		shown := filepath.Join(folder.shown, inside)
		data, err := f.readInside(folder.root, inside, shown)
		if err != nil {
			return nil, err
		}
		node, err := parse(shown, data)
		if err != nil {
			return nil, err
		}
		return &file{path: shown, dir: filepath.Dir(path), root: node}, nil
	}
	return nil, errOutside
}

func (f *files) readInside(root *os.Root, inside, shown string) ([]byte, error) {
	info, err := root.Stat(inside)
	if err != nil {
		return nil, inputError(shown, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &fault.Input{Path: shown, Message: "is not a regular file"}
	}
	if info.Size() > f.left {
		return nil, tooLarge(shown, info.Size())
	}
	opened, err := root.Open(inside)
	if err != nil {
		return nil, inputError(shown, err)
	}
	defer opened.Close()
	return f.readAll(shown, opened)
}
