package report

import "strings"

// mask stands where a secret was.
const mask = "***"

// Redact returns text with the secrets in it replaced by "***": passwords in
// URLs and in connection strings, values of keys that name a secret, headers
// that carry credentials, bearer and basic tokens, JSON web tokens, private
// keys, and tokens whose prefix tells who issued them. What surrounds a secret
// stays, so that the text still says what it was. Redacting twice changes
// nothing more, and the time is linear in the length of text.
//
// It errs on the side of hiding: a "password=example" in an explanation is
// hidden too. A secret without any sign that it is one cannot be recognised.
func Redact(text string) string {
	if !mayHoldSecret(text) {
		return text
	}
	text = redactUserinfo(text)
	text = redactPairs(text)
	return redactTokens(text)
}

// mayHoldSecret is a cheap test that spares ordinary text the work: every
// secret that is recognised comes with one of these characters or is a long word.
func mayHoldSecret(text string) bool {
	if strings.ContainsAny(text, "=:'\"@") {
		return true
	}
	return len(text) >= 12 // the shortest token with a prefix, or a scheme and its token
}

// RedactURL returns address with its password and the values of its secret
// query parameters replaced by "***". It is meant for what a person gave as an
// address, so it also takes "user:password@host" without a scheme, which in
// running text could be anything.
func RedactURL(address string) string {
	redacted := Redact(address)
	if strings.Contains(redacted, "://") {
		return redacted
	}
	authority, rest := redacted, ""
	if i := strings.IndexAny(redacted, "/?#"); i >= 0 && strings.Contains(redacted[:i], "@") {
		authority, rest = redacted[:i], redacted[i:]
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return redacted
	}
	colon := strings.IndexByte(authority[:at], ':')
	if colon < 0 {
		return redacted
	}
	return authority[:colon+1] + mask + authority[at:] + rest
}

// RedactHeader returns the value of a header as it may be shown: "***" for
// headers that carry credentials, with the scheme of Authorization kept.
func RedactHeader(name, value string) string {
	if isSecretHeader(strings.ToLower(strings.TrimSpace(name))) {
		return maskCredentials(value)
	}
	return Redact(value)
}
