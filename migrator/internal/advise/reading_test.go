package advise_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

const seen = "CREATE TABLE seen (id int PRIMARY KEY, k int NOT NULL); "

func TestRoleWithoutRightsGetsWhatItMay(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, "CREATE EXTENSION pg_stat_statements; CREATE ROLE reader LOGIN; CREATE TABLE hidden (id int PRIMARY KEY, up int REFERENCES hidden); "+seen+
		"INSERT INTO seen SELECT n, n FROM generate_series(1, 20000) n; ANALYZE; GRANT SELECT ON seen TO reader; SELECT pg_stat_statements_reset()")
	db, err := scratch.Connect(context.Background(), strings.Replace(d.URL(), "postgres@", "reader@", 1))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, db.Close())
		run(t, d, "DROP OWNED BY reader; DROP ROLE reader")
	})
	ask(t, d.DB(), "SELECT count(*) FROM hidden WHERE up = $1", 1) // of another role
	send(t, db, []asked{{20, "SELECT * FROM seen WHERE k = $1", []any{7}}})
	read, err := catalog.Read(context.Background(), db)
	require.NoError(t, err)
	statistics, err := advise.ReadStatistics(context.Background(), db)
	require.NoError(t, err)
	missing := strings.Join(statistics.Missing, "\n")
	require.Contains(t, missing, "GRANT pg_monitor")
	require.Contains(t, missing, "in 1 table that this role may not read")
	f := advise.Facts{Schema: read, Statistics: statistics, Now: time.Now()}
	require.Len(t, advise.Advise(f, selection(t, "fk-without-index")), 1)
	for _, s := range statistics.Statements {
		require.NotContains(t, s.Text, "hidden")
	}

	found, err := advise.SuggestFor(context.Background(), f, advise.Trials{
		Live:    db,
		Scratch: func(context.Context) (*sql.DB, error) { return scratchtest.In(t, server, "").DB(), nil },
		Copy:    func(context.Context) (*sql.DB, error) { return scratchtest.In(t, server, seen).DB(), nil },
	})
	require.NoError(t, err)
	require.Equal(t, []string{"seen (k)", "hidden (up)"}, definitions(found.Suggested))
	require.True(t, found.Suggested[0].Proof.Pays())
	require.Empty(t, found.Suggested[1].Proof.How)
	require.Equal(t, "this role may not read the table", found.Suggested[1].Proof.Note)
}

// TestReadingLocksNothingAndWritesNothing watches the locks while a database
// whose statements also write and lock rows is analysed and indexes are tried
// for it, and sees nothing above ACCESS SHARE, and no transaction that wrote.
func TestReadingLocksNothingAndWritesNothing(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, shop)
	useShop(t, d.DB())
	ask(t, d.DB(), "UPDATE events SET body = $1 WHERE kind = $2 AND day = $3", "x", 7, "2025-03-03")
	ask(t, d.DB(), "SELECT * FROM events WHERE kind = $1 AND day = $2 FOR UPDATE", 7, "2025-03-03")
	ask(t, d.DB(), "DELETE FROM order_items WHERE sku = $1", "none")
	watcher := conn(t, d)
	stop, strongest := make(chan struct{}), make(chan []string)
	go func() {
		seen := map[string]bool{}
		for {
			rows, err := watcher.QueryContext(context.Background(), `SELECT DISTINCT l.mode FROM pg_locks l JOIN pg_database b ON b.oid = l.database
				WHERE b.datname = current_database() AND l.locktype = 'relation' AND l.pid <> pg_backend_pid()`)
			for err == nil && rows.Next() {
				var mode string
				if rows.Scan(&mode) == nil {
					seen[mode] = true
				}
			}
			select {
			case <-stop:
				var modes []string
				for mode := range seen {
					modes = append(modes, mode)
				}
				strongest <- modes
				return
			default:
			}
		}
	}()
	var before, after string
	const written = "SELECT pg_current_xact_id()::text"
	row := conn(t, d)
	require.NoError(t, row.QueryRowContext(context.Background(), written).Scan(&before))
	for range 5 {
		facts(t, d)
	}
	require.NoError(t, row.QueryRowContext(context.Background(), written).Scan(&after))
	require.Equal(t, []string{"events (day, kind)"}, definitions(advice(t, server, d, shopTables).Suggested)[:1])
	close(stop)
	require.Equal(t, []string{"AccessShareLock"}, <-strongest)
	require.Equal(t, next(before), after, "a transaction wrote meanwhile")
}

// next is the transaction id after this one.
func next(id string) string {
	digits := []byte(id)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return string(digits)
		}
		digits[i] = '0'
	}
	return "1" + string(digits)
}

func TestSequencesWithOddNamesAreRead(t *testing.T) {
	d := scratchtest.Database(t, `CREATE SEQUENCE "«odd\»" AS smallint; SELECT setval('"«odd\»"', 30000)`)
	require.Len(t, find(t, d, "sequence-range"), 1)
}
