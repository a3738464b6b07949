package report

import (
	"regexp"
	"strings"
)

// redactUserinfo hides the password of every "scheme://user:password@host".
func redactUserinfo(text string) string {
	const separator = "://"
	var b strings.Builder
	for {
		i := strings.Index(text, separator)
		if i < 0 {
			break
		}
		scheme := trailingScheme(text[:i])
		b.WriteString(text[:i+len(separator)])
		text = text[i+len(separator):]
		start, end := passwordIn(text, isDatabaseScheme(scheme))
		if start < end {
			b.WriteString(text[:start] + mask)
			text = text[end:]
		}
	}
	if b.Len() == 0 {
		return redactDSN(text)
	}
	b.WriteString(text)
	return redactDSN(b.String())
}

const maxAuthority = 1024 // bytes looked at behind each "://", which keeps the time linear

func trailingScheme(text string) string {
	i := len(text)
	for i > 0 && len(text)-i < 32 && isWordByte(text[i-1]) {
		i--
	}
	return strings.ToLower(text[i:])
}

// isDatabaseScheme tells the schemes whose connection strings hold passwords
// that people forget to encode, and whose paths hold no "@".
func isDatabaseScheme(scheme string) bool {
	switch scheme {
	case "postgres", "postgresql", "mysql", "mariadb", "redis", "rediss", "mongodb", "srv", "amqp", "amqps", "nats", "tls":
		return true
	}
	return false
}

// passwordIn returns where the password in rest, the part of a URL after its
// "://", begins and ends; start >= end when there is none. The password ends
// at the last "@" before the path. One that holds an unencoded "/", "?" or "#"
// is no URL any more, yet must not be shown: what follows the colon is then no
// port, or the scheme is a database's.
func passwordIn(rest string, database bool) (start, end int) {
	rest = rest[:min(len(rest), maxAuthority)]
	rest = rest[:indexAnyOrEnd(rest, " \t\r\n\"<>`")]
	authority := indexAnyOrEnd(rest, "/?#")
	colon := strings.IndexByte(rest[:authority], ':')
	if colon < 0 || strings.HasPrefix(rest, "[") || strings.ContainsAny(rest[:colon], "@") {
		return 0, 0
	}
	afterDigits := colon + 1 + len(rest[colon+1:]) - len(strings.TrimLeft(rest[colon+1:], "0123456789"))
	port := afterDigits == len(rest) || strings.IndexByte("/?#'),;]}", rest[afterDigits]) >= 0
	if database {
		authority = indexAnyOrEnd(rest, "?")
	}
	if at := strings.LastIndexByte(rest[:authority], '@'); at > colon && (database || !port || rest[afterDigits] != '\'') {
		return colon + 1, at
	}
	at := strings.LastIndexByte(rest, '@')
	if at > colon && (!port || database && !strings.Contains(rest[colon:at], "://")) {
		return colon + 1, at
	}
	return 0, 0
}

var driverDSN = regexp.MustCompile(`([\w.-]+:)[^\s@]+(@(?:tcp|unix)\()`)

func redactDSN(text string) string {
	if !strings.Contains(text, "@tcp(") && !strings.Contains(text, "@unix(") {
		return text
	}
	return driverDSN.ReplaceAllString(text, "${1}"+mask+"${2}")
}
