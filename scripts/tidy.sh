#!/usr/bin/env bash
# Tidies the go.mod and go.sum of every module of the workspace, or of those named:
#
#   scripts/tidy.sh [--check] [MODULE ...]
#
# With --check nothing is written; the difference is printed and the status is 1.
#
# `go mod tidy` ignores go.work and would look for the unpublished version of
# shared, so each module is tidied on a copy of its go.mod that points at
# ../shared, and the copy is written back without that line: a committed
# `replace` would make `go install MODULE@VERSION` refuse the module.
set -euo pipefail
cd "$(dirname "$0")/.."

own=github.com/senior-backend/toolkit
check=
if [ "${1:-}" = --check ]; then
	check=yes
	shift
fi
[ $# -gt 0 ] || set -- shared scaffolder migrator loadtester
for module in "$@"; do
	copy=$(mktemp -d)
	cp "$module/go.mod" "$copy/go.mod"
	[ ! -f "$module/go.sum" ] || cp "$module/go.sum" "$copy/go.sum"
	(
		cd "$module"
		go mod edit -replace "$own/shared=../shared" "$copy/go.mod"
		GOWORK=off go mod tidy -modfile="$copy/go.mod"
		go mod edit -dropreplace "$own/shared" "$copy/go.mod"
	)
	if [ -n "$check" ]; then
		diff -u "$module/go.mod" "$copy/go.mod"
		diff -u "$module/go.sum" "$copy/go.sum"
	else
		cp "$copy/go.mod" "$copy/go.sum" "$module/"
	fi
	rm -r "$copy"
done
