package left

import "testing"

func TestTurn(t *testing.T) { t.Skip("later") }
