package scripts

import (
	"flag"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// notHere are the commands of the pages that a test cannot run, by how they begin, and why.
var notHere = map[string]string{
	"go install github.com/senior-backend/toolkit/": "needs a published version; install-proof.sh installs by version, from this machine",
	"go test work":               "test.sh has run it",
	"./scripts/test.sh":          "runs this test",
	"./scripts/quickstart.sh":    "TestQuickstart runs it",
	"docker build ":              "needs Docker and a registry",
	"kubectl ":                   "needs a cluster",
	"helm ":                      "needs a cluster",
	"loadtester/bench/peers.sh ": "needs wrk, h2load, nginx and minutes of a quiet machine",
	"scaffolder/bench/openapi-typescript.sh ": "fetches openapi-typescript, and takes minutes of a quiet machine",
	"scaffolder/bench/hey-api.sh ":            "fetches hey-api, and takes minutes of a quiet machine",
	"go -C migrator test ":                    "measures: takes minutes of a quiet machine",
}

// described says which test holds each page that has commands.
var described = map[string]string{
	"README.md":                               "TestDocuments",
	"CONTRIBUTING.md":                         "TestDocuments",
	"docs/distributed.md":                     "TestDocuments",
	"docs/loadtester.md":                      "TestDocuments",
	"docs/migrating-from-python.md":           "TestDocuments",
	"docs/migrations.md":                      "TestDocuments",
	"docs/migrator.md":                        "TestDocuments",
	"docs/performance.md":                     "TestDocuments",
	"docs/scaffolder.md":                      "TestDocuments",
	"docs/workflows/api-design.md":            "TestDesignAndHarden",
	"docs/workflows/security-hardening.md":    "TestDesignAndHarden",
	"docs/workflows/database-optimization.md": "TestServeDatabase",
}

// What was met while the tests ran.
var met struct {
	sync.Mutex
	pages, reasons map[string]bool
}

func held(path string) {
	met.Lock()
	defer met.Unlock()
	met.pages[path] = true
}

// elsewhere is why a command is not run.
func elsewhere(command string) (reason string, there bool) {
	met.Lock()
	defer met.Unlock()
	for beginning, reason := range notHere {
		if strings.HasPrefix(command+" ", beginning) {
			met.reasons[beginning] = true
			return reason, true
		}
	}
	return "", false
}

// TestMain sees, when all tests ran, that every page was held and that no command is
// excused that no page has.
func TestMain(m *testing.M) {
	met.pages, met.reasons = map[string]bool{}, map[string]bool{}
	status := m.Run()
	if run := flag.Lookup("test.run"); status == 0 && run.Value.String() == "" {
		for path, test := range described {
			if !met.pages[path] {
				println("FAIL:", path, "was not run by", test)
				status = 1
			}
		}
		for beginning := range notHere {
			if !met.reasons[beginning] {
				println("FAIL: no page has the command", beginning)
				status = 1
			}
		}
	}
	os.Exit(status)
}

// TestEveryPageIsDescribed sees that no page with commands is passed over.
func TestEveryPageIsDescribed(t *testing.T) {
	found := map[string]bool{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "*/README.md"} {
		paths, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			name, err := filepath.Rel("..", path)
			require.NoError(t, err)
			rewritten(string(text), func(language, block string) string {
				if language == "console" || len(commands(language, block)) > 0 {
					found[filepath.ToSlash(name)] = true
				}
				return block
			})
		}
	}
	for path := range found {
		require.NotEmpty(t, described[path], "%s has commands, and no test runs them", path)
	}
	require.Len(t, found, len(described))
}

// A server over a database has a document of its own, and takes nobody else's place.
const (
	fromDatabase  = "scaffolder --from-db"
	elsewhereFrom = "env -C own scaffolder --from-db"
)

