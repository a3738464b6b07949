package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/report"
)

func TestRedactHidesSecrets(t *testing.T) {
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"
	for in, want := range map[string]string{
		// URLs
		"postgres://ada:hunter2@db.example.com:5432/shop":         "postgres://ada:***@db.example.com:5432/shop",
		"postgres://ada:p@ss@h/db":                                "postgres://ada:***@h/db",
		"postgres://ada:p/w#r?d@h/db":                             "postgres://ada:***@h/db",
		"postgres://ada:p@s/w@h/db":                               "postgres://ada:***@h/db",
		"postgres://ada:it's@h/db":                                "postgres://ada:***@h/db",
		"postgres://ada:1234@h/db":                                "postgres://ada:***@h/db",
		"postgres://ada:12/34@h/db":                               "postgres://ada:***@h/db",
		"redis://:secret@cache:6379":                              "redis://:***@cache:6379",
		"https://user:pa%40ss@example.com/a?b=c#d":                "https://user:***@example.com/a?b=c#d",
		"from https://a:b@x/ to ftp://c:d@y/, done":               "from https://a:***@x/ to ftp://c:***@y/, done",
		`"nats://tls:pw@[::1]:4222"`:                              `"nats://tls:***@[::1]:4222"`,
		"user:pw@tcp(127.0.0.1:3306)/shop":                        "user:***@tcp(127.0.0.1:3306)/shop",
		"https://x/login?user=a&password=b%20c&x=1":               "https://x/login?user=a&password=***&x=1",
		"https://x/?api_key=k1&access_token=t2#frag":              "https://x/?api_key=***&access_token=***#frag",
		"postgres://h/db?user=a&sslpassword=s&sslmode=require":    "postgres://h/db?user=a&sslpassword=***&sslmode=require",
		"https://s3/x?X-Amz-Signature=abc123&X-Amz-Expires=60":    "https://s3/x?X-Amz-Signature=***&X-Amz-Expires=60",
		"username=ada&password=s3cr3t&remember=1":                 "username=ada&password=***&remember=1",
		"password=s3cr3t&username=ada":                            "password=***&username=ada",
		"open postgres://ada:hunter2@h/db: connection refused":    "open postgres://ada:***@h/db: connection refused",
		"postgres://a:b@h1,c:d@h2/db":                             "postgres://a:***@h2/db",
		"https://example.com:8443/x?token=t, then https://b:c@d/": "https://example.com:8443/x?token=***, then https://b:***@d/",
		// connection strings and environments
		"host=h user=ada password=hunter2 dbname=shop":           "host=h user=ada password=*** dbname=shop",
		"host=h password='it\\'s a \"secret\"' dbname=shop":      "host=h password='***' dbname=shop",
		"host = h password = hunter dbname = shop":               "host = h password = *** dbname = shop",
		`host=h password=a\ b dbname=shop`:                       `host=h password=*** dbname=shop`,
		"host=h password=a&b;c dbname=shop":                      "host=h password=*** dbname=shop",
		"Host=h;Username=ada;Password=hunter2;Database=shop":     "Host=h;Username=ada;Password=***;Database=shop",
		"PGPASSWORD=hunter2 psql -h db":                          "PGPASSWORD=*** psql -h db",
		`export STRIPE_SECRET_KEY="abc def"`:                     `export STRIPE_SECRET_KEY="***"`,
		"'host=h password=pw'":                                   "'host=h password=***'",
		"client_secret: abc123xyz":                               "client_secret: ***",
		`{"password":"hunter2","user":"ada"}`:                    `{"password":"***","user":"ada"}`,
		`{"password" : "with \"quotes\" in it", "user" : "ada"}`: `{"password" : "***", "user" : "ada"}`,
		`{\"password\":\"hunter2\",\"user\":\"ada\"}`:            `{\"password\":\"***\",\"user\":\"ada\"}`,
		`{"accessToken": 123456}`:                                `{"accessToken": ***}`,
		"map[password:[hunter2] user:[ada]]":                     "map[password:[***] user:[ada]]",
		"curl --password hunter2 --user ada":                     "curl --password *** --user ada",
		"curl -u ada:hunter2 https://example.com/":               "curl -u ada:*** https://example.com/",
		"curl --user 'ada:hunter2' https://example.com/":         "curl --user 'ada:***' https://example.com/",
		"//registry.npmjs.org/:_authToken=abcdef":                "//registry.npmjs.org/:_authToken=***",
		"CREATE ROLE ada LOGIN PASSWORD 'it''s' VALID UNTIL 'x'": "CREATE ROLE ada LOGIN PASSWORD '***' VALID UNTIL 'x'",
		"OPTIONS (user 'ada', password 'hunter2')":               "OPTIONS (user 'ada', password '***')",
		"password := \"hunter2\"":                                "password := \"***\"",
		"'api_key' => 'abc',":                                    "'api_key' => '***',",
		// headers
		"Authorization: Bearer abc.def":                       "Authorization: Bearer ***",
		"authorization:Basic dTpw\r\nHost: x":                 "authorization:Basic ***\r\nHost: x",
		"Proxy-Authorization: Digest username=\"a\", nonce=b": "Proxy-Authorization: Digest ***",
		"Authorization: abcdef":                               "Authorization: ***",
		"Cookie: a=b; c=d\nAccept: */*":                       "Cookie: ***\nAccept: */*",
		"Set-Cookie: sid=1; Path=/; HttpOnly":                 "Set-Cookie: ***",
		"X-Api-Key: 42":                                       "X-Api-Key: ***",
		`-H "Authorization: Bearer token123" -H "A: b"`:       `-H "Authorization: Bearer ***" -H "A: b"`,
		`{"Authorization": "Bearer token123", "A": "b"}`:      `{"Authorization": "Bearer ***", "A": "b"}`,
		"map[Authorization:[Bearer token123] A:[b]]":          "map[Authorization:[Bearer ***] A:[b]]",
		// tokens wherever they stand
		"sent Bearer token123 twice":               "sent Bearer *** twice",
		"jwt " + jwt + ".":                         "jwt eyJ***",
		"key sk_live_abcdefgh12345678 leaked":      "key sk_l*** leaked",
		"ghp_abcdefghijklmnopqrstuvwxyz0123456789": "ghp_***",
		"AKIAIOSFODNN7EXAMPLE":                     "AKIA***",
		"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nmore": "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----\nmore",
	} {
		require.Equal(t, want, report.Redact(in))
		require.Equal(t, want, report.Redact(want), "twice")
	}
}

