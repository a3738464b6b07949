#!/usr/bin/env bash
# Counts how often comparisons are right:
#
#   loadtester/bench/compare.sh [RUNS] [SECONDS]
#
# A server is compared with itself, where no difference may be found, and with one that
# takes a tenth longer, which must be found; each RUNS times (100), with loads of SECONDS
# (4). Of each at most 5% may be wrong. The whole takes about RUNS x SECONDS x 5.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -count=1 -timeout 0 -run '^TestComparisonsAreRight$' -v . -args -runs "${1:-100}" -seconds "${2:-4}" -slower 1.1 |
	grep -E 'comparisons each|^(---|ok|FAIL)'
