#!/usr/bin/env bash
# Measures what the TypeScript compiler takes for a server of scaffolder beside
# what it takes for the types and zod schemas of hey-api's openapi-ts.
#
#   bench/hey-api.sh DOCUMENT [RUNS]
#
# Both are written from the same document and compiled with the same flags, in
# turns; each figure is the median of RUNS (5) runs. The server is whole: handlers,
# routes, middleware and validators; its tests are counted apart. The packages are
# installed in a temporary folder; set PACKAGES to a folder in which they are
# installed already: @hey-api/openapi-ts with a TypeScript that it works with, and
# below it in server/ what the server's package.json asks for.
set -euo pipefail

document=$(realpath "${1:?name an OpenAPI document}")
runs=${2:-5}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

go build -o "$work/scaffolder" .
"$work/scaffolder" "$document" --project -o "$work/server" >/dev/null 2>&1
if [ -z "${PACKAGES:-}" ]; then
	PACKAGES=$work/packages
	mkdir -p "$PACKAGES/server"
	cp "$work/server/package.json" "$PACKAGES/server/"
	{
		npm install --silent --no-audit --no-fund --prefix "$PACKAGES" @hey-api/openapi-ts@0.99.0 typescript@5
		npm install --silent --no-audit --no-fund --prefix "$PACKAGES/server"
	} >"$work/npm.log" 2>&1 || {
		cat "$work/npm.log"
		exit 1
	}
fi
ln -s "$PACKAGES/server/node_modules" "$work/server/node_modules"
mkdir "$work/other"
ln -s "$PACKAGES/server/node_modules" "$work/other/node_modules"
"$PACKAGES/node_modules/.bin/openapi-ts" --input "$document" --output "$work/other/out" \
	--plugins @hey-api/typescript zod --no-log-file >"$work/other.log" 2>&1 || {
	tail -n 20 "$work/other.log"
	exit 1
}

python3 - "$work" "$document" "$runs" <<'PYTHON'
import json, os, statistics, subprocess, sys, time

work, document, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = json.load(open(work + "/server/tsconfig.json"))["compilerOptions"]
for name in ("rootDir", "outDir", "sourceMap"):
    options.pop(name, None)
# hey-api imports without suffixes, which only bundlers resolve.
options |= {"noEmit": True, "skipLibCheck": True, "module": "preserve", "moduleResolution": "bundler"}
server = ["*.ts", "middleware", "routes"]
cases = [("scaffolder, express server", "server", server), ("its tests too", "server", server + ["test"]), ("hey-api, types and zod", "other", ["out"])]
for at, (_, folder, include) in enumerate(cases):
    json.dump({"compilerOptions": options, "include": include}, open(f"{work}/{folder}/tsconfig.{at}.json", "w"))

def once(at):
    folder = f"{work}/{cases[at][1]}"
    begun = time.monotonic()
    process = subprocess.Popen([folder + "/node_modules/.bin/tsc", "-p", f"tsconfig.{at}.json"], cwd=folder, stdout=subprocess.PIPE)
    output = process.stdout.read().decode()
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime, usage.ru_maxrss / 1024, time.monotonic() - begun, output.count("error TS")

def size(folder, include):
    files = [os.path.join(root, name) for one in include for root, _, names in os.walk(f"{work}/{folder}/{one}") for name in names]
    files += [f"{work}/{folder}/{name}" for name in os.listdir(f"{work}/{folder}") if name.endswith(".ts")]
    return sum(os.path.getsize(name) for name in files) / 1e6

figures = [[] for _ in cases]
for _ in range(runs):
    for at in range(len(cases)):
        figures[at].append(once(at))
print(f"{os.path.basename(document)}, {os.path.getsize(document) / 1e6:.1f} MB, tsc {json.load(open(work + '/server/node_modules/typescript/package.json'))['version']}, median of {runs}")
print(f"{'':28} {'user CPU':>9} {'peak':>8} {'wall':>8} {'sources':>8} {'errors':>7}")
cpu = []
for (name, folder, include), runs_of in zip(cases, figures):
    user, peak, wall, errors = (statistics.median(column) for column in zip(*runs_of))
    cpu.append(user)
    print(f"{name:28} {user:7.2f} s {peak:5.0f} MB {wall:6.2f} s {size(folder, include):5.1f} MB {errors:7.0f}")
print(f"the server takes {cpu[0] / cpu[2]:.2f} of the CPU that hey-api's types and schemas take, with its tests {cpu[1] / cpu[2]:.2f}")
PYTHON
