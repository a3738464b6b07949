#!/usr/bin/env bash
# Runs the sessions that README.md shows, one per tool, and prints them:
#
#   scripts/sessions.sh
#
# It works on the quickstart's files in a temporary directory. The server that is
# load-tested is Node's own HTTP server on a free port of 127.0.0.1.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
GOBIN=$work/bin go install ./scaffolder ./migrator ./loadtester
export PATH="$work/bin:$PATH"
cp scripts/quickstart/openapi.yaml scripts/quickstart/schema_v*.sql "$work"
cd "$work"

cat >orders.sql <<'SQL'
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    total_cents integer NOT NULL
);
SQL
sed -e 's/total_cents integer NOT NULL/total_cents bigint NOT NULL CHECK (total_cents >= 0)/' orders.sql >orders_v2.sql
echo 'CREATE INDEX orders_customer_id_idx ON orders (customer_id);' >>orders_v2.sql

cat >server.mjs <<'JS'
import { createServer } from "node:http";
const server = createServer((request, response) => response.end("hello\n"));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS

# session LINES COMMAND... prints the command as it would be typed, and the first
# LINES lines of what it says.
session() {
	local lines=$1
	shift
	printf '$ %s\n' "$*"
	"$@" </dev/null >said 2>&1
	head -n "$lines" said
	[ "$(wc -l <said)" -le "$lines" ] || echo ...
	echo
}

session 4 scaffolder openapi.yaml --framework express --output src/routes/
tail -n 1 said
echo
printf '$ cat src/routes/orders.ts\n'
sed -n '1,16p' src/routes/orders.ts
printf '...\n\n'

session 99 migrator orders.sql --analyze --rules fk-without-index
session 18 migrator orders.sql --compare orders_v2.sql --output migrations/
printf '$ tail -n +11 migrations/*_migration.sql\n'
tail -n +11 migrations/*_migration.sql
echo

node server.mjs >port &
server=$!
while [ ! -s port ]; do sleep 0.1; done
session 27 loadtester "http://127.0.0.1:$(cat port)/" --concurrency 50 --duration 5 --threshold 'p99<50ms'
