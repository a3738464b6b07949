package advise

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

const (
	keyRows   = 5_000 // documents read to learn which keys they have
	keyFits   = 3     // times that the rows of a look-up may be off for a key to be the one
	mostKeyed = 200   // keys; a document with more is a map
)

// complete puts constants back into statements that look inside of a column by
// one: the server counts doc ->> 'city' as doc ->> $1, and an index needs the
// key. It is taken from what sessions sent last; else it is inferred from the
// rows that came, or the statement is named as one that cannot be helped.
func (a *adviser) complete(ctx context.Context) error {
	statements := a.d.Statistics.Statements
	for n := range statements {
		s := &statements[n]
		if len(s.accesses) == 0 {
			continue
		}
		known := a.d.sent(s.Text)
		found := map[string]string{}
		for _, x := range s.accesses {
			for _, p := range x.open {
				if err := a.constants(ctx, s, x, p.on, known, found); err != nil {
					return err
				}
			}
			for _, p := range x.within {
				if p.by == "~~" && known[p.with.parameter] != "" {
					found[p.with.parameter] = known[p.with.parameter]
				}
			}
		}
		if len(found) == 0 {
			continue
		}
		if err := s.replan(ctx, a.trials.Live, substitute(s.look, found)); err != nil {
			return err
		}
	}
	return nil
}

// constants finds those inside of an expression, all or none.
func (a *adviser) constants(ctx context.Context, s *Statement, x *access, o operand, known, found map[string]string) error {
	all := map[string]string{}
	for _, parameter := range o.open {
		if known[parameter] != "" {
			all[parameter] = known[parameter]
		}
	}
	if len(all) < len(o.open) && len(o.open) == 1 {
		constant, err := a.infer(ctx, s, x, o)
		if err != nil {
			return err
		}
		if constant != "" {
			all[o.open[0]] = constant
		}
	}
	if len(all) == len(o.open) {
		for parameter, constant := range all {
			found[parameter] = constant
		}
	}
	return nil
}

// sent is what stood for the parameters of a counted statement when a session
// sent it last.
func (d *digest) sent(text string) map[string]string {
	counted := tokenize(text)
	for _, session := range d.Statistics.Sessions {
		if found, ok := aligned(counted, tokenize(session.Query)); ok {
			return found
		}
	}
	return nil
}

// aligned reads the constants of a statement off beside its counted form.
func aligned(counted, sent []token) (map[string]string, bool) {
	if n := len(sent); n > 0 && sent[n-1].is(";") {
		sent = sent[:n-1]
	}
	if len(counted) == 0 || len(counted) != len(sent) {
		return nil, false
	}
	found := map[string]string{}
	for n, t := range counted {
		if t.kind != tokenParameter {
			if !strings.EqualFold(t.text, sent[n].text) {
				return nil, false
			}
			continue
		}
		if sent[n].kind == tokenString || sent[n].kind == tokenNumber {
			found[t.text] = sent[n].text
		}
	}
	return found, true
}

// substitute puts constants in the place of parameters.
func substitute(text string, constants map[string]string) string {
	var b strings.Builder
	from := 0
	for _, t := range tokenize(text) {
		if constant := constants[t.text]; t.kind == tokenParameter && constant != "" {
			b.WriteString(text[from:t.start] + constant)
			from = t.end
		}
	}
	return b.String() + text[from:]
}

// infer finds the one constant inside of an expression, as a literal.
func (a *adviser) infer(ctx context.Context, s *Statement, x *access, o operand) (string, error) {
	tokens := bare(tokenize(o.raw))
	if len(tokens) > 2 && tokens[0].is("to_tsvector") && tokens[2].kind == tokenParameter && a.d.Statistics.Server.TextSearch != "" {
		s.assumed = "the server does not keep which text search configuration is used; " + a.d.Statistics.Server.TextSearch + " is its default: check it"
		return literal(a.d.Statistics.Server.TextSearch), nil
	}
	column := documentOf(tokens)
	t := a.d.root(x.table)
	if column == "" || t == nil || a.d.live(t) < tryRows {
		return "", nil
	}
	c := a.d.Schema.Column(t.Identity, column)
	if c == nil || typeOf(c) != "jsonb" && typeOf(c) != "json" {
		return "", nil
	}
	keys, err := a.keysOf(ctx, t, c)
	if err != nil {
		return "", err
	}
	key := fitting(keys, a.d.live(t), s, x)
	if key == "" {
		a.advice.Notes = append(a.advice.Notes, fmt.Sprintf(
			"%d calls of %s, which looks inside %s.%s by a key that pg_stat_statements does not keep: CREATE INDEX … ON %s ((%s ->> 'the key')) serves it; so does %s @> $1 with a GIN index, by any key.",
			s.Calls, s.short(), TableName(t.Identity), column, path(t.Identity), quote(column), quote(column)))
		return "", nil
	}
	s.assumed = fmt.Sprintf("the server does not keep by which key of %s rows are looked up; %s is the one that gives as many rows as came: check it", column, literal(key))
	return literal(key), nil
}

