package http2

import "bytes"

// memo is the header block that a server sent last, and what it said. Servers repeat
// themselves: within a second, two answers of the same kind have the same block. What
// such a block says depends on nothing else as long as it refers to no entry of the
// dynamic table and doesn't change its limit.
type memo struct {
	block    []byte // empty when none is remembered
	head     head   // its location is its own
	inserted []textSizes
	texts    []byte // the names and values inserted into the table
}

type textSizes struct{ name, value int }

// memoSize is the longest block that is remembered.
const memoSize = 1 << 10

// recall does what decoding the block would do, if it is the one remembered.
func (m *memo) recall(block []byte, h *head, table *dynamicTable) bool {
	if len(m.block) == 0 || h.keep || !bytes.Equal(block, m.block) {
		return false
	}
	location, lines := append(h.location[:0], m.head.location...), h.lines[:0]
	*h = m.head
	h.location, h.lines = location, lines
	texts := m.texts
	for _, size := range m.inserted {
		end := size.name + size.value
		table.insert(field{texts[:size.name], texts[size.name:end]})
		texts = texts[end:]
	}
	return true
}

// forget makes room for another block.
func (m *memo) forget() {
	m.block, m.inserted, m.texts = m.block[:0], m.inserted[:0], m.texts[:0]
}

// insert remembers that the block has inserted a field.
func (m *memo) insert(f field) {
	m.inserted = append(m.inserted, textSizes{len(f.name), len(f.value)})
	m.texts = append(append(m.texts, f.name...), f.value...)
}

// remember completes what is remembered: the block, which said what h holds.
func (m *memo) remember(block []byte, h *head) {
	location := append(m.head.location[:0], h.location...)
	m.block, m.head = append(m.block, block...), *h
	m.head.location, m.head.lines = location, nil
}
