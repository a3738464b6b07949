#!/usr/bin/env bash
# Shows all three tools at their main job, on real things:
#
#   scripts/quickstart.sh [DIRECTORY]
#
# It builds the tools, starts a private PostgreSQL with a small shop in it,
# analyses and migrates that, scaffolds an API from an OpenAPI document, starts
# it and load-tests it. Results go to DIRECTORY, a new temporary one by default,
# and stay there. Go, Node and npm have to be installed; PostgreSQL need not be.
# Everything listens on this machine only and is stopped at the end, also when
# this is interrupted. The status is 0 if every step did what it should.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
here=$root/scripts/quickstart

children=() # process groups to end, in the order started
current=
number=0
step=
began=$SECONDS

# stop ends everything that runs, in order: politely, and by force after ten seconds.
stop() {
	local pid
	exec 8>&- # the database goes when nobody holds this
	for pid in $current "${children[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	for pid in $current "${children[@]}"; do
		for _ in $(seq 100); do
			kill -0 -- "-$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL -- "-$pid" 2>/dev/null
	done
	wait
	current= children=()
}

finish() {
	trap - EXIT
	trap '' INT TERM HUP
	stop 2>/dev/null
	exit "$1"
}
trap 'finish $?' EXIT
trap 'echo; echo "interrupted" >&2; finish 130' INT
trap 'finish 143' TERM HUP

say() { printf '   %s\n' "$@"; }

# begin TITLE prints the heading of the next step.
begin() {
	number=$((number + 1))
	step=$1
	printf '\n%d. %s\n' "$number" "$step"
}

