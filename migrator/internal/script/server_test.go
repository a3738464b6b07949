package script_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

// accepted are statements that the server takes, each alone and after the others.
var accepted = []string{
	`CREATE TABLE IF NOT EXISTS t (a int, "b;""" text DEFAULT 'x;''y', c text DEFAULT E'\';\\');`,
	`INSERT INTO t VALUES (1, $$;'$$, $q$ $$;-- $q$), (2, E'a' -- ;
 'b\';', U&'\0041;');`,
	`CREATE OR REPLACE FUNCTION f(begin int) RETURNS int LANGUAGE sql RETURN begin + 1;`,
	`CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 ELSE CASE WHEN false THEN 3 END END; END;`,
	`CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = 1; END;`,
	`CREATE OR REPLACE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN /* ; */ RETURN NEW; END; $body$;`,
	`DO $$ DECLARE x text := 'it''s; $x$'; BEGIN PERFORM 1; END $$;`,
	`CREATE OR REPLACE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT ';'; SELECT (2));`,
	`SELECT 1 /* a /* nested; */ ' */ + 2 AS "end", 3 AS end, 4 *-- ;
 5;`,
	`SELECT a$b$ FROM (SELECT 1 AS a$b$) x;`,
	`SELECT B'01', X'1F', N'a;', 'a\';`,
	`SELECT 1;`,
}

var between = []string{"", " ", "\n", "\r\n", "-- a; ' \" $$\n", "/* ; /* ' */ */", ";", " ;; ", "\n\n\t"}

// The server refuses two statements in one prepared one, and half of one too.
func TestServerTakesEachPiece(t *testing.T) {
	server := scratchtest.Server(t)
	accepted := slices.DeleteFunc(slices.Clone(accepted), func(statement string) bool {
		return server.Major() < 14 && (strings.Contains(statement, "ATOMIC") || strings.Contains(statement, "RETURN begin"))
	})
	db := scratchtest.In(t, server, strings.Join(accepted, "\n")).DB()
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	for range 30 {
		var text strings.Builder
		var want []string
		for range 1 + random.IntN(8) {
			text.WriteString(between[random.IntN(len(between))])
			statement := accepted[random.IntN(len(accepted))]
			text.WriteString(statement)
			want = append(want, statement)
		}
		text.WriteString(between[random.IntN(len(between))])
		found := statements(t, text.String())
		require.Equal(t, want, found, "seed %d", seed)
		for _, statement := range found {
			prepared, err := conn.PrepareContext(context.Background(), statement)
			require.NoError(t, err, "seed %d: %s", seed, statement)
			require.NoError(t, prepared.Close())
		}
	}
}

// What the splitter refuses as unfinished, the server refuses too.
func TestServerRefusesWhatIsUnfinished(t *testing.T) {
	db := scratchtest.Database(t, "").DB()
	for _, text := range []string{"SELECT 'a;", `SELECT E'a\'`, `SELECT "a`, "SELECT $a$ $b$", "SELECT 1 /* /* */", "SELECT (1;", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;"} {
		_, err := script.Split("", text)
		require.Error(t, err, text)
		_, err = db.Exec(text)
		require.ErrorContains(t, err, "42601", text)
	}
}
