// Package scripts holds the tests of the scripts beside it.
package scripts

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// launchers are the scripts and the commands that they run.
func launchers() map[string]string {
	return map[string]string{
		"api_scaffolder.py": "scaffolder", "database_migration_tool.py": "migrator", "api_load_tester.py": "loadtester",
	}
}

// fake is a command that tells what it was given.
const fake = `#!/bin/sh
pwd
printf '<%s>' "$@"
cat
exit 7
`

// launch runs a launcher in dir and returns what came of it.
func launch(t *testing.T, script, dir string, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	python, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Fatalf("the launchers need python3: %v", err)
	}
	path, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(strings.TrimSpace(string(python)), append([]string{path}, args...)...)
	var out, diag bytes.Buffer
	command.Dir, command.Stdout, command.Stderr = dir, &out, &diag
	command.Stdin = strings.NewReader("input")
	command.Env = append([]string{"PYTHONDONTWRITEBYTECODE=1"}, env...)
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), diag.String()
}

func TestLauncherRunsWhatIsInstalled(t *testing.T) {
	for script, tool := range launchers() {
		for _, place := range []string{"PATH", "GOBIN", "GOPATH", "HOME"} {
			t.Run(tool+" "+place, func(t *testing.T) {
				home, dir := t.TempDir(), t.TempDir()
				bin := map[string]string{"GOPATH": "bin", "HOME": "go/bin"}[place]
				if err := os.MkdirAll(filepath.Join(home, bin), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(home, bin, tool), []byte(fake), 0o755); err != nil {
					t.Fatal(err)
				}
				env := []string{"PATH=/usr/bin:/bin", place + "=" + home}
				if place == "PATH" {
					env = []string{"PATH=" + home + ":/usr/bin:/bin"}
				}
				status, stdout, stderr := launch(t, script, dir, env, "a b", "", "--", "-c50", `"'*$x`, "--help")
				real, err := filepath.EvalSymlinks(dir)
				if err != nil {
					t.Fatal(err)
				}
				if want := real + "\n<a b><><--><-c50><\"'*$x><--help>input"; stdout != want {
					t.Errorf("got %q, want %q", stdout, want)
				}
				if status != 7 || stderr != "" {
					t.Errorf("status %d, stderr %q", status, stderr)
				}
			})
		}
	}
}

func TestLauncherBuildsFromTheClone(t *testing.T) {
	for script, tool := range launchers() {
		t.Run(tool, func(t *testing.T) {
			env := append(goEnvironment(t), "HOME="+t.TempDir(), "GOWORK=off")
			status, stdout, stderr := launch(t, script, t.TempDir(), env, "x", "--no-such-flag")
			if status != 2 || stdout != "" || !strings.HasPrefix(stderr, tool+": unrecognized arguments: --no-such-flag") {
				t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
			}
			if status, stdout, _ = launch(t, script, t.TempDir(), env, "--version"); status != 0 || !strings.HasPrefix(stdout, tool+" ") {
				t.Errorf("status %d, stdout %q", status, stdout)
			}
		})
	}
}

// goEnvironment lets the go command of this test be found, and nothing that is installed.
func goEnvironment(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(string(out), "\n")
	return []string{
		"PATH=" + filepath.Join(values[0], "bin") + ":/usr/bin:/bin", "GOTOOLCHAIN=local",
		"GOMODCACHE=" + values[1], "GOCACHE=" + values[2],
	}
}

func TestLauncherWithoutGo(t *testing.T) {
	empty := t.TempDir()
	status, stdout, stderr := launch(t, "api_load_tester.py", empty, []string{"PATH=" + empty, "HOME=" + empty}, "x")
	if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "https://go.dev/dl/") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}
