package framework

import (
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// Concerns tells whether a file may have to do with routes: it speaks of a
// framework, a router, or decorators that make routes.
func Concerns(text string) bool {
	for _, word := range []string{"astify", "koa", "Koa", "Router", "router", "@Get("} {
		if strings.Contains(text, word) {
			return true
		}
	}
	if interpret.Names(text, "express") || begins(text, "app.") || begins(text, "server.") {
		return true
	}
	for module := range controllers {
		if strings.Contains(text, module) {
			return true
		}
	}
	return false
}

// begins tells whether a text has a word that no letter stands before.
func begins(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		at += i
		if at == 0 || text[at-1]|0x20 < 'a' || text[at-1]|0x20 > 'z' {
			return true
		}
		at += len(word)
	}
}
