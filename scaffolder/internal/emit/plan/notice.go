package plan

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Deprecation is what the headers Deprecation and Sunset of an operation say:
// since when it should not be used, as far as an extension gives a day, and on
// which day it goes away, "" where nobody said so.
func (o *Operation) Deprecation() (since, sunset string) {
	since = "true"
	for _, extension := range o.Extensions {
		var text string
		if json.Unmarshal([]byte(extension.Value), &text) != nil {
			continue
		}
		day, ok := dayOf(text)
		switch {
		case !ok:
		case slices.Contains([]string{"x-deprecated-at", "x-deprecated-since", "x-deprecation-date", "x-deprecation"}, extension.Name):
			since = "@" + strconv.FormatInt(day.Unix(), 10) // RFC 9745
		case slices.Contains([]string{"x-sunset", "x-sunset-date", "x-sunset-at"}, extension.Name):
			sunset = day.UTC().Format(http.TimeFormat) // RFC 8594
		}
	}
	return since, sunset
}

func dayOf(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly, http.TimeFormat} {
		if day, err := time.Parse(layout, text); err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}

// TriesPasswords tells operations with which passwords or codes can be guessed.
func (o *Operation) TriesPasswords() bool {
	if o.Method != http.MethodPost && o.Method != http.MethodPut && o.Method != http.MethodPatch {
		return false
	}
	oauth := false
	for segment := range strings.SplitSeq(strings.ToLower(o.Path), "/") {
		switch strings.NewReplacer("-", "", "_", "").Replace(segment) {
		case "login", "logon", "signin", "authenticate", "password", "passwordreset", "resetpassword", "forgotpassword",
			"changepassword", "otp", "verifyotp", "2fa", "mfa":
			return true
		case "oauth", "oauth2", "auth":
			oauth = true
		case "token":
			return oauth
		}
	}
	return false
}

// Replies is what the description of an operation's answers is called.
func (o *Operation) Replies() string { return strings.TrimSuffix(o.Validator, "Request") + "Replies" }
