package scratch

import (
	"os"
	"strings"
	"syscall"
)

// dieWithUs has the kernel shut a server down at once when this process dies,
// however it dies.
func dieWithUs(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGQUIT }

// bootID tells one boot of the machine from another; empty when unknown.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
