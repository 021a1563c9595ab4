#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/setup.sh [build|train|test]: installs the Debian packages that are missing, as root or through
# sudo, and checks the tools' versions. Says nothing when nothing is missing. Exit 4 and one
# sentence when it cannot.
set -euo pipefail

build_packages=(
  make g++ cmake ninja-build ccache pkg-config
  libdnnl-dev libhwy-dev libprotobuf-dev protobuf-compiler libonnx-dev libflatbuffers-dev
  flatbuffers-compiler nlohmann-json3-dev libcli11-dev libfmt-dev
  libtomlplusplus-dev libjpeg62-turbo-dev libpng-dev zlib1g-dev libsqlite3-dev
)
# What training needs besides: LibTorch, and a BLAS that is fifteen times the one it comes with.
train_packages=(libtorch-dev libopenblas0-pthread)
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev libonnx-testdata python3-venv graphviz xz-utils
  clang-14 clang-format-14 libclang-rt-14-dev libomp-14-dev shellcheck flake8
  verilator iverilog yosys
)

refuse() {
  echo "setup: $*" >&2
  exit 4
}

# The names among "$@" that dpkg does not know as installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^installed //p' || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$installed")
}

# Sets as_root to what makes a command run as root, or refuses.
find_root() {
  as_root=()
  [ "$(id -u)" != 0 ] || return 0
  as_root=(sudo)
  if ! command -v sudo >/dev/null; then
    refuse "packages are missing and there is no sudo; as root run: apt-get install ${missing[*]}"
  elif [ ! -t 0 ] && ! sudo -n true 2>/dev/null; then
    refuse "packages are missing and sudo wants a password; in a terminal run: scripts/setup.sh $*"
  fi
}

install_packages() {
  local options=(-qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3) log
  echo "setup: installing ${missing[*]}" >&2
  log=$(mktemp)
  # A package index that cannot be refreshed is no obstacle if it has what is needed already.
  "${as_root[@]}" apt-get "${options[@]}" update >"$log" 2>&1 || true
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y \
    --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    refuse "apt-get could not install the packages; repair what it says above and run this again"
  fi
  rm -f "$log"
}

# require_version TOOL FOUND LEAST
require_version() {
  [ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n 1)" = "$3" ] ||
    refuse "$1 is $2, Sluice needs $3 or newer (Debian 12 has it)"
}

packages=("${build_packages[@]}")
case "${1:-build}" in
  build) ;;
  train) packages+=("${train_packages[@]}") ;;
  test) packages+=("${train_packages[@]}" "${test_packages[@]}") ;;
  *)
    echo "usage: scripts/setup.sh [build|train|test]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query apt-get >/dev/null; then
  refuse "this is no Debian system; install the counterparts of ${packages[*]} and use the CMake presets"
fi

mapfile -t missing < <(missing_packages "${packages[@]}")
if [ "${#missing[@]}" -gt 0 ]; then
  find_root "$@"
  install_packages
fi

require_version cmake "$(cmake --version | sed -n '1s/.* //p')" 3.25
require_version g++ "$(g++ -dumpfullversion)" 12
if [ "${1:-build}" = test ]; then
  require_version python3 "$(python3 -c 'import platform; print(platform.python_version())')" 3.11
fi
