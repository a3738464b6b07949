package plan

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

func TestIdent(t *testing.T) {
	for name, want := range map[string]string{
		"users": "users", "user": `"user"`, "Users": `"Users"`, `a"b`: `"a""b"`, "1st": `"1st"`, "a$1": "a$1", "": `""`, "ünïcode": `"ünïcode"`, "name": "name",
	} {
		require.Equal(t, want, ident(name), name)
	}
}

func TestLiteral(t *testing.T) {
	require.Equal(t, "'it''s'", literal("it's"))
	require.Equal(t, `E'back\\slash'`, literal(`back\slash`))
}

// The name of 63 bytes is cut as the server cuts it.
func TestObjectName(t *testing.T) {
	require.Equal(t, "t_id_seq", objectName("t", "id", "seq"))
	long := strings.Repeat("x", 63)
	require.Len(t, objectName(long, long, "seq"), 63)
}

func TestStable(t *testing.T) {
	deparsed := `CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])))`
	require.Equal(t, `CHECK (((s)::text = ANY (ARRAY['a'::character varying, 'it''s'::character varying])))`, stable(deparsed))
	require.Equal(t, "SELECT 1", stable("SELECT 1"))
}

func TestGrows(t *testing.T) {
	column := func(of string) *schema.Column { return &schema.Column{Type: of} }
	for _, c := range []struct {
		from, to string
		grows    bool
	}{
		{"character varying(10)", "character varying(20)", true},
		{"character varying(20)", "character varying(10)", false},
		{"character varying(10)", "text", true},
		{"text", "character varying(10)", false},
		{"numeric(10,2)", "numeric(12,2)", true},
		{"numeric(10,2)", "numeric(12,3)", false},
		{"integer", "bigint", false},
		{"cidr", "inet", true},
		{"timestamp(3) without time zone", "timestamp without time zone", true},
		{"timestamp without time zone", "timestamp with time zone", false},
	} {
		require.Equal(t, c.grows, grows(column(c.from), column(c.to)), "%s to %s", c.from, c.to)
	}
}

func TestScript(t *testing.T) {
	statements := []Statement{
		{SQL: "ALTER TYPE e ADD VALUE 'x'", Group: "enum e", Alone: true},
		{SQL: "SELECT 1", Group: "table\nDROP TABLE t; --", Comment: "why\n; DROP TABLE t"},
	}
	transactional := Plan{Kind: Transactional, Statements: statements}.Script(Header{Title: "a\nDROP TABLE t", Unverified: true})
	require.True(t, strings.HasPrefix(transactional, "-- migrator: plan transactional\n"))
	require.Less(t, strings.Index(transactional, "ADD VALUE"), strings.Index(transactional, "BEGIN;"))
	require.Less(t, strings.Index(transactional, "BEGIN;"), strings.Index(transactional, "SELECT 1;"))
	require.Contains(t, transactional, "-- Not verified")
	for _, line := range strings.Split(transactional, "\n") {
		require.False(t, strings.HasPrefix(line, "DROP") || strings.HasPrefix(line, ";"), "a name broke out of its comment: %s", line)
	}
	online := Plan{Kind: Online, Statements: statements}.Script(Header{})
	require.NotContains(t, online, "BEGIN;")
	require.Contains(t, online, "lock_timeout")
}

func TestSizeSaysHowLong(t *testing.T) {
	require.Empty(t, Hazard{Seconds: 9}.Size())
	require.Equal(t, " (about 1000 rows, 80 kB)", Hazard{Rows: 1000, Bytes: 80 << 10, Seconds: 0.1}.Size())
	require.Equal(t, " (about 1000000 rows, 3.0 GB, roughly 2 min)", Hazard{Rows: 1e6, Bytes: 3 << 30, Seconds: 102.4}.Size())
}

func TestMentionsNeedsWholeWords(t *testing.T) {
	body := "CREATE FUNCTION total()\nAS $$ SELECT sum(Amount) FROM bills b $$"
	require.True(t, mentions(body, []string{"amount", "bills"}))
	require.False(t, mentions(body, []string{"amount", "bill"}))
	require.False(t, mentions(body, []string{"total"}), "the head is no use of it")
}

func TestCastForNeedsNoneWhereNumbersWiden(t *testing.T) {
	require.Empty(t, castFor("a", "integer", "bigint", false))
	require.Empty(t, castFor("a", "smallint", "numeric(10,2)", false))
	require.Equal(t, "a::integer", castFor("a", "bigint", "integer", false))
	require.Equal(t, "a::text::public.e", castFor("a", "integer", "public.e", true))
}
