package script_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/script"
	"github.com/senior-backend/toolkit/shared/fault"
)

func statements(t *testing.T, text string) []string {
	t.Helper()
	pieces, err := script.Split("a.sql", text)
	require.NoError(t, err)
	var joined strings.Builder
	var found []string
	for _, piece := range pieces {
		require.Equal(t, joined.Len(), piece.Offset)
		joined.WriteString(piece.Text)
		if piece.Kind == script.Statement {
			found = append(found, piece.Text)
		}
	}
	require.Equal(t, text, joined.String(), "pieces joined")
	return found
}

func TestStatementsEndWhereTheServerEndsThem(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                  {"", nil},
		"blanks":                   {" \n-- a;b\n/* ; */\t", nil},
		"empty statements":         {";; ;\n;", nil},
		"two":                      {"select 1; select 2;", []string{"select 1;", "select 2;"}},
		"last without semicolon":   {"select 1;\nselect 2 -- end\n", []string{"select 1;", "select 2"}},
		"string":                   {`select 'a;''b;' ;x`, []string{`select 'a;''b;' ;`, "x"}},
		"backslash is no escape":   {`select 'a\'; select 'b';`, []string{`select 'a\';`, "select 'b';"}},
		"escape string":            {`select E'a\';''' ; x`, []string{`select E'a\';''' ;`, "x"}},
		"continued escape string":  {"select e'a' -- no\n", []string{"select e'a'"}},
		"escape goes on":           {"select e'a'\n  -- c\n 'b\\';' ; x", []string{"select e'a'\n  -- c\n 'b\\';' ;", "x"}},
		"escape does not go on":    {"select e'a' 'b\\' ; x", []string{"select e'a' 'b\\' ;", "x"}},
		"E ends a longer word":     {`select type'\'; x`, []string{`select type'\';`, "x"}},
		"bit and unicode strings":  {`select B'1', X'f', U&'\0041;', N'a\'; x`, []string{`select B'1', X'f', U&'\0041;', N'a\';`, "x"}},
		"names":                    {`select ";""'", U&"a;" ; x`, []string{`select ";""'", U&"a;" ;`, "x"}},
		"dollar":                   {`do $$ begin; end $$; x`, []string{`do $$ begin; end $$;`, "x"}},
		"tagged":                   {`select $a$ $$ ; $b$ $a$; x`, []string{`select $a$ $$ ; $b$ $a$;`, "x"}},
		"unicode tag":              {`select $été$;$été$; x`, []string{`select $été$;$été$;`, "x"}},
		"dollar in a word":         {`select a$b$ from c$b$; x`, []string{`select a$b$ from c$b$;`, "x"}},
		"parameter":                {`prepare p as select $1; x`, []string{`prepare p as select $1;`, "x"}},
		"number before dollar":     {`select 1$a$;$a$; x`, []string{`select 1$a$;$a$;`, "x"}},
		"nested comment":           {"/* a /* b; */ c; */ select /*;*/ 1; x", []string{"select /*;*/ 1;", "x"}},
		"comment in an operator":   {"select 1 *--;\n 2; x", []string{"select 1 *--;\n 2;", "x"}},
		"quote in a comment":       {"-- don't\nselect 1;/* don't */x", []string{"select 1;", "x"}},
		"rule":                     {"create rule r as on insert to t do (insert into a values (1); delete from b); x", []string{"create rule r as on insert to t do (insert into a values (1); delete from b);", "x"}},
		"stray closing":            {"select 1); x", []string{"select 1);", "x"}},
		"atomic":                   {"create function f() returns int begin atomic select 1; select case when true then 2 end; end; x", []string{"create function f() returns int begin atomic select 1; select case when true then 2 end; end;", "x"}},
		"atomic procedure":         {"create or replace procedure p() BEGIN ATOMIC insert into t values (1); END; x", []string{"create or replace procedure p() BEGIN ATOMIC insert into t values (1); END;", "x"}},
		"end as a label":           {"create function f() returns int begin atomic select 1 as end; select t.end from t; end; x", []string{"create function f() returns int begin atomic select 1 as end; select t.end from t; end;", "x"}},
		"a parameter named begin":  {"create function f(begin int) returns int return begin + 1; x", []string{"create function f(begin int) returns int return begin + 1;", "x"}},
		"begin of a transaction":   {"begin; select 1; end; x", []string{"begin;", "select 1;", "end;", "x"}},
		"windows lines":            {"select 1;\r\n-- a\r\nselect 2;\r\n", []string{"select 1;", "select 2;"}},
		"byte order mark":          {"\ufeffselect 1;", []string{"select 1;"}},
		"strings with escapes":     {`set standard_conforming_strings = off; select '\'; ' ; set standard_conforming_strings to on; select '\'; x`, []string{`set standard_conforming_strings = off;`, `select '\'; ' ;`, `set standard_conforming_strings to on;`, `select '\';`, "x"}},
		"escapes by configuration": {`select pg_catalog.set_config('standard_conforming_strings', 'off', false); select '\'; ' ; reset standard_conforming_strings; select '\'; x`, []string{`select pg_catalog.set_config('standard_conforming_strings', 'off', false);`, `select '\'; ' ;`, `reset standard_conforming_strings;`, `select '\';`, "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, statements(t, test.text))
		})
	}
}

