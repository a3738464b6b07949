package database

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/database/databasetest"
	"github.com/senior-backend/toolkit/shared/fault"
)

const shop = `
CREATE TYPE mood AS ENUM ('happy', 'it''s "ok"');
CREATE DOMAIN percentage AS integer CHECK (VALUE >= 0 AND VALUE <= 100);
CREATE TYPE address AS (street varchar(80), zip char(5));
CREATE TABLE customers (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email varchar(254) NOT NULL UNIQUE,
	password_hash text NOT NULL,
	feeling mood,
	feels mood NOT NULL DEFAULT 'happy',
	rebate percentage NOT NULL DEFAULT 0,
	home address,
	tags text[] NOT NULL DEFAULT '{}',
	notes jsonb,
	age smallint CHECK (age >= 18 AND age < 150),
	code text CHECK (code ~ '^[A-Z]{3}$'::text),
	kind varchar(10) NOT NULL DEFAULT 'a' CHECK (kind IN ('a', 'b')),
	short text CHECK (char_length(short) BETWEEN 2 AND 5),
	price numeric(8,2) NOT NULL,
	either int CHECK (either > 5 OR either IS NULL),
	doubled int GENERATED ALWAYS AS (age * 2) STORED,
	photo bytea
);
COMMENT ON TABLE customers IS 'People who buy.';
COMMENT ON COLUMN customers.email IS 'Where to write.';
CREATE TABLE "odd table/name" ("a b" int, "c" uuid, PRIMARY KEY ("c", "a b"));
CREATE TABLE log (at timestamptz, line text);
CREATE VIEW adults AS SELECT id, email FROM customers WHERE age >= 18;
CREATE SCHEMA other;
CREATE TABLE other.customers (id int PRIMARY KEY);
CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
`

func describe(t *testing.T, o Options) (*api.API, []string) {
	t.Helper()
	read, err := Read(context.Background(), o)
	require.NoError(t, err)
	described := Describe(read, Choice{})
	return described.API, described.Notes
}

func property(t *testing.T, a *api.API, schema, name string) *api.Schema {
	t.Helper()
	for _, p := range a.Schema(schema).Properties {
		if p.Name == name {
			return p.Schema
		}
	}
	return nil
}

func TestDescribe(t *testing.T) {
	url := databasetest.Database(t, "shop", shop)
	a, notes := describe(t, Options{URL: url})
	require.Equal(t, "shop", a.Title)
	require.Contains(t, notes, "column public.customers.password_hash looks like a secret: it is written, and never in a response")
	require.Contains(t, notes, "table public.log has no primary key: its rows can be listed and created, not addressed")

	var served []string
	for _, op := range a.Operations {
		served = append(served, op.Method+" "+op.Path)
	}
	require.Equal(t, []string{
		"GET /other/customers", "POST /other/customers",
		"GET /other/customers/{id}", "PUT /other/customers/{id}", "PATCH /other/customers/{id}", "DELETE /other/customers/{id}",
		"GET /adults",
		"GET /customers", "POST /customers", "GET /customers/{id}", "PUT /customers/{id}", "PATCH /customers/{id}", "DELETE /customers/{id}",
		"GET /log", "POST /log",
		"GET /odd%20table%2Fname", "POST /odd%20table%2Fname", "GET /odd%20table%2Fname/{c}/{a b}", "PUT /odd%20table%2Fname/{c}/{a b}",
		"PATCH /odd%20table%2Fname/{c}/{a b}", "DELETE /odd%20table%2Fname/{c}/{a b}",
		"GET /parted", "POST /parted", "GET /parted/{id}", "PUT /parted/{id}", "PATCH /parted/{id}", "DELETE /parted/{id}",
	}, served)

	row, fresh := a.Schema("Customers"), a.Schema("NewCustomers")
	require.Equal(t, "People who buy.", row.Description)
	require.Nil(t, property(t, a, "Customers", "password_hash"), "a secret in a response")
	require.True(t, property(t, a, "NewCustomers", "password_hash").WriteOnly)
	require.Nil(t, property(t, a, "NewCustomers", "id"), "an identity that is always generated is not sent")
	require.Nil(t, property(t, a, "NewCustomers", "doubled"))
	require.Equal(t, []string{"email", "password_hash", "price"}, fresh.Required)
	require.False(t, slices.Contains(row.Required, "password_hash"))
}