func TestRedactLeavesOrdinaryTextAlone(t *testing.T) {
	for _, text := range []string{
		"", "p99 = 182 ms", "https://example.com:8080/users/@me", "http://[::1]:80/a@b", "see http://h:80/, mail a@b.c",
		"['http://h:80','x@y.z']", "mailto:ada@example.com", "npm:react@18.2.0", "git@github.com:a/b.git",
		"password: must be at least 8 characters", "The password is required", "basic authentication", "bearer of bad news",
		"ALTER TABLE users ADD COLUMN password_hash text NOT NULL", "password varchar(255) NOT NULL",
		"SELECT id FROM users WHERE password = $1 AND token = $2", "token text PRIMARY KEY", "password::text",
		"export interface Login { password: string; token?: string[] }", "const token = req.headers.authorization;",
		"password: z.string().min(8),", "if (token === expected) return", "tokens=5", "nextPageToken=abc", "max_tokens: 100",
		`{"password": {"type": "string", "minLength": 8}}`, `"required": ["password", "token"]`, `{"token": null}`,
		"password=${DB_PASSWORD}", "password=%s", "12:30:45", "sessions_expires_at_idx", "a=b", "x := y", "see https://a/b://c",
		"CREATE INDEX sessions_token_idx ON sessions (token);", "secret = crypto.randomBytes(32)",
	} {
		require.Equal(t, text, report.Redact(text))
	}
}

func TestRedactURL(t *testing.T) {
	for in, want := range map[string]string{
		"ada:hunter2@example.com/x":      "ada:***@example.com/x",
		"ada:p@ss@example.com":           "ada:***@example.com",
		"ada:p/w@example.com":            "ada:***@example.com",
		"localhost:5432":                 "localhost:5432",
		"example.com/a?token=1":          "example.com/a?token=***",
		"postgres://a:b@h/db?password=c": "postgres://a:***@h/db?password=***",
		"ada@example.com":                "ada@example.com",
		"":                               "",
	} {
		require.Equal(t, want, report.RedactURL(in))
		require.Equal(t, want, report.RedactURL(want), "twice")
	}
}

func TestRedactHeader(t *testing.T) {
	require.Equal(t, "Bearer ***", report.RedactHeader("Authorization", "Bearer abc"))
	require.Equal(t, "***", report.RedactHeader(" cookie ", "a=b"))
	require.Equal(t, "", report.RedactHeader("Cookie", ""))
	require.Equal(t, "text/html; charset=utf-8", report.RedactHeader("Content-Type", "text/html; charset=utf-8"))
	require.Equal(t, "https://a:***@b/", report.RedactHeader("Location", "https://a:secret@b/"))
}

func TestRedactIsLinear(t *testing.T) {
	// Each of these took minutes if a part of the text were read again for every part of it.
	for _, part := range []string{"http://", "token:", "token={", `token:["`, "password=", "a:b@", "://a:", "eyJ", `\"`, "Bearer ", "-----BEGIN PRIVATE KEY-----", "password '", "cookie:{"} {
		report.Redact(strings.Repeat(part, 500_000/len(part)))
	}
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{
		"postgres://ada:hunter2@h/db", "password='a' token: b1b1b1", "Authorization: Bearer x", `{"password":"x"}`,
		"-----BEGIN PRIVATE KEY-----", "a:b@tcp(c)", "PASSWORD 'x'", "--token abc", "eyJhbGciOi.eyJzdWIiOi.x", "a=b&token=c&d=e",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := report.Redact(text)
		require.Equal(t, once, report.Redact(once), "%q", text)
		_ = report.RedactURL(text)
	})
}

func FuzzRedactFindsThePassword(f *testing.F) {
	f.Add("hunter2", "select 1")
	f.Add("p@ss:w/rd#&;='", "x://y:")
	f.Fuzz(func(t *testing.T, secret, around string) {
		if len(secret) < 4 || len(secret) > 500 || strings.ContainsAny(secret, " \t\r\n\"<>`\\?") || strings.Contains(around, secret) {
			return
		}
		for _, text := range []string{"postgres://ada:" + secret + "@h/db " + around, `{"password":"` + secret + `"} ` + around} {
			require.NotContains(t, report.Redact(text), secret)
		}
	})
}
