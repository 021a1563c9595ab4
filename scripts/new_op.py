#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Begins an operator: writes a skeleton of each of its facets, which compiles and refuses to run.

  scripts/new_op.py Cosh unary      the operator Cosh (ONNX's name) in the family unary

A family is a file stem that each layer keeps its operators under; a new one gets its own files. The
facets are listed in docs/how_to/add_an_operator.md. Exit 2 if the name is taken or ill-formed.
"""
import argparse
import re
import sys
from pathlib import Path

LICENSE = "// SPDX-License-Identifier: Apache-2.0\n"

STRUCT = """
// inputs: x; output: y of x's type
struct {name} {{
  static constexpr auto fields() {{ return std::tuple{{}}; }}
}};
"""
REFUSAL = """{signature} {{
  return Error{{ErrorCode::Unsupported, "{name} has no {facet} yet"}};
}}
"""
HOST_ONLY = """{signature} {{
  return Refused{{"there is no hardware for it yet", "cut the network before it"}};
}}
"""
FACETS = {  # file of the family -> (signature, what is missing)
    "sluice/ir/ops/{family}.cpp":
        ("Result<ValueTypes> infer(const {name}& /*op*/, const InferContext& /*context*/)",
         "shape rule"),
    "sluice/runtime/reference/{family}.cpp":
        ("Status run(const ir::{name}& /*op*/, const KernelArgs& /*args*/)", "reference kernel"),
    "sluice/import/onnx/{family}.cpp":
        ("Status convert(ir::{name}& /*op*/, NodeReader& /*node*/)", "ONNX converter"),
    "sluice/hw/build/ops/{family}.cpp":
        ("Verdict convert(const ir::{name}& /*op*/, Site& /*site*/)", "hardware"),
}
NEW_FILES = {  # of a new family: what stands around the facets
    "sluice/ir/ops/{family}.hpp":
        LICENSE + "// The operators of the family {family}.\n#pragma once\n\n"
        '#include "sluice/ir/field.hpp"\n\n'
        "namespace sluice::ir {{\n\n}}  // namespace sluice::ir\n",
    "sluice/ir/ops/{family}.cpp":
        LICENSE + '#include "sluice/ir/ops/{family}.hpp"\n\n#include "sluice/ir/infer.hpp"\n\n'
        "namespace sluice::ir {{\n\n}}  // namespace sluice::ir\n",
    "sluice/runtime/reference/{family}.cpp":
        LICENSE + '#include "sluice/runtime/reference/kernel.hpp"\n\n'
        "namespace sluice::runtime::reference {{\n\n}}  // namespace sluice::runtime::reference\n",
    "sluice/import/onnx/{family}.cpp":
        LICENSE + '#include "sluice/import/onnx/convert.hpp"\n\n'
        "namespace sluice::importer::onnx {{\n\n}}  // namespace sluice::importer::onnx\n",
    "sluice/hw/build/ops/{family}.cpp":
        LICENSE + '#include "sluice/hw/build/ops/convert.hpp"\n\n'
        "namespace sluice::hw::ops {{\n\n}}  // namespace sluice::hw::ops\n",
}


class Refused(Exception):
    """What the user asked for cannot be done; the message says why."""


def edit(path, change):
    before = path.read_text(encoding="utf-8")
    after = change(before)
    if after == before:
        raise Refused(f"{path}: found no place for the operator; put it there by hand")
    path.write_text(after, encoding="utf-8")


def insert_sorted(text, line, pattern):
    """Puts `line` among the lines that match `pattern`, before the first that sorts after it."""
    lines = text.splitlines(keepends=True)
    places = [i for i, other in enumerate(lines) if re.match(pattern, other)]
    after = [i for i in places if lines[i] > line]
    place = after[0] if after else places[-1] + 1 if places else None
    if place is None:
        return text
    return "".join(lines[:place] + [line] + lines[place:])


def insert_before_end(text, addition):
    """Puts `addition` before the brace that closes the file's namespace."""
    place = text.rindex("}  // namespace sluice")
    return text[:place].rstrip("\n") + "\n\n" + addition.strip("\n") + "\n\n" + text[place:]


def insert_operator(text, name, family):
    """The line in ops.def: in its family's block, or a block of its own at the end."""
    line = f"SL_OP({name}, {family})\n"
    if f", {family})" not in text:
        return text + "\n" + line
    return insert_sorted(text, line, rf"SL_OP\(\w+, {family}\)")


def insert_source(text, name, neighbours):
    """Names a source in a list of CMake's, before the first of `neighbours` that sorts after it."""
    found = sorted(re.findall(neighbours, text))
    if not found:
        return text
    later = [other for other in found if other > name]
    if later:
        return text.replace(later[0], f"{name} {later[0]}", 1)
    return text.replace(found[-1], f"{found[-1]} {name}", 1)


def add_family(root, family):
    for path, text in NEW_FILES.items():
        target = root / path.format(family=family)
        target.write_text(text.format(family=family), encoding="utf-8")
    edit(root / "sluice/ir/op.hpp", lambda text: insert_sorted(
        text, f'#include "sluice/ir/ops/{family}.hpp"\n', r'#include "sluice/ir/ops/\w+\.hpp"'))
    for layer, folder in (("ir", "ops"), ("runtime", "reference"), ("import", "onnx"),
                          ("hw", "build/ops")):
        edit(root / f"sluice/{layer}/CMakeLists.txt", lambda text: insert_source(
            text, f"{folder}/{family}.cpp", rf"{folder}/\w+\.cpp"))


def add_operator(root, name, family):
    """Writes the skeleton; the paths of the files touched."""
    operators = (root / "sluice/ir/ops.def").read_text(encoding="utf-8")
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
        raise Refused(f"{name}: an operator is named as in ONNX, e.g. GlobalAveragePool")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", family):
        raise Refused(f"{family}: a family is named in snake_case, e.g. unary")
    if re.search(rf"SL_OP\({name},", operators):
        raise Refused(f"{name}: exists already in sluice/ir/ops.def")
    if f", {family})" not in operators:
        add_family(root, family)

    touched = ["sluice/ir/ops.def", f"sluice/ir/ops/{family}.hpp"]
    edit(root / touched[0], lambda text: insert_operator(text, name, family))
    edit(root / touched[1], lambda text: insert_before_end(text, STRUCT.format(name=name)))
    for path, (signature, facet) in FACETS.items():
        text = HOST_ONLY if facet == "hardware" else REFUSAL
        body = text.format(signature=signature.format(name=name), name=name, facet=facet)
        touched.append(path.format(family=family))
        edit(root / touched[-1], lambda text: insert_before_end(text, body))
    touched.append("sluice/runtime/onednn/plain.cpp")
    edit(root / touched[-1], lambda text: insert_sorted(
        text, f"SL_PLAIN({name})\n", r"SL_PLAIN\(\w+\)\n"))
    return touched


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("name", help="ONNX's name of the operator")
    arguments.add_argument("family", help="the file stem it lives under")
    arguments.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    options = arguments.parse_args()
    try:
        for path in add_operator(options.root, options.name, options.family):
            print(path)
    except Refused as refusal:
        print(f"new_op: {refusal}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
