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

# shellcheck source=scripts/workflow.sh
. "$(dirname "$0")/workflow.sh"

dry=
while [ $# -gt 0 ]; do
	case $1 in
	--dry-run) dry=yes && shift ;;
	-?*) asked "$1" ;;
	*) break ;;
	esac
done
[[ $# -ge 1 && $# -le 2 ]] || misused "one database, and perhaps a directory, are to be named"
url=$1
reports "${2:-}"
mkdir -p "$out/migrations"
tools migrator

# findings FILE prints how much an analysis found.
findings() {
	say "$(number "$1" errors) errors, $(number "$1" warnings) warnings, $(number "$1" suggestions) suggestions"
}

say "1. Analyse"
migrator --connection "$url" --analyze --json --html "$out/before.html" >"$out/before.json"
say "   $(findings "$out/before.json"); $out/before.html"

say "2. Suggest indexes"
migrator --connection "$url" --suggest-indexes --output "$out/migrations" --json >"$out/suggestions.json"
count=$(number "$out/suggestions.json" suggestions_count)
if [ "$count" = 0 ]; then
	say "   none is missing; reports are in $out"
	exit 0
fi
file=$(find "$out/migrations" -name '*_add_indexes.sql' | sort | tail -n 1)
say "   $count in $file"

say "3. Dry run"
migrator --connection "$url" --migrate "$file" --dry-run --html "$out/dry-run.html" >"$out/dry-run.txt"
say "   it would succeed; $out/dry-run.html"
[ -z "$dry" ] || {
	say "   nothing was changed; reports are in $out"
	exit 0
}

say "4. Apply"
migrator --connection "$url" --migrate "$file" --html "$out/applied.html" >"$out/applied.txt"
say "   applied; to take it back: migrator --connection URL --rollback $file"

say "5. Verify"
migrator --connection "$url" --analyze --baseline "$out/before.json" --json --html "$out/after.html" >"$out/after.json"
say "   $(findings "$out/after.json"); before: $(findings "$out/before.json")"
migrator --connection "$url" --suggest-indexes --json >"$out/left.json"
left=$(number "$out/left.json" suggestions_count)
say "   $left left to suggest; reports are in $out"
say "   once the application has run again, what its statements take now and took before:"
say "   migrator --connection URL --analyze --baseline $out/before.json"
[ "$left" = 0 ] || exit 3
