package report

import (
	"strings"
	"unicode/utf8"
)

// Bounds on what is looked at again and again, which keep the time linear.
const (
	maxKey  = 64  // bytes of a key; what is longer is no key
	maxWord = 256 // bytes by which a word is judged
)

// redactPairs hides the values of "key=value", "key: value", `"key": "value"`
// and "Header: value" whose key names a secret.
func redactPairs(text string) string {
	var b strings.Builder
	done, connection := 0, isConnectionString(text)
	for i := 0; i < len(text); i++ {
		if text[i] != '=' && text[i] != ':' {
			continue
		}
		pair := readPair(text, i, done)
		pair.connection = connection
		start, end := pair.value()
		i = max(i, pair.after-1)
		if start >= end {
			continue
		}
		b.WriteString(text[done:start])
		b.WriteString(pair.masked(text[start:end]))
		done = end
		i = max(i, end-1)
	}
	if done == 0 {
		return text
	}
	return b.String() + text[done:]
}

// pair is a key with the separator behind it, and where a value may begin.
type pair struct {
	text       string
	key        string // in lower case
	keyStart   int
	quoted     bool // the key stands in quotes, as in JSON
	colon      bool // the separator is ":" and not "="
	spaced     bool // there is space around the separator
	connection bool // the text is a connection string
	after      int  // just behind the separator
	from       int  // behind the separator and the space after it
}

// readPair reads the pair whose separator begins at i. No key begins before floor.
func readPair(text string, i, floor int) pair {
	p := pair{text: text, colon: text[i] == ':', after: i + 1}
	for p.after < len(text) && (text[p.after] == '=' || text[p.after] == ':' && p.colon) {
		if !p.colon || text[p.after] == ':' {
			p.key = "" // a comparison or a cast, no assignment
			p.after++
			for p.after < len(text) && (text[p.after] == '=' || text[p.after] == ':') {
				p.after++
			}
			return p
		}
		p.colon = false // := assigns
		p.after++
	}
	if p.after < len(text) && text[p.after] == '>' && !p.colon {
		p.after++ // => assigns in some languages
	}
	p.from = p.after
	for p.from < len(text) && (text[p.from] == ' ' || text[p.from] == '\t') {
		p.from++
	}
	end := i
	for end > floor && i-end < 8 && (text[end-1] == ' ' || text[end-1] == '\t') {
		end--
	}
	p.spaced = end < i || p.from > p.after
	if end > floor && isQuote(text[end-1]) {
		p.quoted = true
		end--
		if end > floor && text[end-1] == '\\' {
			end--
		}
	}
	p.keyStart = end
	for p.keyStart > floor && end-p.keyStart < maxKey && isKeyByte(text[p.keyStart-1]) {
		p.keyStart--
	}
	p.key = strings.ToLower(text[p.keyStart:end])
	return p
}

// value returns where the secret value begins and ends; start >= end when the
// pair holds none.
func (p pair) value() (start, end int) {
	header := p.colon && isSecretHeader(p.key)
	if !header && !isSecretKey(p.key) || p.from >= len(p.text) {
		return 0, 0
	}
	start = p.from
	if p.text[start] == '\\' && start+1 < len(p.text) && isQuote(p.text[start+1]) {
		start++
	}
	if isQuote(p.text[start]) {
		return start + 1, closingQuote(p.text, start)
	}
	switch {
	case header:
		return p.headerValue(start)
	case p.colon:
		return p.plainValue(start)
	case p.spaced && !p.connection:
		return p.plainValue(start)
	}
	return start, p.wordEnd(start)
}

func (p pair) masked(value string) string {
	if p.colon && isSecretHeader(p.key) {
		return maskCredentials(value)
	}
	return mask
}

// headerValue is the rest of the line, of the quotes around the whole header
// or of the brackets around the value.
func (p pair) headerValue(start int) (int, int) {
	stop := "\r\n"
	switch {
	case p.text[start] == '{':
		return 0, 0
	case p.text[start] == '[':
		start++
		stop = "]\r\n"
	case p.keyStart > 0 && isQuote(p.text[p.keyStart-1]) && !p.quoted:
		stop += p.text[p.keyStart-1 : p.keyStart]
	}
	return start, start + indexAnyOrEnd(p.text[start:], stop)
}

// plainValue is a word that looks like a secret. Where prose, code or a schema
// says "password: string" or "token = next()", there is none.
func (p pair) plainValue(start int) (int, int) {
	near := p.text[start:min(len(p.text), start+maxWord)]
	if p.colon && p.from == p.after && near[0] == '[' { // as Go prints a map of lists
		end := indexAnyOrEnd(near, "]\r\n")
		if strings.ContainsAny(near[:end], `"'`) {
			return 0, 0
		}
		return start + 1, start + end
	}
	const stop = " \t\r\n,;\"'`<>()[]{}"
	end := indexAnyOrEnd(near, stop)
	if end < len(near) && strings.IndexByte("([{", near[end]) >= 0 || !looksRandom(near[:end]) {
		return 0, 0
	}
	return start, start + indexAnyOrEnd(p.text[start:], stop)
}

// wordEnd is the end of an unquoted value that begins at start: of a query
// parameter, or of a word in a connection string or an environment.
func (p pair) wordEnd(start int) int {
	query := p.keyStart > 0 && strings.IndexByte("?&", p.text[p.keyStart-1]) >= 0
	end := start
scan:
	for end < len(p.text) {
		switch c := p.text[end]; {
		case strings.IndexByte(" \t\r\n\"<>`", c) >= 0, query && strings.IndexByte("&#'", c) >= 0:
			break scan
		case c == '\\' && end+1 < len(p.text) && !query:
			_, size := utf8.DecodeRuneInString(p.text[end+1:])
			end += 1 + size
			continue
		case c == '\'' && (end+1 == len(p.text) || strings.IndexByte(" \t\r\n,;)]}", p.text[end+1]) >= 0):
			break scan
		case strings.IndexByte("&;,", c) >= 0 && startsPair(p.text[end+1:]):
			break scan
		}
		end++
	}
	for end > start && strings.IndexByte(".,;)]}", p.text[end-1]) >= 0 {
		end--
	}
	if end-start <= maxKey && isPlaceholder(p.text[start:end]) {
		return start
	}
	return end
}

func startsPair(text string) bool {
	text = strings.TrimPrefix(text, " ")
	for i := 0; i < len(text) && i < maxKey; i++ {
		if text[i] == '=' {
			return i > 0
		}
		if !isKeyByte(text[i]) {
			return false
		}
	}
	return false
}

// closingQuote is where the quoted text that opens at start ends. Backslashes
// escape, doubled quotes are part of the text, a missing end is the end of the text.
func closingQuote(text string, start int) int {
	quote := text[start]
	escaped := start > 0 && text[start-1] == '\\' // as in JSON within JSON
	for i := start + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			if escaped && text[i+1] == quote {
				return i
			}
			i++
		case text[i] != quote:
		case i+1 < len(text) && text[i+1] == quote && i > start+1:
			i++
		default:
			return i
		}
	}
	return len(text)
}

func indexAnyOrEnd(text, chars string) int {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return i
	}
	return len(text)
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func isKeyByte(c byte) bool { return isWordByte(c) || c == '-' || c == '.' }
