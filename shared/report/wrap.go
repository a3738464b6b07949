package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// displayWidth is how many terminal columns text takes: East Asian wide
// characters take two, combining marks none.
func displayWidth(text string) int { return uniseg.StringWidth(text) }

// wrap breaks one paragraph into lines of at most width columns, between words
// where it can. It returns at least one line.
func wrap(text string, width int) []string {
	width = max(width, 2)
	if displayWidth(text) <= width {
		return []string{text}
	}
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		size := displayWidth(word)
		if used > 0 && used+1+size <= width {
			line += " " + word
			used += 1 + size
			continue
		}
		if used > 0 {
			lines = append(lines, line)
		}
		for size > width {
			var head string
			head, word = breakWord(word, width)
			lines = append(lines, head)
			size -= displayWidth(head) // measuring the rest again and again would be quadratic
		}
		line, used = word, size
	}
	if used > 0 || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// breakWord splits a word that is wider than width, behind a punctuation mark
// when there is one in the second half and never within a character.
func breakWord(word string, width int) (head, tail string) {
	rest, state, end, used := word, -1, 0, 0
	afterMark := 0
	for len(rest) > 0 {
		cluster, next, size, newState := uniseg.FirstGraphemeClusterInString(rest, state)
		if used+size > width && end > 0 {
			break
		}
		end += len(cluster)
		used += size
		if used > width/2 && len(cluster) == 1 && strings.Contains("_./,-:;&=)(", cluster) {
			afterMark = end
		}
		rest, state = next, newState
	}
	if afterMark > 0 {
		end = afterMark
	}
	return word[:end], word[end:]
}

// shorten cuts text to width columns and ends it with "…" where it did.
func shorten(text string, width int) string {
	if displayWidth(text) <= width {
		return text
	}
	if width < 2 {
		return "…"
	}
	rest, state, end, used := text, -1, 0, 0
	for len(rest) > 0 {
		cluster, next, size, newState := uniseg.FirstGraphemeClusterInString(rest, state)
		if used+size > width-1 {
			break
		}
		end += len(cluster)
		used += size
		rest, state = next, newState
	}
	return text[:end] + "…"
}

// shortenMiddle cuts text to width columns and keeps both its ends: names of
// series often differ at theirs.
func shortenMiddle(text string, width int) string {
	if displayWidth(text) <= width || width < 5 {
		return shorten(text, width)
	}
	var ends []int // of the characters, in bytes
	rest, state := text, -1
	for len(rest) > 0 {
		_, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		ends = append(ends, len(text)-len(rest))
	}
	tail := len(text)
	for i := len(ends) - 2; i >= 0 && displayWidth(text[ends[i]:]) <= (width-1)/2; i-- {
		tail = ends[i]
	}
	return shorten(text[:tail], width-displayWidth(text[tail:])) + text[tail:]
}

func pad(text string, width int, right bool) string {
	space := strings.Repeat(" ", max(0, width-displayWidth(text)))
	if right {
		return space + text
	}
	return text + space
}
