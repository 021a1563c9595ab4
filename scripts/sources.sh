#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/sources.sh: the C++ files of the tree, one a line, tracked or about to be.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' '*-inl.h' | while read -r file; do
  if [ -e "$file" ]; then echo "$file"; fi
done