func TestPiecesBesideStatements(t *testing.T) {
	text := "\\restrict abc\nCOPY a.t (b) FROM stdin; -- rows\n1;\n\\N\n\\.\n\nselect 1 \\gexec\n\\copy t from stdin csv\nx\n\\.\r\nselect 2"
	pieces, err := script.Split("", text)
	require.NoError(t, err)
	type short struct {
		kind script.Kind
		text string
		line int
	}
	var got []short
	for _, piece := range pieces {
		if piece.Kind != script.Blank {
			got = append(got, short{piece.Kind, piece.Text, piece.Line})
		}
	}
	require.Equal(t, []short{
		{script.Meta, `\restrict abc`, 1},
		{script.Statement, "COPY a.t (b) FROM stdin;", 2},
		{script.CopyData, "1;\n\\N\n\\.\n", 3},
		{script.Statement, "select 1", 7},
		{script.Meta, `\gexec`, 7},
		{script.Meta, `\copy t from stdin csv`, 8},
		{script.CopyData, "x\n\\.\r\n", 9},
		{script.Statement, "select 2", 11},
	}, got)
	require.Equal(t, `\restrict`, pieces[0].MetaName())
	require.Equal(t, "abc", pieces[0].MetaArguments())
}

func TestRows(t *testing.T) {
	for text, want := range map[string]string{
		"copy t from stdin;\n\\.\n":        "",
		"copy t from stdin;\n\n\\.\n":      "\n",
		"copy t from stdin;\na\nb\n\\.":    "a\nb\n",
		"copy t from stdin;\r\na\r\n\\.\r": "a\r\n",
	} {
		pieces, err := script.Split("", text)
		require.NoError(t, err)
		require.Equal(t, want, pieces[2].Rows(), "%q", text)
		require.Empty(t, pieces[0].Rows())
	}
}

