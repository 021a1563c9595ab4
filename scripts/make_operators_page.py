#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/operators.md from the list of operators and their headers.

Usage: make_operators_page.py [--check]. With --check nothing is written; exit 1 if it is stale.
"""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/reference/operators.md"
INTRO = """# Operators

<!-- Written by scripts/make_operators_page.py from sluice/ir/ops.def and sluice/ir/ops/*.hpp. -->

The operators of the IR have ONNX's names and, whatever opset the model has, the newest form.
Attributes are listed with their defaults. *Fast* tells how the fast executor runs the operator in
float32: with oneDNN or a kernel of its own (yes), or with the reference kernel (no). Every operator
has a reference kernel, which is its definition.
"""

OPERATOR = re.compile(r"^SL_OP\((\w+), (\w+)\)", re.M)
STRUCT = re.compile(r"((?:^//[^\n]*\n)*)^struct (\w+) \{\n(.*?)^\};", re.M | re.S)
MACRO = re.compile(r"((?:^//[^\n]*\n)*)^#define (SL_\w+)\(Name\)"
                   r"([^\n]*\\\n(?:[^\n]*\\\n)*[^\n]*\n)", re.M)
CALL = re.compile(r"^(SL_\w+)\((\w+)\);(?:\s*//([^\n]*))?$", re.M)
FIELD = re.compile(r"^\s+([\w:]+(?:<[\w:]+>)?) (\w+)(?: = ([^;{}]+))?;", re.M)
PLAIN = re.compile(r"^SL_PLAIN\((\w+)\)", re.M)


def prose(comment):
    """A // comment as one line of text."""
    lines = [line.strip().removeprefix("//").strip() for line in comment.splitlines()]
    text = " ".join(line for line in lines if "SPDX" not in line).strip()
    return re.sub(r"(?<=[^;.]) output:", "; output:", text)


def attributes(body):
    """The fields of a struct's body with their defaults."""
    body = body.split("static constexpr auto fields")[0].replace("\\", "")
    fields = []
    for kind, name, default in FIELD.findall(body):
        if default:
            value = re.sub(r"^.*::|(?<=\d)F$", "", default)
            fields.append(f"`{name} = {value}`")
        else:
            fields.append(f"`{name}`")
    return ", ".join(fields)


def described(header):
    """{operator: (attributes, meaning)} of a family's header."""
    found = {}
    for comment, name, body in STRUCT.findall(header):
        found[name] = (attributes(body), prose(comment))
    macros = {name: (attributes(body), prose(comment))
              for comment, name, body in MACRO.findall(header)}
    for macro, name, comment in CALL.findall(header):
        if macro in macros:
            fields, shared = macros[macro]
            found[name] = (fields, (comment.strip() + " " + shared).strip())
    return found


def cell(text):
    return text.replace("|", "\\|")


def page(root):
    plain = set(PLAIN.findall((root / "sluice/runtime/onednn/plain.cpp").read_text()))
    families = {}
    for name, family in OPERATOR.findall((root / "sluice/ir/ops.def").read_text()):
        families.setdefault(family, []).append(name)
    parts = [INTRO]
    for family, names in families.items():
        header = (root / f"sluice/ir/ops/{family}.hpp").read_text()
        known = described(header)
        purpose = prose(header[:header.index("#pragma once")])
        parts.append(f"\n## {family}\n\n{purpose}\n\n| operator | attributes | meaning | fast |\n"
                     "|---|---|---|---|\n")
        for name in names:
            fields, meaning = known[name]
            fast = "no" if name in plain else "yes"
            parts.append(f"| {name} | {cell(fields)} | {cell(meaning)} | {fast} |\n")
    return "".join(parts)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    text = page(ROOT)
    if not check:
        (ROOT / PAGE).write_text(text, encoding="utf-8")
    elif not (ROOT / PAGE).exists() or (ROOT / PAGE).read_text(encoding="utf-8") != text:
        print(f"{PAGE} is stale: run scripts/make_operators_page.py and commit what it writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
