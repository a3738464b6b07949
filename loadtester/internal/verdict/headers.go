package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/stats"
)

// Grades of headers.
const (
	GradeGood    = "good"
	GradeNotice  = "info"
	GradeWarning = "warning"
	GradeError   = "error"
)

// HeaderGrade is what is to be said of one response header, or of its absence. The
// recommendations are those of the OWASP secure headers project and of helmet.
type HeaderGrade struct {
	Target  string `json:"target"`
	Header  string `json:"header"`
	Grade   string `json:"grade"`
	Value   string `json:"value,omitempty"` // as it came; of cookies the name alone
	Message string `json:"message"`
	Advice  string `json:"advice,omitempty"`
}

// fields are an answer's header lines, in order.
type fields [][2]string

func fieldsOf(lines string) fields {
	var f fields
	for line := range strings.Lines(lines) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		if ok {
			f = append(f, [2]string{strings.ToLower(name), strings.TrimSpace(value)})
		}
	}
	return f
}

// get joins the values of all lines of a name.
func (f fields) get(name string) (value string, ok bool) {
	var values []string
	for _, field := range f {
		if field[0] == name {
			values = append(values, field[1])
		}
	}
	return strings.Join(values, ", "), values != nil
}

// Headers grades the security headers of an answer that came over TLS or not.
func Headers(answer *stats.Answer, secure bool) []HeaderGrade {
	g := &grader{fields: fieldsOf(answer.Headers), secure: secure}
	kind, _ := g.fields.get("content-type")
	g.page = strings.HasPrefix(strings.ToLower(kind), "text/html")
	g.transport()
	g.policy()
	g.single("X-Content-Type-Options", GradeError, "nosniff", "browsers guess the type of what they get, and may run it", "send X-Content-Type-Options: nosniff")
	g.referrer()
	g.isolation()
	g.banners()
	g.cookies()
	g.origins()
	if value, ok := g.fields.get("x-xss-protection"); ok && !strings.HasPrefix(value, "0") {
		g.add("X-XSS-Protection", GradeNotice, value, "browsers have dropped it, and old ones can be attacked through it", "send X-XSS-Protection: 0, or nothing")
	}
	if kind == "" && answer.Status != 204 && answer.Status != 304 {
		g.add("Content-Type", GradeWarning, "", "the answer doesn't say what it is", "name the type, with its charset")
	}
	slices.SortStableFunc(g.grades, func(a, b HeaderGrade) int { return rank(a.Grade) - rank(b.Grade) })
	return g.grades
}

func rank(grade string) int {
	return slices.Index([]string{GradeError, GradeWarning, GradeNotice, GradeGood}, grade)
}

// Secured is the check that no header is graded as an error.
func Secured(grades []HeaderGrade) Check {
	c := Check{Name: "security headers", Holds: true}
	counts := map[string]int{}
	for _, g := range grades {
		counts[g.Grade]++
		if g.Grade == GradeError {
			c.Holds = false
			c.Details = append(c.Details, g.Header+": "+g.Message)
		}
	}
	c.Text = fmt.Sprintf("%d good, %d to improve, %d missing or wrong", counts[GradeGood], counts[GradeWarning]+counts[GradeNotice], counts[GradeError])
	return c
}

type grader struct {
	fields       fields
	secure, page bool
	grades       []HeaderGrade
}

func (g *grader) add(header, grade, value, message, advice string) {
	g.grades = append(g.grades, HeaderGrade{Header: header, Grade: grade, Value: value, Message: message, Advice: advice})
}

// single grades a header that has one right value.
func (g *grader) single(header, missing, right, message, advice string) {
	value, ok := g.fields.get(strings.ToLower(header))
	switch {
	case ok && strings.EqualFold(value, right):
		g.add(header, GradeGood, value, "as it should be", "")
	case ok:
		g.add(header, missing, value, "is not "+right+": "+message, advice)
	default:
		g.add(header, missing, "", "is missing: "+message, advice)
	}
}