func TestPlaces(t *testing.T) {
	pieces, err := script.Split("", "\ufeffé; select\n 'ü', x;")
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{pieces[1].Line, pieces[1].Column})
	require.Equal(t, []int{1, 4}, []int{pieces[3].Line, pieces[3].Column})
	line, column := pieces[3].Locate(1)
	require.Equal(t, []int{1, 4}, []int{line, column})
	line, column = pieces[3].Locate(strings.Index("select\n 'u', x;", "x") + 1)
	require.Equal(t, []int{2, 7}, []int{line, column})
	line, column = pieces[3].Locate(1000)
	require.Equal(t, []int{2, 9}, []int{line, column})
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		text         string
		line, column int
		message      string
	}{
		"string":       {"select 1;\nselect 'a;", 2, 8, "a string that is opened here is never closed"},
		"escape":       {`select E'\`, 1, 8, "a string that is opened here is never closed"},
		"name":         {"select 1,\n  \"a;", 2, 3, "a quoted identifier that is opened here is never closed"},
		"dollar":       {"do $a$ begin end $b$;\nselect 1;", 1, 4, "the dollar quote $a$ that is opened here is never closed"},
		"comment":      {"select 1;\n/* /* */\n", 2, 1, "a comment that is opened here is never closed"},
		"parenthesis":  {"select 1;\ncreate table t (a int;\nselect 2;", 2, 16, "the parenthesis that is opened here is never closed"},
		"atomic":       {"create function f() returns int\nbegin atomic select 1;", 2, 1, "the BEGIN ATOMIC body that is opened here is never closed"},
		"data":         {"copy t from stdin;\n1\n", 2, 1, `the data of COPY ... FROM stdin that begins here is never ended`},
		"data on line": {"copy t from stdin; select 1;\n1\n\\.\n", 1, 19, "the data of COPY ... FROM stdin begins on the next line, and more follows on this one"},
		"zero":         {"select 1;\nx\x00", 2, 2, "the file holds a NUL byte, so it is no SQL text"},
		"utf-16":       {"\xff\xfes\x00", 1, 1, "the file is UTF-16 text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := script.Split("a.sql", test.text)
			var input *fault.Input
			require.ErrorAs(t, err, &input)
			require.Equal(t, "a.sql", input.Path)
			require.Equal(t, test.message, input.Message)
			require.Equal(t, []int{test.line, test.column}, []int{input.Line, input.Column})
		})
	}
}

func TestHints(t *testing.T) {
	for text, want := range map[string]struct {
		outside, session bool
		control          script.Control
	}{
		"create unique index concurrently if not exists i on t (a)": {outside: true},
		"create index i on t (a)":                                   {},
		"create table concurrently (a int)":                         {},
		"drop index concurrently i":                                 {outside: true},
		"reindex (concurrently) table t":                            {outside: true},
		"reindex table t":                                           {},
		"vacuum (full) t":                                           {outside: true},
		"alter system set a = 1":                                    {outside: true},
		`alter table "a" detach partition b.c concurrently;`:        {outside: true},
		"alter table a detach partition b;":                         {},
		"refresh materialized view concurrently m":                  {},
		"/* x */ begin":                                             {control: script.Begins},
		"start transaction read only":                               {control: script.Begins},
		"end;":                                                      {control: script.Commits},
		"rollback;":                                                 {control: script.RollsBack},
		"rollback to savepoint a":                                   {control: script.Saves},
		"commit prepared 'a'":                                       {outside: true},
		"set lock_timeout = '5s'":                                   {session: true},
		"set local lock_timeout = '5s'":                             {},
		"SELECT pg_catalog.set_config('search_path', '', false);":   {session: true},
	} {
		pieces, err := script.Split("", text)
		require.NoError(t, err)
		piece := pieces[len(pieces)-1]
		require.Equal(t, want.outside, piece.OutsideTransaction(), text)
		require.Equal(t, want.session, piece.SetsSession(), text)
		require.Equal(t, want.control, piece.Control(), text)
	}
}

func TestQualifiedName(t *testing.T) {
	for text, want := range map[string]string{
		`create index concurrently i on Été."B.c" using gin (x)`: `Été."B.c"`,
		`create index concurrently i on ONLY t (x)`:              "only",
		`create index concurrently i on "a""b" (x)`:              `"a""b"`,
		`create index concurrently i on`:                         "",
		`create index concurrently i on 'x'`:                     "",
	} {
		pieces, err := script.Split("", text)
		require.NoError(t, err)
		name, _ := script.QualifiedName(pieces[0].Head(), 5)
		require.Equal(t, want, name, text)
	}
}

// A file of this size takes a second; anything but one pass would take hours.
func TestTimeGrowsWithLengthOnly(t *testing.T) {
	for name, text := range map[string]string{
		"one line":     strings.Repeat("insert into t values (1, 'a');", 500_000),
		"lines":        strings.Repeat("insert into t values (E'a')\n;", 500_000),
		"parentheses":  strings.Repeat("(", 10_000_000) + strings.Repeat(")", 10_000_000),
		"comments":     strings.Repeat("/*", 5_000_000) + strings.Repeat("*/", 5_000_000),
		"blank string": strings.Repeat("E' '\n", 2_000_000),
		"data":         "copy t from stdin;\n" + strings.Repeat("1\t2\n", 3_000_000) + "\\.\n",
	} {
		length := 0
		for piece, err := range script.Pieces("", text) {
			require.NoError(t, err, name)
			length += len(piece.Text)
		}
		require.Equal(t, len(text), length, name)
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"select 'a;''', E'\\'', $$;$$, \"x;\"; -- c\n/* /* */ */ x",
		"create function f() returns int begin atomic select case when true then 1 end; end;",
		"copy t from stdin;\n1\n\\.\nselect 1 \\g\n", "\ufeffselect 1;\r\n", "set standard_conforming_strings=off;select '\\''",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end, line := 0, 1
		for piece, err := range script.Pieces("a.sql", text) {
			if err != nil {
				var input *fault.Input
				require.ErrorAs(t, err, &input)
				require.GreaterOrEqual(t, input.Line, line)
				return
			}
			require.Equal(t, end, piece.Offset)
			require.NotEmpty(t, piece.Text)
			end += len(piece.Text)
			require.Equal(t, text[piece.Offset:end], piece.Text)
			require.Equal(t, 1+strings.Count(text[:piece.Offset], "\n"), piece.Line)
			line = piece.Line
			_, _, _, _ = piece.Head(), piece.Control(), piece.OutsideTransaction(), piece.SetsSession()
			_, _, _ = piece.MetaName(), piece.MetaArguments(), piece.Rows()
			last, _ := piece.Locate(1 << 30)
			require.Equal(t, piece.Line+strings.Count(piece.Text, "\n"), last)
		}
		require.Equal(t, len(text), end)
	})
}
