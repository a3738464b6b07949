package report

import (
	"regexp"
	"strings"
)

// The forms of secrets that are recognised wherever they stand. Each has words
// of which one occurs, in lower case, in every text that it matches: looking
// for them first is much cheaper.
var (
	privateKey = form{
		[]string{"private key"},
		regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----).*?(-----END [A-Z0-9 ]*PRIVATE KEY|\z)`),
	}
	sqlSecret = form{
		[]string{"password", "identified"},
		regexp.MustCompile(`(?i)\b((?:password|identified\s+by)\s+(?:e|u&)?')((?:[^'\\]|''|\\.)+)(')`),
	}
	flagSecret = form{
		[]string{"--"},
		regexp.MustCompile(`(?i)(--[a-z-]*(?:password|passwd|secret|token|api-?key)\s+)([^\s"'*-][^\s"']*|"[^"*]+"|'[^'*]+')`),
	}
	curlUser = form{
		[]string{"curl"},
		regexp.MustCompile(`((?:\s-u|--user|--proxy-user)[ =]?["']?[^\s:"'=]+:)([^\s"']+)`),
	}
	scheme   = form{[]string{"bearer", "basic"}, regexp.MustCompile(`(?i)\b(bearer|basic)(\s+)([a-z0-9._~+/-]{6,}=*)`)}
	webToken = form{[]string{"eyj"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,3}`)}
	issued   = form{
		[]string{
			"_live_", "_test_", "whsec_", "gho_", "ghp_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "akia", "asia",
			"aiza", "ya29.", "npm_", "pypi-", "sk-", "sg.", "dop_v1_", "shpat_", "hf_",
		},
		regexp.MustCompile(`\b(?:` + strings.Join([]string{
			`(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}`, `whsec_[A-Za-z0-9+/=]{16,}`, // Stripe
			`gh[opusr]_[A-Za-z0-9]{16,}`, `github_pat_[A-Za-z0-9_]{20,}`, // GitHub
			`glpat-[A-Za-z0-9_-]{16,}`,                       // GitLab
			`xox[abeoprs]-[A-Za-z0-9-]{10,}`,                 // Slack
			`(?:AKIA|ASIA)[A-Z0-9]{16}`,                      // AWS
			`AIza[A-Za-z0-9_-]{30,}`, `ya29\.[A-Za-z0-9_-]+`, // Google
			`npm_[A-Za-z0-9]{30,}`, `pypi-[A-Za-z0-9_-]{30,}`,
			`sk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}`,          // OpenAI, Anthropic
			`SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`, // SendGrid
			`dop_v1_[a-f0-9]{32,}`, `shpat_[a-fA-F0-9]{32,}`, `hf_[A-Za-z0-9]{30,}`,
		}, "|") + `)`),
	}
)

// form is how one kind of secret looks.
type form struct {
	words   []string
	pattern *regexp.Regexp
}

// in reports whether text, in lower case, may hold such a secret.
func (f form) in(lower string) bool {
	for _, word := range f.words {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

func redactTokens(text string) string {
	lower := strings.ToLower(text)
	for _, step := range []struct {
		form
		by string // what takes the match's place
	}{
		{privateKey, "${1}" + mask + "${2}"},
		{sqlSecret, "${1}" + mask + "${3}"},
		{flagSecret, "${1}" + mask},
		{curlUser, "${1}" + mask},
		{webToken, "eyJ" + mask},
	} {
		if step.in(lower) {
			text = step.pattern.ReplaceAllString(text, step.by)
		}
	}
	if scheme.in(lower) {
		text = scheme.pattern.ReplaceAllStringFunc(text, maskScheme)
	}
	if issued.in(lower) {
		text = issued.pattern.ReplaceAllStringFunc(text, func(token string) string { return token[:4] + mask })
	}
	return text
}

// maskScheme hides the token of "Bearer token" when it is one.
func maskScheme(found string) string {
	parts := scheme.pattern.FindStringSubmatch(found)
	if !looksEncoded(parts[3]) {
		return found
	}
	return parts[1] + parts[2] + mask
}

// looksEncoded tells a token from a word, as in "bearer authentication".
func looksEncoded(token string) bool {
	lower, upper := false, false
	for i := 1; i < len(token); i++ {
		lower = lower || token[i] >= 'a' && token[i] <= 'z'
		upper = upper || token[i] >= 'A' && token[i] <= 'Z'
	}
	return lower && upper || strings.ContainsAny(token, "0123456789=") || len(token) >= 32
}
