package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTooFewPorts(t *testing.T) {
	require.NoError(t, portsSuffice(10_000, 1, 32768, 60999))
	require.NoError(t, portsSuffice(50_000, 2, 32768, 60999))
	require.ErrorContains(t, portsSuffice(50_000, 1, 32768, 60999),
		"50000 connections to 1 address(es) need more local ports than the 28232 that this machine gives; "+
			"run `sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`")
	require.ErrorContains(t, portsSuffice(130_000, 2, 1024, 65535), "give the server more addresses")
}
