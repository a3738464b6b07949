package migration

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

// asFlyway reads a section as Flyway would: with what its NAME.sql.conf says
// about transactions, and refusing placeholders, which Flyway replaces anywhere
// in the text unless that file says otherwise.
func asFlyway(path string, s *section) error {
	settings, err := flywaySettings(path + ".conf")
	if err != nil {
		return err
	}
	if settings["executeintransaction"] == "false" {
		s.mode = modeStepwise
	}
	if settings["placeholderreplacement"] == "false" {
		return nil
	}
	at := placeholder.FindStringIndex(s.text)
	if at == nil {
		return nil
	}
	before := s.text[:at[0]]
	line := script.Piece{Line: 1 + strings.Count(before, "\n"), Column: len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1}
	return refuse(path, line, fmt.Sprintf("Flyway would replace %s, and that is not done here", s.text[at[0]:at[1]]), "write the value out; where it is to stay as it is, put placeholderReplacement=false into "+path+".conf")
}

var placeholder = regexp.MustCompile(`\$\{[^}\n]*\}`)

// flywaySettings reads the settings of one script, by name in lower case; none
// when there is no such file.
func flywaySettings(path string) (map[string]string, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, nil
	}
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		name, value, isSetting := strings.Cut(strings.TrimSpace(line), "=")
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "flyway.")))
		if !isSetting || strings.HasPrefix(name, "#") {
			continue
		}
		value = strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`))
		if name == "shouldexecute" && value != "true" {
			return nil, &fault.Input{Path: path, Line: number, Message: "shouldExecute says when Flyway would run this file, and that is not decided here", Hint: "move the file elsewhere, or remove the setting"}
		}
		found[name] = value
	}
	return found, nil
}
