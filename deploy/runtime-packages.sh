#!/usr/bin/env bash
# runtime-packages.sh BINARY: the Debian packages of the shared libraries that a binary names, so that the image to run
# it has them (and what they depend on) and no more, whatever OpenCV's version calls them.
set -euo pipefail
readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r name; do
  library=$(ldd "$1" | awk -v name="$name" '$1 == name {print $3}')
  [ -n "$library" ] || continue
  # dpkg knows files by where they really lie (/usr/lib), not through the link /lib.
  dpkg-query -S "$library" "/usr$library" 2>/dev/null || true
done | sed 's/:.*//' | sort -u
