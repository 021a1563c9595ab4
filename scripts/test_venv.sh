#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/test_venv.sh: makes build/venv, the Python environment of the tests, with the pinned wheels
# of scripts/requirements-test.txt, and build/venv/onnx-testdata, a link to ONNX's test cases. Does
# nothing when it is up to date. Exit 4 and one sentence when it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/venv
pins=scripts/requirements-test.txt

refuse() {
  echo "test_venv: $*" >&2
  exit 4
}

if cmp -s "$pins" "$venv/installed.txt"; then exit 0; fi

mkdir -p build
rm -rf "$venv"
python3 -m venv "$venv" || refuse "python3 -m venv failed; install python3-venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
  --requirement "$pins" || refuse "pip could not install $pins; is the package index reachable?"
onnx=$("$venv/bin/python" -c 'import importlib.util; print(importlib.util.find_spec("onnx").submodule_search_locations[0])')
ln -sfn "$onnx/backend/test/data" "$venv/onnx-testdata"
cp "$pins" "$venv/installed.txt"
