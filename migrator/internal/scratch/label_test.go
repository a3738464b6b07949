package scratch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/scratch"
)

func TestLabelIsShortAndHoldsNoSecret(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://app:geheim@localhost/shop":                                "database shop on localhost:5432",
		"postgresql://app:geheim@db.example.org:6432/shop?sslmode=disable":    "database shop on db.example.org:6432",
		"postgres://app@/shop?host=%2Fvar%2Frun%2Fpostgresql&password=geheim": "database shop on the local socket, port 5432",
		"postgres://app@localhost/my%20shop":                                  "database my shop on localhost:5432",
		"host=localhost port=5433 dbname=shop user=app password='ge heim'":    "database shop on localhost:5433",
		"postgres://app@[::1]:5433/shop":                                      "database shop on [::1]:5433",
		"postgres://app@localhost":                                            "database app on localhost:5432",
		"postgres://app:ge%heim@localhost/shop":                               "the database",
	} {
		require.Equal(t, want, scratch.Label(dsn), dsn)
	}
}

func TestUnreadableConnectionShowsNoPieceOfThePassword(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://app:ge%heim@localhost/shop":      "the connection cannot be read: a % begins no %XX; special characters in a password are written %XX",
		"postgres://app:geheim@localhost:99999/shop": `the connection cannot be read: wrong value for "port"`,
	} {
		_, err := scratch.Config(dsn)
		require.EqualError(t, err, want)
	}
}
