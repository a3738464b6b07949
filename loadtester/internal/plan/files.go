package plan

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/senior-backend/toolkit/shared/fault"
)

// Files are what the files that options name hold, by the names they are named by. They
// stand for the disk of another machine: what is not among them does not exist. A nil one
// is this machine's own disk.
type Files struct {
	Contents map[string][]byte
	keep     bool // read from the disk what is not there yet, and keep it
}

func (f *Files) read(path, what string, limit int64, hint string) ([]byte, error) {
	if f == nil {
		return readLimited(path, what, limit, hint)
	}
	text, known := f.Contents[path]
	switch {
	case known && int64(len(text)) <= limit:
		return text, nil
	case !f.keep:
		return nil, &fault.Input{Path: path, Message: what + " can't be read: " + fs.ErrNotExist.Error(), Hint: hint}
	}
	text, err := readLimited(path, what, limit, hint)
	if err == nil {
		f.Contents[path] = text
	}
	return text, err
}

func readLimited(path, what string, limit int64, hint string) ([]byte, error) {
	bad := func(err error) error {
		return &fault.Input{Path: path, Message: what + " can't be read: " + plainOS(err), Hint: hint, Err: err}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, bad(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, bad(err)
	}
	if int64(len(text)) > limit {
		return nil, &fault.Input{Path: path, Message: fmt.Sprintf("%s is larger than %d MiB", what, limit>>20), Hint: "send a smaller one"}
	}
	return text, nil
}
