package framework

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// lettered is a path with the letters outside of ASCII as they are, which
// routers want to be told in the encoding that requests have.
func lettered(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); {
		var letters []byte
		at := i
		for at+2 < len(path) && path[at] == '%' {
			code, err := strconv.ParseUint(path[at+1:at+3], 16, 8)
			if err != nil || code < utf8.RuneSelf {
				break
			}
			letters = append(letters, byte(code))
			at += 3
		}
		if len(letters) > 0 && utf8.Valid(letters) {
			b.Write(letters)
			i = at
			continue
		}
		b.WriteByte(path[i])
		i++
	}
	return b.String()
}
