package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// connecting bounds how long a server may take to answer the first time.
const connecting = 10 * time.Second

// connect opens the database that address names and sees that it answers.
// Errors never hold a password.
func connect(ctx context.Context, address string) (*sql.DB, error) {
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") && !strings.Contains(address, "=") {
		return nil, fault.Usagef("argument --from-db: not a connection: want postgres://user@host:port/database or key=value pairs such as \"host=localhost dbname=mydb\"")
	}
	config, err := pq.NewConfig(address)
	if err != nil {
		return nil, fault.Usagef("argument --from-db: the connection cannot be read: %s", report.ConnectionProblem(err))
	}
	complete(&config, address)
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, unreachable(config, err)
	}
	db := sql.OpenDB(connector)
	timed, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	if err := db.PingContext(timed); err != nil {
		_ = db.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, unreachable(config, err)
	}
	return db, nil
}

// complete fills in what the address leaves out, as psql has it: encryption
// where the server can.
func complete(config *pq.Config, address string) {
	config.ApplicationName = "scaffolder"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connecting
	}
	switch {
	case strings.HasPrefix(config.Host, "/"):
		config.SSLMode = pq.SSLModeDisable
	case !strings.Contains(address, "sslmode=") && os.Getenv("PGSSLMODE") == "":
		config.SSLMode = pq.SSLModePrefer
	}
}

// unreachable says what stood between us and the database.
func unreachable(config pq.Config, err error) error {
	where := fmt.Sprintf("%s:%d", config.Host, config.Port)
	message, hint := "", ""
	var (
		server *pq.Error
		lookup *net.DNSError
		refuse *net.OpError
	)
	switch {
	case errors.As(err, &server):
		message, hint = fmt.Sprintf("the server at %s refused: %s", where, server.Message), refusalHint(server)
	case errors.As(err, &lookup):
		message, hint = fmt.Sprintf("unknown host %q", config.Host), "check the host in --from-db"
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		message, hint = fmt.Sprintf("%s did not answer within %s", where, connecting), "check host and port, and that no firewall is in between"
	case errors.As(err, &refuse):
		message, hint = fmt.Sprintf("cannot connect to %s: %v", where, refuse.Err), "check that PostgreSQL runs there and listens on that port"
	default:
		message = fmt.Sprintf("cannot connect to %s: %s", where, strings.TrimPrefix(err.Error(), "pq: "))
	}
	if config.Password != "" {
		message = strings.ReplaceAll(message, config.Password, "***")
	}
	return &fault.Environment{Message: message, Hint: hint, Err: err}
}

func refusalHint(e *pq.Error) string {
	switch e.Code {
	case "28P01":
		return "check user and password; PGPASSWORD or ~/.pgpass keep it off the command line"
	case "28000":
		return "check the user, and pg_hba.conf on the server"
	case "3D000":
		return "check the database's name"
	default:
		return e.Hint
	}
}
