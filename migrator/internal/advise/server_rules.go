package advise

import (
	"cmp"
	"fmt"
	"math"

	"github.com/senior-backend/toolkit/shared/report"
)

const (
	wraparound     = 1 << 31 // transactions, after which old rows would lie in the future
	hitShare       = 0.9
	manyBlocks     = 100_000   // reads below say nothing of the cache
	spill          = 1 << 30   // bytes, in all or a day
	leastSpill     = 100 << 20 // bytes, in less than a day
	mostSortMemory = 256 << 20
	connectedShare = 0.8
	slotBytes      = 1 << 30 // where the server's own limit is not known
)

// cacheMisses finds a cache that is too small for what is read.
func cacheMisses(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	s := d.Statistics.Server
	all := s.BlocksHit + s.BlocksRead
	if all < manyBlocks || float64(s.BlocksHit) >= hitShare*float64(all) {
		return nil
	}
	return []Finding{{
		Message: "many reads miss the server's cache",
		Evidence: fmt.Sprintf("%.1f%% of %d block reads were hits%s; shared_buffers is %s, the database %s",
			100*float64(s.BlocksHit)/float64(all), all, d.since(), size(s.Buffers), size(s.Bytes)),
		Advice: "index what reads big tables from end to end first; then raise shared_buffers, to a quarter of the memory at most, and restart the server. " + judged,
		SQL:    []string{fmt.Sprintf("ALTER SYSTEM SET shared_buffers = '%dMB'", cacheFor(s)>>20)},
	}}
}

// judged says how to see whether a setting helped, as the counters go on.
const judged = "--analyze --watch 30s judges what happens from then on; all that was counted before stays in the counters until pg_stat_reset()"

// cacheFor is the cache that the database fits into, with a fifth to spare; not
// less than twice what there is, and not more than four times that: what the
// machine's memory allows is not known.
func cacheFor(s ServerStatistics) int64 {
	const step = 16 << 20
	fits := (s.Bytes*6/5 + step - 1) / step * step
	return min(max(fits, 2*s.Buffers), 4*s.Buffers)
}

// tempFiles finds sorts and joins that spill to disk.
func tempFiles(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	s := d.Statistics.Server
	days := math.Inf(1)
	if !d.Statistics.Since.IsZero() {
		days = max(0, d.Now.Sub(d.Statistics.Since).Hours()/24)
	}
	if s.TempBytes < leastSpill || float64(s.TempBytes) < spill*min(days, 1) {
		return nil
	}
	f := Finding{
		Message:  "sorts and joins spill to disk",
		Evidence: fmt.Sprintf("%d temporary files, %s%s; work_mem is %s", s.TempFiles, size(s.TempBytes), d.since(), size(s.WorkMem)),
		Advice: "find the statements (log_temp_files = 0) and index their ORDER BY, or raise work_mem, which each sort of each session may take; " +
			"sessions that begin after the statement have it. " + judged,
	}
	if memory := sortMemory(s); memory > s.WorkMem {
		f.SQL = []string{fmt.Sprintf("ALTER DATABASE %s SET work_mem = '%dMB'", quote(s.Database), memory>>20)}
	}
	return []Finding{f}
}

// sortMemory is what the average sort that spills would take in memory, where
// rows need about three times their room in a file, as a power of two; not
// more than 256 MB, since many sessions may take it at once.
func sortMemory(s ServerStatistics) int64 {
	need := 3 * s.TempBytes / max(1, s.TempFiles)
	memory := int64(8 << 20)
	for memory < max(need, 2*s.WorkMem) && memory < mostSortMemory {
		memory *= 2
	}
	return memory
}

// wraparoundAge finds a database whose transaction ids are being used up.
func wraparoundAge(d *digest) []Finding {
	if d.Statistics == nil || d.Statistics.Server.Age < wraparound/2 {
		return nil
	}
	f := Finding{
		Message:  "transaction ids are running out: the server will stop taking writes",
		Evidence: fmt.Sprintf("the oldest row that is not frozen is %d transactions old; %d are the end", d.Statistics.Server.Age, int64(wraparound)),
		Advice:   "end long transactions, drop dead replication slots and prepared transactions, then freeze",
		SQL:      []string{"VACUUM (FREEZE)"},
	}
	if d.Statistics.Server.Age > wraparound/4*3 {
		f.Severity = report.SeverityError
	}
	return []Finding{f}
}

// connectionLimit finds a server that soon refuses connections.
func connectionLimit(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	s := d.Statistics.Server
	if float64(s.Connections) < connectedShare*float64(s.MaxConnections) {
		return nil
	}
	return []Finding{{
		Message:  "the server is close to its limit of connections",
		Evidence: fmt.Sprintf("%d of %d", s.Connections, s.MaxConnections),
		Advice:   "pool connections (pgbouncer, or the application's pool made smaller) rather than raising max_connections",
	}}
}

// idleSlots finds replication slots that nobody reads and that hold WAL back.
func idleSlots(d *digest) []Finding {
	if d.Statistics == nil {
		return nil
	}
	var findings []Finding
	for _, s := range d.Statistics.Slots {
		if limit := cmp.Or(d.Statistics.Server.MaxWAL, slotBytes); s.Active || s.Retained < limit {
			continue
		}
		findings = append(findings, Finding{
			Message:  fmt.Sprintf("replication slot %s is not read and keeps WAL from being removed", s.Name),
			Evidence: size(s.Retained) + " are held back; the disk fills up in the end",
			Advice:   "bring its reader back, or drop it",
			SQL:      []string{fmt.Sprintf("SELECT pg_drop_replication_slot(%s)", literal(s.Name))},
		})
	}
	return findings
}
