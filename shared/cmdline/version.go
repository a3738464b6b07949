package cmdline

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version returns the tool's name, the version of its module, and what the
// build information says about the source.
func version(tool string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Sprintf("%s (no build information, %s)", tool, runtime.Version())
	}
	return describe(tool, info)
}

// describe words the build information. `go install MODULE@VERSION` records a
// version and no revision; a build in a checkout records a revision, unless
// -buildvcs=false or the lack of git prevents it.
func describe(tool string, info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	version := info.Main.Version
	released := version != "" && version != "(devel)"
	if !released {
		version = "devel"
	}
	var about []string
	switch revision := settings["vcs.revision"]; {
	case revision != "":
		about = append(about, revision[:min(12, len(revision))])
	case !released:
		about = append(about, "revision not recorded")
	}
	if settings["vcs.modified"] == "true" {
		about = append(about, "modified")
	}
	about = append(about, info.GoVersion)
	return fmt.Sprintf("%s %s (%s)", tool, version, strings.Join(about, ", "))
}
