package fleet

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
)

// maxParcel is how large a plan may be, with all that it sends.
const maxParcel = 1 << 30

// pieceSize is how much of a blob goes in one message.
const pieceSize = 256 << 10

// openParcel reads what packed wrote.
func openParcel(text []byte) (*plan.Parcel, error) {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxParcel+1))
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	if len(plain) > maxParcel {
		return nil, errors.New("the plan is too large")
	}
	var p plan.Parcel
	if err := json.Unmarshal(plain, &p); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	return &p, nil
}

func packed(p *plan.Parcel) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(p); err != nil {
		return nil, fmt.Errorf("pack the plan: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the plan: %w", err)
	}
	return b.Bytes(), nil
}

// cargo is what agents may ask for of one session.
type cargo struct {
	parcel []byte
	data   *plan.Data // all rows; nil where there are none
	of     int

	mu   sync.Mutex
	rows map[int][]byte // by share; those that are asked for
}

// rowsOf is the rows of one share.
func (c *cargo) rowsOf(index int) []byte {
	if c.data == nil || index < 0 || index >= c.of {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if text := c.rows[index]; text != nil {
		return text
	}
	text, err := c.data.Part(plan.Share{Index: index, Of: c.of}).AppendBinary(nil)
	if err != nil {
		return nil
	}
	if c.rows == nil {
		c.rows = map[int][]byte{}
	}
	c.rows[index] = text
	return text
}

// drop forgets the rows of a share, once its agent has them.
func (c *cargo) drop(index int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.rows, index)
}

// piece is what is asked for.
func (c *cargo) piece(w *want) []byte {
	text := c.parcel
	if w.Rows {
		text = c.rowsOf(w.Index)
	}
	if w.Offset < 0 || w.Offset >= len(text) {
		return nil
	}
	return text[w.Offset:min(w.Offset+pieceSize, len(text))]
}

func blobOf(text []byte) blob { return blob{Size: len(text), Sum: sha256.Sum256(text)} }
