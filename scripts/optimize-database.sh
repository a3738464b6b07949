#!/usr/bin/env bash
# Finds the indexes that a database lacks, proves them, builds them and sees
# whether that helped:
#
#   scripts/optimize-database.sh [--dry-run] DATABASE_URL [DIRECTORY]
#
# Steps: analyse, suggest indexes, dry run, apply, analyse again. With --dry-run
# it ends before the database is changed. Reports and migrations go to DIRECTORY,
# a new temporary one by default. The indexes are built CONCURRENTLY: reads and
# writes go on meanwhile; interrupted, the same command goes on where it stopped,
# and `migrator --rollback` with the file named at the end takes them back.
# The status is 0 if nothing is left to suggest, 3 if something is.
set -euo pipefail

usage() {
	sed -n '2,6p' "$0" | sed 's/^# \{0,1\}//' >&2
	exit 2
}

dry=
if [ "${1:-}" = --dry-run ]; then
	dry=yes
	shift
fi
[ $# -ge 1 ] && [ $# -le 2 ] || usage
url=$1
out=${2:-$(mktemp -d "${TMPDIR:-/tmp}/optimize-database.XXXXXX")}
mkdir -p "$out/migrations"
out=$(cd "$out" && pwd)

root=$(cd "$(dirname "$0")/.." && pwd)
if ! command -v migrator >/dev/null; then
	command -v go >/dev/null || {
		echo "optimize-database: there is no migrator on PATH, and no Go to build it with" >&2
		exit 1
	}
	go -C "$root" build -o "$out/bin/migrator" ./migrator
	PATH=$out/bin:$PATH
fi

say() { printf '%s\n' "$@"; }

# field FILE KEY prints the number that stands behind a key of the JSON file, the first time.
field() { sed -n "s/^ *\"$2\": *\([0-9][0-9]*\).*/\1/p" "$1" | head -n 1; }

# findings FILE prints how much an analysis found.
findings() {
	say "$(field "$1" errors) errors, $(field "$1" warnings) warnings, $(field "$1" suggestions) suggestions"
}

say "1. Analyse"
migrator --connection "$url" --analyze --json --html "$out/before.html" >"$out/before.json"
say "   $(findings "$out/before.json"); $out/before.html"

say "2. Suggest indexes"
migrator --connection "$url" --suggest-indexes --output "$out/migrations" --json >"$out/suggestions.json"
count=$(field "$out/suggestions.json" suggestions_count)
if [ "$count" = 0 ]; then
	say "   none is missing"
	exit 0
fi
file=$(find "$out/migrations" -name '*_add_indexes.sql' | sort | tail -n 1)
say "   $count in $file"

say "3. Dry run"
migrator --connection "$url" --migrate "$file" --dry-run --html "$out/dry-run.html" >"$out/dry-run.txt"
say "   it would succeed; $out/dry-run.html"
[ -z "$dry" ] || exit 0

say "4. Apply"
migrator --connection "$url" --migrate "$file" --html "$out/applied.html" >"$out/applied.txt"
say "   applied; to take it back: migrator --connection URL --rollback $file"

say "5. Verify"
migrator --connection "$url" --analyze --baseline "$out/before.json" --json --html "$out/after.html" >"$out/after.json"
say "   $(findings "$out/after.json"); before: $(findings "$out/before.json")"
migrator --connection "$url" --suggest-indexes --json >"$out/left.json"
left=$(field "$out/left.json" suggestions_count)
say "   $left left to suggest; reports are in $out"
say "   once the application has run again, what its statements take now and took before:"
say "   migrator --connection URL --analyze --baseline $out/before.json"
[ "$left" = 0 ] || exit 3
