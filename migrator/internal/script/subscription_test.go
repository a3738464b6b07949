package script_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/migrator/internal/script"
)

func TestSubscription(t *testing.T) {
	const begin = "create subscription s connection 'host=a connect=false' publication p"
	for _, one := range []struct {
		text, unconnected string
		connects, slot    bool
	}{
		{begin + " ;", begin + " WITH (connect = false)", true, true},
		{begin + " -- with (connect = false)", begin + " WITH (connect = false)", true, true},
		{begin + ", \"with\" with ()", begin + ", \"with\" with (connect = false)", true, true},
		{begin + " with (copy_data, streaming = on)", begin + " with (connect = false, copy_data = false, streaming = on)", true, true},
		{begin + " WITH (ENABLED = 'on', Create_Slot = false)", begin + " WITH (connect = false, ENABLED = false, Create_Slot = false)", true, false},
		{begin + " with (slot_name = 'x', connect = true)", begin + " with (slot_name = 'x', connect = false)", true, true},
		{begin + " with (connect = off)", begin + " with (connect = off)", false, false},
		{begin + ` with ("connect" = 'FALSE', enabled = maybe)`, begin + ` with ("connect" = 'FALSE', enabled = maybe)`, false, false},
		{begin + " with (connect = 1, copy_data = 1, copy_data = 1)", begin + " with (connect = false, copy_data = false, copy_data = false)", true, true},
	} {
		pieces, err := script.Split("", one.text)
		require.NoError(t, err)
		got, ok := pieces[0].Subscription()
		require.True(t, ok)
		require.Equal(t, script.Subscription{Name: "s", Unconnected: one.unconnected, Connects: one.connects, MakesSlot: one.slot}, got)
	}
	for _, text := range []string{"drop subscription s", "create table subscription ()", "create subscription"} {
		pieces, err := script.Split("", text)
		require.NoError(t, err)
		_, ok := pieces[0].Subscription()
		require.False(t, ok, text)
	}
}
