package report

import (
	"regexp"
	"strings"
)

// isSecretHeader reports whether name, in lower case, is a header whose whole
// value is a credential.
func isSecretHeader(name string) bool {
	switch name {
	case "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key",
		"x-auth-token", "x-access-token", "x-csrf-token", "x-xsrf-token", "x-amz-security-token",
		"private-token", "x-vault-token", "x-goog-api-key", "authentication-info":
		return true
	}
	return false
}

var separators = strings.NewReplacer("_", "", "-", "", ".", "")

// isSecretKey reports whether key, in lower case, is how a setting, a parameter
// or a property that holds a secret is called.
func isSecretKey(key string) bool {
	switch key {
	case "", "pass", "sig", "sid", "jwt":
		return key != ""
	}
	key = separators.Replace(key)
	for _, cursor := range []string{"pagetoken", "nexttoken", "continuationtoken", "synctoken"} {
		if strings.HasSuffix(key, cursor) {
			return false
		}
	}
	for _, ending := range []string{
		"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "accesskey", "secretkey",
		"privatekey", "signature", "credential", "credentials", "sessionid", "sessid",
		"authorization", "cookie",
	} {
		if strings.HasSuffix(key, ending) {
			return true
		}
	}
	return false
}

// maskCredentials hides the value of a credential header and keeps its scheme.
func maskCredentials(value string) string {
	scheme, rest, found := strings.Cut(strings.TrimSpace(value), " ")
	if scheme == "" {
		return value
	}
	if found && strings.TrimSpace(rest) != "" {
		switch strings.ToLower(scheme) {
		case "bearer", "basic", "digest", "token", "apikey", "negotiate", "ntlm", "dpop", "hawk", "aws4-hmac-sha256":
			return scheme + " " + mask
		}
	}
	return mask
}

var connectionString = regexp.MustCompile(`(?i)\b(?:host|hostaddr|dbname|sslmode)\s*=`)

// isConnectionString reports whether text holds keys of a libpq connection
// string, in which spaces may stand around "=".
func isConnectionString(text string) bool { return connectionString.MatchString(text) }

var placeholder = regexp.MustCompile(`^(?:\$\{[^}]*\}?|\$\d+|\{[^}]*\}?|%[a-zA-Z]|\?|:\w+)$`)

// isPlaceholder reports whether value stands for a secret that is elsewhere.
func isPlaceholder(value string) bool { return placeholder.MatchString(value) }

// looksRandom reports whether word is rather a generated secret than a word of
// a language or the name of a type.
func looksRandom(word string) bool {
	digit := false
	for i := 0; i < len(word); i++ {
		c := word[i]
		digit = digit || c >= '0' && c <= '9'
		if !isWordByte(c) && strings.IndexByte("!@#$%^&+/=~-.", c) < 0 {
			return false
		}
	}
	return digit && len(word) >= 6
}
