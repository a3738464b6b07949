#!/usr/bin/env bash
# From a schema file to a measured API:
#
#   scripts/serve-database.sh [--rows FILE] [--duration SECONDS] SCHEMA DATABASE_URL [DIRECTORY]
#
# Steps: migrate the database to the schema (and run FILE, SQL that fills it),
# scaffold the API over its tables, compile and start it, load it with reading
# requests made from its own description, and ask which indexes that load would
# have needed. The API, the migrations and all reports go to DIRECTORY, a new
# temporary one by default. Nothing is left running. Only the schema's migration,
# FILE and the history of both change the database.
# The status is that of the first step that fails; 3 if a request was not answered
# as its description says.
set -euo pipefail

# shellcheck source=scripts/workflow.sh
. "$(dirname "$0")/workflow.sh"

rows=
duration=10
while [ $# -gt 0 ]; do
	case $1 in
	--rows) valued "$@" && rows=$2 && shift 2 ;;
	--duration) valued "$@" && duration=$2 && shift 2 ;;
	-?*) asked "$1" ;;
	*) break ;;
	esac
done
[[ $# -ge 2 && $# -le 3 ]] || misused "a schema, a database, and perhaps a directory are to be named"
seconds --duration "$duration"
schema=$1
url=$2
reports "${3:-}"
mkdir -p "$out/migrations"
tools scaffolder migrator loadtester

say "1. Migrate the database to $schema"
migrator --connection "$url" --compare "$schema" --output "$out/migrations" --json --html "$out/comparison.html" >"$out/comparison.json"
migration=$(find "$out/migrations" -name '*_migration.sql' | sort | tail -n 1)
if [ -n "$migration" ]; then
	migrator --connection "$url" --migrate "$migration" --html "$out/migration.html" >"$out/migration.txt"
	say "   applied $migration"
else
	say "   it is there already"
fi
if [ -n "$rows" ]; then
	migrator --connection "$url" --migrate "$rows" >"$out/rows.txt"
	say "   filled by $rows"
fi

say "2. Scaffold the API over its tables"
scaffolder --from-db "$url" --output "$out/api/src/routes/" --json >"$out/scaffold.json"
say "   $(number "$out/scaffold.json" routes_count) operations in $out/api"

say "3. Compile and start it"
npm --prefix "$out/api" install --no-audit --no-fund --prefer-offline --loglevel=error >"$out/npm.txt"
npm --prefix "$out/api" run build --silent
port=$(free_port)
base=http://127.0.0.1:$port
export DATABASE_URL=$url RATE_LIMIT=1000000000
serve "$out/api" "$port"
say "   $base"

say "4. Load it with reading requests of its own description"
scaffolder "$out/api/openapi.yaml" --emit load-plan --output "$out/load-plan.jsonl" --json >"$out/load-plan.json"
grep '"method":"GET"' "$out/load-plan.jsonl" >"$out/reading.jsonl"
status=0
loadtester "$base" --requests-file "$out/reading.jsonl" --concurrency 8 --duration "$duration" --quiet \
	--output "$out/load.json" --html "$out/load.html" >"$out/load.txt" || status=$?
say "   $(number "$out/load.json" total_requests) requests, p99 $(number "$out/load.json" latency_p99) ms; $out/load.html"
[ "$status" = 0 ] || exit "$status"

say "5. Ask which indexes it would have needed"
migrator --connection "$url" --analyze --json --html "$out/analysis.html" >"$out/analysis.json"
migrator --connection "$url" --suggest-indexes --output "$out/migrations" --json >"$out/suggestions.json"
say "   $(number "$out/suggestions.json" suggestions_count) suggested; $out/analysis.html"
index=$(find "$out/migrations" -name '*_add_indexes.sql' | sort | tail -n 1)
[ -z "$index" ] || say "   to build them: migrator --connection URL --migrate $index"
