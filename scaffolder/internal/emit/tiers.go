package emit

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var tier = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]{0,63})=([0-9]{1,9})/([0-9]{1,6})([smhd])$`)

// Tiers reads limits by tier, NAME=REQUESTS/WINDOW with commas between them,
// and returns them as Options.Tiers has them.
func Tiers(text string) (string, error) {
	var names, written []string
	for part := range strings.SplitSeq(text, ",") {
		part = strings.ReplaceAll(part, " ", "")
		match := tier.FindStringSubmatch(part)
		if match == nil {
			return "", fmt.Errorf("%q is no tier: write NAME=REQUESTS/WINDOW, such as free=100/15m", part)
		}
		name := match[1]
		points, _ := strconv.Atoi(match[2])
		window, _ := strconv.Atoi(match[3])
		switch {
		case points == 0 || window == 0:
			return "", fmt.Errorf("%q allows nothing: write at least 1 request in at least 1 second", part)
		case name == "default" || name == "login":
			return "", fmt.Errorf("%q is what the limit by address is called: choose another name", name)
		case slices.Contains(names, name):
			return "", fmt.Errorf("the tier %q is there twice", name)
		}
		names = append(names, name)
		written = append(written, fmt.Sprintf("%s=%d/%d%s", name, points, window, match[4]))
	}
	return strings.Join(written, ","), nil
}
