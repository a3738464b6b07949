#!/usr/bin/env bash
# Measures how long the sources of a large tree take to read.
#
#   bench/routes.sh DIR [FILES]
#
# DIR holds unpacked npm packages with route code. Their sources are copied, as often as
# it takes, into one tree of FILES (10,000) files: an application of its own beside what
# would be its dependencies. Printed are the seconds and the peak memory of writing the
# document of that tree, and the start-up: the same for one file, the median of nine.
set -euo pipefail

packages=$(realpath "${1:?name a directory of unpacked npm packages}")
files=${2:-10000}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/scaffolder" .

python3 - "$work" "$packages" "$files" <<'PYTHON'
import os, resource, shutil, statistics, subprocess, sys, time

work, packages, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
tree = work + "/tree"
own = """const express = require('express')
const app = express()
app.get('/health', (req, res) => res.json({}))
module.exports = app
"""
for folder in (tree, work + "/one"):
    os.makedirs(folder)
    with open(folder + "/package.json", "w") as f:
        f.write('{"name": "bench", "version": "1.0.0"}')
    with open(folder + "/app.js", "w") as f:
        f.write(own)

sources = []
for folder, inner, names in os.walk(packages):
    inner[:] = sorted(d for d in inner if d not in ("node_modules", "test", "tests", "public", "static", "docs"))
    for name in sorted(names):
        path = os.path.join(folder, name)
        if name.endswith((".js", ".ts", ".mjs", ".cjs")) and not name.endswith((".d.ts", ".min.js")) and os.path.isfile(path):
            sources.append(path)
if not sources:
    sys.exit(packages + " holds no sources")
count, size, round = 1, 0, 0
while count < wanted:
    for path in sources:
        if count == wanted:
            break
        to = os.path.join(tree, "packages-%d" % round, os.path.relpath(path, packages))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        shutil.copyfile(path, to)
        count, size = count + 1, size + os.path.getsize(path)
    round += 1

def run(folder):
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([work + "/scaffolder", folder, "--generate-spec", "-o", work + "/openapi.yaml"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss

start = statistics.median(run(work + "/one")[0] for _ in range(9))
seconds, cpu, memory = run(tree)
print("start-up: %.0f ms" % (1000 * start))
print("%d files, %.1f MB: %.1f s, %.1f s of CPU, %.0f MB" % (count, size / 1e6, seconds, cpu, memory / 1e3))
PYTHON
