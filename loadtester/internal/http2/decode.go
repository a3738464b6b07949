package http2

// decoder decodes the header blocks of one connection, RFC 7541. The zero value needs
// its table's limit set.
type decoder struct {
	table   dynamicTable
	scratch []byte // strings that were Huffman-coded
	memo    memo
	depends bool // what the block says depends on the table
}

// decode hands the fields of a block to h, in their order. Whatever h thinks of them,
// the block is decoded to its end, since later ones depend on it. It reports false when
// the block can't be decoded.
func (d *decoder) decode(block []byte, h *head) bool {
	if d.memo.recall(block, h, &d.table) {
		return true
	}
	d.memo.forget()
	d.scratch = d.scratch[:0]
	d.depends = false
	if !d.read(block, h) {
		return false
	}
	if !d.depends && !h.keep && len(block) <= memoSize {
		d.memo.remember(block, h)
	}
	return true
}

// read decodes a block.
func (d *decoder) read(block []byte, h *head) bool {
	begun := false
	for len(block) > 0 {
		first := block[0]
		var ok bool
		switch {
		case first&0x80 != 0: // indexed
			var index int
			if index, block, ok = readInt(block, 7); !ok {
				return false
			}
			f, ok := d.lookup(index)
			if !ok {
				return false
			}
			h.add(f)
		case first&0xe0 == 0x20: // a new limit of the table, at the beginning only
			var limit int
			if limit, block, ok = readInt(block, 5); !ok || begun || limit > tableSize {
				return false
			}
			d.table.resize(limit)
			d.depends = true
			continue
		default:
			prefix := uint(4) // not to be indexed
			if first&0xc0 == 0x40 {
				prefix = 6
			}
			var f field
			if f, block, ok = d.literal(block, prefix); !ok {
				return false
			}
			h.add(f)
			if prefix == 6 {
				d.memo.insert(f)
				d.table.insert(f)
			}
		}
		begun = true
	}
	return true
}

func (d *decoder) lookup(index int) (field, bool) {
	if index >= 1 && index <= len(staticFields) {
		return staticFields[index-1], true
	}
	d.depends = true
	return d.table.get(index - len(staticFields) - 1)
}

// literal reads a field whose value, and maybe name, stands in the block.
func (d *decoder) literal(block []byte, prefix uint) (f field, rest []byte, ok bool) {
	index, rest, ok := readInt(block, prefix)
	if !ok {
		return f, rest, false
	}
	if index == 0 {
		f.name, rest, ok = d.text(rest)
	} else {
		var named field
		named, ok = d.lookup(index)
		f.name = named.name
	}
	if !ok {
		return f, rest, false
	}
	f.value, rest, ok = d.text(rest)
	return f, rest, ok
}

// text reads a string.
func (d *decoder) text(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, b, false
	}
	coded := b[0]&0x80 != 0
	n, b, ok := readInt(b, 7)
	if !ok || n > len(b) {
		return nil, b, false
	}
	text, rest = b[:n], b[n:]
	if !coded {
		return text, rest, true
	}
	from := len(d.scratch)
	d.scratch, ok = appendHuffman(d.scratch, text, from+MaxHead)
	return d.scratch[from:], rest, ok
}

// readInt reads a number that begins in the lowest bits of a byte, RFC 7541 section 5.1.
func readInt(b []byte, prefix uint) (n int, rest []byte, ok bool) {
	most := 1<<prefix - 1
	n = int(b[0]) & most
	b = b[1:]
	if n < most {
		return n, b, true
	}
	for shift := uint(0); shift <= 21; shift += 7 {
		if len(b) == 0 {
			return 0, b, false
		}
		c := b[0]
		b = b[1:]
		n += int(c&0x7f) << shift
		if c&0x80 == 0 {
			return n, b, true
		}
	}
	return 0, b, false
}
