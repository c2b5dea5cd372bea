#!/usr/bin/env bash
# Completes an @tensorflow/tfjs-node that was installed with --ignore-scripts where its own download host cannot be
# reached: TensorFlow's C library and headers are taken out of the PyPI wheel, and the binding is compiled against them.
#
#   engine-from-wheel.sh ENGINE_FOLDER NODE_GYP_JS [NODE_HEADERS]
#
# ENGINE_FOLDER holds node_modules/@tensorflow/tfjs-node; NODE_HEADERS is a folder with include/node/node_api.h (without
# it node-gyp downloads the headers). Linux on x64 only. Exit 3 and one line on stderr: a tool is missing.
set -euo pipefail

engine=$(cd "$1" && pwd)
node_gyp=$2
headers=${3:-}
package=$engine/node_modules/@tensorflow/tfjs-node
# 2.15.1 is the newest line whose libtensorflow_cc.so exports the C API that the binding links against; in 2.9 (what
# tfjs-node was built for) the wheel keeps it inside a Python module.
wheel=tensorflow-cpu==2.15.1

missing=()
python3 -m pip --version >/dev/null 2>&1 || missing+=('python3 with pip')
command -v make >/dev/null || missing+=(make)
command -v g++ >/dev/null || missing+=(g++)
if [ ${#missing[@]} -gt 0 ]; then
  (IFS=,; echo "missing: ${missing[*]}" >&2)
  exit 3
fi

# Beside the target, so that moving the 600 MB is a rename.
work=$(mktemp -d "$engine/.wheel-XXXXXX")
trap 'rm -rf "$work"' EXIT

# The interpreter's own version does not matter: nothing of the wheel is imported.
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
  --implementation cp --python-version 3.11 \
  --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 \
  --dest "$work" "$wheel"

python3 - "$work" <<'PYTHON'
import pathlib, sys, zipfile

work = pathlib.Path(sys.argv[1])
wanted = (
    "tensorflow/libtensorflow_",
    "tensorflow/include/tensorflow/c/",
    "tensorflow/include/tensorflow/core/platform/",
    "tensorflow/include/tsl/",
)
with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
    wheel.extractall(work, [name for name in wheel.namelist() if name.startswith(wanted)])
PYTHON

rm -rf "$package/deps"
mkdir -p "$package/deps/lib"
mv "$work/tensorflow/include" "$package/deps/include"
for part in cc framework; do mv "$work/tensorflow/libtensorflow_$part.so.2" "$package/deps/lib/"; done
ln -s libtensorflow_cc.so.2 "$package/deps/lib/libtensorflow.so"
ln -s libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.so"

cd "$package"
# node-pre-gyp looks for npm's node-gyp beside the running node only.
npm_config_node_gyp=$node_gyp PATH="$engine/node_modules/.bin:$PATH" \
  node-pre-gyp install --build-from-source ${headers:+--nodedir="$headers"} >"$work/build.log" 2>&1 ||
  { tail -n 20 "$work/build.log" >&2; exit 1; }
