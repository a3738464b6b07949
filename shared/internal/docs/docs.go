// Package docs holds the Markdown pages of a repository together.
//
// The repository's root goes in; the links that lead nowhere come out, each as
// "file:line: what is wrong". Relative links are looked at, in the pages at the
// root and in docs and scripts: the file must be there and, where the link names a
// heading, the heading too. Addresses on the network are not looked at. It refuses
// a root without pages.
package docs

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

var (
	inline    = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)`)
	reference = regexp.MustCompile(`^\s*\[[^\]]+\]:\s*<?([^\s>]+)>?`)
	span      = regexp.MustCompile("`+[^`\n]*`+")
	heading   = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
)

// page is one Markdown file.
type page struct {
	path    string   // relative to the root, with slashes
	lines   []string // empty within fenced blocks
	anchors map[string]bool
}

// Check returns the links that lead nowhere.
func Check(root string) ([]string, error) {
	pages, err := read(root)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, p := range pages {
		for n, line := range p.lines {
			for _, target := range links(line) {
				if problem := follow(root, pages, p, target); problem != "" {
					problems = append(problems, fmt.Sprintf("%s:%d: %s", p.path, n+1, problem))
				}
			}
		}
	}
	return problems, nil
}

// read reads the pages of the repository, in the order of their paths.
func read(root string) ([]*page, error) {
	var pages []*page
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		top, _, below := strings.Cut(relative, "/")
		switch {
		case entry.IsDir() && relative != "." && top != "docs" && top != "scripts":
			return fs.SkipDir
		case entry.IsDir() || path.Ext(relative) != ".md" || !below && top != relative:
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		pages = append(pages, parse(relative, string(text)))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("read pages: there are none in %s", root)
	}
	return pages, nil
}

func parse(name, text string) *page {
	p := &page{path: name, anchors: map[string]bool{}}
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		mark := fenceOf(line)
		switch {
		case fence == "" && mark != "":
			fence, line = mark, ""
		case fence != "":
			if mark == fence && strings.Trim(line, " `~") == "" {
				fence = ""
			}
			line = ""
		}
		p.lines = append(p.lines, line)
		if match := heading.FindStringSubmatch(line); match != nil {
			p.addAnchor(match[1])
		}
	}
	return p
}

func fenceOf(line string) string {
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(strings.TrimLeft(line, " "), mark) {
			return mark
		}
	}
	return ""
}

// addAnchor names a heading as GitHub does: lower case, without punctuation,
// hyphens for blanks, and a number where the name is taken.
func (p *page) addAnchor(title string) {
	title = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(title, "$1")
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			b.WriteRune(r)
		}
	}
	anchor := b.String()
	for n := 1; p.anchors[anchor]; n++ {
		anchor = fmt.Sprintf("%s-%d", b.String(), n)
	}
	p.anchors[anchor] = true
}

// links are the targets of the links in a line.
func links(line string) []string {
	line = span.ReplaceAllString(line, "``")
	var targets []string
	for _, match := range inline.FindAllStringSubmatch(line, -1) {
		targets = append(targets, match[1])
	}
	if match := reference.FindStringSubmatch(line); match != nil {
		targets = append(targets, match[1])
	}
	return targets
}

// follow says what is wrong with a link; empty when it leads somewhere.
func follow(root string, pages []*page, from *page, target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return target + " is no link"
	}
	if u.Scheme != "" || u.Host != "" {
		return ""
	}
	name := from.path
	if u.Path != "" {
		name = path.Join(path.Dir(from.path), u.Path)
	}
	if name == ".." || strings.HasPrefix(name, "../") || path.IsAbs(u.Path) {
		return target + " leads out of the repository"
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err != nil {
		return target + " leads nowhere: there is no " + name
	}
	if u.Fragment == "" {
		return ""
	}
	for _, p := range pages {
		if p.path == name && p.anchors[u.Fragment] {
			return ""
		}
	}
	return target + " leads nowhere: " + name + " has no such heading"
}
