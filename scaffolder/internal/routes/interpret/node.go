package interpret

import (
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// builtinModule is what of Node's own modules can be known from the files: how
// paths are joined and what directories hold. nil for other modules.
func (m *Machine) builtinModule(name string) Value {
	switch name {
	case "path", "path/posix":
		return m.pathModule()
	case "fs", "fs/promises", "fs-extra", "graceful-fs":
		return m.fileModule()
	case "url":
		o := &Object{Open: true}
		toPath := native("fileURLToPath", func(c *Call) Value {
			if s, ok := c.Arg(0).(Str); ok {
				return Str(strings.TrimPrefix(string(s), "file://"))
			}
			return Unknown(c.Place)
		})
		o.Set("fileURLToPath", toPath)
		o.Set("pathToFileURL", native("pathToFileURL", func(c *Call) Value {
			if s, ok := c.Arg(0).(Str); ok {
				url := &Object{}
				url.Set("href", Str("file://"+string(s)))
				return url
			}
			return Unknown(c.Place)
		}))
		return o
	case "module":
		o := &Object{Open: true}
		o.Set("createRequire", native("createRequire", func(c *Call) Value {
			if c.Place.Module != nil {
				return m.requireFunc(c.Place.Module)
			}
			return Unknown(c.Place)
		}))
		return o
	case "util":
		o := &Object{Open: true}
		o.Set("promisify", native("promisify", func(c *Call) Value { return c.Arg(0) }))
		o.Set("callbackify", native("callbackify", func(c *Call) Value { return c.Arg(0) }))
		o.Set("inherits", native("inherits", func(c *Call) Value {
			if class, ok := c.Arg(0).(*Func); ok {
				if super, ok := c.Arg(1).(*Func); ok {
					m.prototype(class).Proto = m.prototype(super)
				}
			}
			return Undefined{}
		}))
		return o
	case "reflect-metadata":
		return &Object{}
	}
	return nil
}

func texts(c *Call, from int) ([]string, bool) {
	var parts []string
	for i := from; i < len(c.Args); i++ {
		s, ok := c.Args[i].(Str)
		if !ok {
			return nil, false
		}
		parts = append(parts, string(s))
	}
	return parts, true
}

func (m *Machine) pathModule() Value {
	o := &Object{Open: true}
	set := func(name string, run func([]string) string) {
		o.Set(name, native(name, func(c *Call) Value {
			parts, ok := texts(c, 0)
			if !ok || len(parts) == 0 {
				return &Symbol{Place: c.Place, Op: Text, Args: c.Args}
			}
			return Str(run(parts))
		}))
	}
	set("join", func(p []string) string { return path.Join(p...) })
	set("resolve", func(p []string) string {
		at := len(p) - 1
		for at > 0 && !path.IsAbs(p[at]) {
			at--
		}
		joined := path.Join(p[at:]...)
		if !path.IsAbs(joined) {
			return path.Join(filepath.ToSlash(m.Root), joined)
		}
		return joined
	})
	set("dirname", func(p []string) string { return path.Dir(p[0]) })
	set("normalize", func(p []string) string { return path.Clean(p[0]) })
	set("extname", func(p []string) string { return path.Ext(p[0]) })
	o.Set("isAbsolute", native("isAbsolute", func(c *Call) Value {
		if s, ok := c.Arg(0).(Str); ok {
			return Bool(path.IsAbs(string(s)))
		}
		return Unknown(c.Place)
	}))
	set("basename", func(p []string) string {
		base := path.Base(p[0])
		if len(p) > 1 && base != p[1] {
			base = strings.TrimSuffix(base, p[1])
		}
		return base
	})
	set("relative", func(p []string) string {
		if len(p) < 2 {
			return ""
		}
		relative, err := filepath.Rel(p[0], p[1])
		if err != nil {
			return p[1]
		}
		return filepath.ToSlash(relative)
	})
	o.Set("parse", native("parse", func(c *Call) Value {
		s, ok := c.Arg(0).(Str)
		if !ok {
			return Unknown(c.Place)
		}
		parsed := &Object{}
		base := path.Base(string(s))
		parsed.Set("dir", Str(path.Dir(string(s))))
		parsed.Set("base", Str(base))
		parsed.Set("ext", Str(path.Ext(base)))
		parsed.Set("name", Str(strings.TrimSuffix(base, path.Ext(base))))
		return parsed
	}))
	o.Set("sep", Str("/"))
	o.Set("posix", o)
	return o
}

// fileModule lists directories and tells what exists, below the root.
func (m *Machine) fileModule() Value {
	o := &Object{Open: true}
	list := native("readdirSync", func(c *Call) Value {
		s, ok := c.Arg(0).(Str)
		if !ok {
			return Unknown(c.Place)
		}
		return m.list(string(s), c)
	})
	o.Set("readdirSync", list)
	o.Set("readdir", native("readdir", func(c *Call) Value {
		if s, ok := c.Arg(0).(Str); ok {
			listed := m.list(string(s), c)
			if fn, ok := c.Arg(len(c.Args) - 1).(*Func); ok {
				return m.CallFunc(fn, &Call{Args: []Value{Null{}, listed}, Place: c.Place})
			}
			return listed
		}
		return Unknown(c.Place)
	}))
	o.Set("existsSync", native("existsSync", func(c *Call) Value {
		s, ok := c.Arg(0).(Str)
		if ok && !filepath.IsAbs(string(s)) {
			s = Str(filepath.Join(m.Root, string(s))) // as a program is started there
		}
		if !ok || !m.inRoot(string(s)) {
			return Unknown(c.Place)
		}
		_, err := os.Stat(string(s))
		return Bool(err == nil)
	}))
	stat := native("statSync", func(c *Call) Value {
		s, ok := c.Arg(0).(Str)
		if !ok || !m.inRoot(string(s)) {
			return Unknown(c.Place)
		}
		info, err := os.Stat(string(s))
		if err != nil {
			return Unknown(c.Place)
		}
		return entry(info.Name(), "", info.IsDir())
	})
	for _, name := range []string{"statSync", "lstatSync", "stat", "lstat"} {
		o.Set(name, stat)
	}
	o.Set("promises", o)
	return o
}

func entry(name, folder string, directory bool) *Object {
	o := &Object{Open: true}
	o.Set("name", Str(name))
	o.Set("path", Str(folder))
	o.Set("parentPath", Str(folder))
	o.Set("isDirectory", native("isDirectory", func(*Call) Value { return Bool(directory) }))
	o.Set("isFile", native("isFile", func(*Call) Value { return Bool(!directory) }))
	return o
}

func (m *Machine) list(folder string, c *Call) Value {
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(m.Root, folder)
	}
	if !m.inRoot(folder) {
		return Unknown(c.Place)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return Unknown(c.Place)
	}
	options, _ := c.Arg(1).(*Object)
	typed, _ := Truth(options.Get("withFileTypes"))
	out := NewArray()
	names := []string{}
	directory := map[string]bool{}
	for _, e := range entries {
		names = append(names, e.Name())
		directory[e.Name()] = e.IsDir()
	}
	sort.Strings(names)
	for _, name := range names {
		if strings.HasSuffix(name, ".map") || strings.HasSuffix(name, ".d.ts") {
			continue
		}
		if typed {
			out.Elems = append(out.Elems, entry(name, folder, directory[name]))
		} else {
			out.Elems = append(out.Elems, Str(name))
		}
	}
	return out
}
