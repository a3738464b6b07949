package framework

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes/interpret"
)

// autoloader registers the files of a directory as @fastify/autoload does.
type autoloader struct {
	host     *Host
	machine  *interpret.Machine
	router   *Router
	self     *interpret.Object
	call     *interpret.Call
	options  *interpret.Object // given to every plugin
	prefix   string
	prefixes bool // folders give prefixes
	params   bool // _id gives :id
	depth    int
	ignore   *regexp.Regexp
	match    *regexp.Regexp
}

var (
	scriptFile = regexp.MustCompile(`\.(js|cjs|mjs|ts|cts|mts)$`)
	noScript   = regexp.MustCompile(`\.d\.[cm]?ts$|\.(test|spec)\.|(^|[/\\])\.`)
	autohooks  = regexp.MustCompile(`^[_.]?auto_?hooks\.[cm]?[jt]s$`)
)

func (h *Host) autoload(m *interpret.Machine, r *Router, self *interpret.Object, settings *interpret.Object, c *interpret.Call) {
	folder, ok := settings.Get("dir").(interpret.Str)
	if !ok {
		h.note(c.Place, "the directory that is loaded here is not known")
		return
	}
	a := &autoloader{host: h, machine: m, router: r, self: self, call: c, prefixes: true, depth: 50}
	if v, ok := settings.Get("dirNameRoutePrefix").(interpret.Bool); ok {
		a.prefixes = bool(v)
	}
	if v, ok := settings.Get("routeParams").(interpret.Bool); ok {
		a.params = bool(v)
	}
	if v, ok := settings.Get("maxDepth").(interpret.Num); ok {
		a.depth = int(v)
	}
	a.ignore = pattern(settings.Get("ignorePattern"))
	a.match = pattern(settings.Get("matchFilter"))
	a.options, _ = settings.Get("options").(*interpret.Object)
	if a.options == nil {
		a.options = &interpret.Object{}
	}
	a.prefix, ok = prefixOf(a.options)
	if !ok {
		h.note(c.Place, "the prefix of what is loaded here is not known")
		a.prefix = unknownPath
	}
	a.folder(string(folder), "", 0)
}

func pattern(v interpret.Value) *regexp.Regexp {
	r, ok := v.(*interpret.Regex)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(strings.ReplaceAll(r.Source, `\/`, "/"))
	if err != nil {
		return nil
	}
	return re
}

func (a *autoloader) folder(folder, prefix string, depth int) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		a.host.note(a.call.Place, "the directory that is loaded here cannot be read: "+filepath.Base(folder))
		return
	}
	index := ""
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "index.") && scriptFile.MatchString(e.Name()) && !noScript.MatchString(e.Name()) {
			index = e.Name()
			a.file(filepath.Join(folder, index), prefix)
			break
		}
	}
	for _, e := range entries {
		full := filepath.Join(folder, e.Name())
		switch {
		case a.ignore != nil && a.ignore.MatchString(e.Name()), e.Name() == "node_modules":
		case e.IsDir():
			if depth < a.depth {
				a.folder(full, path.Join(prefix, a.segment(e.Name())), depth+1)
			}
		case index != "" || !scriptFile.MatchString(e.Name()) || noScript.MatchString(e.Name()) || autohooks.MatchString(e.Name()):
		default:
			a.file(full, prefix)
		}
	}
}

// segment is what a folder adds to the prefix.
func (a *autoloader) segment(name string) string {
	if !a.prefixes {
		return ""
	}
	if a.params && strings.HasPrefix(name, "_") {
		return strings.ReplaceAll(":"+strings.TrimPrefix(name, "_"), "__", "/:")
	}
	return name
}

func (a *autoloader) file(name, prefix string) {
	if a.match != nil && !a.match.MatchString(name) {
		return
	}
	module := a.machine.Load(name)
	if module == nil || module.File == nil {
		return
	}
	exports := a.machine.Imported(module)
	plugin, ok := unwrap(exports).(*interpret.Func)
	if !ok || plugin.Native != nil {
		return
	}
	setting := func(key string) interpret.Value {
		if v := a.machine.Get(plugin, key, a.call.Place); interpret.Known(v) && v != (interpret.Undefined{}) {
			return v
		}
		return a.machine.Get(exports, key, a.call.Place)
	}
	if setting("autoload") == interpret.Bool(false) {
		return
	}
	if auto, ok := setting("autoPrefix").(interpret.Str); ok {
		if prefix == "" || strings.HasPrefix(string(auto), "/") {
			prefix = join(prefix, string(auto))
		} else {
			prefix = join(prefix, "/"+string(auto))
		}
	}
	full := join(a.prefix, prefix)
	if override, ok := setting("prefixOverride").(interpret.Str); ok {
		full = string(override)
	}
	options := &interpret.Object{}
	for _, key := range a.options.Keys {
		options.Set(key, a.options.Get(key))
	}
	options.Set("prefix", interpret.Str(full))
	a.host.runPlugin(a.machine, a.router, a.self, plugin, full, options, a.call.Place)
}
