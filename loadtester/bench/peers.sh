#!/usr/bin/env bash
# Compares what a request costs loadtester, wrk and h2load, in CPU time of the client:
#
#   loadtester/bench/peers.sh [ROUNDS] [SECONDS] [CASE...]
#
# nginx answers on 127.0.0.1, kept alive. In each round the two clients of each case run
# one after the other, in turns first, so that whatever else the machine does hits both.
# Each has one thread. Requests are counted by nginx, CPU time (user and system) and peak
# memory by the operating system. Printed is a table in Markdown: the medians of the
# rounds, and the median of the rounds' ratios. The whole takes about
# ROUNDS x SECONDS x 18; SECONDS is a whole number, since wrk takes no other. With CASEs,
# parts of the first column such as "TLS", only the rows that have one of them.
#
# Installs what it needs of nginx, wrk, h2load, openssl, curl and python3 on Debian, as root.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
seconds=${2:-3}
shift $(($# < 2 ? $# : 2))
missing=
for pair in nginx:nginx-light wrk:wrk h2load:nghttp2-client openssl:openssl curl:curl python3:python3; do
	command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "missing: apt-get install$missing" >&2
		exit 1
	fi
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
fi
source bench/nginx.sh
begin
ports=$(free_ports 4)
read -r plain secure plain2 secure2 <<<"$ports"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
head -c 1048576 /dev/zero >"$dir/mib"
start_nginx "$plain" 4096 <<CONF
	server {
		listen 127.0.0.1:$plain backlog=4096;
		listen 127.0.0.1:$secure ssl backlog=4096;
		listen 127.0.0.1:$plain2 http2 backlog=4096;
		listen 127.0.0.1:$secure2 ssl http2 backlog=4096;
		ssl_certificate $dir/cert.pem;
		ssl_certificate_key $dir/key.pem;
		root $dir;
		location = / { return 200 "hello, world\n"; }
		location = /mib { }
		location = /count { stub_status; }
	}
CONF
python3 bench/measure.py "$rounds" "$seconds" "$dir/loadtester" "$plain" "$secure" "$plain2" "$secure2" "$@"
