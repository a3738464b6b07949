package docs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// byHand marks advice that no tool of the repository follows or checks.
const byHand = "*By hand.*"

// mostByHand is how much of the advice there may be of that kind.
const mostByHand = 24

var (
	ofCode  = regexp.MustCompile("\\[(`[^`]+`|\\*\\*[a-z0-9-]+\\*\\*)\\]\\((\\.\\./\\.\\./(?:scaffolder|migrator|loadtester|scripts)/[^)#]+)\\)")
	ruleRow = regexp.MustCompile(`\{"([a-z0-9-]+)", .*, ([a-zA-Z]+)\},`)
	leads   = regexp.MustCompile(`^(- |[0-9]+\. |\*\*[A-Z])`)
)

// Advice of the guides is an item of a list, a paragraph that begins in bold, and each
// section as a whole. All of it leads to the code that does it: a link whose text is a
// rule of the analysis in bold leads to the file that finds it, one whose text is code
// to a file in which that code stands. What nothing here does says so.
func TestAdviceLeadsToCode(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	rules := rulesOf(t, root)
	hands, links := 0, 0
	pages, err := filepath.Glob(filepath.Join(root, "docs", "references", "*.md"))
	require.NoError(t, err)
	require.Len(t, pages, 3)
	for _, name := range pages {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, section := range strings.Split(string(text), "\n## ")[1:] {
			heading, body, _ := strings.Cut(section, "\n")
			require.Regexp(t, ofCode, body, "%s: the section %s leads to no code", name, heading)
			for _, advice := range advices(body) {
				if strings.Contains(advice, byHand) {
					hands++
					continue
				}
				require.Regexp(t, ofCode, advice, "%s: %s: advice that leads to no code", name, heading)
			}
			for _, link := range ofCode.FindAllStringSubmatch(body, -1) {
				links++
				requireLeads(t, root, rules, link[1], link[2], filepath.Base(name)+": "+heading)
			}
		}
	}
	require.LessOrEqual(t, hands, mostByHand, "more advice is left to people than was")
	require.Greater(t, links, 100)
}

// requireLeads sees that what a link calls by its name is where it leads.
func requireLeads(t *testing.T, root string, rules map[string]string, text, target, place string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path.Join("docs", "references", target))))
	require.NoError(t, err, place)
	if code, is := strings.CutPrefix(text, "**"); is {
		code = strings.TrimSuffix(code, "**")
		require.NotEmpty(t, rules[code], "%s: there is no rule %s", place, code)
		require.Contains(t, string(content), "func "+rules[code]+"(", "%s: %s is not found by %s", place, code, target)
		return
	}
	require.Contains(t, string(content), strings.Trim(text, "`"), "%s: %s has no %s", place, target, text)
}

// rulesOf are the functions that find what the rules of the analysis look for.
func rulesOf(t *testing.T, root string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "migrator", "internal", "advise", "rule.go"))
	require.NoError(t, err)
	rules := map[string]string{}
	for _, row := range ruleRow.FindAllStringSubmatch(string(text), -1) {
		rules[row[1]] = row[2]
	}
	require.Greater(t, len(rules), 30)
	return rules
}

// advices are the pieces of advice in a section.
func advices(body string) []string {
	var found []string
	fenced, open := false, false
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			fenced, open = !fenced, false
			continue
		}
		switch {
		case fenced:
		case leads.MatchString(line):
			found = append(found, line)
			open = true
		case line == "" || strings.HasPrefix(line, "|"):
			open = false
		case open:
			found[len(found)-1] += " " + strings.TrimSpace(line)
		}
	}
	return found
}
