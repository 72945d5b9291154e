#!/usr/bin/env bash
# demo-video.sh: print the path of vtest.avi, real footage of people walking, which OpenCV ships as an example.
# Taken from Debian's opencv-doc without installing it, because a system may be set not to keep documentation; once a
# machine, outside the checkout.
set -euo pipefail
video=${XDG_CACHE_HOME:-$HOME/.cache}/footfall/vtest.avi
if [ ! -s "$video" ]; then
  installed=$(dpkg -L opencv-doc 2>/dev/null | grep '/vtest\.avi$' || true)
  mkdir -p "$(dirname "$video")"
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  if [ -n "$installed" ] && [ -s "$installed" ]; then
    cp "$installed" "$scratch/vtest.avi"
  else
    echo "fetching the demo video (Debian's opencv-doc, 95 MB, once a machine)" >&2
    (cd "$scratch" && apt-get download -qq -o APT::Sandbox::User=root opencv-doc >&2) \
      || { echo "could not fetch opencv-doc: run 'apt-get update', or bin/footfall demo --video FILE" >&2; exit 1; }
    member=$(dpkg-deb --fsys-tarfile "$scratch"/opencv-doc_*.deb | tar -t | grep '/vtest\.avi$')
    dpkg-deb --fsys-tarfile "$scratch"/opencv-doc_*.deb | tar -x -O "$member" > "$scratch/vtest.avi"
  fi
  mv "$scratch/vtest.avi" "$video"
fi
echo "$video"
