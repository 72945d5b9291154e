#!/usr/bin/env bash
# setup.sh build|test|run [PACKAGE...]: install what is missing on Debian 12 or 13 for building, testing or only running
# Footfall, and further packages. What is there is left alone, so that it can be run again at no cost and without root.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin # of ldconfig, which a user's PATH may lack

# Debian 12 has no libonnxruntime; the shared library inside this npm package is the official build of the same API.
onnxruntime_npm=onnxruntime-node@1.22.0
onnxruntime_npm_sha512=41a02aafb3c57a4ae612c9aed6ba70ecec496321be8800a3347a0db50215b7d3a1eecb7c5833c82147ba2a117d977e475494c977d095d6b78fa0f98a852576ea

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "needs root or sudo to run: $*"
  fi
}

updated=
install() { # install PACKAGE...: those that are missing
  local missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *'ok installed' ]] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || fail "this is no Debian: install ${missing[*]} by hand, then run again"
  say "installing ${missing[*]}"
  if [ -z "$updated" ]; then as_root apt-get update -qq; updated=yes; fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

onnxruntime() { # from Debian where it has it, else from npm into bin/lib, where the binary looks
  [[ $(ldconfig -p) == *libonnxruntime.so* ]] && return
  [ -e bin/lib/libonnxruntime.so.1 ] && return
  local package
  if [ -z "$updated" ] && command -v apt-get >/dev/null; then as_root apt-get update -qq; updated=yes; fi
  package=$(apt-cache search --names-only '^libonnxruntime[0-9.]+$' | awk '{print $1}' | sort -V | tail -n 1)
  if [ -n "$package" ]; then install "$package"; return; fi
  command -v npm >/dev/null || { say "no ONNX Runtime: counting goes on with OpenCV, 3 times slower. Install Node.js, then make setup"; return; }
  local arch
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) say "no ONNX Runtime for $(uname -m): counting goes on with OpenCV"; return ;;
  esac
  say "fetching ONNX Runtime from the npm package $onnxruntime_npm"
  local scratch
  scratch=$(mktemp -d)
  (cd "$scratch" && npm pack --silent "$onnxruntime_npm" >/dev/null)
  echo "$onnxruntime_npm_sha512  $(ls "$scratch"/*.tgz)" | sha512sum --check --quiet \
    || fail "$onnxruntime_npm is not the file it should be"
  mkdir -p bin/lib
  tar -xzf "$scratch"/*.tgz -C "$scratch" "package/bin/napi-v6/linux/$arch/libonnxruntime.so.1" package/LICENSE 2>/dev/null \
    || tar -xzf "$scratch"/*.tgz -C "$scratch" "package/bin/napi-v6/linux/$arch/libonnxruntime.so.1"
  mv "$scratch/package/bin/napi-v6/linux/$arch/libonnxruntime.so.1" bin/lib/
  rm -rf "$scratch"
}

postgresql() { # the server's programs only: tests start their own, so Debian's ready-made cluster is not wanted
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && return
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/footfall.conf >/dev/null
  fi
  install postgresql
}

broker() { # the program only: tests start their own, so Debian's service is not wanted
  command -v mosquitto >/dev/null && return
  if [ -d /etc/systemd/system ] && [ ! -e /etc/systemd/system/mosquitto.service ]; then
    as_root ln -s /dev/null /etc/systemd/system/mosquitto.service
  fi
  install mosquitto
}

javascript() { # what the web app is built with: version 18, which Debian 12 has, or newer
  command -v node >/dev/null && command -v npm >/dev/null && return
  install nodejs npm
}

command -v go >/dev/null || [ "${1:-}" = run ] || fail "Go is missing: install Go $(sed -n 's/^go //p' go.mod) or newer from https://go.dev/dl"
further=()
for purpose in "$@"; do
  case $purpose in
    build) install gcc g++ libc6-dev pkg-config libopencv-dev ffmpeg ca-certificates; javascript; onnxruntime ;;
    test) postgresql; broker; install chromium fonts-wqy-microhei poppler-utils ;;
    run) install ffmpeg ca-certificates curl; onnxruntime ;;
    *) further+=("$purpose") ;;
  esac
done
install "${further[@]}"
