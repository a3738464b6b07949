#!/usr/bin/env bash
# Runs every check of the repository, on a machine that has Go, Node and npm:
#
#   scripts/test.sh
#
# What the checks need and the machine lacks is installed with apt (as root, or
# with a sudo that asks for no password; else it is unpacked in a temporary
# folder). The tests start their own PostgreSQL and the servers that they
# generate; nothing has to run beforehand. Each check runs even if one before it
# failed; the summary at the end names the failed ones, and the status is 1 if
# there are any.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
exec </dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
export HOME="${HOME:-$work}"
summary=()
failed=0

# check NAME COMMAND... runs one check and notes how it ended and how long it took.
check() {
	local name=$1 begun=$SECONDS outcome=ok
	shift
	printf '\n== %s\n' "$name"
	if ! "$@"; then
		outcome=FAILED
		failed=$((failed + 1))
	fi
	summary+=("$(printf '%-6s  %4d s  %s' "$outcome" $((SECONDS - begun)) "$name")")
}

# provide COMMAND PACKAGE... installs Debian packages if there is no such command;
# without the rights to install, it unpacks them in the folder of this run.
provide() {
	local command=$1 sudo=
	shift
	! command -v "$command" >/dev/null || return 0
	command -v apt-get >/dev/null || return 1
	echo "installing $*"
	export DEBIAN_FRONTEND=noninteractive
	if [ "$(id -u)" != 0 ]; then
		sudo="sudo -n"
		$sudo true 2>/dev/null || {
			unpack "$@" >"$work/apt" 2>&1 && command -v "$command" >/dev/null && return 0
			tail -n 5 "$work/apt"
			return 1
		}
	fi
	{ $sudo apt-get -q update && $sudo apt-get -q -y install --no-install-recommends "$@"; } >"$work/apt" 2>&1 || {
		tail -n 5 "$work/apt"
		return 1
	}
}

# unpack PACKAGE... lays packages, with what they depend on and the machine lacks, into $work/debian.
unpack() {
	local root=$work/debian packages libraries
	local own=(-o Debug::NoLocking=1 -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache")
	mkdir -p "$root" "$work/lists/partial" "$work/cache/archives/partial" "$work/packages"
	apt-get "${own[@]}" -q update || return 1
	packages=$(apt-get "${own[@]}" -s install --no-install-recommends "$@" | awk '/^Inst / { print $2 }')
	[ -n "$packages" ] || return 1
	# shellcheck disable=SC2086 # a list of names
	(cd "$work/packages" && apt-get "${own[@]}" -q download $packages) || return 1
	for package in "$work"/packages/*.deb; do
		dpkg -x "$package" "$root" || return 1
		rm "$package"
	done
	libraries=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
	export PATH="$PATH:$root/usr/bin:$root/usr/sbin:$root/bin:$root/sbin"
	[ -z "$libraries" ] || export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$libraries"
}

need() {
	provide "$@" || {
		echo "test.sh: $1 is needed and could not be installed; install it and run this again" >&2
		exit 1
	}
}

# can_race tells whether the race detector works here: it needs cgo, and cgo a C compiler.
can_race() {
	provide gcc gcc libc6-dev
	echo 'package main
func main() {}' >"$work/race.go"
	CGO_ENABLED=1 GOWORK=off go build -race -o "$work/race" "$work/race.go" 2>"$work/race.log" && "$work/race"
}

go_files() {
	git ls-files --cached --others --exclude-standard '*.go' 2>/dev/null ||
		find . -name node_modules -prune -o -name '*.go' -print
}

formatted() {
	local files
	files=$(go_files | while read -r file; do [ ! -f "$file" ] || echo "$file"; done | xargs "$work/bin/gofumpt" -l) || return 1
	[ -z "$files" ] || {
		echo "not in gofumpt's format (run gofumpt -w on them):"
		echo "$files"
		return 1
	}
}

of_scripts() {
	GOWORK=off go -C scripts vet ./... && GOWORK=off go -C scripts test -timeout 20m ./...
}

command -v go >/dev/null || {
	echo "test.sh: there is no go on PATH; install it from https://go.dev/dl/" >&2
	exit 1
}
need git git ca-certificates
need node nodejs
need npm npm
need python3 python3
# Servers that are not ours, which the load tester is held against where they can be had.
provide nginx nginx-light || true
provide caddy caddy || true
need redis-server redis-server

race=-race
if can_race; then
	export CGO_ENABLED=1
else
	race=
	echo "test.sh: the race detector does not work here, the tests run without it:"
	head -n 3 "$work/race.log"
fi

mkdir "$work/bin"
check "development tools" env GOWORK=off go -C scripts build -o "$work/bin/" honnef.co/go/tools/cmd/staticcheck mvdan.cc/gofumpt
check "gofumpt" formatted
check "go vet work" go vet work
check "staticcheck work" "$work/bin/staticcheck" work
check "go.mod and go.sum are tidy" scripts/tidy.sh --check
check "go test $race work" go test $race -timeout 25m work
check "tests of the scripts" of_scripts
check "installation by version" scripts/install-proof.sh

printf '\n== summary, after %d min %02d s\n' $((SECONDS / 60)) $((SECONDS % 60))
printf '%s\n' "${summary[@]}"
if [ "$failed" -gt 0 ]; then
	echo "FAILED: $failed of ${#summary[@]} checks"
	exit 1
fi
echo "all ${#summary[@]} checks passed"
