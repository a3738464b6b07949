#!/usr/bin/env bash
# Holds --expect-rate-limit and --find-capacity to nginx:
#
#   loadtester/bench/limits.sh [SEARCHES] [SECONDS]
#
# nginx limits one location to 100 requests a second with limit_req; the limit has to be
# found, with the rate it allows, and not in a location without one. Then the capacity of
# nginx is searched for SEARCHES times (5), SECONDS (20) each: what the searches find has
# to agree within 15%, but for those that say themselves that they don't repeat.
#
# Needs nginx and python3: apt-get install nginx-light python3
set -euo pipefail
cd "$(dirname "$0")/.."
searches=${1:-5}
seconds=${2:-20}
source bench/nginx.sh
needs nginx python3
begin
port=$(free_ports 1)
mkdir "$dir/root"
echo hello | tee "$dir/root/limited" >"$dir/root/trusting"
start_nginx "$port" 4096 <<CONF
	limit_req_zone \$binary_remote_addr zone=address:1m rate=100r/s;
	limit_req_zone \$http_x_forwarded_for\$binary_remote_addr zone=claimed:10m rate=100r/s;
	limit_req_status 429;
	server {
		listen 127.0.0.1:$port backlog=4096;
		root $dir/root;
		location = /limited { limit_req zone=address burst=50 nodelay; }
		location = /trusting { limit_req zone=claimed burst=50 nodelay; }
	}
CONF
url=http://127.0.0.1:$port

# expect STATUS PATTERN ARGUMENTS... runs the load tester, which has to end with STATUS
# and print a match of PATTERN.
failed=0
expect() {
	local want=$1 pattern=$2 got=0
	shift 2
	"$dir/loadtester" "$@" >"$dir/said" 2>&1 || got=$?
	if [ "$got" = "$want" ] && grep -qE "$pattern" "$dir/said"; then
		echo "ok      loadtester ${*/"$url"/http://nginx}"
	else
		echo "FAILED  loadtester $*: status $got, wanted $want with $pattern"
		cat "$dir/said"
		failed=1
	fi
}
expect 0 'first 429 after 5[0-9] requests' "$url/limited" -c 20 -d 5 --expect-rate-limit
# 50 at once and 100 a second for five seconds are 550; the last moment is cut off.
expect 0 'allowed: 5[0-9][0-9] requests in' "$url/limited" -c 20 -d 5 --expect-rate-limit
expect 0 'not passed by X-Forwarded-For +yes' "$url/limited" -c 20 -d 3 --expect-rate-limit --bypass-check
expect 3 'the limit can be passed' "$url/trusting" -c 20 -d 3 --expect-rate-limit --bypass-check
expect 3 'no rate limit was seen in [0-9,]+ requests' "$url/" -c 20 -d 2 --expect-rate-limit

for n in $(seq "$searches"); do
	"$dir/loadtester" "$url/" --find-capacity -d "$seconds" --json --quiet >"$dir/search$n.json"
done
python3 - "$dir"/search*.json <<'PY' || failed=1
import json, sys

knees, ceilings = [], []
for path in sys.argv[1:]:
    c = json.load(open(path))["capacity"]
    knee = c["knee"]["connections"] if c["knee"] else float("nan")
    print(f"knee {knee:6.2f} connections, ceiling {c['ceiling']:9,.0f}/s, passes {c['spread']:.0%} apart" + ("" if c["repeatable"] else ": says that it doesn't repeat"))
    if c["repeatable"] and c["knee"]:
        knees.append(knee)
        ceilings.append(c["ceiling"])
if len(knees) > 1:
    for name, values in ("knees", knees), ("ceilings", ceilings):
        apart = (max(values) - min(values)) / (sum(values) / len(values))
        print(f"{name} of the searches that repeat are {apart:.0%} apart")
        if apart > 0.15:
            sys.exit(1)
PY
exit "$failed"
