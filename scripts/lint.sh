#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/lint.sh: the static checks. Runs all of them, then fails if one failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 70

failed=()
check() {
  local name=$1
  shift
  "$@" || failed+=("$name")
}

formatted() { scripts/sources.sh | xargs -r clang-format-14 --dry-run --Werror; }
tidy() {
  scripts/test_venv.sh || return 1
  cmake --preset tidy >build/tidy.log || { cat build/tidy.log; return 1; }
  scripts/tidy.py
}
shell() { git ls-files '*.sh' .ci/run | xargs shellcheck; }
python() { git ls-files '*.py' | xargs flake8 --max-line-length 100; }

mkdir -p build
check format formatted
check tree scripts/check_tree.py
check shell shell
check python python
check rtl scripts/lint_rtl.sh
check tidy tidy

[ "${#failed[@]}" = 0 ] || { echo "lint: failed: ${failed[*]}" >&2; exit 1; }
echo "lint: ok"
