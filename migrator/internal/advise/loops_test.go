package advise_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/advise"
	"github.com/senior-backend/toolkit/migrator/internal/catalog"
	"github.com/senior-backend/toolkit/migrator/internal/scratch"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// blogTables are what lists and their children are read from: plain, with
// names that need quotes, of several columns, partitioned, inherited and of
// themselves.
const blogTables = `
CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats;
CREATE SCHEMA app;
CREATE TABLE authors (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE articles (id bigint PRIMARY KEY, author_id bigint NOT NULL REFERENCES authors, title text NOT NULL, share text, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE app."Comments" ("Id" bigint PRIMARY KEY, "articleId" bigint NOT NULL REFERENCES articles, "body" text NOT NULL);
CREATE TABLE parts (tenant int NOT NULL, number int NOT NULL, name text NOT NULL, PRIMARY KEY (tenant, number));
CREATE TABLE revisions (id bigint PRIMARY KEY, tenant int NOT NULL, number int NOT NULL, body text NOT NULL, FOREIGN KEY (tenant, number) REFERENCES parts);
CREATE TABLE visits (article_id bigint NOT NULL REFERENCES articles, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE folders (id bigint PRIMARY KEY, parent_id bigint REFERENCES folders, name text NOT NULL);
CREATE TABLE tags (id bigint PRIMARY KEY, article_id bigint NOT NULL REFERENCES articles, name text NOT NULL);
CREATE TABLE old_tags () INHERITS (tags);
CREATE TABLE tokens (token text PRIMARY KEY, author_id bigint NOT NULL);
CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO authors SELECT n, 'a' || n FROM generate_series(1, 40) n;
INSERT INTO articles SELECT n, 1 + n % 40, 't' || n FROM generate_series(1, 200) n;
INSERT INTO app."Comments" SELECT n, 1 + n % 200, 'c' FROM generate_series(1, 600) n;
INSERT INTO parts SELECT 1 + n % 5, n, 'p' FROM generate_series(1, 200) n;
INSERT INTO revisions SELECT n * 2 + r, 1 + n % 5, n, 'r' FROM generate_series(1, 200) n, generate_series(0, 1) r;
INSERT INTO visits SELECT 1 + n % 200, date '2026-01-01' + n % 50 FROM generate_series(1, 600) n;
INSERT INTO folders SELECT n, CASE WHEN n > 10 THEN 1 + n % 10 END, 'f' FROM generate_series(1, 200) n;
INSERT INTO tags SELECT n, 1 + n % 200, 't' FROM generate_series(1, 400) n;
INSERT INTO tokens SELECT 't' || n, n FROM generate_series(1, 40) n;
INSERT INTO settings VALUES ('theme', 'dark');
ANALYZE;
SELECT stats.pg_stat_statements_reset();
`

// loop is a list and what is looked up for each of its rows, as an ORM writes it.
type loop struct {
	list, child string
	args        func(row int) []any // of the child
	want        string              // the table and columns; empty for no loop
}

func one(row int) []any { return []any{row} }

