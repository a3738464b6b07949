package main

import (
	"context"
	"database/sql"
	"errors"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
)

// rehearse proves migrations and changes nothing.
func rehearse(context.Context, *sql.DB, []*migration.Migration, options, streams) error {
	return errors.New("--dry-run is not there yet")
}
