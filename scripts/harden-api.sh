#!/usr/bin/env bash
# Tries the protections of a running API:
#
#   scripts/harden-api.sh [--env FILE] [--login URL] [--invalid BODY] URL [DIRECTORY]
#
# Gates, in this order:
#   settings  with --env: algorithms are pinned and asymmetric, keys come over TLS,
#             secrets are hashes, and lifetimes are bounded by issuer and audience
#   headers   the answer of URL has the security headers that it should
#   proof     URL refuses callers without credentials with 401 or 403
#   input     with --invalid: URL refuses the body with 400 or 422
#   limit     the login URL, else URL, meets its rate limit, cannot be passed by
#             a varying X-Forwarded-For, and lets callers in again when it says so
# Reports go to DIRECTORY, a new temporary one by default. It stops at the first
# gate that fails, with its status: 3 when a protection does not hold. It sends a
# few seconds of load: run it against systems of your own, before others do.
set -euo pipefail

usage() {
	sed -n '2,4p' "$0" | sed 's/^# \{0,1\}//' >&2
	exit 2
}

env=
login=
invalid=
while [ $# -gt 0 ]; do
	case $1 in
	--env) env=${2:?} && shift 2 ;;
	--login) login=${2:?} && shift 2 ;;
	--invalid) invalid=${2:?} && shift 2 ;;
	-*) usage ;;
	*) break ;;
	esac
done
[ $# -ge 1 ] && [ $# -le 2 ] || usage
url=$1
out=${2:-$(mktemp -d "${TMPDIR:-/tmp}/harden-api.XXXXXX")}
mkdir -p "$out"
out=$(cd "$out" && pwd)
name=harden-api
# shellcheck source=scripts/workflow.sh
. "$(dirname "$0")/workflow.sh"
tools loadtester

# gate NAME ARGUMENTS... runs the loadtester, and ends the script when it is not satisfied.
gate() {
	local gate=$1 status=0
	shift
	loadtester "$@" --html "$out/$gate.html" >"$out/$gate.txt" 2>"$out/$gate.log" || status=$?
	[ "$status" = 0 ] || {
		sed -n '1,30p' "$out/$gate.txt" >&2
		tail -n 3 "$out/$gate.log" >&2
		echo "$name: the gate '$gate' failed; $out/$gate.html" >&2
		exit "$status"
	}
	say "   holds; $out/$gate.html"
}

# settings FILE looks at the settings of authentication; values are never printed.
settings() {
	local line key value bad=0
	[ -r "$1" ] || give_up "$1 cannot be read"
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in '' | \#*) continue ;; esac
		key=${line%%=*} value=${line#*=}
		case $key in
		*_ALGORITHM) case $value in '' | RS256 | RS384 | RS512 | PS256 | PS384 | PS512 | ES256 | ES384 | ES512 | EdDSA) ;; *) say "   $key: not one asymmetric algorithm" && bad=1 ;; esac ;;
		*_JWKS_URL) case $value in '' | https://*) ;; *) say "   $key: keys that don't come over TLS can be exchanged on the way" && bad=1 ;; esac ;;
		*_ISSUER | *_AUDIENCE) [ -n "$value" ] || { say "   $key: is empty, so tokens of others would do" && bad=1; } ;;
		*_SHA256) printf '%s' "$value" | grep -Eq '^[0-9a-fA-F]{64}(\?[^,]*)?(, *[0-9a-fA-F]{64}(\?[^,]*)?)*$' || { say "   $key: is no list of SHA-256 hashes" && bad=1; } ;;
		*_SECRET | *_PASSWORD | *_TOKEN) [ "${#value}" -ge 32 ] || { say "   $key: has less than 32 characters" && bad=1; } ;;
		esac
	done <"$1"
	[ "$bad" = 0 ] || {
		echo "$name: the gate 'settings' failed: $1" >&2
		exit 3
	}
	say "   hold"
}

if [ -n "$env" ]; then
	say "Settings of authentication"
	settings "$env"
fi
say "Security headers"
gate headers "$url" --check-headers
say "Proof of who is asking"
gate proof "$url" --requests 20 --concurrency 2 --quiet --expect-status 401,403
if [ -n "$invalid" ]; then
	say "Validation of input"
	gate input "$url" --method POST --body "$invalid" --requests 20 --concurrency 2 --quiet --expect-status 400,422
fi
say "Rate limit"
if [ -n "$login" ]; then
	gate limit "$login" --method POST --body '{}' --concurrency 20 --duration 5 --quiet --expect-rate-limit --bypass-check
else
	gate limit "$url" --concurrency 20 --duration 5 --quiet --expect-rate-limit --bypass-check
fi
say "Every gate held; reports are in $out"
