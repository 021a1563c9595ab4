# SPDX-License-Identifier: Apache-2.0
# The commands people type. Each sets up what it needs first; the build itself is CMake's
# (presets in CMakePresets.json).

JOBS ?= $(shell nproc)

.PHONY: help demo build train test rtl-full lint format clean

help:
	@echo "make demo    set up, build, and run the built-in flow on the digits network"
	@echo "make build   set up and build build/release/sluice"
	@echo "make train   the same with training, which needs LibTorch"
	@echo "make test    set up, build, and run the test suite"
	@echo "make rtl-full  after make test: the modules of rtl/ and networks of them, for hours"
	@echo "make lint    the static checks: format, tree, clang-tidy, scripts"
	@echo "make format  apply clang-format"
	@echo "make clean   remove build/"

build:
	@scripts/setup.sh
	@cmake --preset release -DSLUICE_TESTS=OFF
	@cmake --build --preset release -j $(JOBS) --target sluice

train:
	@scripts/setup.sh train
	@cmake --preset release -DSLUICE_TESTS=OFF -DSLUICE_TRAIN=ON
	@cmake --build --preset release -j $(JOBS) --target sluice sluice-train

demo: build
	build/release/sluice flow

test:
	@scripts/setup.sh test
	@scripts/test_venv.sh || echo "test: without build/venv the tests that need it will skip" >&2
	@cmake --preset release -DSLUICE_TESTS=ON -DSLUICE_TRAIN=ON
	@cmake --build --preset release -j $(JOBS)
	@ctest --test-dir build/release -j $(JOBS) --output-on-failure --no-tests=error \
	  --output-log $(CURDIR)/build/release/ctest.log \
	  --output-junit $(CURDIR)/build/release/ctest.xml

rtl-full: export SLUICE_RTL_FULL = 1
rtl-full:
	@ctest --test-dir build/release -L '^rtl$$' -j $(JOBS) --output-on-failure --no-tests=error \
	  --timeout 36000

lint:
	@scripts/setup.sh test
	@scripts/lint.sh

format:
	@scripts/setup.sh test
	@scripts/sources.sh | xargs -r clang-format-14 -i

clean:
	rm -rf build