// documentOf is the column of "t.doc ->> $1".
func documentOf(tokens []token) string {
	for n := 0; n+4 < len(tokens); n++ {
		if tokens[n+1].is(".") && tokens[n+3].text == "->>" && tokens[n+4].kind == tokenParameter {
			return tokens[n+2].name()
		}
	}
	return ""
}

// documentKey is a key that documents have.
type documentKey struct {
	name   string
	share  float64 // of the rows
	values float64 // different ones
}

// keysOf reads some documents for their keys. A role that may not has none.
func (a *adviser) keysOf(ctx context.Context, t *schema.Table, c *schema.Column) ([]documentKey, error) {
	rows := a.d.live(t)
	from := path(t.Identity)
	if rows > 10*keyRows {
		from += fmt.Sprintf(" TABLESAMPLE SYSTEM (%f)", math.Min(100, 100*2*keyRows/rows))
	}
	column, kind := quote(c.ID().Name), typeOf(c)
	tx, err := a.trials.Live.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read keys of documents: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10s'"); err != nil {
		return nil, fmt.Errorf("read keys of documents: %w", err)
	}
	// The number of values by Haas and Stokes' estimator, as ANALYZE takes it.
	found, err := tx.QueryContext(ctx, fmt.Sprintf(`WITH d AS (SELECT `+ours+` %[1]s AS doc FROM %[2]s LIMIT %[3]d),
		v AS (SELECT e.key, e.value, count(*) AS n FROM d, %[4]s_each_text(CASE %[4]s_typeof(d.doc) WHEN 'object' THEN d.doc END) e GROUP BY 1, 2)
		SELECT key, sum(n)::float8 / (SELECT count(*) FROM d), sum(n)::float8 * count(*) / (sum(n) - f + f * sum(n)::float8 / greatest(%[5]f, 1)) FROM (
			SELECT v.*, count(*) FILTER (WHERE n = 1) OVER (PARTITION BY key) AS f FROM v) w GROUP BY key, f ORDER BY 2 DESC LIMIT %[6]d`,
		column, from, keyRows, kind, rows, mostKeyed))
	var refused *pq.Error
	if errors.As(err, &refused) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read keys of documents: %w", err)
	}
	defer found.Close()
	var keys []documentKey
	for found.Next() {
		var k documentKey
		if err := found.Scan(&k.name, &k.share, &k.values); err != nil {
			return nil, fmt.Errorf("read keys of documents: %w", err)
		}
		keys = append(keys, k)
	}
	if err := found.Err(); err != nil && !errors.As(err, &refused) {
		return nil, fmt.Errorf("read keys of documents: %w", err)
	}
	return keys, nil
}

// fitting is the one key whose look-up gives about as many rows as came. Where
// something else decides how many come, there is one only if there is but one.
func fitting(keys []documentKey, rows float64, s *Statement, x *access) string {
	if len(keys) == 1 {
		return keys[0].name
	}
	open := len(x.equal) + len(x.listed) + len(x.ranges) + len(x.joins) + len(x.within) + len(x.either) + len(x.open)
	if open != 1 || len(s.accesses) != 1 || s.root.holds("Aggregate", "Group", "Unique", "Limit", "WindowAgg", "SetOp") || s.Rows == 0 {
		return ""
	}
	off := func(k documentKey) float64 {
		gives := rows * k.share / max(1, k.values)
		return math.Abs(math.Log(gives / (float64(s.Rows) / float64(s.Calls))))
	}
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b documentKey) int { return cmp.Compare(off(a), off(b)) })
	if len(keys) == 0 || off(keys[0]) > math.Log(keyFits) || off(keys[1]) < off(keys[0])+math.Log(keyFits) {
		return ""
	}
	return keys[0].name
}
