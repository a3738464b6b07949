package scratch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/shared/fault"
	"github.com/senior-backend/toolkit/shared/report"
)

// connecting bounds how long a server may take to answer the first time.
const connecting = 10 * time.Second

// Connect opens the database that dsn names, a postgres:// URL or libpq's
// key=value pairs, and sees that it answers. Whatever dsn leaves out comes from
// libpq's environment (PGHOST, PGUSER, PGSSLMODE, ~/.pgpass and so on); like
// psql it encrypts where the server can. Errors are fault.Environment, or
// fault.Usage for a dsn that cannot be read; neither holds a password.
func Connect(ctx context.Context, dsn string) (*sql.DB, error) {
	cfg, err := Config(dsn)
	if err != nil {
		return nil, err
	}
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, unreachable(cfg, err)
	}
	db := sql.OpenDB(connector)
	timed, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	if err := db.PingContext(timed); err != nil {
		_ = db.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, unreachable(cfg, err)
	}
	return db, nil
}

// Config reads dsn as Connect does.
func Config(dsn string) (pq.Config, error) {
	if !isURL(dsn) && !strings.Contains(dsn, "=") {
		return pq.Config{}, fault.Usagef("not a connection: want postgres://user@host:port/database or key=value pairs such as \"host=localhost dbname=mydb\"")
	}
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		// The parser's own message may quote the URL with its password.
		return pq.Config{}, fault.Usagef("the connection cannot be read: %s", report.ConnectionProblem(err))
	}
	if !given(dsn, "application_name", "PGAPPNAME") {
		cfg.ApplicationName = "migrator"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connecting
	}
	if host := localSocket(dsn, cfg); host != "" {
		cfg.Host = host
	}
	switch {
	case strings.HasPrefix(cfg.Host, "/"):
		cfg.SSLMode = pq.SSLModeDisable
	case cfg.SSLMode == "" || !given(dsn, "sslmode", "PGSSLMODE") && cfg.SSLRootCert != "system":
		cfg.SSLMode = pq.SSLModePrefer
	}
	return cfg, nil
}

func isURL(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// given says whether dsn or the environment sets a parameter.
func given(dsn, parameter, variable string) bool {
	if variable != "" && os.Getenv(variable) != "" {
		return true
	}
	if isURL(dsn) {
		u, err := url.Parse(dsn)
		return err == nil && u.Query().Has(parameter)
	}
	for _, field := range strings.Fields(strings.ReplaceAll(dsn, " =", "=")) {
		if strings.HasPrefix(field, parameter+"=") {
			return true
		}
	}
	return false
}

// localSocket is the directory of the local server's socket when no host is
// named anywhere, as psql has it; empty when there is none.
func localSocket(dsn string, cfg pq.Config) string {
	if given(dsn, "host", "PGHOST") || given(dsn, "hostaddr", "PGHOSTADDR") || given(dsn, "service", "PGSERVICE") {
		return ""
	}
	if u, err := url.Parse(dsn); isURL(dsn) && (err != nil || u.Host != "") {
		return ""
	}
	for _, dir := range []string{"/var/run/postgresql", "/tmp"} {
		if _, err := os.Stat(filepath.Join(dir, fmt.Sprintf(".s.PGSQL.%d", cfg.Port))); err == nil {
			return dir
		}
	}
	return ""
}

// unreachable says what stood between us and the database, without the password.
func unreachable(cfg pq.Config, err error) error {
	where := fmt.Sprintf("%s:%d", cfg.Host, cfg.Port)
	if strings.HasPrefix(cfg.Host, "/") {
		where = fmt.Sprintf("%s/.s.PGSQL.%d", cfg.Host, cfg.Port)
	}
	message, hint := "", ""
	var (
		server *pq.Error
		lookup *net.DNSError
		refuse *net.OpError
	)
	switch {
	case errors.As(err, &server):
		message, hint = refusal(cfg, where, server)
	case errors.As(err, &lookup):
		message, hint = fmt.Sprintf("unknown host %q", cfg.Host), "check the host in the connection URL"
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		message, hint = fmt.Sprintf("%s did not answer within %s", where, connecting), "check host and port, and that no firewall is in between"
	case errors.Is(err, pq.ErrSSLNotSupported):
		message, hint = fmt.Sprintf("the server at %s does not support SSL", where), "use sslmode=prefer or sslmode=disable"
	case errors.As(err, &refuse):
		message, hint = fmt.Sprintf("cannot connect to %s: %v", where, refuse.Err), "check that PostgreSQL runs there and listens on that port"
	default:
		message = fmt.Sprintf("cannot connect to %s: %s", where, strings.TrimPrefix(err.Error(), "pq: "))
	}
	if cfg.Password != "" {
		message = strings.ReplaceAll(message, cfg.Password, "***")
	}
	return &fault.Environment{Message: message, Hint: hint, Err: err}
}

func refusal(cfg pq.Config, where string, e *pq.Error) (message, hint string) {
	message = fmt.Sprintf("the server at %s refused: %s", where, e.Message)
	switch e.Code {
	case "28P01":
		return message, "check user and password; PGPASSWORD or ~/.pgpass keep it off the command line"
	case "28000":
		return message, "check the user, and pg_hba.conf on the server"
	case "3D000":
		return message, "check the database's name, or create it: createdb " + shellWord(cfg.Database)
	case "53300":
		return message, "the server has no free connection; try again later"
	case "57P03":
		return message, "try again in a moment"
	}
	return message, e.Hint
}

// shellWord quotes text for a POSIX shell where it must be.
func shellWord(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// withDatabase is dsn with another database's name.
func withDatabase(dsn, name string) (string, error) {
	if !isURL(dsn) {
		quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name)
		return dsn + " dbname='" + quoted + "'", nil
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", fault.Usagef("the connection cannot be read: %s", report.ConnectionProblem(err))
	}
	u.Path, u.RawPath = "/"+name, ""
	query := u.Query()
	query.Del("dbname")
	u.RawQuery = query.Encode()
	return u.String(), nil
}
