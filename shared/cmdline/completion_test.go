package cmdline

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

// completed is an app whose flags are of every kind that completion tells apart.
func completed() *cli.App {
	return &cli.App{
		Name: "sender", Usage: "sends", ArgsUsage: "URL",
		Metadata: map[string]any{Choices: map[string][]string{"framework": {"express", "fastify", "koa"}}},
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "framework", Aliases: []string{"f"}, Usage: "`NAME` of the framework: it's [one] of \"three\", `$HOME`"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`PATH`: where to write"},
			&cli.IntFlag{Name: "rate", Usage: "`N` a second"},
			&cli.BoolFlag{Name: "force", Usage: "also what isn't asked for"},
			&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: "send `FIELD`"},
			&cli.BoolFlag{Name: "secret", Hidden: true},
		},
		Commands: []*cli.Command{{Name: "agent", Usage: "works for another's sender"}},
	}
}

func completionScript(t *testing.T, shell string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	require.Equal(t, 0, Run(t.Context(), completed(), []string{"sender", "--completion", shell}, nil, &stdout, &stderr), stderr.String())
	require.NotContains(t, stdout.String(), "secret")
	return stdout.String()
}

func TestCompletionInBash(t *testing.T) {
	script := completionScript(t, "bash")
	complete := func(words ...string) []string {
		quoted := make([]string, len(words))
		for i, word := range words {
			quoted[i] = shellQuote(word)
		}
		ask := "\nCOMP_WORDS=(sender " + strings.Join(quoted, " ") + ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n" +
			`_sender_complete; printf '%s\n' "${COMPREPLY[@]}"`
		command := exec.Command("bash", "-c", script+ask)
		var stderr strings.Builder
		command.Stderr = &stderr
		out, err := command.Output()
		require.NoError(t, err, stderr.String())
		return strings.Fields(string(out))
	}
	require.Equal(t, []string{"--framework", "--force"}, complete("--f"))
	require.Equal(t, []string{"express", "fastify", "koa"}, complete("--framework", ""))
	require.Equal(t, []string{"fastify"}, complete("-f", "fa"))
	require.Equal(t, []string{"koa"}, complete("--framework", "=", "k"), "as bash splits --framework=k")
	require.Equal(t, []string{"express", "fastify", "koa"}, complete("--framework", "="))
	require.Empty(t, complete("--output", "x"), "bash's own completion of file names goes on")
	require.Empty(t, complete("--rate", "1"))
	require.Equal(t, []string{"agent"}, complete("ag"))
	require.Contains(t, complete("-"), "--completion")
	require.Equal(t, []string{"bash", "zsh", "fish"}, complete("--completion", ""))
}

// TestCompletionElsewhere asks zsh and fish, where there are such, about their scripts.
func TestCompletionElsewhere(t *testing.T) {
	for _, shell := range []string{"zsh", "fish"} {
		script := completionScript(t, shell)
		for _, flag := range []string{"framework", "force", "rate", "header", "completion"} {
			require.Contains(t, script, flag)
		}
		program, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		file := filepath.Join(t.TempDir(), "script")
		require.NoError(t, os.WriteFile(file, []byte(script), 0o600))
		said, err := exec.Command(program, "-n", file).CombinedOutput()
		require.NoError(t, err, string(said))
		require.Empty(t, string(said))
		if shell == "fish" {
			said, err = exec.Command(program, "--no-config", "-c", "source "+file+"; complete -C 'sender --framework '").Output()
			require.NoError(t, err)
			for i, line := range strings.Split(strings.TrimSpace(string(said)), "\n") {
				value, _, _ := strings.Cut(line, "\t")
				require.Equal(t, []string{"express", "fastify", "koa"}[i], value)
			}
			said, err = exec.Command(program, "--no-config", "-c", "source "+file+"; complete -C 'sender --fo'").Output()
			require.NoError(t, err)
			require.Equal(t, "--force\talso what isn't asked for\n", string(said))
		}
	}
}

func TestCompletionOfUnknownShell(t *testing.T) {
	var stdout, stderr strings.Builder
	require.Equal(t, 2, Run(t.Context(), completed(), []string{"sender", "--completion", "tcsh"}, nil, &stdout, &stderr))
	require.Empty(t, stdout.String())
	require.Equal(t, "sender: argument --completion: invalid choice: 'tcsh' (choose from bash, zsh, fish); see sender --help\n", stderr.String())
}
