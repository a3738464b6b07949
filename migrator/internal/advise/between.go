package advise

import (
	"time"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

// Between is what happened from one reading of the statistics, made at the
// given time, to a later one. What is no counter is the later one's.
func Between(before, after *Statistics, at time.Time) *Statistics {
	between := *after
	between.Since = at
	between.Server.BlocksHit -= before.Server.BlocksHit
	between.Server.BlocksRead -= before.Server.BlocksRead
	between.Server.TempFiles -= before.Server.TempFiles
	between.Server.TempBytes -= before.Server.TempBytes
	between.Tables = map[schema.ID]TableStatistics{}
	for id, t := range after.Tables {
		b := before.Tables[id]
		t.Inserted -= b.Inserted
		t.Updated -= b.Updated
		t.Deleted -= b.Deleted
		t.UpdatedHot -= b.UpdatedHot
		t.SeqScans -= b.SeqScans
		t.SeqRows -= b.SeqRows
		t.IndexScans -= b.IndexScans
		between.Tables[id] = t
	}
	between.Indexes = map[schema.ID]int64{}
	for id, scans := range after.Indexes {
		between.Indexes[id] = scans - before.Indexes[id]
	}
	if after.Statements != nil {
		between.Statements = []Statement{}
	}
	for _, s := range after.Statements {
		if s = s.since(before.counted[s.Text]); s.Calls > 0 {
			between.Statements = append(between.Statements, s)
		}
	}
	return &between
}