// TestDocuments runs the pages that need no generated server.
func TestDocuments(t *testing.T) {
	directory := t.TempDir()
	env := built(t, directory, "./scaffolder", "./migrator", "./loadtester", "./migrator/internal/scratch/keep")
	url := "http://" + shop(t)
	inside := func(t *testing.T, p page, files ...string) {
		t.Helper()
		work := filepath.Join(t.TempDir(), "work")
		lay(t, work, files...)
		p.shorter = append(p.shorter, brief...)
		p.holds(t, env, work)
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	for name, test := range map[string]func(*testing.T){
		"CONTRIBUTING.md":     func(t *testing.T) { page{path: "CONTRIBUTING.md"}.holds(t, env, root) },
		"docs/performance.md": func(t *testing.T) { page{path: "docs/performance.md"}.holds(t, env, root) },
		"README.md": func(t *testing.T) {
			inside(t, page{path: "README.md", names: []string{
				"http://localhost:8080", url, "go install ./", "GOBIN=" + t.TempDir() + " go install -C " + root + " ./",
			}, shorter: []string{"--duration 5", "--duration 1"}}, "openapi.yaml", "orders.sql", "orders_v2.sql")
		},
		"docs/loadtester.md": func(t *testing.T) {
			inside(t, page{path: "docs/loadtester.md", names: []string{"http://localhost:8080", url}}, "order.json", "users.csv", "plan.jsonl")
		},
		"docs/distributed.md": func(t *testing.T) {
			nats, own := free(t), free(t)
			serveNATS(t, directory, nats)
			inside(t, page{path: "docs/distributed.md", agents: 2, names: []string{
				"http://localhost:8080", url, "nats://localhost:4222", "nats://" + nats, "nats://coordinator.example.com:4222", "nats://" + own, "0.0.0.0:4222", own, "localhost:8080", strings.TrimPrefix(url, "http://"),
			}, shorter: []string{"--rate 50000", "--rate 500", "--rate 5000", "--rate 500 --duration 0.5", "--embedded-nats", "--nats-listen " + own}}, "token")
		},
		"docs/migrating-from-python.md": func(t *testing.T) {
			database := kept(t, directory, "serve-database/schema.sql", "serve-database/rows.sql")
			inside(t, page{
				path: "docs/migrating-from-python.md", names: []string{"postgres://localhost/mydb", database, "https://api.example.com", url},
				shorter: []string{"/endpoint --", "/endpoint --duration 0.5 --", fromDatabase, elsewhereFrom},
			},
				"own/empty", "openapi.yaml", "schema.sql", "schema/v2.sql", "migrations/20240115_add_user_indexes.sql")
		},
		"docs/migrations.md": func(t *testing.T) {
			database := kept(t, directory, "serve-database/schema.sql")
			inside(t, page{path: "docs/migrations.md", names: []string{"URL", database}}, "migrations/20240115_add_user_indexes.sql", "migrations/20240115_add_user_indexes_rollback.sql")
		},
		"docs/migrator.md": func(t *testing.T) { inside(t, page{path: "docs/migrator.md"}, "schema.sql") },
		"docs/scaffolder.md": func(t *testing.T) {
			own := filepath.Join(t.TempDir(), "own.sql")
			require.NoError(t, os.WriteFile(own, block(t, "../docs/scaffolder.md", "sql"), 0o600))
			database := kept(t, directory, "serve-database/schema.sql", own)
			inside(t, page{
				path: "docs/scaffolder.md", names: []string{"postgres://localhost/mydb", database},
				shorter: []string{fromDatabase, elsewhereFrom},
			}, "own/empty", "openapi.yaml", "swagger.json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// shop serves what the pages send load to, until the test ends, and returns its address.
func shop(t *testing.T) string {
	t.Helper()
	refuse := func(w http.ResponseWriter, status int) { http.Error(w, http.StatusText(status), status) }
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello\n")) })
	mux.HandleFunc("/api/users/none", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound) })
	mux.HandleFunc("POST /users", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusBadRequest) })
	for _, path := range []string{"POST /orders", "POST /api/users"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	}
	var lock sync.Mutex
	var until time.Time
	left := 0
	mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		if now := time.Now(); now.After(until) {
			until, left = now.Add(time.Second), 20
		}
		if left--; left < 0 {
			w.Header().Set("Retry-After", "1")
			refuse(w, http.StatusTooManyRequests)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String()
}

// serveNATS runs a NATS server at an address until the test ends.
func serveNATS(t *testing.T, directory, address string) {
	t.Helper()
	program := filepath.Join(directory, "bin", "nats-server")
	build := exec.Command("go", "build", "-C", filepath.Join("..", "loadtester"), "-o", program, "github.com/nats-io/nats-server/v2")
	build.Env = append(os.Environ(), "GOWORK=")
	requireRuns(t, build)
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	server := exec.Command(program, "--addr", host, "--port", port)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	listens(t, address)
}

// contents are the files that pages presuppose; quickstart's document and serve-database's
// schema are copied.
var contents = map[string]string{
	"token":      "5d41402abc4b2a76b9719d911017c592\n",
	"own/empty":  "\n",
	"order.json": `{"product_id": 1, "quantity": 2}`,
	"users.csv":  "id,name\n1,Ada\n2,Grace\n",
	"orders.sql": `CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    total_cents integer NOT NULL
);
`,
	"orders_v2.sql": `CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    total_cents bigint NOT NULL CHECK (total_cents >= 0)
);
CREATE INDEX orders_customer_id_idx ON orders (customer_id);
`,
	"migrations/20240115_add_user_indexes.sql":          "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_placed_at_idx ON orders (placed_at);\n",
	"migrations/20240115_add_user_indexes_rollback.sql": "DROP INDEX CONCURRENTLY IF EXISTS orders_placed_at_idx;\n",
	"swagger.json": `{"swagger": "2.0", "info": {"title": "Pets", "version": "1"}, "paths": {"/pets": {"get": {"responses": {"200": {"description": "Pets."}}}}}}`,
	"routes/pets.js": `const express = require("express");
const router = express.Router();
/** One pet. */
router.get("/pets/:id", function getPet(request, response) {
  response.json({ id: request.params.id });
});
module.exports = router;
`,
}

// lay writes files that a page presupposes into a directory.
func lay(t *testing.T, directory string, names ...string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(directory, 0o750))
	for _, name := range names {
		path := filepath.Join(directory, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		text := []byte(contents[name])
		var err error
		switch name {
		case "openapi.yaml":
			text, err = os.ReadFile("quickstart/openapi.yaml")
		case "schema.sql", "schema/v2.sql":
			text, err = os.ReadFile("serve-database/schema.sql")
			if name == "schema/v2.sql" {
				text = append(text, "ALTER TABLE orders ADD COLUMN note text;\n"...)
			}
		case "plan.jsonl": // the page's own
			text = block(t, "../docs/loadtester.md", "jsonl")
		}
		require.NoError(t, err)
		require.NotEmpty(t, text, name)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// block is the first block of a language in a page.
func block(t *testing.T, path, language string) []byte {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "\n```"+language+"\n")
	require.True(t, found)
	text, _, found := strings.Cut(rest, "```\n")
	require.True(t, found)
	return []byte(text)
}
