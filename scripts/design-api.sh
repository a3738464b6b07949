#!/usr/bin/env bash
# From an OpenAPI document to a server that was seen to keep to it:
#
#   scripts/design-api.sh [--framework NAME] [--duration SECONDS] DOCUMENT [DIRECTORY]
#
# Gates, in this order: the document has no fault; the server compiles in strict
# mode; its tests pass, which send valid and invalid requests to every operation;
# under load every request is answered as the document says (operations that are
# not written yet count as answered); the security headers are there.
# The server, the document as it was read and all reports go to DIRECTORY, a new
# temporary one by default. It stops at the first gate that fails, with its status.
set -euo pipefail

# shellcheck source=scripts/workflow.sh
. "$(dirname "$0")/workflow.sh"

framework=express
duration=5
while [ $# -gt 0 ]; do
	case $1 in
	--framework) valued "$@" && framework=$2 && shift 2 ;;
	--duration) valued "$@" && duration=$2 && shift 2 ;;
	-?*) asked "$1" ;;
	*) break ;;
	esac
done
[[ $# -ge 1 && $# -le 2 ]] || misused "one document, and perhaps a directory, are to be named"
case $framework in express | fastify | koa) ;; *) misused "--framework is express, fastify or koa, not '$framework'" ;; esac
seconds --duration "$duration"
document=$1
reports "${2:-}"
tools scaffolder loadtester

say "1. Read the document"
scaffolder "$document" --strict --generate-spec --output "$out/openapi.yaml" --json >"$out/document.json"
say "   $(number "$out/document.json" routes_count) operations, $(number "$out/document.json" types_count) types; no fault"

say "2. Write the server"
scaffolder "$out/openapi.yaml" --framework "$framework" --output "$out/api/src/routes/" --json >"$out/scaffold.json"
say "   $out/api"

say "3. Compile it and run its tests"
npm --prefix "$out/api" install --no-audit --no-fund --prefer-offline --loglevel=error >"$out/npm.txt"
npm --prefix "$out/api" run build --silent
npm --prefix "$out/api" test --silent >"$out/tests.txt" 2>&1 || {
	status=$?
	tail -n 30 "$out/tests.txt" >&2
	exit "$status"
}
say "   passed"

say "4. Load it with requests that the document allows, and with some that it does not"
scaffolder "$out/openapi.yaml" --emit load-plan --output "$out/load-plan.jsonl" --json >"$out/load-plan.json"
# Handlers that are not written yet answer 501; requests that need a proof, 401.
sed 's/"expect":400}$/"expect":[400,401]}/; s/"expect":"[^"]*"}$/"expect":["2xx","3xx",401,501]}/; s/"expect":\["2[^]]*\]}$/"expect":["2xx","3xx",401,501]}/' \
	"$out/load-plan.jsonl" >"$out/drafted.jsonl"
port=$(free_port)
export RATE_LIMIT=1000000000 LOGIN_RATE_LIMIT=1000000000
serve "$out/api" "$port"
base=http://127.0.0.1:$port
loadtester "$base" --requests-file "$out/drafted.jsonl" --concurrency 8 --duration "$duration" --quiet \
	--output "$out/load.json" --html "$out/load.html" >"$out/load.txt" || {
	status=$?
	sed -n '1,25p' "$out/load.txt" >&2
	exit "$status"
}
say "   $(number "$out/load.json" total_requests) requests answered as they should be; $out/load.html"

say "5. Look at the security headers"
loadtester "$base/health" --check-headers --html "$out/headers.html" >"$out/headers.txt" || {
	status=$?
	cat "$out/headers.txt" >&2
	exit "$status"
}
say "   in place; $out/headers.html"
say "All gates passed. Write the handlers in $out/api/src/routes, and run: npm test"
