package advise

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadFormAsksForWhatAStatementLooksUp(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * FROM t WHERE a = $1":                                                                               "SELECT * FROM t WHERE a = $1",
		"SELECT * FROM t WHERE a = $1 ORDER BY b LIMIT $2 OFFSET $3":                                                 "SELECT * FROM t WHERE a = $1 ORDER BY b LIMIT 12 OFFSET 0",
		"select id from t order by b fetch first $1 rows only for no key update of t nowait":                         "select id from t order by b fetch first 12 rows only",
		"SELECT * FROM q WHERE done IS NULL FOR UPDATE SKIP LOCKED LIMIT $1":                                         "SELECT * FROM q WHERE done IS NULL LIMIT 12",
		"SELECT * FROM t, LATERAL (SELECT * FROM u WHERE u.t = t.id LIMIT $1) x":                                     "SELECT * FROM t, LATERAL (SELECT * FROM u WHERE u.t = t.id LIMIT 10) x",
		"UPDATE ONLY s.t AS x SET a = $1, b = (SELECT 1 FROM v WHERE v.c = $2) WHERE x.c = $3":                       "SELECT * FROM ONLY s.t AS x WHERE x.c = $3",
		"UPDATE t SET a = u.a FROM u JOIN v ON v.id = u.v WHERE t.id = u.t AND v.k = $1 RETURNING t.*":               "SELECT * FROM t, u JOIN v ON v.id = u.v WHERE t.id = u.t AND v.k = $1",
		"DELETE FROM t USING u WHERE t.u = u.id AND u.k = $1":                                                        "SELECT * FROM t, u WHERE t.u = u.id AND u.k = $1",
		"/* app:web */ DELETE FROM \"T;\" WHERE a < now() - interval $1 -- old\n":                                    `SELECT * FROM "T;" WHERE a < now() - $1::interval`,
		"INSERT INTO t (a) SELECT b FROM u WHERE c = $1 ON CONFLICT DO NOTHING":                                      "SELECT b FROM u WHERE c = $1",
		"WITH n AS (SELECT id FROM q WHERE s = $1 LIMIT $2 FOR UPDATE) UPDATE q SET s = $3 FROM n WHERE q.id = n.id": "WITH n AS (SELECT id FROM q WHERE s = $1 LIMIT 10 ) SELECT * FROM q, n WHERE q.id = n.id",
		"SELECT 'it''s; FOR UPDATE', $1 FROM t":                                                                      "SELECT 'it''s; FOR UPDATE', $1 FROM t",
		"SELECT a FROM t WHERE b = $1; DROP TABLE t":                                                                 "SELECT a FROM t WHERE b = $1",
		"WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone":                                                "",
		"SELECT * INTO copy FROM t":                                                                                  "",
		"INSERT INTO t VALUES ($1)":                                                                                  "",
		"UPDATE t SET a = $1":                                                                                        "",
		"DELETE FROM t":                                                                                              "",
		"DELETE FROM t WHERE CURRENT OF c":                                                                           "",
		"MERGE INTO t USING u ON t.id = u.id":                                                                        "",
		"COPY t FROM STDIN":                                                                                          "",
		"VACUUM":                                                                                                     "",
		"":                                                                                                           "",
	} {
		got, ok := readForm(text, 12)
		require.Equal(t, want, got, text)
		require.Equal(t, want != "", ok, text)
	}
}

func TestParameterTypesGiveTypesToWhatIsLeftOut(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":               "",
		"SELECT $2 || '$7', $1":  "(unknown, unknown)",
		"SELECT * WHERE a = $3":  "(text, text, unknown)",
		"SELECT $tag$ $9 $tag$":  "",
		"SELECT $1 /* , ... */ ": "(unknown)",
	} {
		got, _ := parameterTypes(text)
		require.Equal(t, want, got, text)
	}
}

