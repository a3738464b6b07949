# shellcheck shell=bash
# What the workflow scripts share; they source it.

name=$(basename "$0" .sh)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out= # the directory of the reports
server=

# manual prints the comment at the script's top.
manual() { sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p;}' "$0"; }

# misused MESSAGE says what is wrong with the command line, and how it goes.
misused() {
	echo "$name: $1" >&2
	manual | grep '^  scripts/' >&2
	exit 2
}

# asked FLAG prints the manual and ends the script when that is what is asked for.
asked() {
	case $1 in
	-h | --help) manual && exit 0 ;;
	*) misused "there is no option $1" ;;
	esac
}

# valued OPTION [VALUE...] refuses an option that nothing follows.
valued() { [ $# -ge 2 ] || misused "$1 needs a value"; }

# seconds OPTION VALUE refuses what is no time to send load for.
seconds() {
	[[ $2 =~ ^[0-9]+(\.[0-9]+)?$ && ! $2 =~ ^0*(\.0*)?$ ]] || misused "$1 takes seconds, such as 5, not '$2'"
}

# reports [DIRECTORY] makes the directory of the reports, a temporary one when none is named.
reports() {
	out=${1:-$(mktemp -d "${TMPDIR:-/tmp}/$name.XXXXXX")}
	mkdir -p "$out" || give_up "$out cannot be made; name a directory for the reports that can"
	out=$(cd "$out" && pwd)
}

say() { printf '%s\n' "$@"; }

# give_up MESSAGE ends the script with status 1.
give_up() {
	echo "$name: $1" >&2
	exit 1
}

# tools NAME... sees to it that the tools are on PATH, and builds those that are not.
tools() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null && continue
		command -v go >/dev/null || give_up "there is no $tool on PATH, and no Go to build it with"
		go -C "$root" build -o "$out/bin/$tool" "./$tool"
	done
	PATH=$PATH:$out/bin
}

# number FILE KEY prints the number behind a key of the JSON file, the first time.
number() { sed -n "s/.*\"$2\": *\([0-9][0-9.]*\).*/\1/p" "$1" | head -n 1; }

# free_port prints a port of this machine that nothing listens on.
free_port() {
	node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# serve DIRECTORY PORT starts the compiled API in a directory and waits until it answers.
serve() {
	HOST=127.0.0.1 PORT=$2 node "$1/dist/server.js" >"$out/server.log" 2>&1 &
	server=$!
	local _
	for _ in $(seq 300); do
		node -e 'fetch(process.argv[1]).then(() => process.exit(0), () => process.exit(1))' "http://127.0.0.1:$2/health" && return
		kill -0 "$server" 2>/dev/null || {
			tail -n 5 "$out/server.log" >&2
			exit 1
		}
		sleep 0.1
	done
	give_up "the API does not answer; see $out/server.log"
}

# finish stops what was started.
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	wait
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
