package advise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Statistics is what a live server tells about its data and its work. Counters
// count from Since on.
type Statistics struct {
	Since    time.Time // when the counters were last reset; zero when unknown
	Primary  bool      // not a standby
	Server   ServerStatistics
	Tables   map[schema.ID]TableStatistics
	Columns  map[schema.ID]ColumnStatistics
	Indexes  map[schema.ID]int64 // scans
	Sessions []Session
	Slots    []Slot
	Trigrams bool // pg_trgm could be installed

	Statements []Statement // by total time, most first; nil when they are not counted

	Missing []string // what could not be read, and what to do about it

	counted map[string]Statement // all statements by their text, without plans
}

// ServerStatistics are the database's and the server's counters.
type ServerStatistics struct {
	Database                    string // its name
	Bytes                       int64  // of its tables and indexes
	Buffers                     int64  // bytes of the server's cache
	BlocksHit, BlocksRead       int64
	TempFiles, TempBytes        int64
	Connections, MaxConnections int64
	Age                         int64  // transactions since the oldest frozen one
	WorkMem                     int64  // bytes that a sort may take
	HashMem                     int64  // bytes that a hash table may take
	MaxWAL                      int64  // bytes of WAL that the server keeps by itself
	Collate                     string // of the database
	TextSearch                  string // the configuration that to_tsvector takes by default
}

// TableStatistics are a table's counters.
type TableStatistics struct {
	Inserted, Updated, Deleted int64
	UpdatedHot                 int64 // updates that touched no index
	Live, Dead                 int64 // rows, as the server estimates them
	SeqScans, SeqRows          int64
	IndexScans                 int64
	Pages                      int64     // of 8 kB, when last vacuumed or analysed
	Analyzed                   time.Time // zero for never
	Vacuumed                   time.Time // zero for never
}

// ColumnStatistics are what ANALYZE found in a column.
type ColumnStatistics struct {
	Nulls    float64   // share of the rows, 0 to 1
	Distinct float64   // number of values; negative: as a share of the rows, as it grows with them
	Width    float64   // average, in bytes
	Common   []string  // the most common values, of columns of few
	Shares   []float64 // theirs of the rows, 0 to 1

	Correlation float64 // of the values with the order of the rows, -1 to 1
}

// share is a value's share of the rows.
func (c ColumnStatistics) share(value string) float64 {
	for n, common := range c.Common {
		if common == value && n < len(c.Shares) {
			return c.Shares[n]
		}
	}
	return 0
}

// Session is another connection to the database.
type Session struct {
	PID         int64
	Role        string
	Application string
	State       string    // "active", "idle in transaction" and so on
	Began       time.Time // its transaction; zero when it is in none
	Changed     time.Time // its state
	Query       string    // the current or last one
	Waits       bool      // for a lock
	BlockedBy   []int64   // PIDs
}

// Slot is a replication slot.
type Slot struct {
	Name     string
	Active   bool
	Retained int64 // bytes of WAL that it holds back
}

// ReadStatistics reads the server's statistics in one read-only transaction.
func ReadStatistics(ctx context.Context, db *sql.DB) (*Statistics, error) {
	return ReadSince(ctx, db, nil)
}

// ReadSince is ReadStatistics for what happened since an earlier reading, which
// decides what statements are looked at; the counters are those of all time,
// and Between takes the earlier ones off.
func ReadSince(ctx context.Context, db *sql.DB, before *Statistics) (*Statistics, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	s := &Statistics{Tables: map[schema.ID]TableStatistics{}, Columns: map[schema.ID]ColumnStatistics{}, Indexes: map[schema.ID]int64{}}
	for _, read := range []func(context.Context, *sql.Tx) error{
		s.readServer, s.readTables, s.readColumns, s.readIndexes, s.readSessions, s.readSlots,
	} {
		if err := read(ctx, tx); err != nil {
			return nil, fmt.Errorf("read statistics: %w", err)
		}
	}
	if err := tx.Rollback(); err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	s.Statements, err = s.readStatements(ctx, db, before)
	if errors.Is(err, ErrNoStatements) {
		s.Missing = append(s.Missing, "The statements that clients send (N+1 loops, slow statements): "+
			"put pg_stat_statements into shared_preload_libraries, restart the server and CREATE EXTENSION pg_stat_statements.")
		err = nil
	}
	return s, err
}
