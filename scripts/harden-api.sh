#!/usr/bin/env bash
# Tries the protections of a running API:
#
#   scripts/harden-api.sh [--env FILE] [--login URL] [--invalid BODY] [--header FIELD] URL [DIRECTORY]
#
# Gates, in this order:
#   settings  with --env: the algorithm is one and asymmetric, keys come over TLS,
#             secrets are hashes, tokens get old, the file is not in a repository
#   headers   the answer of URL has the security headers that it should
#   proof     URL refuses callers without credentials with 401 or 403
#   input     with --invalid: URL refuses the body with 400 or 422; --header, such as
#             'X-API-Key: …', proves who is asking where that is needed first
#   limit     the login URL, else URL, meets its rate limit, cannot be passed by
#             a varying X-Forwarded-For, and lets callers in again when it says so
# Reports go to DIRECTORY, a new temporary one by default. It stops at the first
# gate that fails, with its status: 3 when a protection does not hold. It sends a
# few seconds of load: run it against systems of your own, before others do.
set -euo pipefail

# shellcheck source=scripts/workflow.sh
. "$(dirname "$0")/workflow.sh"

env=
login=
invalid=
header=
while [ $# -gt 0 ]; do
	case $1 in
	--env) valued "$@" && env=$2 && shift 2 ;;
	--login) valued "$@" && login=$2 && shift 2 ;;
	--invalid) valued "$@" && invalid=$2 && shift 2 ;;
	--header) valued "$@" && header=$2 && shift 2 ;;
	-?*) asked "$1" ;;
	*) break ;;
	esac
done
[[ $# -ge 1 && $# -le 2 ]] || misused "one URL, and perhaps a directory, are to be named"
url=$1
case $url in http://?* | https://?*) ;; *) misused "'$url' is no http:// or https:// URL" ;; esac
reports "${2:-}"
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

# wrong, better and fine say how a setting is; none prints what could be a secret.
wrong() { say "   wrong   $1: $2" && bad=1; }
better() { say "   better  $1: $2"; }
fine() { say "   good    $1: $2"; }

# algorithm KEY VALUE grades what signs tokens. An algorithm is named when it is a known one.
algorithm() {
	case $2 in
	PS256 | PS384 | PS512 | ES256 | ES384 | ES512 | EdDSA | Ed25519) fine "$1" "$2, by the issuer's key alone" ;;
	RS256 | RS384 | RS512) better "$1" "$2 holds, with the older padding; PS256, ES256 or EdDSA where the issuer has it" ;;
	'') better "$1" "says nothing, so RS256; name what the issuer signs with, best PS256, ES256 or EdDSA" ;;
	HS256 | HS384 | HS512) wrong "$1" "$2 signs with what verifies: with a public key, everybody signs" ;;
	[Nn][Oo][Nn][Ee]) wrong "$1" "none is no signature" ;;
	*) wrong "$1" "is no algorithm that the server takes; it refuses every token" ;;
	esac
}

# lifetime KEY VALUE grades how old a token may be, in seconds.
lifetime() {
	case $2 in
	'') better "$1" "says nothing, so tokens live until the end that the issuer gives them; 900 or less for access tokens" ;;
	0* | *[!0-9]*) wrong "$1" "is no number of seconds; the server refuses every token" ;;
	*) if [ "${#2}" -gt 5 ] || [ "$2" -gt 86400 ]; then
		wrong "$1" "more than a day: what is stolen works as long"
	elif [ "$2" -gt 3600 ]; then
		better "$1" "more than an hour; 900 or less for access tokens"
	else
		fine "$1" "$2 s"
	fi ;;
	esac
}

# settings FILE looks at the settings of authentication.
settings() {
	local line key value bad=0
	[[ -f $1 && -r $1 ]] || give_up "$1 cannot be read; name the file with the server's settings"
	if git -C "$(dirname "$1")" ls-files --error-unmatch -- "$(basename "$1")" >/dev/null 2>&1; then
		wrong "$1" "is in the repository, for all who read that"
	fi
	[ -z "$(find "$1" -perm -004)" ] || better "$1" "can be read by every user of this machine; chmod 600"
	while IFS= read -r line || [ -n "$line" ]; do
		line=${line%$'\r'}
		line=${line#export }
		case $line in '' | \#* | [!A-Za-z_]*) continue ;; esac
		key=${line%%=*} value=${line#*=}
		case $value in \"*\" | \'*\') value=${value#?} && value=${value%?} ;; esac
		case $key in
		*_ALGORITHM) algorithm "$key" "$value" ;;
		*_MAX_AGE_SECONDS) lifetime "$key" "$value" ;;
		*_JWKS_URL) case $value in
			'') ;;
			https://*) fine "$key" "over TLS" ;;
			*) wrong "$key" "keys that don't come over TLS can be exchanged on the way" ;;
			esac ;;
		*_ISSUER | *_AUDIENCE) if [ -n "$value" ]; then fine "$key" "named"; else better "$key" "is empty: the server refuses every token until it is named"; fi ;;
		*_SHA256) if [ -z "$value" ]; then
			better "$key" "is empty: the server refuses everybody"
		elif printf '%s' "$value" | grep -Eq '^[0-9a-fA-F]{64}(\?[^,]*)?(, *[0-9a-fA-F]{64}(\?[^,]*)?)*$'; then
			fine "$key" "hashes, not secrets"
		else
			wrong "$key" "is no list of SHA-256 hashes"
		fi ;;
		*_SECRET | *_PASSWORD | *_TOKEN) if [ "${#value}" -ge 32 ]; then fine "$key" "32 characters or more"; else wrong "$key" "has less than 32 characters"; fi ;;
		esac
	done <"$1"
	[ "$bad" = 0 ] || return 3
	say "   hold"
}

if [ -n "$env" ]; then
	say "Settings of authentication"
	settings "$env" >"$out/settings.txt" || {
		status=$?
		cat "$out/settings.txt" >&2
		[ "$status" != 3 ] || echo "$name: the gate 'settings' failed: $env" >&2
		exit "$status"
	}
	cat "$out/settings.txt"
fi
say "Security headers"
gate headers "$url" --check-headers
say "Proof of who is asking"
gate proof "$url" --requests 20 --concurrency 2 --quiet --expect-status 401,403
if [ -n "$invalid" ]; then
	say "Validation of input"
	gate input "$url" --method POST --body "$invalid" ${header:+--header} ${header:+"$header"} --requests 20 --concurrency 2 --quiet --expect-status 400,422
fi
say "Rate limit"
if [ -n "$login" ]; then
	gate limit "$login" --method POST --body '{}' --concurrency 20 --duration 5 --quiet --expect-rate-limit --bypass-check
else
	gate limit "$url" --concurrency 20 --duration 5 --quiet --expect-rate-limit --bypass-check
fi
say "Every gate held; reports are in $out"
