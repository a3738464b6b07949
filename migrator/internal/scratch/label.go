package scratch

import (
	"fmt"
	"strings"
)

// Label is how a person names the database of a dsn, "database shop on
// localhost:5432", without user, options or secrets. A dsn that cannot be read
// is "the database".
func Label(dsn string) string {
	cfg, err := Config(dsn)
	if err != nil {
		return "the database"
	}
	name := cfg.Database
	if name == "" {
		name = cfg.User // as libpq has it
	}
	if strings.HasPrefix(cfg.Host, "/") {
		return fmt.Sprintf("database %s on the local socket, port %d", name, cfg.Port)
	}
	host := cfg.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("database %s on %s:%d", name, host, cfg.Port)
}