func TestPredicatesReadConditionsOfPlans(t *testing.T) {
	known := func(alias string) bool { return alias == "t" || alias == "u" }
	for condition, want := range map[string]string{
		"(t.a = $1)":                                    "a =",
		"((t.a = $1) AND (t.b > $2))":                   "a =, b >",
		"((t.a)::text = ($1)::text)":                    "a =",
		"($1 < t.a)":                                    "a >",
		"(t.a = ANY ($1))":                              "a = any",
		"(t.a = u.b)":                                   "a = u.b, b = t.a",
		"(lower(t.a) = $1)":                             "lower(a) =",
		"((t.a + 1) = $1)":                              "(a + 1) =",
		"((t.doc ->> $1) = $2)":                         "open t.doc ->> $1 =",
		"((t.doc ->> 'k'::text) = $2)":                  "(doc ->> 'k'::text) =",
		"(t.tags @> $1)":                                "tags @>",
		"(t.a OPERATOR(public.%) $1)":                   "a %",
		"((t.a IS NULL) AND (NOT t.b) AND t.c)":         "a is null, b is false, c is true",
		"(t.a IS NOT NULL)":                             "a is not null",
		"((t.a = $1) OR (t.b = $2))":                    "",
		"((t.a = $1) AND ((t.b = $2) OR (t.c = $3)))":   "a =",
		"(ROW(t.a, t.b) < ROW($1, $2))":                 "row a,b <",
		"(t.a = t.b)":                                   "",
		"(t.a = (u.b + t.c))":                           "",
		"(t.a = other.b)":                               "a =",
		`(t."odd ""name""" = $1)`:                       `"odd ""name""" =`,
		"(date_trunc('day'::text, t.placed) = $1)":      "date_trunc('day'::text, placed) =",
		"(t.a = (InitPlan 1).col1)":                     "a =",
		"((t.a)::double precision = $1)":                "((a)::double precision) =",
		"((t.kind = 'x OR y'::text) AND (t.day <> $1))": "kind =, day <>",
		"(t.name ~~* '%x%'::text)":                      "name ~~*",
	} {
		var got []string
		for _, p := range predicates(condition, known) {
			text := ""
			switch {
			case len(p.on.open) > 0:
				text = "open " + p.on.raw
			case len(p.on.row) > 0:
				text = "row " + strings.Join(p.on.row, ",")
			default:
				text = p.on.key()
			}
			text += " " + p.by
			if p.any {
				text += " any"
			}
			if p.with.alias != "" {
				text += " " + p.with.alias + "." + p.with.key()
			}
			got = append(got, text)
		}
		require.Equal(t, want, strings.Join(got, ", "), condition)
	}
}

func TestTargetIsWhatIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"INSERT INTO s.t (a) VALUES ($1)":                               "insert s.t ",
		"UPDATE ONLY t SET a = $1, (b, c) = (SELECT 1, 2) WHERE d = $2": "update .t a,b,c",
		`copy "T" from stdin`:                                           "copy .T ",
		"COPY t TO STDOUT":                                              " . ",
		"DELETE FROM t WHERE a = $1":                                    " . ",
		"SELECT * FROM t":                                               " . ",
		"WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x":            "insert .t ",
	} {
		verb, name, columns := target(text)
		if verb == "" {
			name.Schema, name.Name = "", ""
		}
		require.Equal(t, want, verb+" "+name.Schema+"."+name.Name+" "+strings.Join(columns, ","), text)
	}
}

// What a client sent or a server shows never makes the reader fail, and a
// token is where it says.
func FuzzSQL(f *testing.F) {
	for _, seed := range []string{
		"SELECT $1, $$a$$, $t$;$t$ FROM \"a\"\"b\" -- c\n WHERE x::text = E'\\'' /* /* */ */", "((t.a = $1) AND (t.b > u.c))",
		"UPDATE t SET a = 1 FROM u WHERE x", "DELETE FROM", "WITH a AS (SELECT 1) INSERT INTO t SELECT FOR UPDATE", "'", "\"", "$", "((", "))",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, token := range tokenize(text) {
			require.GreaterOrEqual(t, token.start, end)
			require.Equal(t, token.text, text[token.start:token.end])
			end = token.end
		}
		_, _ = readForm(text, 1)
		_, _ = parameterTypes(text)
		_, _, _ = target(text)
		for _, p := range predicates(text, func(alias string) bool { return alias == "t" }) {
			_ = p.on.key()
		}
	})
}
