# Sourced by the scripts beside it, from the folder of loadtester: the folder that
# they work in, the programs that they start, and an nginx on 127.0.0.1.

# needs TOOL... ends the script when one is missing.
needs() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || {
			echo "$tool is missing: apt-get install nginx-light python3" >&2
			exit 1
		}
	done
}

# begin makes the folder $dir with loadtester in it, and sees to it that nothing is left
# of it, or of the processes in $pids, when the script ends.
begin() {
	dir=$(mktemp -d)
	chmod 755 "$dir"
	pids=()
	trap 'end' EXIT
	trap 'exit 130' INT TERM
	go build -o "$dir/loadtester" .
}

end() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$dir"
}

# free_ports N prints N ports that nobody has.
free_ports() {
	python3 -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

# start_nginx PORT CONNECTIONS starts nginx with one worker and the lines of its http
# block that come in, and returns when it answers at PORT. $dir/root says hello.
start_nginx() {
	local try
	mkdir -p "$dir/root"
	echo hello >"$dir/root/index.html"
	{
		cat <<CONF
worker_processes 1;
daemon off;
pid $dir/pid;
error_log $dir/error.log crit;
events { worker_connections $2; }
http {
	access_log off;
	client_body_temp_path $dir/a;
	proxy_temp_path $dir/b;
	fastcgi_temp_path $dir/c;
	uwsgi_temp_path $dir/d;
	scgi_temp_path $dir/e;
	keepalive_requests 1000000000;
CONF
		cat
		echo "}"
	} >"$dir/nginx.conf"
	nginx -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf" 2>"$dir/nginx.log" &
	pids+=($!)
	for try in $(seq 50); do
		(: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
		kill -0 $! 2>/dev/null || break
		sleep 0.1
	done
	cat "$dir/nginx.log" "$dir/error.log" >&2
	exit 1
}
