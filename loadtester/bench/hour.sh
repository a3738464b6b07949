#!/usr/bin/env bash
# Measures the memory of a long run at full rate:
#
#   loadtester/bench/hour.sh [MINUTES] [CONNECTIONS]
#
# nginx on 127.0.0.1 answers for MINUTES (60) over CONNECTIONS (1,000), as fast as both
# can, with the live lines, the JSON result and the HTML report on. Printed are the requests,
# the peak of loadtester's memory against the goal of 64 MiB, and the reports' sizes; the
# status is 1 when the peak is above the goal or the HTML report above 2 MB.
#
# Needs nginx and python3: apt-get install nginx-light python3
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-60}
connections=${2:-1000}
source bench/nginx.sh
needs nginx python3
ulimit -n "$(ulimit -Hn)"
begin
port=$(free_ports 1)
start_nginx "$port" 16384 <<CONF
	server {
		listen 127.0.0.1:$port backlog=16384;
		root $dir/root;
	}
CONF

python3 - "$dir" "$port" "$minutes" "$connections" <<'PY'
import json, os, resource, subprocess, sys

folder, port, minutes, connections = sys.argv[1:]
log = open(os.path.join(folder, "stderr"), "wb")
status = subprocess.run(
    [os.path.join(folder, "loadtester"), f"http://127.0.0.1:{port}/", "--concurrency", connections,
     "--duration", f"{float(minutes) * 60:g}s", "--output", os.path.join(folder, "result.json"),
     "--html", os.path.join(folder, "report.html")],
    stdout=subprocess.DEVNULL, stderr=log).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
if status:
    sys.exit(f"loadtester ended with status {status}: " + open(log.name).read()[-2000:])
result = json.load(open(os.path.join(folder, "result.json")))["results"][0]
page = os.path.getsize(os.path.join(folder, "report.html")) / 1e6
print(f"{result['total_requests']:,} requests in {minutes} minutes over {connections} connections, "
      f"{result['failed_requests']:,} failed")
print(f"peak memory {peak:.1f} MiB (goal: at most 64)")
print(f"result.json {os.path.getsize(os.path.join(folder, 'result.json')) / 1e6:.2f} MB, report.html {page:.2f} MB (goal: at most 2)")
sys.exit(peak > 64 or page > 2)
PY
