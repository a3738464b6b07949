#!/usr/bin/env bash
# Measures scaffolder beside openapi-typescript: user CPU and peak memory of
# writing a whole server, and of writing the types alone, from one document.
#
#   bench/openapi-typescript.sh DOCUMENT [RUNS]
#
# Each figure is the median of RUNS (5) runs. openapi-typescript, and the
# TypeScript that it works with, are installed in a temporary folder; set PACKAGES
# to a folder in which they are installed already.
set -euo pipefail

document=$(realpath "${1:?name an OpenAPI document}")
runs=${2:-5}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

go build -o "$work/scaffolder" .
if [ -z "${PACKAGES:-}" ]; then
	PACKAGES=$work/packages
	mkdir "$PACKAGES"
	npm install --silent --no-audit --no-fund --prefix "$PACKAGES" openapi-typescript@7.13.0 typescript@5 >"$work/npm.log" 2>&1 || {
		cat "$work/npm.log"
		exit 1
	}
fi

python3 - "$work" "$document" "$runs" "$PACKAGES" <<'PYTHON'
import os, shutil, statistics, subprocess, sys, time

work, document, runs, packages = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
types = os.path.join(packages, "node_modules", "openapi-typescript", "bin", "cli.js")
commands = [
    ("scaffolder, express server", [work + "/scaffolder", document, "--project", "-o", work + "/server"]),
    ("scaffolder, types only", [work + "/scaffolder", document, "--types-only", "-o", work + "/server"]),
    ("openapi-typescript, types", ["node", types, document, "-o", work + "/types.ts"]),
]

def once(command):
    shutil.rmtree(work + "/server", ignore_errors=True)
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed: run it to see why: {' '.join(command)}")
    return usage.ru_utime, usage.ru_maxrss / 1024, time.monotonic() - begun

print(f"{os.path.basename(document)}, {os.path.getsize(document) / 1e6:.1f} MB, median of {runs}")
print(f"{'':30} {'user CPU':>9} {'peak':>8} {'wall':>7}")
cpu = {}
for name, command in commands:
    figures = [once(command) for _ in range(runs)]
    user, peak, wall = (statistics.median(column) for column in zip(*figures))
    cpu[name] = user
    print(f"{name:30} {user:7.2f} s {peak:5.0f} MB {wall:5.2f} s")
server, alone, other = cpu.values()
print(f"a whole server takes {server / other:.2f} of the CPU that openapi-typescript takes for the types alone")
PYTHON