func TestColumnSchemas(t *testing.T) {
	a, _ := describe(t, Options{URL: databasetest.Database(t, "shop", shop), Tables: []string{"public.customers"}})
	two, five, limit := 2, 5, 254
	for name, want := range map[string]*api.Schema{
		"email":   {Types: []string{"string"}, MaxLength: &limit, Description: "Where to write."},
		"feeling": {AnyOf: []*api.Schema{{Ref: "Mood"}, {Types: []string{"null"}}}},
		"feels":   {Ref: "Mood"},
		"rebate":  {Ref: "Percentage"},
		"tags":    {Types: []string{"array"}, Items: &api.Schema{Types: []string{"string"}}},
		"notes":   {Description: "Any JSON value."},
		"age":     {Types: []string{"integer", "null"}, Minimum: "18", ExclusiveMaximum: "150"},
		"code":    {Types: []string{"string", "null"}, Pattern: "^[A-Z]{3}$"},
		"short":   {Types: []string{"string", "null"}, MinLength: &two, MaxLength: &five},
		"price":   {Types: []string{"string"}, Format: "decimal", Pattern: `^-?[0-9]{1,6}(\.[0-9]{1,2})?$`},
		"either":  {Types: []string{"integer", "null"}, Format: "int32", Minimum: "-2147483648", Maximum: "2147483647"},
		"photo":   {Types: []string{"string", "null"}, ContentEncoding: "base64", Pattern: base64Pattern, Examples: []api.Value{`"AAEC"`}},
	} {
		require.Equal(t, want, property(t, a, "Customers", name), name)
	}
	kind := property(t, a, "NewCustomers", "kind")
	require.Equal(t, []api.Value{`"a"`, `"b"`}, kind.Enum)
	require.Equal(t, api.Value(`"a"`), kind.Default)
	require.Equal(t, []api.Value{`"happy"`, `"it's \"ok\""`}, a.Schema("Mood").Enum)
	require.Equal(t, api.Number("100"), a.Schema("Percentage").Maximum)
	require.Equal(t, "zip", a.Schema("Address").Properties[1].Name)
}

func TestSelection(t *testing.T) {
	url := databasetest.Database(t, "shop", shop)
	for _, test := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"schema", Options{Schemas: []string{"other"}}, []string{"customers"}},
		{"table of any schema", Options{Tables: []string{"customers"}}, []string{"customers", "customers"}},
		{"table of one schema", Options{Tables: []string{"public.customers"}}, []string{"customers"}},
		{"all but", Options{Schemas: []string{"public"}, Exclude: []string{"log", "public.adults", "parted"}}, []string{"customers", "odd table/name"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.URL = url
			read, err := Read(context.Background(), test.options)
			require.NoError(t, err)
			var got []string
			for _, table := range read.Tables {
				got = append(got, table.Name)
			}
			require.Equal(t, test.want, got)
		})
	}
	_, err := Read(context.Background(), Options{URL: url, Tables: []string{"nothing"}})
	var input *fault.Input
	require.ErrorAs(t, err, &input)
}

// TestViewOfUnreadableColumns leaves columns of a view out that the role may not
// read: a list that selected them would be refused.
func TestViewOfUnreadableColumns(t *testing.T) {
	address := databasetest.Database(t, "veiled", `
CREATE TABLE people (id int PRIMARY KEY, name text, pay int);
CREATE VIEW staff AS SELECT id, name, pay FROM people;
CREATE ROLE veiled_reader;
GRANT SELECT (id, name) ON staff TO veiled_reader;`)
	as, err := url.Parse(address)
	require.NoError(t, err)
	query := as.Query()
	query.Set("options", "-c role=veiled_reader")
	as.RawQuery = query.Encode()
	a, notes := describe(t, Options{URL: as.String()})
	require.Nil(t, property(t, a, "Staff", "pay"))
	require.NotNil(t, property(t, a, "Staff", "name"))
	require.Contains(t, notes, "column public.staff.pay may not be read by this role, and is left out")
}

func TestUnreachable(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u:hunter2@127.0.0.1:1/x":     "cannot connect to 127.0.0.1:1: connect: connection refused",
		"postgres://u:hunter2@nowhere.invalid/x": `unknown host "nowhere.invalid"`,
	} {
		_, err := Read(context.Background(), Options{URL: url})
		var environment *fault.Environment
		require.ErrorAs(t, err, &environment, url)
		require.Contains(t, err.Error(), want)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for _, url := range []string{"postgres://u:hunter2%zz@h/x", "shop"} {
		_, err := Read(context.Background(), Options{URL: url})
		var usage *fault.Usage
		require.ErrorAs(t, err, &usage, url)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestExpressions(t *testing.T) {
	for text, understood := range map[string]bool{
		"((price > (0)::numeric) AND (price <= '-5'::integer))":               true,
		"((kind)::text = ANY ((ARRAY['a'::character varying, 'b'])::text[]))": true,
		`("Odd ""name" >= -5)`:    true,
		"(a > ALL (ARRAY[1, 2]))": false,
		"(a IS NOT NULL)":         false,
		"(NOT a)":                 false,
		"((a)::timestamp(3) without time zone > b)": true,
		"(a":      false,
		"'open":   false,
		"a::":     false,
		"a::x(":   false,
		"":        false,
		"f(a, ,)": false,
	} {
		_, err := parseExpression(text)
		require.Equal(t, understood, err == nil, text)
		require.True(t, err == nil || errors.Is(err, errNotUnderstood))
	}
}

func FuzzParseExpression(f *testing.F) {
	f.Add("((kind)::text = ANY ((ARRAY['a'::character varying, 'b'])::text[]))")
	f.Add("((price > (0)::numeric) AND (char_length(a) < 5))")
	f.Fuzz(func(t *testing.T, text string) {
		schema := &api.Schema{Types: []string{"string", "integer"}}
		constrain(text, func(string) *api.Schema { return schema })
	})
}
