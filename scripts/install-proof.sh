#!/usr/bin/env bash
# Proves that each tool can be installed by its version, alone and by anybody:
#
#   scripts/install-proof.sh
#
# The four modules are packed into a proxy made of files, as if VERSION had been
# published. Then, once per tool, `go install MODULE/tool@VERSION` runs away from
# the workspace, with an empty module cache and nothing to fetch from but that
# proxy and what this machine has downloaded before. What the modules need and
# the machine lacks is downloaded first; that is the only use of the network.
set -euo pipefail
cd "$(dirname "$0")/.."

own=github.com/senior-backend/toolkit
version=v0.1.0 # the version of shared that the tools require
tools=(scaffolder migrator loadtester)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# download fetches what a module requires. Its copy of go.mod points at
# ../shared, since the version that it requires is not published.
download() {
	cp "$1/go.mod" "$work/go.mod"
	cp "$1/go.sum" "$work/go.sum"
	go mod edit -replace "$own/shared=../shared" "$work/go.mod"
	GOWORK=off go -C "$1" mod download -modfile="$work/go.mod"
}

for module in shared "${tools[@]}"; do
	download "$module"
done
GOWORK=off go -C scripts build -buildvcs=false -o "$work/pack" ./pack
"$work/pack" "$work/proxy" "$version" shared "${tools[@]}"

cache=$(go env GOMODCACHE)
PATH="$(go env GOROOT)/bin:$PATH" # the toolchain that go.work chose, which is not always the first go
export PATH GOWORK=off GOSUMDB=off GONOSUMDB= GOPRIVATE= GONOPROXY= GOTOOLCHAIN=local
export GOPROXY="file://$work/proxy,file://$cache/cache/download"
export GOFLAGS="-modcacherw -trimpath" # removable afterwards, built once on a machine

for tool in "${tools[@]}"; do
	export GOMODCACHE="$work/$tool/mod" GOBIN="$work/$tool/bin"
	go -C / install "$own/$tool@$version" 2>&1 | { grep -v '^go: downloading ' || true; }

	said=$("$GOBIN/$tool" --version)
	case $said in
	"$tool $version "*) ;;
	*)
		echo "install-proof: $tool --version says '$said', not $version" >&2
		exit 1
		;;
	esac
	"$GOBIN/$tool" --help >"$work/$tool/help"
	if ! head -n 1 "$work/$tool/help" | grep -q "^$tool: "; then
		echo "install-proof: $tool --help does not begin with the tool's name:" >&2
		head -n 3 "$work/$tool/help" >&2
		exit 1
	fi
	echo "installed $own/$tool@$version: $said"
done
