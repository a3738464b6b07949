package main

import (
	"context"
	"errors"
)

// runDatabase writes a server or a document from a database.
func runDatabase(context.Context, options, streams) error {
	return errors.New("--from-db is not there yet: it lacks the reading of databases")
}
