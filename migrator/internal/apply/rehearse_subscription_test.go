package apply_test

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/apply"
	"github.com/senior-backend/toolkit/migrator/internal/scratch/scratchtest"
)

// A subscription is tried on the copy without anybody being asked: neither the
// publisher that it names, nor anybody when the copy is dropped.
func TestRehearsalOfSubscriptionsReachesNobody(t *testing.T) {
	server := scratchtest.Server(t)
	publisher, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer publisher.Close()
	var reached atomic.Int32
	go func() {
		for {
			conn, err := publisher.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			_ = conn.Close()
		}
	}()
	connection := fmt.Sprintf("CONNECTION 'host=127.0.0.1 port=%d dbname=x password=connect=false'", publisher.Addr().(*net.TCPAddr).Port)
	target := scratchtest.In(t, server, "CREATE TABLE t (a int)").DB()
	rehearsal := rehearseOn(t, server, target, "", `-- migrator: plan online
CREATE SUBSCRIPTION s `+connection+` PUBLICATION p WITH (copy_data = true, enabled);
CREATE SUBSCRIPTION "t 2" `+connection+` PUBLICATION p, q;
ALTER SUBSCRIPTION s ENABLE;
CREATE SUBSCRIPTION quiet `+connection+` PUBLICATION p WITH (connect = false, slot_name = NONE);
BEGIN;
CREATE SUBSCRIPTION u `+connection+` PUBLICATION p WITH (create_slot = false);
COMMIT;`, nil)
	require.NoError(t, rehearsal.Err)
	seen := rehearsal.Migrations[0].Statements
	for _, n := range []int{0, 1, 4} {
		require.Equal(t, apply.Proved, seen[n].Clone.Result, seen[n].Clone.Note)
		require.Contains(t, seen[n].Clone.Note, "tried with connect = false")
		require.Contains(t, seen[n].Clone.Note, "is not proved")
		require.Equal(t, apply.Beyond, seen[n].Target.Result)
	}
	require.Equal(t, apply.Beyond, seen[2].Clone.Result)
	require.Equal(t, apply.Proved, seen[3].Clone.Result)
	require.Empty(t, seen[3].Clone.Note)

	for statement, message := range map[string]string{
		"CREATE SUBSCRIPTION s CONNECTION 'host=' PUBLICATION p WITH (enabled = perhaps);":                      "enabled requires a Boolean value",
		"CREATE SUBSCRIPTION s CONNECTION 'nothing' PUBLICATION p;":                                             "invalid connection string syntax",
		"CREATE SUBSCRIPTION s " + connection + " PUBLICATION p, p;":                                            "publication name \"p\" used more than once",
		"BEGIN;\nCREATE SUBSCRIPTION s " + connection + " PUBLICATION p;\nCOMMIT;":                              "cannot run inside a transaction block",
		"CREATE SUBSCRIPTION s " + connection + " PUBLICATION p WITH (copy_data = true, copy_data = true);":     "conflicting or redundant options",
		"CREATE SUBSCRIPTION s " + connection + " PUBLICATION p WITH (nothing_known = 1, create_slot = false);": "unrecognized subscription parameter",
	} {
		failed := rehearseOn(t, server, target, "", "-- migrator: plan online\n"+statement, nil)
		require.ErrorContains(t, failed.Err, message, statement)
	}
	require.Zero(t, reached.Load())
}
