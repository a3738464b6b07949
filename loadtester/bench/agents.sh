#!/usr/bin/env bash
# What a coordinator costs for each agent and second:
#
#   loadtester/bench/agents.sh [AGENTS] [PROCESSES] [RATE] [SECONDS]
#
# AGENTS (100) agents in PROCESSES (4) processes load nginx with RATE (2000) requests a
# second together, once for 2 seconds and once for SECONDS (20) more. The difference in CPU
# time of the coordinator, divided by agents and seconds, is what an agent costs it each
# second; finding the agents and ending is in neither. It is taken with the NATS server
# inside of the coordinator and, if nats-server is installed, outside of it too.
#
# Needs nginx and python3: apt-get install nginx-light python3
set -euo pipefail
cd "$(dirname "$0")/.."
agents=${1:-100}
processes=${2:-4}
rate=${3:-2000}
seconds=${4:-20}
source bench/nginx.sh
needs nginx python3
[ $((agents % processes)) = 0 ] || {
	echo "$agents agents can't be shared out evenly to $processes processes" >&2
	exit 2
}
begin
port=$(free_ports 1)
start_nginx "$port" 8192 <<CONF
	server {
		listen 127.0.0.1:$port backlog=4096;
		root $dir/root;
	}
CONF

# cpu FLAG VALUE SECONDS prints the CPU seconds of a coordinator.
cpu() {
	python3 - "$dir/loadtester" "http://127.0.0.1:$port/" --agents "$agents" --agents-wait 120 --agent-timeout 30 \
		--rate "$rate" -d "$3" --json "$1" "$2" <<'PY'
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True)
if done.returncode != 0:
    sys.exit(done.stderr.decode())
result = json.loads(done.stdout)
requests = result["results"][0]["total_requests"]
whole = sum(a["missing"] == "" for a in result["agents"])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{whole} agents, {requests} requests, {used.ru_maxrss / 1024:.0f} MiB at most", file=sys.stderr)
print(used.ru_utime + used.ru_stime)
PY
}

measure() { # NAME FLAG VALUE
	local short long
	short=$(cpu "$2" "$3" 2)
	long=$(cpu "$2" "$3" $((seconds + 2)))
	python3 - "$1" "$short" "$long" "$agents" "$seconds" <<'PY'
import sys
name, short, long, agents, seconds = sys.argv[1], *map(float, sys.argv[2:])
each = (long - short) / agents / seconds
print(f"{name}: {each * 1e6:.0f} µs of CPU for each agent and second; "
      f"{agents:.0f} agents {each * agents:.1%} of a core, 10,000 agents {each * 1e4:.2f} cores")
PY
}

start_agents() { # URL
	for i in $(seq "$processes"); do
		"$dir/loadtester" agent --nats "$1" --allow-target "127.0.0.1:$port" --name "p$i" \
			--instances $((agents / processes)) >/dev/null 2>&1 &
		pids+=($!)
	done
}

nats=$(free_ports 1)
start_agents "nats://127.0.0.1:$nats"
measure "NATS in the coordinator" --nats-listen "127.0.0.1:$nats"
if command -v nats-server >/dev/null; then
	nats-server -a 127.0.0.1 -p "$nats" >/dev/null 2>&1 &
	pids+=($!)
	measure "NATS outside" --nats "nats://127.0.0.1:$nats"
fi
