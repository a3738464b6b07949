#!/usr/bin/env bash
# Tidies the go.mod and go.sum of every module of the workspace, or of those named:
#
#   scripts/tidy.sh [--check] [MODULE ...]
#
# With --check nothing is written; the differences are printed and the status is 1.
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

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
status=0
for module in "$@"; do
	rm -f "$copy"/*
	cp "$module/go.mod" "$copy/go.mod"
	[ ! -f "$module/go.sum" ] || cp "$module/go.sum" "$copy/go.sum"
	(
		cd "$module"
		go mod edit -replace "$own/shared=../shared" "$copy/go.mod"
		GOWORK=off go mod tidy -modfile="$copy/go.mod"
		go mod edit -dropreplace "$own/shared" "$copy/go.mod"
	)
	touch "$copy/go.sum"
	if [ -z "$check" ]; then
		cp "$copy/go.mod" "$copy/go.sum" "$module/"
	elif ! diff -u "$module/go.mod" "$copy/go.mod" || ! diff -u "$module/go.sum" "$copy/go.sum"; then
		echo "$module is not tidy: run scripts/tidy.sh $module" >&2
		status=1
	fi
done
exit $status
