#!/usr/bin/env bash
# Shows reports to a browser and fails if it complains:
#
#   loadtester/bench/pages.sh [DIRECTORY]
#
# The pages are those of the tests: of a run of a second, of an hour, of a comparison and
# of a search for the capacity, with hostile text in URLs, headers and bodies. Each is
# loaded in headless Chromium; a message on its console is an error. Screenshots, light,
# dark and as printed (PDF and its first page as PNG where pdftoppm is installed), go to
# DIRECTORY, a new temporary one by default.
#
# Needs chromium: apt-get install chromium
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-$(mktemp -d)}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
	echo "chromium is missing: apt-get install chromium" >&2
	exit 1
}
PAGES=$dir go test -count=1 -run 'TestPage' . >&2

show() { # show NAME FLAGS... loads a page and fails on a console message
	local page=$1 log=$dir/$1.log
	shift
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --enable-logging=stderr \
		--user-data-dir="$dir/.profile" --window-size=1000,2600 "$@" "file://$dir/$page.html" >"$log" 2>&1 || {
		cat "$log" >&2
		return 1
	}
	if grep -E 'CONSOLE' "$log" >&2; then
		echo "$page: the browser complained" >&2
		return 1
	fi
	rm -f "$log"
}

# A page that does complain is noticed, or the rest proves nothing.
echo '<script>console.error("seen")</script>' >"$dir/complaint.html"
if show complaint --screenshot="$dir/complaint.png" 2>/dev/null; then
	echo "console messages of this browser are not seen" >&2
	exit 1
fi
rm -f "$dir"/complaint.*

for page in one-second hour pair capacity; do
	size=$(stat -c %s "$dir/$page.html")
	[ "$size" -lt $((2 << 20)) ] || {
		echo "$page: $size bytes" >&2
		exit 1
	}
	show "$page" --screenshot="$dir/$page-light.png"
	show "$page" --screenshot="$dir/$page-dark.png" --blink-settings=preferredColorScheme=0
	show "$page" --print-to-pdf="$dir/$page.pdf" --no-pdf-header-footer
	! command -v pdftoppm >/dev/null || pdftoppm -r 60 -f 1 -l 1 -png "$dir/$page.pdf" "$dir/$page-print"
	printf '%-12s %8d bytes, no console message\n' "$page" "$size"
done
rm -rf "$dir/.profile"
echo "screenshots are in $dir"
