package report

import (
	"regexp"
	"strings"
)

// The forms of secrets that are recognised wherever they stand.
var (
	privateKey = regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----).*?(-----END [A-Z0-9 ]*PRIVATE KEY|\z)`)
	sqlSecret  = regexp.MustCompile(`(?i)\b((?:password|identified\s+by)\s+(?:e|u&)?')((?:[^'\\]|''|\\.)+)(')`)
	flagSecret = regexp.MustCompile(`(?i)(--[a-z-]*(?:password|passwd|secret|token|api-?key)\s+)([^\s"'*-][^\s"']*|"[^"*]+"|'[^'*]+')`)
	scheme     = regexp.MustCompile(`(?i)\b(bearer|basic)(\s+)([a-z0-9._~+/-]{6,}=*)`)
	webToken   = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,3}`)
	issued     = regexp.MustCompile(`\b(` + strings.Join(issuers, "|") + `)`)
)

// issuers are the prefixes by which tokens tell who issued them, each in a
// group of its own with what follows.
var issuers = []string{
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
}

func redactTokens(text string) string {
	text = privateKey.ReplaceAllString(text, "${1}"+mask+"${2}")
	text = sqlSecret.ReplaceAllString(text, "${1}"+mask+"${3}")
	text = flagSecret.ReplaceAllString(text, "${1}"+mask)
	text = scheme.ReplaceAllStringFunc(text, func(found string) string {
		parts := scheme.FindStringSubmatch(found)
		if !looksEncoded(parts[3]) {
			return found
		}
		return parts[1] + parts[2] + mask
	})
	text = webToken.ReplaceAllString(text, "eyJ"+mask)
	return issued.ReplaceAllStringFunc(text, func(token string) string {
		return token[:min(4, len(token))] + mask
	})
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
