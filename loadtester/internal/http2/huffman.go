package http2

// codeLengths are the lengths in bits of the Huffman codes of the bytes 0 to 255 and of
// the end of the string, RFC 7541 appendix B. The code is a canonical one: within a
// length, codes go up with the symbols, so that the lengths are all there is to it.
const codeLengths = "" +
	"\x0d\x17\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x18\x1e\x1c\x1c\x1e\x1c\x1c" +
	"\x1c\x1c\x1c\x1c\x1c\x1c\x1e\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c" +
	"\x06\x0a\x0a\x0c\x0d\x06\x08\x0b\x0a\x0a\x08\x0b\x08\x06\x06\x06" +
	"\x05\x05\x05\x06\x06\x06\x06\x06\x06\x06\x07\x08\x0f\x06\x0c\x0a" +
	"\x0d\x06\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07" +
	"\x07\x07\x07\x07\x07\x07\x07\x07\x08\x07\x08\x0d\x13\x0d\x0e\x06" +
	"\x0f\x05\x06\x05\x06\x05\x06\x06\x06\x05\x07\x07\x06\x06\x06\x05" +
	"\x06\x07\x06\x05\x05\x06\x07\x07\x07\x07\x07\x0f\x0b\x0e\x0d\x1c" +
	"\x14\x16\x14\x14\x16\x16\x16\x17\x16\x17\x17\x17\x17\x17\x18\x17" +
	"\x18\x18\x16\x17\x18\x17\x17\x17\x17\x15\x16\x17\x16\x17\x17\x18" +
	"\x16\x15\x14\x16\x16\x17\x17\x15\x17\x16\x16\x18\x15\x16\x17\x17" +
	"\x15\x15\x16\x15\x17\x16\x17\x17\x14\x16\x16\x16\x17\x16\x16\x17" +
	"\x1a\x1a\x14\x13\x16\x17\x16\x19\x1a\x1a\x1a\x1b\x1b\x1a\x18\x19" +
	"\x13\x15\x1a\x1b\x1b\x1a\x1b\x18\x15\x15\x1a\x1a\x1c\x1b\x1b\x1b" +
	"\x14\x18\x14\x15\x16\x15\x15\x17\x16\x16\x19\x19\x18\x18\x1a\x17" +
	"\x1a\x1b\x1a\x1a\x1b\x1b\x1b\x1b\x1b\x1c\x1b\x1b\x1b\x1b\x1b\x1a" +
	"\x1e"

const (
	endOfString = 256
	longestCode = 30
	quickBits   = 10 // codes up to this long are found with one look; that is all of printable ASCII but ten
)

// huffmanCode is the code in a form to decode with.
type huffmanCode struct {
	// quick holds for the next quickBits bits the symbol and the length of its code, or
	// zero when the code is longer.
	quick [1 << quickBits]struct{ symbol, length uint8 }
	// Of each length, the first code, how many there are, and where their symbols begin.
	first, count, offset [longestCode + 1]uint32
	symbols              [endOfString + 1]uint16
}

// huffman is filled once and never changed.
var huffman = newHuffmanCode()

func newHuffmanCode() *huffmanCode {
	h := new(huffmanCode)
	var code, next uint32
	for length := uint32(1); length <= longestCode; length++ {
		code <<= 1
		h.first[length], h.offset[length] = code, next
		for symbol := range codeLengths {
			if uint32(codeLengths[symbol]) != length {
				continue
			}
			h.symbols[next] = uint16(symbol)
			next++
			if length <= quickBits {
				spare := quickBits - length
				for i := code << spare; i < (code+1)<<spare; i++ {
					h.quick[i].symbol, h.quick[i].length = uint8(symbol), uint8(length)
				}
			}
			code++
		}
		h.count[length] = code - h.first[length]
	}
	return h
}

// appendHuffman appends what src stands for to dst. It reports false when src is no
// Huffman-coded string, or dst would grow beyond limit.
func appendHuffman(dst, src []byte, limit int) ([]byte, bool) {
	var bits uint64 // the lowest n of which are still to be decoded
	var n uint
	for {
		for n <= 56 && len(src) > 0 {
			bits = bits<<8 | uint64(src[0])
			n += 8
			src = src[1:]
		}
		if n == 0 {
			return dst, true
		}
		symbol, length := huffman.next(bits, n)
		if length > n {
			// What is left must be the beginning of the end of the string: up to seven ones.
			rest := uint64(1)<<n - 1
			return dst, n < 8 && bits&rest == rest
		}
		if symbol == endOfString || len(dst) >= limit {
			return dst, false
		}
		dst = append(dst, byte(symbol))
		n -= length
	}
}

// next is the symbol that the lowest n bits begin with, and the length of its code.
// Where they end too early, ones follow; then the length may exceed n.
func (h *huffmanCode) next(bits uint64, n uint) (symbol uint16, length uint) {
	if n < longestCode {
		bits, n = bits<<longestCode|(1<<longestCode-1), n+longestCode
	}
	if q := h.quick[bits>>(n-quickBits)&(1<<quickBits-1)]; q.length != 0 {
		return uint16(q.symbol), uint(q.length)
	}
	for length = quickBits + 1; length < longestCode; length++ {
		code := uint32(bits >> (n - length) & (1<<length - 1))
		if at := code - h.first[length]; at < h.count[length] {
			return h.symbols[h.offset[length]+at], length
		}
	}
	code := uint32(bits >> (n - longestCode) & (1<<longestCode - 1))
	if at := code - h.first[longestCode]; at < h.count[longestCode] {
		return h.symbols[h.offset[longestCode]+at], longestCode
	}
	return endOfString, longestCode
}
