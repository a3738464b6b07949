package emit

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/manual"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/script"
)

// page adds what /docs shows.
func (w *writer) page() {
	if w.options.Document == "" {
		return
	}
	constant := func(doc, name, text string) string {
		var b strings.Builder
		b.WriteString("\n" + script.Comment("", doc) + "export const " + name + " =")
		line := script.Quote(text)
		if script.Width(" "+line+";")+script.Width("export const "+name+" =") > 80 {
			b.WriteString("\n  " + line + ";\n")
		} else {
			b.WriteString(" " + line + ";\n")
		}
		return b.String()
	}
	w.generated("middleware/page.ts", "/** What /docs shows. */\n"+
		constant("What a browser may load for the page: nothing but its style.", "policy", manual.Policy())+
		constant("The page.", "page", manual.Page(w.plan))+
		constant("The OpenAPI document.", "document", w.options.Document))
}

// mounted puts the documentation into an application, or leaves it out: the
// lines that mount it end in a mark.
func mounted(source string, docs bool) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		text, marked := strings.CutSuffix(line, " // docs\n")
		switch {
		case !marked:
			b.WriteString(line)
		case docs:
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}
