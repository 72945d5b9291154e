#!/usr/bin/env bash
# tool.sh FILE MODULE@VERSION: build one Go tool into FILE, whole or not at all.
set -euo pipefail
target=$1 module=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo "building ${module##*/} (once a machine)"
GOBIN=$scratch go install "$module"
mkdir -p "$(dirname "$target")"
mv "$scratch"/* "$target"
