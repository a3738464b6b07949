#!/usr/bin/env bash
# Compares what a request costs loadtester and wrk, in CPU time of the client:
#
#   loadtester/bench/wrk.sh [ROUNDS] [SECONDS]
#
# nginx answers on 127.0.0.1 over HTTP/1.1, kept alive. In each round every client runs
# once for each number of connections, one after the other, so that whatever else the
# machine does hits both. Requests are counted by nginx, CPU time (user and system) and
# peak memory by the operating system. Printed are the medians and the median of the
# rounds' ratios. The whole takes about ROUNDS x SECONDS x 9.
# SECONDS is a whole number, since wrk takes no other.
#
# Needs nginx, wrk, openssl and python3: apt-get install nginx-light wrk openssl python3
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
seconds=${2:-3}
for tool in nginx wrk openssl python3; do
	command -v "$tool" >/dev/null || {
		echo "$tool is missing: apt-get install nginx-light wrk openssl python3" >&2
		exit 1
	}
done
dir=$(mktemp -d)
nginx_pid=
cleanup() {
	[ -z "$nginx_pid" ] || kill "$nginx_pid" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

go build -o "$dir/loadtester" .
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
secure=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
head -c 1048576 /dev/zero >"$dir/mib"
cat >"$dir/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $dir/pid;
error_log $dir/error.log;
events { worker_connections 4096; }
http {
	access_log off;
	client_body_temp_path $dir/a;
	proxy_temp_path $dir/b;
	fastcgi_temp_path $dir/c;
	uwsgi_temp_path $dir/d;
	scgi_temp_path $dir/e;
	keepalive_requests 1000000000;
	server {
		listen 127.0.0.1:$port backlog=4096;
		listen 127.0.0.1:$secure ssl backlog=4096;
		ssl_certificate $dir/cert.pem;
		ssl_certificate_key $dir/key.pem;
		root $dir;
		location = / { return 200 "hello, world\n"; }
		location = /mib { }
		location = /count { stub_status; }
	}
}
CONF
chmod 755 "$dir"
nginx -c "$dir/nginx.conf" &
nginx_pid=$!
for _ in $(seq 50); do
	if curl -fs "http://127.0.0.1:$port/" >/dev/null 2>&1 || wget -qO- "http://127.0.0.1:$port/" >/dev/null 2>&1; then
		break
	fi
	sleep 0.1
done

python3 - "$rounds" "$seconds" "http://127.0.0.1:$port" "https://127.0.0.1:$secure" "$dir/loadtester" <<'PY'
import os, re, subprocess, sys, tempfile, time, urllib.request
from statistics import median

rounds, seconds, url, secure, tool = int(sys.argv[1]), *sys.argv[2:]

def served():
    # Third number of stub_status's third line: requests so far, this one included.
    return int(urllib.request.urlopen(url + "/count").read().split(b"\n")[2].split()[2])

def cost(command):
    before = served()
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink)
        peak = 0
        while True:
            # The peak that wait4 tells includes this script's, from before the exec.
            found = re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{process.pid}/status").read())
            peak = max(peak, int(found[1])) if found else peak
            done, status, used = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            time.sleep(0.1)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with status {process.returncode}")
    requests = served() - before - 1
    return (used.ru_utime + used.ru_stime) / requests * 1e6, requests / float(seconds), peak / 1024

cases = [
    ("50 connections", 50, url + "/"),
    ("1,000 connections", 1000, url + "/"),
    ("50 connections, TLS", 50, secure + "/"),
    ("50 connections, 1 MiB bodies", 50, url + "/mib"),
]
print(f"{'':30}{'µs CPU/request':>28}{'ratio':>8}{'requests/s':>22}{'peak MiB':>16}")
print(f"{'':30}{'loadtester':>16}{'wrk':>12}{'':8}{'loadtester':>12}{'wrk':>10}{'loadtester':>12}{'wrk':>6}")
for name, connections, target in cases:
    ours, theirs = [], []
    for n in range(rounds):
        pair = [
            (ours, [tool, target, "-c", str(connections), "-d", seconds, "--threads", "1", "--no-verify-ssl"]),
            (theirs, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", target]),
        ]
        for into, command in pair if n % 2 == 0 else reversed(pair):
            into.append(cost(command))
    ratio = median(a[0] / b[0] for a, b in zip(ours, theirs))
    a, b = [[median(column) for column in zip(*rows)] for rows in (ours, theirs)]
    print(f"{name:30}{a[0]:16.2f}{b[0]:12.2f}{ratio:8.2f}{a[1]:12,.0f}{b[1]:10,.0f}{a[2]:12.1f}{b[2]:6.1f}", flush=True)
PY
