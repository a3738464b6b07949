package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/fault"
)

// bring plans and applies files, without force.
func bring(t *testing.T, dir string, files ...File) []Change {
	t.Helper()
	changes, err := Plan(dir, files, false)
	require.NoError(t, err)
	require.NoError(t, Apply(dir, changes))
	return changes
}

// contents are the files below dir.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		if entry.IsDir() {
			if path != dir {
				out[name+"/"] = ""
			}
			return nil
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		out[name] = string(text)
		return nil
	}))
	return out
}

func TestGeneratedFiles(t *testing.T) {
	dir := t.TempDir()
	first := File{Path: "a/b.ts", Content: "one\n"}
	require.Equal(t, Create, bring(t, dir, first)[0].Action)
	require.Equal(t, Keep, bring(t, dir, first)[0].Action)
	second := File{Path: "a/b.ts", Content: "two\n"}
	require.Equal(t, Replace, bring(t, dir, second)[0].Action)
	path := filepath.Join(dir, "a/b.ts")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(text), "\ntwo\n"))

	// Version control that changes how lines end is no edit.
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "\n", "\r\n")), 0o600))
	require.Equal(t, Keep, bring(t, dir, second)[0].Action)

	require.NoError(t, os.WriteFile(path, append(text, "// mine\n"...), 0o600))
	_, err = Plan(dir, []File{first}, false)
	var input *fault.Input
	require.ErrorAs(t, err, &input)
	require.Contains(t, err.Error(), "was edited since it was generated")

	changes, err := Plan(dir, []File{first}, true)
	require.NoError(t, err)
	require.NoError(t, Apply(dir, changes))
	require.Equal(t, string(text)+"// mine\n", contents(t, dir)["a/b.ts.orig"])
	require.Equal(t, seal("b.ts", "one\n"), contents(t, dir)["a/b.ts"])
}

func TestUserFiles(t *testing.T) {
	dir := t.TempDir()
	file := File{Path: "mine.ts", Content: "start\n", User: true}
	bring(t, dir, file)
	require.Equal(t, map[string]string{"mine.ts": "start\n"}, contents(t, dir))
	file.Content = "other\n"
	require.Equal(t, Keep, bring(t, dir, file)[0].Action)
	file.Extend = func(existing string) (string, []string, []string) {
		return existing + "more\n", []string{"more"}, []string{"old"}
	}
	change := bring(t, dir, file)[0]
	require.Equal(t, Extend, change.Action)
	require.Equal(t, []string{"old"}, change.Stale)
	require.Equal(t, map[string]string{"mine.ts": "start\nmore\n"}, contents(t, dir))
}

func TestFilesWithoutComments(t *testing.T) {
	dir := t.TempDir()
	bring(t, dir, File{Path: "a.json", Content: "{}\n"})
	require.Equal(t, Keep, bring(t, dir, File{Path: "a.json", Content: "{}\n"})[0].Action)
	_, err := Plan(dir, []File{{Path: "a.json", Content: "[]\n"}}, false)
	require.ErrorContains(t, err, "was not written by this tool")
	require.Equal(t, Replace, bring(t, dir, File{Path: "a.json", Content: "[]\n", Bare: true})[0].Action)
}

func TestFirstVersionIsKept(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("mine\n"), 0o600))
	bring(t, dir, File{Path: "a.yaml", Content: "one\n", Bare: true, Spare: true})
	bring(t, dir, File{Path: "a.yaml", Content: "two\n", Bare: true, Spare: true})
	require.Equal(t, map[string]string{"a.yaml": "two\n", "a.yaml.orig": "mine\n"}, contents(t, dir))
}

func TestPathsThatLeadOut(t *testing.T) {
	for _, path := range []string{"../a.ts", "/a.ts", "a/../../b.ts", ""} {
		_, err := Plan(t.TempDir(), []File{{Path: path}}, true)
		require.ErrorContains(t, err, "leads out of the directory", path)
	}
	_, err := Plan(t.TempDir(), []File{{Path: "a.ts"}, {Path: "A.ts"}}, true)
	require.ErrorContains(t, err, "the same file")
}

func TestApplyIsAllOrNothing(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
	}{
		{"a directory stands where the last file should", func(t *testing.T, dir string) {
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "z.ts"), 0o700))
		}},
		{"a file stands where a directory should", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "new"), nil, 0o600))
		}},
		{"a device stands where the last file should", func(t *testing.T, dir string) {
			require.NoError(t, os.Symlink("/dev/full", filepath.Join(dir, "z.ts")))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			bring(t, dir, File{Path: "a.ts", Content: "old\n"})
			changes, err := Plan(dir, []File{
				{Path: "a.ts", Content: "changed\n"},
				{Path: "fresh/deep/b.ts", Content: "b\n"},
				{Path: "new/c.ts", Content: "c\n"},
				{Path: "z.ts", Content: "z\n"},
			}, false)
			require.NoError(t, err)
			test.spoil(t, dir)
			before, err := os.ReadDir(dir)
			require.NoError(t, err)
			err = Apply(dir, changes)
			var environment *fault.Environment
			require.ErrorAs(t, err, &environment)
			require.Contains(t, err.Error(), "nothing was changed")
			after, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Equal(t, names(before), names(after))
			text, err := os.ReadFile(filepath.Join(dir, "a.ts"))
			require.NoError(t, err)
			require.Equal(t, seal("a.ts", "old\n"), string(text))
		})
	}
}

func names(entries []fs.DirEntry) []string {
	var out []string
	for _, entry := range entries {
		out = append(out, entry.Name())
	}
	return out
}

func TestModesAreKept(t *testing.T) {
	dir := t.TempDir()
	bring(t, dir, File{Path: "run.sh", Content: "one\n"})
	path := filepath.Join(dir, "run.sh")
	require.NoError(t, os.Chmod(path, 0o755))
	bring(t, dir, File{Path: "run.sh", Content: "two\n"})
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o755), info.Mode().Perm())
}