const halfYear = 180 * 24 * 60 * 60 // seconds

func (g *grader) transport() {
	const header, advice = "Strict-Transport-Security", "send Strict-Transport-Security: max-age=31536000; includeSubDomains"
	value, ok := g.fields.get("strict-transport-security")
	if !g.secure {
		g.add(header, GradeNotice, value, "means nothing in the clear, where everyone on the way reads and changes what is sent", "serve over TLS only, and check again there")
		return
	}
	age, subdomains := -1, false
	for part := range strings.SplitSeq(strings.ToLower(value), ";") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "max-age":
			if n, err := strconv.Atoi(strings.Trim(number, `"`)); err == nil {
				age = n
			}
		case "includesubdomains":
			subdomains = true
		}
	}
	switch {
	case !ok:
		g.add(header, GradeError, "", "is missing: the first request of a browser may go out in the clear", advice)
	case age < halfYear:
		g.add(header, GradeWarning, value, "holds for less than half a year", advice)
	case !subdomains:
		g.add(header, GradeNotice, value, "leaves subdomains out", advice)
	default:
		g.add(header, GradeGood, value, "as it should be", "")
	}
}

// policy grades Content-Security-Policy and what keeps the answer out of frames.
func (g *grader) policy() {
	const header = "Content-Security-Policy"
	value, ok := g.fields.get("content-security-policy")
	directives := map[string]string{}
	for part := range strings.SplitSeq(strings.ToLower(value), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(part), " ")
		directives[name] = sources
	}
	scripts, own := directives["script-src"]
	if !own {
		scripts = directives["default-src"]
	}
	grade, advice := GradeWarning, "an API can send Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"
	if g.page {
		grade, advice = GradeError, "begin with Content-Security-Policy: default-src 'self'; frame-ancestors 'none'"
	}
	switch {
	case !ok:
		g.add(header, grade, "", "is missing: whatever gets into a page runs", advice)
	case scripts == "" || slices.Contains(strings.Fields(scripts), "*"):
		g.add(header, GradeWarning, value, "lets scripts come from anywhere", advice)
	case strings.Contains(scripts, "'unsafe-inline'") && !strings.Contains(scripts, "'nonce-") && !strings.Contains(scripts, "'sha"), strings.Contains(scripts, "'unsafe-eval'"):
		g.add(header, GradeWarning, value, "lets scripts run that stand in the page", "use nonces or hashes instead of 'unsafe-inline' and 'unsafe-eval'")
	default:
		g.add(header, GradeGood, value, "as it should be", "")
	}
	frames, framed := g.fields.get("x-frame-options")
	_, ancestors := directives["frame-ancestors"]
	switch {
	case ancestors:
	case framed && (strings.EqualFold(frames, "DENY") || strings.EqualFold(frames, "SAMEORIGIN")):
		g.add("X-Frame-Options", GradeGood, frames, "keeps the answer out of others' frames", "")
	default:
		g.add("X-Frame-Options", GradeWarning, frames, "any site may frame the answer", "send frame-ancestors 'none' in Content-Security-Policy, or X-Frame-Options: DENY")
	}
}

func (g *grader) referrer() {
	const header, advice = "Referrer-Policy", "send Referrer-Policy: no-referrer"
	value, ok := g.fields.get("referrer-policy")
	last := value[strings.LastIndexByte(value, ',')+1:] // the last one that a browser knows counts
	switch policy := strings.ToLower(strings.TrimSpace(last)); {
	case !ok:
		g.add(header, GradeWarning, "", "is missing: it is the browser that decides what addresses it passes on", advice)
	case slices.Contains([]string{"unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin"}, policy):
		g.add(header, GradeWarning, value, "passes addresses on to other sites", advice)
	default:
		g.add(header, GradeGood, value, "as it should be", "")
	}
}