func loops() map[string]loop {
	return map[string]loop{
		"ActiveRecord": {
			`SELECT "articles".* FROM "articles" ORDER BY "articles"."id" ASC LIMIT 20`,
			`SELECT "authors".* FROM "authors" WHERE "authors"."id" = $1 LIMIT $2`, func(row int) []any { return []any{row, 1} }, "authors by id",
		},
		"Django": {
			`SELECT "articles"."id", "articles"."author_id", "articles"."title" FROM "articles" WHERE "articles"."at" > '2020-01-01'::timestamptz ORDER BY "articles"."at" DESC LIMIT 20`,
			`SELECT "tags"."id", "tags"."article_id", "tags"."name" FROM "tags" WHERE "tags"."article_id" = $1`, one, "tags by article_id",
		},
		"Hibernate": {
			`select a1_0.id,a1_0.author_id,a1_0.title from articles a1_0 where a1_0.title like 't%' fetch first 20 rows only`,
			`select c1_0."articleId",c1_0."Id",c1_0."body" from app."Comments" c1_0 where c1_0."articleId"=$1`, one, `app.Comments by articleId`,
		},
		"Sequelize": {
			`SELECT "id", "title" FROM "articles" AS "Article" WHERE "Article"."title" IS NOT NULL LIMIT 20`,
			`SELECT "Id", "articleId", "body" FROM "app"."Comments" AS "Comment" WHERE "Comment"."articleId" = $1 ORDER BY "Comment"."Id" DESC`, one, `app.Comments by articleId`,
		},
		"Prisma": {
			`SELECT "public"."articles"."id", "public"."articles"."title" FROM "public"."articles" WHERE 1=1 ORDER BY "public"."articles"."id" ASC LIMIT 20 OFFSET 0`,
			`SELECT "public"."authors"."id", "public"."authors"."name" FROM "public"."authors" WHERE ("public"."authors"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3`, func(row int) []any { return []any{row, 1, 0} }, "authors by id",
		},
		"TypeORM": {
			`SELECT "Article"."id" AS "Article_id", "Article"."title" AS "Article_title" FROM "articles" "Article" ORDER BY "Article_id" ASC LIMIT 20`,
			`SELECT "Tag"."id" AS "Tag_id", "Tag"."name" AS "Tag_name" FROM "tags" "Tag" WHERE (("Tag"."article_id" = $1))`, one, "tags by article_id",
		},
		"a list of one in IN": {
			"SELECT id, share FROM articles ORDER BY id LIMIT 20", "SELECT articles.share, id FROM articles WHERE author_id IN ($1)", one, "",
		},
		"one of IN": {
			"SELECT id, name FROM authors ORDER BY id LIMIT 20", "SELECT articles.share, id FROM articles WHERE author_id IN ($1) AND articles.share IS NULL", one, "articles by author_id",
		},
		"composite key": {
			"SELECT tenant, number FROM parts ORDER BY number LIMIT 20", "SELECT body FROM revisions WHERE tenant = $1 AND number = $2", func(row int) []any { return []any{1 + row%5, row} }, "revisions by tenant, number",
		},
		"partitioned": {
			"SELECT id, title, at FROM articles LIMIT 20", "SELECT day FROM visits WHERE article_id = $1", one, "visits by article_id",
		},
		"of itself": {
			"SELECT id FROM folders WHERE parent_id IS NULL", "SELECT id, name FROM folders WHERE parent_id = $1", one, "folders by parent_id",
		},
		"type to be guessed": {
			"SELECT title FROM articles LIMIT 20", "SELECT $2 AS kind, name, extract(epoch FROM now()) FROM tags WHERE ($1::bigint IS NULL OR true) AND article_id = $1", func(row int) []any { return []any{row, "x"} }, "tags by article_id",
		},
		"an array": {
			"SELECT id FROM articles LIMIT 20", "SELECT id FROM tags WHERE article_id = ANY ($1)", func(row int) []any { return []any{pq.Array([]int{row, row + 1})} }, "",
		},
		"sessions": {
			"SELECT id, author_id FROM articles LIMIT 20", "SELECT author_id FROM tokens WHERE token = $1", func(row int) []any { return []any{fmt.Sprint("t", row)} }, "",
		},
		"settings": {
			"SELECT id FROM authors LIMIT 20", "SELECT value FROM settings WHERE name = $1", func(int) []any { return []any{"theme"} }, "",
		},
		"by a column that links nothing": {
			"SELECT id FROM authors LIMIT 20", "SELECT id FROM articles WHERE title = $1", func(row int) []any { return []any{fmt.Sprint("t", row)} }, "",
		},
		"rows that are locked": {
			"SELECT id FROM authors LIMIT 20", "SELECT id FROM articles WHERE author_id = $1 FOR UPDATE", one, "",
		},
		"one row of the same table": {
			"SELECT id, title FROM articles LIMIT 20", "SELECT * FROM articles WHERE id = $1", one, "",
		},
	}
}

