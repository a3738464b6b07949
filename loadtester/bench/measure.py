"""Runs loadtester and its peers in turns and prints what they cost; see peers.sh."""
import os, re, subprocess, sys, tempfile, time, urllib.request
from statistics import median

rounds, seconds, tool = int(sys.argv[1]), sys.argv[2], sys.argv[3]
plain, secure, plain2, secure2 = (f"127.0.0.1:{port}" for port in sys.argv[4:8])
wanted = sys.argv[8:]


def served():
    # Third number of stub_status's third line: requests so far, this one included.
    return int(urllib.request.urlopen(f"http://{plain}/count").read().split(b"\n")[2].split()[2])


def cost(command):
    """CPU in microseconds per request, requests per second and peak memory in MiB."""
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
            time.sleep(0.05)
        process.returncode = os.waitstatus_to_exitcode(status)
    requests = served() - before - 1
    if process.returncode or requests <= 0:
        sys.exit(f"{command[0]} ended with status {process.returncode} after {requests} requests")
    return (used.ru_utime + used.ru_stime) / requests * 1e6, requests / float(seconds), peak / 1024


def ours(url, connections, *more):
    return [tool, url, "-c", str(connections), "-d", seconds, "--threads", "1", "--no-verify-ssl", *more]


def wrk(url, connections):
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", url]


def h2load(url, connections, streams):
    return ["h2load", "-t1", f"-c{connections}", f"-m{streams}", f"-D{seconds}", url]


def against_wrk(scheme, host, connections, path="/"):
    url = f"{scheme}://{host}{path}"
    return ours(url, connections, "--http1.1"), wrk(url, connections)


def against_h2load(scheme, host, connections, streams, path="/"):
    url = f"{scheme}://{host}{path}"
    return ours(url, connections, "--http2", "--streams", str(streams)), h2load(url, connections, streams)


cases = [
    ("HTTP/1.1, 50 connections", 1.05, against_wrk("http", plain, 50)),
    ("HTTP/1.1, 1,000 connections", 1.05, against_wrk("http", plain, 1000)),
    ("HTTP/1.1, 50 connections, TLS", 1.05, against_wrk("https", secure, 50)),
    ("HTTP/1.1, 50 connections, 1 MiB bodies", 0.5, against_wrk("http", plain, 50, "/mib")),
    ("HTTP/2, 50 connections x 1 stream, TLS", 1.0, against_h2load("https", secure2, 50, 1)),
    ("HTTP/2, 5 connections x 10 streams, TLS", 1.0, against_h2load("https", secure2, 5, 10)),
    ("HTTP/2, 50 connections x 1 stream", 1.0, against_h2load("http", plain2, 50, 1)),
    ("HTTP/2, 5 connections x 10 streams", 1.0, against_h2load("http", plain2, 5, 10)),
    ("HTTP/2, 1,000 connections x 1 stream", None, against_h2load("http", plain2, 1000, 1)),
]
print("| against nginx on loopback, keep-alive | peer | loadtester, µs CPU per request | peer | ratio | goal "
      "| loadtester, requests/s | peer | loadtester, peak MiB | peer |")
print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
for name, goal, (mine, peer) in cases:
    if wanted and not any(w in name for w in wanted):
        continue
    a, b = [], []
    for n in range(rounds):
        pair = [(a, mine), (b, peer)]
        for into, command in pair if n % 2 == 0 else reversed(pair):
            into.append(cost(command))
    ratio = median(x[0] / y[0] for x, y in zip(a, b))
    x, y = [[median(column) for column in zip(*rows)] for rows in (a, b)]
    goal = f"{goal:.2f}" if goal else ""
    print(f"| {name} | {peer[0]} | {x[0]:.2f} | {y[0]:.2f} | {ratio:.2f} | {goal} "
          f"| {x[1]:,.0f} | {y[1]:,.0f} | {x[2]:.1f} | {y[2]:.1f} |", flush=True)
