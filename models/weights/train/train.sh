#!/bin/sh
# From pictures to the models that Footfall embeds; recipe.py says how, README.md what it needs.
# Usage: train.sh [options of recipe.py], e.g. train.sh --embed
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
exec nice "$python" "$here/recipe.py" --data "${FOOTFALL_TESTDATA:-$root/../shared/data}" \
	--yolox "${FOOTFALL_YOLOX:-$root/../shared/models/yolox_nano.onnx}" --work "$root/build/train" "$@"