// isolation grades the three headers that part an origin from others.
func (g *grader) isolation() {
	grade := GradeNotice
	if g.page {
		grade = GradeWarning
	}
	g.single("Cross-Origin-Opener-Policy", grade, "same-origin", "other windows may hold on to this one", "send Cross-Origin-Opener-Policy: same-origin")
	value, ok := g.fields.get("cross-origin-resource-policy")
	switch {
	case ok && slices.Contains([]string{"same-origin", "same-site", "cross-origin"}, strings.ToLower(value)):
		g.add("Cross-Origin-Resource-Policy", GradeGood, value, "says who may load it", "")
	default:
		g.add("Cross-Origin-Resource-Policy", GradeNotice, value, "doesn't say who may load the answer", "send Cross-Origin-Resource-Policy: same-origin, or cross-origin where it is public")
	}
	if value, ok := g.fields.get("cross-origin-embedder-policy"); ok {
		g.add("Cross-Origin-Embedder-Policy", GradeGood, value, "says what may be embedded", "")
	} else if g.page {
		g.add("Cross-Origin-Embedder-Policy", GradeNotice, "", "is missing: needed only for isolated pages", "send Cross-Origin-Embedder-Policy: require-corp where shared memory is used")
	}
}

func (g *grader) banners() {
	for _, header := range []string{"X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Runtime", "X-Generator"} {
		if value, ok := g.fields.get(strings.ToLower(header)); ok {
			g.add(header, GradeWarning, value, "tells attackers what to look for", "take it out")
		}
	}
	value, ok := g.fields.get("server")
	switch {
	case ok && strings.ContainsAny(value, "0123456789"):
		g.add("Server", GradeWarning, value, "tells the server's version", "leave the version out (nginx: server_tokens off)")
	case ok:
		g.add("Server", GradeGood, value, "tells no version", "")
	}
}

// cookies grades each cookie that is set. Their values are secrets.
func (g *grader) cookies() {
	for _, field := range g.fields {
		if field[0] != "set-cookie" {
			continue
		}
		pair, attributes, _ := strings.Cut(field[1], ";")
		name, _, _ := strings.Cut(pair, "=")
		has := map[string]string{}
		for part := range strings.SplitSeq(strings.ToLower(attributes), ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			has[key] = value
		}
		_, secure := has["secure"]
		_, hidden := has["httponly"]
		site, limited := has["samesite"]
		var missing []string
		if !secure {
			missing = append(missing, "Secure")
		}
		if !hidden {
			missing = append(missing, "HttpOnly")
		}
		if !limited {
			missing = append(missing, "SameSite")
		}
		switch {
		case len(missing) == 0 && site == "none":
			g.add("Set-Cookie", GradeNotice, name, "goes along with requests from any site", "prefer SameSite=Lax or Strict, and check where requests come from")
		case len(missing) == 0:
			g.add("Set-Cookie", GradeGood, name, "has its flags", "")
		case !secure && (g.secure || site == "none"):
			g.add("Set-Cookie", GradeError, name, "lacks "+strings.Join(missing, ", "), "set Secure, HttpOnly and SameSite on every cookie")
		default:
			g.add("Set-Cookie", GradeWarning, name, "lacks "+strings.Join(missing, ", "), "set Secure, HttpOnly and SameSite on every cookie")
		}
	}
}

// origins grades what other origins may do.
func (g *grader) origins() {
	value, ok := g.fields.get("access-control-allow-origin")
	credentials, _ := g.fields.get("access-control-allow-credentials")
	switch {
	case !ok:
	case strings.EqualFold(credentials, "true") && (value == "*" || value == "null"):
		g.add("Access-Control-Allow-Origin", GradeError, value, "lets any origin act with the user's credentials", "list the origins that may")
	case value == "*" || value == "null":
		g.add("Access-Control-Allow-Origin", GradeNotice, value, "lets every site read the answer", "list the origins that may, unless the answer is public")
	default:
		g.add("Access-Control-Allow-Origin", GradeGood, value, "names an origin", "")
	}
}
