#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/lint_rtl.sh: each module of rtl/ and each part of its benches alone, with its default
# parameters, without a warning of Verilator or Icarus; and the catalogue up to date. Tests of the
# modules lint them with other parameters too. Waivers with reasons are rtl/lint/<module>.vlt.
set -uo pipefail
cd "$(dirname "$0")/../rtl" || exit 70

for tool in verilator iverilog; do
  if ! command -v "$tool" >/dev/null; then
    echo "lint_rtl: no $tool on this machine: run scripts/setup.sh test" >&2
    exit 4
  fi
done

mapfile -t library < <(grep -v '^//' sl.f)
bench=(bench/sl_bench_*.sv)
failed=()

# clean MODULE FILES...: no tool finds anything; Icarus's word on inherited timescales is none.
clean() {
  local module=$1 waivers=() found
  shift
  if [ -e "lint/$module.vlt" ]; then waivers=("lint/$module.vlt"); fi
  found=$(
    verilator --lint-only -Wall --assert -DSL_ASSERTIONS -DSL_BENCH -I. --top-module "$module" \
      "${waivers[@]}" "$@" 2>&1 || echo "verilator: exit $?"
    iverilog -g2012 -Wall -Wno-timescale -DSL_BENCH -tnull -I. -s "$module" "$@" 2>&1 ||
      echo "iverilog: exit $?"
  )
  if [ -n "$found" ]; then
    echo "$found" >&2
    failed+=("$module")
  fi
}

for file in "${library[@]}"; do clean "$(basename "$file" .sv)" "${library[@]}"; done
for file in "${bench[@]}"; do
  module=$(basename "$file" .sv)
  # Stands over a bench that each test writes.
  if [ "$module" != sl_bench_icarus ]; then clean "$module" "${bench[@]/*icarus.sv/}"; fi
done
../scripts/make_rtl_catalogue.py --check || failed+=(catalogue)

[ "${#failed[@]}" = 0 ] || { echo "lint_rtl: failed: ${failed[*]}" >&2; exit 1; }
echo "lint_rtl: ${#library[@]} modules ok"
