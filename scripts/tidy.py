#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy on each unit of our own and compiles each header alone, if anything changed.

Several files are a unit, as in the release build: most of the time goes into reading headers. A
header that a unit includes before anything else is compiled alone there; one of a folder without
units in the build (training, for want of LibTorch) is passed over. The clang-tidy is that of
build/venv: those before 22 also match the checks against all of the system's headers, for half
of their time.

A file is known by a hash of all that its findings depend on: the checks, the tool, the command, and
the text of the file and of all project files it includes. A clean one leaves an empty file of that
name in build/tidy/clean/; one with findings is checked again each time.
Usage: tidy.py [--jobs N] [PATH PREFIX...]: units with a file whose path begins so, and such headers
"""
import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOL = str(ROOT / "build/venv/bin/clang-tidy")
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.M)
FIRST_INCLUDE = re.compile(rb'^\s*#\s*include\s*([<"])([^>"]+)', re.M)


def quoted_includes(path, cache):
    """The text of a file and the quoted includes in it."""
    if path not in cache:
        text = path.read_bytes()
        cache[path] = (text, [name.decode() for name in INCLUDE.findall(text)])
    return cache[path]


def closure(unit, cache):
    """The unit and the project files it includes, directly or not, in a fixed order."""
    found, waiting = {}, [unit]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        text, names = quoted_includes(path, cache)
        found[path] = text
        for name in names:
            for root in (path.parent, ROOT):
                if (root / name).is_file():
                    waiting.append((root / name).resolve())
                    break
    return sorted(found.items())


def key(path, command, salt, cache):
    """The name of a file's state: equal keys, equal findings."""
    digest = hashlib.sha256(salt)
    digest.update(command.replace(str(ROOT), "").encode())
    for included, text in closure(path, cache):
        digest.update(str(included.relative_to(ROOT)).encode() + b"\0" + text)
    return digest.hexdigest()


def first_included(unit):
    """The project's header that a unit includes before anything else, or None."""
    found = FIRST_INCLUDE.search(unit.read_bytes())
    return ROOT / found[2].decode() if found and found[1] == b'"' else None


def generate(build):
    """Makes the generated headers, which units include."""
    listing = subprocess.run(["ninja", "-C", str(build), "-t", "targets", "all"],
                             check=True, capture_output=True, text=True).stdout
    outputs = re.findall(r"^(\S+\.h): CUSTOM_COMMAND", listing, re.M)
    if outputs:
        subprocess.run(["ninja", "-C", str(build), "--quiet", *outputs],
                       check=True, stdout=subprocess.DEVNULL)


def openmp_folder(build):
    """A folder with omp.h alone: it comes with a compiler, and the wheel of clang-tidy has none."""
    header = subprocess.run(["g++", "-print-file-name=include/omp.h"],
                            check=True, capture_output=True, text=True).stdout.strip()
    folder = build / "openmp"
    folder.mkdir(exist_ok=True)
    (folder / "omp.h").unlink(missing_ok=True)
    (folder / "omp.h").symlink_to(header)
    return folder


def units_of(build, cache):
    """(entry of compile_commands.json, files compiled, files read) of each unit of our own."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        unit = Path(entry["file"])
        files = [unit]
        if unit.is_relative_to(build):  # several files, or generated ones
            files = [Path(name) for name in quoted_includes(unit, cache)[1]]
        if not any(file.is_relative_to(build) for file in files):
            yield entry, files, {path for path, _ in closure(unit, cache)}


def header_command(path, units):
    """Compiles a header alone, with the include folders of a unit that includes it."""
    def nearness(unit):
        _, files, reads = unit
        return path in reads, max(len(os.path.commonpath([file, path])) for file in files)

    words = shlex.split(max(units, key=nearness)[0]["command"])
    folders = [word for i, word in enumerate(words)
               if word.startswith("-I") or word == "-isystem" or words[i - 1] == "-isystem"]
    return ["g++", "-std=c++20", "-w", "-fsyntax-only", *folders, "-x", "c++", str(path)]


def tasks(build, cache):
    """(files, command whose change matters, command to run) of each unit, then of each header."""
    units = list(units_of(build, cache))
    # Findings in files of our own only: generated ones lie below build/.
    openmp = openmp_folder(build)
    ours = "^" + re.sub(r"([^\w/])", r"\\\1", str(ROOT)) + "/(sluice|cli|tests|benchmarks)/"
    for entry, files, _ in units:
        yield (files, entry["command"],
               [TOOL, "--quiet", f"--header-filter={ours}", f"--extra-arg=-isystem{openmp}",
                "-p", str(build), entry["file"]])
    compiled_alone = {first_included(files[0]) for _, files, _ in units}
    read = set().union(*(reads for _, _, reads in units))
    folders = {file.parent for _, files, _ in units for file in files}
    for folder in ("sluice", "cli", "tests"):
        for path in sorted(set((ROOT / folder).rglob("*.hpp")) - compiled_alone):
            if path in read or path.parent in folders:
                command = header_command(path, units)
                yield [path], " ".join(command), command


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0, done.stdout if command[0] == TOOL else done.stderr


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments.add_argument("prefix", nargs="*", help="only files whose path begins so")
    options = arguments.parse_args()
    build = ROOT / "build/tidy"

    generate(build)
    version = subprocess.run([TOOL, "--version"], check=True, capture_output=True).stdout
    salt = version + (ROOT / ".clang-tidy").read_bytes()
    clean = build / "clean"
    clean.mkdir(exist_ok=True)
    cache, changed, total = {}, [], 0
    for files, flags, command in tasks(build, cache):
        names = [file.relative_to(ROOT).as_posix() for file in files]
        if not any(name.startswith(tuple(options.prefix) or "") for name in names):
            continue
        total += len(names)
        mark = clean / key(Path(command[-1]), flags, salt, cache)
        if not mark.exists():
            changed.append((names, command, mark))

    bad, begin = 0, time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda item: run(item[1]), changed)
        for (names, _, mark), (ok, text) in zip(changed, results):
            if ok:
                mark.touch()
            else:
                bad += 1
                print(f"tidy: {' '.join(names)}\n{text}", flush=True)
    checked = sum(len(names) for names, _, _ in changed)
    print(f"tidy: {total} files, {checked} checked in {time.monotonic() - begin:.0f} s, "
          f"{bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
