package example

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// samples are values of the formats that generated servers know.
var samples = map[string]string{
	"date-time":     "2024-05-17T09:30:00Z",
	"date":          "2024-05-17",
	"time":          "09:30:00Z",
	"duration":      "P1DT2H",
	"email":         "ada@example.com",
	"uuid":          "3f2b8c1e-5a4d-4c6b-9e7f-1a2b3c4d5e6f",
	"uri":           "https://example.com/a",
	"url":           "https://example.com/a",
	"uri-reference": "/a",
	"ipv4":          "192.0.2.1",
	"ipv6":          "2001:db8::1",
	"hostname":      "example.com",
	"json-pointer":  "/a",
	"regex":         "a+",
	"byte":          "aGVsbG8=",
	"decimal":       "1.50",
	"int64":         "1",
	"int32":         "1",
}

var (
	emailFormat    = regexp.MustCompile(`^[^\s@]+@[^\s@]+$`)
	uuidFormat     = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	timeFormat     = regexp.MustCompile(`^\d\d:\d\d:\d\d(\.\d+)?(Z|z|[+-]\d\d:\d\d)$`)
	durationFormat = regexp.MustCompile(`^P(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)$`)
	hostFormat     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
	decimalFormat  = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)
	pointerFormat  = regexp.MustCompile(`^(/([^~/]|~[01])*)*$`)
	forbidden      = regexp.MustCompile("[\\s<>\"{}|\\\\^`]")
)

// hasFormat tells whether a text is of a format; unknown formats take everything.
func hasFormat(format, text string) bool {
	switch format {
	case "date-time":
		_, err := time.Parse(time.RFC3339Nano, strings.ToUpper(strings.Replace(text, " ", "T", 1)))
		return err == nil
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	case "time":
		return timeFormat.MatchString(text)
	case "duration":
		return durationFormat.MatchString(text) && text != "P" && !strings.HasSuffix(text, "T")
	case "email":
		return emailFormat.MatchString(text)
	case "uuid":
		return uuidFormat.MatchString(text)
	case "uri", "url":
		parsed, err := url.Parse(text)
		return err == nil && parsed.Scheme != "" && !forbidden.MatchString(text)
	case "uri-reference":
		_, err := url.Parse(text)
		return err == nil && !forbidden.MatchString(text)
	case "ipv4":
		address, err := netip.ParseAddr(text)
		return err == nil && address.Is4()
	case "ipv6":
		address, err := netip.ParseAddr(text)
		return err == nil && address.Is6() && address.Zone() == ""
	case "hostname":
		return hostFormat.MatchString(text)
	case "json-pointer":
		return pointerFormat.MatchString(text)
	case "byte":
		_, err := base64.StdEncoding.DecodeString(text)
		return err == nil
	case "decimal":
		return decimalFormat.MatchString(text)
	}
	return true
}
