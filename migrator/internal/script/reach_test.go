package script_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/script"
)

func TestReach(t *testing.T) {
	for text, want := range map[string]script.Reach{
		"create table t (a int)":                                  script.ReachDatabase,
		"grant select on t to app":                                script.ReachDatabase,
		"grant app to deployer":                                   script.ReachServer,
		"revoke connect on database d from a":                     script.ReachServer,
		"create user mapping for a server s":                      script.ReachDatabase,
		"create user a":                                           script.ReachServer,
		"alter role a set search_path = b":                        script.ReachServer,
		"drop database d":                                         script.ReachServer,
		"alter system set work_mem = '1MB'":                       script.ReachServer,
		"comment on role a is 'x'":                                script.ReachServer,
		"comment on table role is 'x'":                            script.ReachDatabase,
		"drop owned by a":                                         script.ReachServer,
		"create tablespace t location '/x'":                       script.ReachOutside,
		"do $$ begin if true then create  role a; end if; end $$": script.ReachServer,
		"do $$ begin create table role_a (); end $$":              script.ReachDatabase,
		"create subscription s connection 'x' publication p":      script.ReachOutside,
		"create subscription s connection 'x' publication p with (connect = false)": script.ReachDatabase,
		"create subscription s connection 'connect=false' publication p":            script.ReachOutside,
		"copy t to '/tmp/x'":          script.ReachOutside,
		"copy t from program 'ls'":    script.ReachOutside,
		"copy (select 'a') to stdout": script.ReachDatabase,
		"copy t from stdin":           script.ReachDatabase,
	} {
		pieces, err := script.Split("", text)
		require.NoError(t, err)
		require.Equal(t, want, pieces[0].Reach(), text)
	}
}
