#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes rtl/README.md, the catalogue of the modules, from the heads of rtl/*.sv.

Usage: make_rtl_catalogue.py [--check]. With --check nothing is written; exit 1 if it is stale.
A head is the comment before the first line of code: `sl_name: purpose.`, the formula indented,
`Latency: ...`, `Throughput: ...` and what else is worth knowing, `Test: path.`.
"""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = "rtl/README.md"
INTRO = """# Modules

<!-- Written by scripts/make_rtl_catalogue.py from the heads of rtl/*.sv. -->

What accelerators are put together of: SystemVerilog that Verilator, Icarus and Yosys read. `sl.f`
is the manifest, in an order in which each file comes after those it needs. Each module has a test,
in Verilator and in Icarus, against a loop or a function of `sluice/numeric`: no word may differ,
with pauses at random on all sides. That each keeps the rules of streams with any words and any
pauses, and that those which only carry words lose, change, repeat and reorder none, is proven:
`scripts/prove_rtl.py`.

A stream `x` is `x_valid_i`, `x_ready_o` and `x_i` (as an output `y_valid_o`, `y_ready_i`, `y_o`): a
word passes at each rising edge of `clk_i` at which valid and ready are high. Valid stays, with the
same word, until ready; it never waits for ready. A word has `Lanes` codes of `Width` bits, lane 0
in the lowest. Words come in the order of rows, columns and groups of channels: word g of a pixel
has channels g * Lanes and on. Frames follow one another without a mark. The reset `rst_ni` is
synchronous, active low, and reaches control only. Parameters are checked when a design is
elaborated.
"""
BENCH_INTRO = """
## Parts of benches

Not for synthesis. Sources and sinks pause at random; `+no_stalls` ends that, `+seed=N` changes it.

| part | purpose |
|---|---|
"""

PARAMETER = re.compile(r"^  (local)?param(?:eter)?\s+(?:\w+\s+)*?(?:\[[^\]]*\]\s*)?(\w+) = "
                       r"(.*?),?(?:\s*//.*)?$", re.M)


def head(path):
    """The lines of a file's first comment, less the licence."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("//"):
            break
        lines.append(line.removeprefix("//"))
    return [line for line in lines if "SPDX" not in line]


def prose(lines):
    return " ".join(line.strip() for line in lines if line.strip())


def section(text, word, path):
    """What follows `word:` in a head, up to the end of its sentence."""
    match = re.search(rf"\b{word}: (.*?[.])(?= [A-Z]|$)", text)
    if match is None:
        raise SystemExit(f"{path}: its head has no '{word}: ...' that ends with a full stop")
    return match[1].removesuffix(".")


def described(path):
    """(purpose, formula, latency, throughput, test) by the head of a module."""
    lines = head(path)
    formula = [line.strip() for line in lines if line.startswith("   ")]
    text = prose(line for line in lines if not line.startswith("   "))
    purpose = section(text, path.stem, path)
    return (purpose, formula, section(text, "Latency", path), section(text, "Throughput", path),
            section(text, "Test", path))


def parameters(path):
    """The parameters of a module with their defaults."""
    text = path.read_text(encoding="utf-8")
    block = re.search(rf"^module {path.stem} #\(\n(.*?)^\)", text, re.M | re.S)
    if block is None:
        raise SystemExit(f"{path}: has no 'module {path.stem} #(' with its parameters")
    found = PARAMETER.findall(block[1])
    if len(found) != len(re.findall(r"^ +(?:local)?param", block[1], re.M)):
        raise SystemExit(f"{path}: a parameter is not written as 'parameter TYPE NAME = DEFAULT,'")
    return ", ".join(f"`{name} = {default}`" for local, name, default in found if not local)


def cell(text):
    return text.replace("|", "\\|")


def page(root):
    parts = [INTRO]
    for line in (root / "rtl/sl.f").read_text(encoding="utf-8").splitlines():
        if line.startswith("//"):
            if match := re.fullmatch(r"// Level (\d+)", line):
                made_of = "of nothing else" if match[1] == "0" else "of those above"
                parts.append(f"\n## Level {match[1]}: made {made_of}\n\n"
                             "| module | purpose | parameters | latency | throughput |\n"
                             "|---|---|---|---|---|\n")
            continue
        path = root / "rtl" / line
        purpose, formula, latency, throughput, test = described(path)
        meaning = purpose + "".join(f"; `{row}`" for row in formula)
        parts.append(f"| [{path.stem}]({line}) ([test](../{test})) | {cell(meaning)} "
                     f"| {cell(parameters(path))} | {cell(latency)} | {cell(throughput)} |\n")
    parts.append(BENCH_INTRO)
    for path in sorted((root / "rtl/bench").glob("*.sv")):
        purpose = section(prose(head(path)), path.stem, path)
        parts.append(f"| [{path.stem}](bench/{path.name}) | {cell(purpose)} |\n")
    return "".join(parts)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    text = page(ROOT)
    if not check:
        (ROOT / PAGE).write_text(text, encoding="utf-8")
    elif not (ROOT / PAGE).exists() or (ROOT / PAGE).read_text(encoding="utf-8") != text:
        print(f"{PAGE} is stale: run scripts/make_rtl_catalogue.py and commit what it writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
