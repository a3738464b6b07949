package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/shared/report"
)

// bankSchema is a bank like pgbench's that lacks an index on two columns and
// has one index too many in two ways.
const bankSchema = `
CREATE EXTENSION pg_stat_statements;
CREATE TABLE branches (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, branch_id bigint NOT NULL REFERENCES branches, balance numeric(14,2) NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, teller int NOT NULL,
	day date NOT NULL, amount numeric(14,2) NOT NULL, filler text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX accounts_branch ON accounts (branch_id);
CREATE INDEX accounts_branch_balance ON accounts (branch_id, balance);
CREATE INDEX entries_account ON entries (account_id);
CREATE INDEX accounts_updated ON accounts (updated_at);
INSERT INTO branches (name) SELECT 'branch ' || n FROM generate_series(1, 50) n;
INSERT INTO accounts (branch_id, balance) SELECT 1 + n % 50, n FROM generate_series(1, 5000) n;
INSERT INTO entries (account_id, teller, day, amount, filler)
	SELECT 1 + n % 5000, n % 61, date '2026-01-01' + n % 365, n % 700, repeat('f', 84) FROM generate_series(1, 60000) n;
VACUUM ANALYZE;
SELECT pg_stat_statements_reset();`

// bank is clients that work on the database as applications do, each of them
// so many rounds.
func bank(t *testing.T, db *sql.DB, rounds int) {
	t.Helper()
	var clients sync.WaitGroup
	failures := make(chan error, 2)
	for client := range 2 {
		clients.Go(func() {
			for round := range rounds {
				if err := bankRound(db, client*rounds+round); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	clients.Wait()
	close(failures)
	require.NoError(t, <-failures)
}

// bankRound books a transfer, as pgbench does, looks at a teller's day, and
// lists a branch's accounts with the entries of each, one query an account.
func bankRound(db *sql.DB, n int) error {
	ctx := context.Background()
	account := 1 + n*37%5000
	if _, err := db.ExecContext(ctx, "UPDATE accounts SET balance = balance + $1 WHERE id = $2", n, account); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO entries (account_id, teller, day, amount, filler) VALUES ($1, $2, $3, $4, '')", account, n%61, "2026-02-02", n); err != nil {
		return err
	}
	if _, err := column(ctx, db, "SELECT amount FROM entries WHERE teller = $1 AND day = $2", n%61, fmt.Sprintf("2026-01-%02d", 1+n%28)); err != nil {
		return err
	}
	ids, err := column(ctx, db, "SELECT id FROM accounts WHERE branch_id = $1 ORDER BY id LIMIT 10", 1+n%50)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := column(ctx, db, "SELECT amount FROM entries WHERE account_id = $1", id); err != nil {
			return err
		}
	}
	return nil
}

func column(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var values []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}

// migrator runs the tool and returns what it prints.
func migrator(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.Command("migrator", args...) // TestMain has put it there
	var out, log strings.Builder
	command.Stdout, command.Stderr = &out, &log
	require.NoError(t, command.Run(), log.String())
	return out.String()
}

// The whole way: an application runs, the analysis names what is wrong and
// nothing else at error level, the suggested file is applied, the statement
// takes less time, and the analysis says so.
func TestFindMendAndVerify(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, bankSchema)
	bank(t, d.DB(), 60)
	dir := t.TempDir()
	baseline := filepath.Join(dir, "before.json")
	var before analysis
	require.Eventually(t, func() bool { // the server's counters come late
		text := migrator(t, "--connection", d.URL(), "--json")
		require.NoError(t, os.WriteFile(baseline, []byte(text), 0o600))
		before = analysis{}
		require.NoError(t, json.Unmarshal([]byte(text), &before))
		return len(codes(before)["seq-scan"]) > 0 && len(codes(before)["unused-index"]) > 0
	}, 30*time.Second, 300*time.Millisecond)
	found := codes(before)
	require.Zero(t, before.Issues.Errors, before.Detail)
	require.Equal(t, []string{"N+1: entries is looked up by account_id once for each row of accounts"}, found["n-plus-one"])
	require.Equal(t, []string{"index accounts_branch is redundant: accounts_branch_balance begins with the same columns"}, found["redundant-index"])
	require.Equal(t, []string{"index accounts_updated is not used"}, found["unused-index"])
	require.Equal(t, []string{"entries is read from end to end again and again"}, found["seq-scan"])

	migrator(t, "--connection", d.URL(), "--suggest-indexes", "--output", dir)
	files, err := filepath.Glob(filepath.Join(dir, "*_add_indexes.sql"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), "CREATE INDEX"), string(text))
	require.Regexp(t, `ON entries \((teller, day|day, teller)\)`, string(text))
	migrator(t, "--connection", d.URL(), "--migrate", files[0])

	bank(t, d.DB(), 60)
	var after analysis
	require.NoError(t, json.Unmarshal([]byte(migrator(t, "--connection", d.URL(), "--json", "--baseline", baseline)), &after))
	require.NotNil(t, after.Since)
	require.NotEmpty(t, after.Since.Statements)
	faster := after.Since.Statements[0]
	require.Equal(t, "SELECT amount FROM entries WHERE teller = $1 AND day = $2", faster.Query)
	require.Less(t, faster.After, faster.Before/2)
	require.EqualValues(t, 120, faster.Calls)
	page := filepath.Join(dir, "after.html")
	text = []byte(migrator(t, "--connection", d.URL(), "--baseline", baseline, "--html", page))
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(html), "times as fast")
	require.Contains(t, string(html), "Since the baseline")
	require.Contains(t, string(text), "times as fast")
	require.Regexp(t, `Since\s+the\s+baseline:\s+[1-9]`, string(text))
}

// While clients work, --watch reports what they do, and nothing of what was done
// before: branches were looked up one by one then.
func TestWatchWhileClientsWork(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, bankSchema)
	for range 5 {
		ids, err := column(t.Context(), d.DB(), "SELECT branch_id FROM accounts WHERE balance < $1 LIMIT 10", 1000)
		require.NoError(t, err)
		for _, id := range ids {
			_, err := column(t.Context(), d.DB(), "SELECT name FROM branches WHERE id = $1", id)
			require.NoError(t, err)
		}
	}
	const loops = "n-plus-one"
	var all, watched analysis
	require.NoError(t, json.Unmarshal([]byte(migrator(t, "--connection", d.URL(), "--json", "--rules", loops)), &all))
	require.Equal(t, []string{"N+1: branches is looked up by id once for each row of accounts"}, codes(all)[loops])

	stop, ended := make(chan struct{}), make(chan error)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			if err := bankRound(d.DB(), n); err != nil {
				ended <- err
				return
			}
		}
	}()
	text := migrator(t, "--connection", d.URL(), "--json", "--rules", loops, "--watch", "3s")
	close(stop)
	require.NoError(t, <-ended)
	require.NoError(t, json.Unmarshal([]byte(text), &watched))
	require.Equal(t, []string{"N+1: entries is looked up by account_id once for each row of accounts"}, codes(watched)[loops])
}

// codes are the findings' messages by the rule's code.
func codes(a analysis) map[string][]string {
	found := map[string][]string{}
	for _, issue := range a.Detail {
		if issue.Severity == report.SeverityError || issue.Category == "workload" || issue.Category == "index" {
			found[issue.Code] = append(found[issue.Code], issue.Message)
		}
	}
	return found
}
