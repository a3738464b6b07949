// Command suite measures generated validators against JSON Schema's own tests:
// a directory of files, each a list of schemas with values and what is to be
// said of them. Every schema becomes the body of an operation.
//
//	go run ./internal/corpus/suite --packages FOLDER [--version 3.0.3] DIR
//
// The test of this package does the same with the suite's copy in a Go module.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

type group struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

func run(arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("suite", flag.ContinueOnError)
	packages := flags.String("packages", "", "a folder with node_modules")
	version := flags.String("version", "3.1.0", "the OpenAPI version whose schemas these are")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("parse flags: %w", err)
	}
	if flags.NArg() != 1 || *packages == "" {
		return errors.New("give --packages and one directory of tests")
	}
	_, err := measure(flags.Arg(0), *packages, *version, out)
	return err
}

// score is how many tests there are, how many came out right, and the others.
type score struct {
	Passed, Total int
	Failed        []failure
}

// failure is a test that came out otherwise than the suite wants.
type failure struct{ File, Group, Test string }

// measure runs the tests of a directory.
func measure(tests, packages, version string, out io.Writer) (score, error) {
	var none score
	folder, err := os.MkdirTemp("", "suite-")
	if err != nil {
		return none, fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(folder)
	files, err := filepath.Glob(filepath.Join(tests, "*.json"))
	if err != nil || len(files) == 0 {
		return none, fmt.Errorf("list tests in %s: there are none (%w)", tests, err)
	}
	var cases []map[string]any
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return none, fmt.Errorf("read tests: %w", err)
		}
		var groups []group
		if err := json.Unmarshal(content, &groups); err != nil {
			return none, fmt.Errorf("parse %s: %w", file, err)
		}
		for _, group := range groups {
			name := "case" + strconv.Itoa(len(cases))
			problem := writeCase(folder, name, version, group)
			cases = append(cases, map[string]any{
				"file": filepath.Base(file), "name": name, "group": group.Description, "tests": group.Tests, "problem": problem,
			})
		}
	}
	return judge(folder, packages, cases, out)
}

// writeCase writes the validators of one schema, and says what went wrong.
func writeCase(folder, name, version string, g group) string {
	const place = "/paths/~1t/post/requestBody/content/application~1json/schema"
	schema := bytes.ReplaceAll(g.Schema, []byte(`"$ref": "#`), []byte(`"$ref":"#`))
	schema = bytes.ReplaceAll(schema, []byte(`"$ref":"#/`), []byte(`"$ref":"#`+place+`/`))
	schema = bytes.ReplaceAll(schema, []byte(`"$ref":"#"`), []byte(`"$ref":"#`+place+`"`))
	document := `{"openapi":"` + version + `","info":{"title":"t","version":"1"},"paths":{"/t":{"post":{"operationId":"run","requestBody":` +
		`{"required":true,"content":{"application/json":{"schema":` + string(schema) + `}}},"responses":{"200":{"description":"x"}}}}}}`
	path := filepath.Join(folder, name+".json")
	if err := os.WriteFile(path, []byte(document), 0o644); err != nil {
		return err.Error()
	}
	read, err := openapi.Read(path, openapi.Options{})
	if err != nil {
		return err.Error()
	}
	result, err := emit.Server(read.API, emit.Options{})
	if err != nil {
		return err.Error()
	}
	for _, file := range result.Files {
		target := filepath.Join(folder, filepath.Base(file.Path))
		switch {
		case file.Path == "middleware/validators.ts":
			target = filepath.Join(folder, name+".ts")
		case !strings.HasPrefix(file.Path, "middleware/") || slices.Contains([]string{"adapter.ts", "security.ts", "auth.ts"}, filepath.Base(file.Path)):
			continue
		}
		if err := os.WriteFile(target, []byte(file.Content), 0o644); err != nil {
			return err.Error()
		}
	}
	return ""
}

const judgeScript = `
import { readFileSync, writeFileSync } from "node:fs";
const cases = JSON.parse(readFileSync("cases.json", "utf8"));
let passed = 0, total = 0;
const failed = [];
const files = new Map();
for (const one of cases) {
  let schema;
  try {
    const module = await import("./dist/" + one.name + ".js");
    schema = module.runRequest.body.content["application/json"].schema;
  } catch (error) {
    one.problem ||= String(error).slice(0, 120);
  }
  const { readRequest } = await import("./dist/request.js");
  for (const test of one.tests) {
    total++;
    let valid;
    try {
      const body = Buffer.from(JSON.stringify(test.Data));
      readRequest({ operation: "run", body: { required: true, content: { "application/json": { schema } } } }, { path: {}, query: "", headers: { "content-type": "application/json" }, body });
      valid = true;
    } catch (error) {
      valid = error.status === 400 ? false : String(error);
    }
    const count = files.get(one.file) ?? [0, 0];
    count[1]++;
    if (valid === test.Valid) { passed++; count[0]++; } else {
      failed.push({ File: one.file, Group: one.group, Test: test.Description });
      console.log(one.file, "|", one.group, "|", test.Description, "|", valid, one.problem || "");
    }
    files.set(one.file, count);
  }
}
for (const [file, [good, all]] of files) if (good < all) console.log(file, good + "/" + all);
console.log(passed + " of " + total + " = " + (100 * passed / total).toFixed(1) + "%");
writeFileSync("score.json", JSON.stringify({ Passed: passed, Total: total, Failed: failed }));
`

// judge compiles the validators and asks them about every value.
func judge(folder, packages string, cases []map[string]any, out io.Writer) (score, error) {
	var result score
	content, err := json.Marshal(cases)
	if err != nil {
		return result, fmt.Errorf("write cases: %w", err)
	}
	for name, text := range map[string]string{
		"cases.json": string(content), "judge.js": judgeScript, "package.json": `{"type":"module"}`,
		"tsconfig.json": `{"compilerOptions":{"target":"es2023","module":"nodenext","types":["node"],"rootDir":".","outDir":"dist","strict":true,
"noUncheckedIndexedAccess":true,"exactOptionalPropertyTypes":true,"skipLibCheck":true},"include":["*.ts"]}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return result, fmt.Errorf("write judge: %w", err)
		}
	}
	if err := os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(folder, "node_modules")); err != nil {
		return result, fmt.Errorf("link packages: %w", err)
	}
	for _, line := range [][]string{{filepath.Join(packages, "node_modules", ".bin", "tsc"), "-p", ".", "--noCheck"}, {"node", "judge.js"}} {
		command := exec.Command(line[0], line[1:]...)
		command.Dir, command.Stdout, command.Stderr = folder, out, out
		if err := command.Run(); err != nil {
			return result, fmt.Errorf("run %s: %w", line[0], err)
		}
	}
	content, err = os.ReadFile(filepath.Join(folder, "score.json"))
	if err != nil {
		return result, fmt.Errorf("read score: %w", err)
	}
	if err := json.Unmarshal(content, &result); err != nil {
		return result, fmt.Errorf("read score: %w", err)
	}
	return result, nil
}