func TestLoopsAsApplicationsWriteThem(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, blogTables)
	for name, l := range loops() {
		t.Run(name, func(t *testing.T) {
			run(t, d, "SELECT stats.pg_stat_statements_reset()")
			rows := 0
			for range 5 {
				listed, err := d.DB().Query(l.list)
				require.NoError(t, err)
				for listed.Next() {
					rows++
				}
				require.NoError(t, listed.Err())
			}
			for row := range rows {
				ask(t, d.DB(), l.child, l.args(1+row%20)...)
			}
			var found []string
			for _, f := range find(t, d, "n-plus-one") {
				found = append(found, f.TableName()+" by "+strings.Join(f.Columns, ", "))
			}
			if l.want == "" {
				require.Empty(t, found)
				return
			}
			require.Equal(t, []string{l.want}, found)
		})
	}
}

// different runs so many statements that are counted each by itself.
func different(n int, from string) string {
	return fmt.Sprintf(`DO $$ BEGIN FOR n IN 1..%d LOOP EXECUTE (SELECT 'SELECT ' || string_agg(CASE WHEN n & (1 << b) > 0 THEN '1' ELSE 'now()' END, ', ') || ' %s' FROM generate_series(0, 12) b); END LOOP; END $$`, n, from)
}

// Of thousands of statements those are looked at that matter, and during a
// watch those that were sent meanwhile, however little they are beside the rest.
func TestThousandsOfStatements(t *testing.T) {
	server := scratchtest.Open(t, scratch.Options{Preload: "pg_stat_statements"})
	d := scratchtest.In(t, server, blogTables)
	run(t, d, "SET pg_stat_statements.track = 'all'; "+different(4000, "FROM articles"))
	read := func(since *advise.Statistics) *advise.Statistics {
		s, err := advise.ReadSince(context.Background(), d.DB(), since)
		require.NoError(t, err)
		return s
	}
	before := read(nil)
	require.LessOrEqual(t, len(before.Statements), 450)
	l := loops()["Django"]
	ask(t, d.DB(), l.list)
	for row := range 20 {
		ask(t, d.DB(), l.child, row)
	}
	schema, err := catalog.Read(context.Background(), d.DB())
	require.NoError(t, err)
	between := advise.Between(before, read(before), time.Now())
	require.Len(t, between.Statements, 2, "%v", between.Statements)
	facts := advise.Facts{Schema: schema, Statistics: between, Now: time.Now()}
	require.Len(t, advise.Advise(facts, selection(t, "n-plus-one")), 1)

	// Counters that began anew meanwhile do not count backwards.
	run(t, d, "SELECT stats.pg_stat_statements_reset()")
	ask(t, d.DB(), l.list)
	between = advise.Between(before, read(before), time.Now())
	require.Len(t, between.Statements, 1)
	require.EqualValues(t, 1, between.Statements[0].Calls)
}

// What keeps statements from being counted is said.
func TestStatementsThatAreNotCounted(t *testing.T) {
	missing := func(o scratch.Options, sql string) string {
		d := scratchtest.In(t, scratchtest.Open(t, o), sql)
		_, _ = d.DB().Exec("SET pg_stat_statements.track = 'all'; " + different(300, "") + "; RESET pg_stat_statements.track")
		return strings.Join(facts(t, d).Statistics.Missing, "\n")
	}
	const extension = "CREATE EXTENSION pg_stat_statements"
	off := scratch.Options{Preload: "pg_stat_statements", Settings: []string{"pg_stat_statements.track=none"}}
	require.Contains(t, missing(off, extension), "pg_stat_statements.track is none")
	small := scratch.Options{Preload: "pg_stat_statements", Settings: []string{"pg_stat_statements.max=100"}}
	const told = "SELECT current_setting('server_version_num')::int >= 140000" // before, the server does not say
	var tells bool
	require.NoError(t, scratchtest.Database(t, "").DB().QueryRow(told).Scan(&tells))
	require.Equal(t, tells, strings.Contains(missing(small, extension), "has thrown some away"))
	require.Contains(t, missing(scratch.Options{}, extension), "shared_preload_libraries")
	fine := missing(scratch.Options{Preload: "pg_stat_statements"}, extension)
	require.Empty(t, fine)
}
