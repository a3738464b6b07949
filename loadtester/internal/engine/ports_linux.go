package engine

import (
	"fmt"
	"os"

	"github.com/senior-backend/toolkit/shared/fault"
)

// checkPorts fails when this machine has too few ports to give each of the connections to
// the addresses one of its own.
func checkPorts(connections, addresses int) error {
	const setting = "/proc/sys/net/ipv4/ip_local_port_range"
	text, err := os.ReadFile(setting)
	var low, high int
	if _, scanErr := fmt.Sscan(string(text), &low, &high); err != nil || scanErr != nil {
		return nil //nolint:nilerr // unknown is no reason to refuse; a real lack shows as an error kind
	}
	return portsSuffice(connections, addresses, low, high)
}

// portsSuffice judges a range of ports.
func portsSuffice(connections, addresses, low, high int) error {
	const lowest, highest = 1024, 65535
	ports := high - low + 1
	if connections <= ports*addresses {
		return nil
	}
	hint := fmt.Sprintf("run `sysctl -w net.ipv4.ip_local_port_range=\"%d %d\"` first, or use fewer", lowest, highest)
	if connections > (highest-lowest+1)*addresses {
		hint = "use fewer, or give the server more addresses"
	}
	return &fault.Environment{
		Message: fmt.Sprintf("%d connections to %d address(es) need more local ports than the %d that this machine gives", connections, addresses, ports),
		Hint:    hint,
	}
}