# shown prints a command line as a person would type it.
shown() {
	local line=$* database=${url:-postgres://}
	line=${line//"$database"/'$DATABASE'}
	line=${line//"$out/"/}
	line=${line//"$here/"/}
	printf '   $ %s\n' "$line"
}

# start LOG COMMAND... runs a command in the background, in a process group of its own.
start() {
	local log=$1
	shift
	set -m
	"$@" 8>&- </dev/null >"$log" 2>&1 & # a background group that reads the terminal would be stopped
	set +m
	current=$!
}

# run NAME COMMAND... runs a command, its output in logs/NAME. It can be
# interrupted at any time, since this shell only waits.
run() {
	local log=$out/logs/$1 status
	shift
	start "$log" "$@"
	wait "$current"
	status=$?
	current=
	[ "$status" = 0 ] || fail "$status" "$log"
}

# fail STATUS LOG says which step failed and why.
fail() {
	tail -n 15 "$2" | sed 's/^/   | /'
	echo "quickstart: step $number failed with status $1: $step; its output is in $2" >&2
	exit 1
}

# value FILE EXPRESSION prints a value of a JSON file; the document is called d.
value() {
	node -e '
		const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
		const statements = (sql) => sql.split("\n").filter((line) => /;\s*$/.test(line) && !line.startsWith("SET ")).length;
		const d = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
		console.log(eval(process.argv[2]))' "$1" "$2"
}

require() {
	command -v "$1" >/dev/null && return
	echo "quickstart: there is no $1 on PATH; install $2 and run this again" >&2
	exit 1
}

PATH=$PATH:/usr/local/go/bin
require go "Go (https://go.dev/dl/)"
require node "Node.js 20 or newer (https://nodejs.org/)"
require npm "npm, which comes with Node.js"
[ "$(node -p 'parseInt(process.versions.node) >= 20')" = true ] || {
	echo "quickstart: Node.js $(node --version) is too old; install version 20 or newer and run this again" >&2
	exit 1
}
out=${1:-$(mktemp -d "${TMPDIR:-/tmp}/toolkit-quickstart.XXXXXX")} || exit 1
mkdir -p "$out"/{bin,logs,reports,migrations} || exit 1
out=$(cd "$out" && pwd) || exit 1
export HOME=${HOME:-$out}
cd "$out" || exit 1
echo "Everything that follows is written to $out"

begin "Build the three tools"
run build env GOWORK="$root/go.work" CGO_ENABLED=0 go -C "$root" build -o "$out/bin/" ./scaffolder ./migrator ./loadtester ./migrator/internal/scratch/keep
PATH=$out/bin:$PATH
say "$(scaffolder --version)" "$(migrator --version)" "$(loadtester --version)"

begin "Start a private PostgreSQL and load a small shop into it"
shown keep --name shop "$here/schema_v1.sql" "$here/seed.sql"
mkfifo "$out/hold" && exec 8<>"$out/hold" || exit 1
set -m
keep --name shop "$here/schema_v1.sql" "$here/seed.sql" <"$out/hold" 8>&- >"$out/logs/url" 2>"$out/logs/database" &
set +m
database=$!
children+=("$database")
until [ -s "$out/logs/url" ]; do
	kill -0 "$database" 2>/dev/null || fail 1 "$out/logs/database"
	sleep 0.1
done
rm -f "$out/hold"
url=$(head -n 1 "$out/logs/url")
say "DATABASE=$url"

begin "Analyse the database"
shown migrator --connection "$url" --analyze --html reports/analysis.html
run analyze bash -c 'migrator --connection "$1" --analyze --json --html reports/analysis.html >reports/analysis.json' - "$url"
analysis=$(value reports/analysis.json '`${d.tables_count} tables: ${count(d.issues.errors, "error")}, ${count(d.issues.warnings, "warning")}, ${count(d.issues.suggestions, "suggestion")}`')
say "$analysis, such as:"
value reports/analysis.json 'd.issues_detail.filter((i) => i.severity !== "info").slice(0, 4).map((i) => `     ${i.severity}: ${i.message}`).join("\n")'

begin "Compare it with the schema it should have"
shown migrator --connection "$url" --compare "$here/schema_v2.sql" --output migrations/
run compare bash -c 'migrator --connection "$1" --compare "$2" --output migrations/ --json --html reports/comparison.html >reports/comparison.json' - "$url" "$here/schema_v2.sql"
migration=$(find migrations -name '*_migration.sql' | sort | tail -n 1)
comparison=$(value reports/comparison.json '`${count(d.added_tables.length, "new table")}, ${count(statements(d.up_sql), "statement")} there and ${statements(d.down_sql)} back`')
say "$comparison:" "  ${migration:?the comparison wrote no migration}"

begin "Rehearse the migration"
shown migrator --connection "$url" --migrate "$migration" --dry-run
run rehearse migrator --connection "$url" --migrate "$migration" --dry-run --html reports/rehearsal.html
say "it would succeed; nothing was changed"

begin "Apply the migration"
shown migrator --connection "$url" --migrate "$migration"
run migrate migrator --connection "$url" --migrate "$migration" --html reports/migration.html
run verify bash -c 'migrator --connection "$1" --compare "$2" --json >reports/verification.json' - "$url" "$here/schema_v2.sql"
[ -z "$(value reports/verification.json 'd.up_sql.trim()')" ] || fail "a difference" reports/verification.json
say "compared again: nothing is left to change"

begin "Scaffold an API from its OpenAPI document"
shown scaffolder "$here/openapi.yaml" --framework express --output api/src/routes/
run scaffold bash -c 'scaffolder "$1" --framework express --output api/src/routes/ --json >reports/scaffold.json' - "$here/openapi.yaml"
scaffold=$(value reports/scaffold.json '`${d.routes_count} operations and ${d.types_count} types in ${d.generated_files.length} files`')
say "$scaffold"

begin "Write one handler, compile all in strict mode and start it"
cp "$here/system.ts" api/src/routes/system.ts || exit 1
shown npm install
run install npm --prefix api install --no-audit --no-fund --prefer-offline --loglevel=error
shown npm run build
run tsc npm --prefix api run build --silent
key=$(node -p 'require("crypto").randomBytes(16).toString("hex")')
export HOST=127.0.0.1 RATE_LIMIT=100000000 API_KEY_SHA256
API_KEY_SHA256=$(KEY=$key node -p 'require("crypto").createHash("sha256").update(process.env.KEY).digest("hex")')
PORT=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export PORT
start "$out/logs/server" node api/dist/server.js
server=$current
children+=("$server")
current=
base=http://127.0.0.1:$PORT/v1
for _ in $(seq 150); do
	kill -0 "$server" 2>/dev/null || fail 1 "$out/logs/server"
	node -e 'fetch(process.argv[1]).then(() => process.exit(0), () => process.exit(1))' "$base/status" && break
	sleep 0.1
done
run ask node "$here/ask.mjs" "$base" "$key"
sed 's/^/   /' logs/ask

# load NAME ARGUMENTS... runs one load test.
load() {
	local name=$1
	shift
	shown loadtester "$@" --html "reports/$name.html"
	run "$name" loadtester "$@" --quiet --output "reports/$name.json" --html "reports/$name.html"
	results+=("$(value "reports/$name.json" '((r) => `${Math.round(r.requests_per_second).toLocaleString("en")} requests/s, p50 ${r.latency_p50.toFixed(1)} ms, p99 ${r.latency_p99.toFixed(1)} ms, ${r.failed_requests} of ${r.total_requests.toLocaleString("en")} failed`)(d.results[0])')")
	say "${results[-1]}"
}

begin "Load-test it"
results=()
load load "$base/status" --concurrency 50 --duration 6
load load-invalid "$base/products?limit=1000" --concurrency 20 --duration 2 --expect-status 400
load load-refused "$base/customers" --concurrency 20 --duration 2 --expect-status 401

stop 2>/dev/null
cat <<END

Done in $((SECONDS - began)) s. The database and the server are stopped. What was found, and where it is:

   analysis     $analysis
                $out/reports/analysis.html
   comparison   $comparison
                $out/reports/comparison.html
   migration    rehearsed, applied and verified
                $out/$migration
                ${out}/${migration%.sql}_rollback.sql
   API          $scaffold
                $out/api
   load         ${results[0]}
                $out/reports/load.html
   bad query    ${results[1]}
                $out/reports/load-invalid.html
   no key       ${results[2]}
                $out/reports/load-refused.html
END
