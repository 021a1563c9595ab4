#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when the tree breaks one of its own rules of shape. Usage: check_tree.py [ROOT]

  layers   a file includes only the layers its own layer may see; so do CMake's DEPS
  sizes    no file is longer than the limit of its kind
  mirror   sluice/<layer>/<stem>.cpp has tests/<layer>/<stem>_test.cpp, and no test is an orphan
  names    a type or a constant of an anonymous namespace stands in one file of a target: units of
           several files are compiled
  sources  CMake names each source (there are no globs, so a forgotten file would not be built)
  marks    no postponed work in the text, and nothing that a merge left
  heads    each source names its licence; each header is guarded
  links    each relative link of a page leads to a file of the tree
  modules  rtl/sl_<name>.sv has tests/rtl/sl_<name>_test.cpp, or its head names the test of what it
           is a part of; rtl/sl.f names each once, what it needs first, by name within a level
"""
import re
import sys
from pathlib import Path

# Who may include whom. A layer sees itself, `base`, and what is listed here (not transitively).
# A folder is a layer, a namespace and a CMake target of the same name; only the namespaces of
# `import` and `export` are `importer` and `exporter`, because those are words of C++20.
LAYERS = {
    "base": [],
    "numeric": [],
    "ir": ["numeric"],
    "import": ["ir", "numeric"],
    "export": ["ir", "numeric"],
    "passes": ["ir", "numeric"],
    "runtime": ["ir", "numeric"],
    "exact": ["ir", "numeric", "runtime"],
    "quant": ["ir", "numeric", "passes", "runtime"],
    "sparse": ["ir", "numeric", "runtime"],
    "data": ["numeric"],
    "zoo": ["ir", "import", "numeric"],
    "hw": ["numeric", "ir"],
    "rtl": ["ir", "numeric", "hw"],
    "cosim": [],
    "synth": [],
    "dse": ["ir", "hw"],
    "report": ["ir", "hw"],
    "train": ["ir", "numeric", "quant", "export", "data"],
    "api": ["numeric", "ir", "import", "export", "passes", "runtime", "exact", "quant",
            "sparse", "data", "zoo", "hw", "rtl", "cosim", "synth", "dse", "report",
            "train"],
}
NAMESPACES = {"base": "sluice", "import": "sluice::importer", "export": "sluice::exporter"}

# Lines a file of each kind may have.
LIMITS = {".cpp": 600, ".hpp": 400, ".py": 400, ".sh": 400, ".md": 600, ".cmake": 400, ".sv": 500,
          ".svh": 500}

# Kinds whose first lines must name the licence.
LICENSED = {".cpp", ".hpp", ".def", ".py", ".sh", ".cmake", ".sv", ".svh"}

HIDDEN = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.M | re.S)
HIDDEN_NAME = re.compile(r"^(?:(?:struct|class|enum class) (\w+)[^;]*\{$"
                         r"|const(?:expr)? [^(=;]*?\b(k[A-Z]\w*)[ \[{]?.*[=\{])", re.M)

SKIPPED_FOLDERS = {"build", ".git", ".venv", "__pycache__"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"(sluice|cli|tests)/([a-z_]+)/?')
NAMESPACE = re.compile(r"^namespace (sluice[a-z_:]*) \{", re.M)
DEPS = re.compile(r"sl_add_layer\(\s*(\w+)([^)]*)\)")
MARK = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b|^(<{7}|={7}|>{7})( |$)")
TESTED_BY = re.compile(r"^// Test: (tests/rtl/\w+\.cpp), in what ", re.M)
INSTANCE = re.compile(r"^\s*(sl_\w+)\s*(?:#\(|u_)", re.M)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)")


def texts(root):
    """Every text file of the tree with its path below root, in order."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if SKIPPED_FOLDERS & set(relative.parts) or not path.is_file():
            continue
        if path.suffix in (*LIMITS, ".def", ".txt") or path.name == "Makefile":
            yield relative, path.read_text(encoding="utf-8")


def allowed(folder):
    """The layers a file below the folder (a path's parts) may include; None means all."""
    if folder[0] == "sluice" and len(folder) > 2:
        layer = folder[1]
        return {layer, "base", *LAYERS[layer]} if layer in LAYERS else set()
    if folder[0] in ("cli", "examples"):
        return {"base", "api"}
    return None


def layers(root):
    for path, text in texts(root):
        parts = path.parts
        if parts[0] == "sluice" and len(parts) > 2 and parts[1] not in LAYERS:
            yield f"{path}: folder '{parts[1]}' is no layer of the table in scripts/check_tree.py"
            continue
        may = allowed(parts)
        if may is None or path.suffix not in (".cpp", ".hpp", ".def"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            if match[1] != "sluice" and match[1] != parts[0]:
                yield f"{path}:{number}: '{parts[0]}' may not include '{match[1]}'"
            if match[1] == "sluice" and match[2] not in may:
                yield f"{path}:{number}: '{'/'.join(parts[:2])}' may not include '{match[2]}'"


def cmake_deps(root):
    """DEPS of each layer name every layer it includes, and none that the table forbids."""
    for layer in LAYERS:
        path = Path("sluice") / layer / "CMakeLists.txt"
        if not (root / path).exists():
            continue
        deps = set()
        for name, body in DEPS.findall((root / path).read_text(encoding="utf-8")):
            # A part of a layer, which not every program links, is named after it: api_train.
            if name != layer and not name.startswith(layer + "_"):
                yield f"{path}: adds layer '{name}', the folder is '{layer}'"
            words = body.split()
            stop = {"SOURCES", "LINK", "LIBRARIES", "PRIVATE", "PUBLIC"}
            if "DEPS" in words:
                for word in words[words.index("DEPS") + 1:]:
                    if word in stop:
                        break
                    deps.add(word)
        for dep in sorted(deps - {"base", layer, *LAYERS[layer]}):
            yield f"{path}: layer '{layer}' may not depend on '{dep}'"
        for dep in sorted(included(root, layer) - deps - {layer, "base"}):
            yield f"{path}: layer '{layer}' includes '{dep}' but DEPS does not name it"


def included(root, layer):
    """The layers that files of a layer include."""
    found = set()
    for path in (root / "sluice" / layer).rglob("*.[ch]pp"):
        for line in path.read_text(encoding="utf-8").splitlines():
            match = INCLUDE.match(line)
            if match and match[1] == "sluice":
                found.add(match[2])
    return found


def namespaces(root):
    for path, text in texts(root):
        if path.parts[0] != "sluice" or path.suffix not in (".cpp", ".hpp") or len(path.parts) < 3:
            continue
        layer = path.parts[1]
        wanted = NAMESPACES.get(layer, f"sluice::{layer}")
        for name in NAMESPACE.findall(text):
            inside = name == wanted or name.startswith(wanted + "::")
            if not inside and name != "sluice":
                yield f"{path}: namespace '{name}', the layer's is '{wanted}'"


def sizes(root):
    for path, text in texts(root):
        limit = LIMITS.get(path.suffix)
        lines = text.count("\n")
        if limit and lines > limit:
            yield f"{path}: {lines} lines, the limit is {limit}"


def mirror(root):
    for path in sorted((root / "sluice").rglob("*.cpp")):
        relative = path.relative_to(root / "sluice")
        test = Path("tests") / relative.parent / f"{relative.stem}_test.cpp"
        if not (root / test).exists():
            yield f"{path.relative_to(root)}: has no {test}"
    for path in sorted((root / "tests").rglob("*_test.cpp")):
        relative = path.relative_to(root / "tests")
        if relative.parts[0] not in LAYERS:
            continue
        name = path.stem.removesuffix("_test")
        # The tests of the modules in rtl/ lie beside those of the layer that fits numbers to them.
        if relative.parts[0] == "rtl" and (root / "rtl" / f"{name}.sv").exists():
            continue
        source = root / "sluice" / relative.parent / name
        if not any(source.with_suffix(suffix).exists() for suffix in (".cpp", ".hpp")):
            yield f"{path.relative_to(root)}: tests no file of sluice/{relative.parent}"


def names(root):
    first = {}
    for path, text in texts(root):
        if path.suffix != ".cpp":
            continue
        target = next(folder for folder in [*path.parents]
                      if (root / folder / "CMakeLists.txt").exists() or folder == Path("."))
        space = NAMESPACE.search(text)
        for hidden in HIDDEN.finditer(text):
            for found in HIDDEN_NAME.finditer(hidden[1]):
                name = found[1] or found[2]
                other = first.setdefault((target, space and space[1], name), path)
                if other != path:
                    yield f"{path}: '{name}' stands in {other} too: call one of them otherwise"


def sources(root):
    for path, _ in texts(root):
        if path.suffix != ".cpp" or path.parts[0] not in ("sluice", "cli", "tests"):
            continue
        named = False
        for folder in path.parents:
            lists = root / folder / "CMakeLists.txt"
            if lists.exists() and folder != Path("."):
                name = re.escape(path.relative_to(folder).as_posix())
                pattern = rf"(?:(?<![\w/])|(?<=}}/)){name}\b"
                named = named or re.search(pattern, lists.read_text()) is not None
        if not named:
            yield f"{path}: no CMakeLists.txt names it"


def marks(root):
    for path, text in texts(root):
        for number, line in enumerate(text.splitlines(), 1):
            if match := MARK.search(line):
                yield f"{path}:{number}: '{match[1] or match[2]}': finish it or drop it"


def heads(root):
    for path, text in texts(root):
        head = "\n".join(text.split("\n", 3)[:3])
        if path.suffix in LICENSED and "SPDX-License-Identifier: Apache-2.0" not in head:
            yield f"{path}: no 'SPDX-License-Identifier: Apache-2.0' in the first three lines"
        if path.suffix == ".hpp" and "\n#pragma once\n" not in text:
            yield f"{path}: no '#pragma once'"
        if not text.endswith("\n") and text:
            yield f"{path}: does not end with a newline"


def links(root):
    for path, text in texts(root):
        if path.suffix != ".md":
            continue
        for target in LINK.findall(text):
            if not (root / path.parent / target).exists():
                yield f"{path}: the link to {target} leads nowhere"


def modules(root):
    """The library of modules: tests, and the manifest."""
    files = sorted(path.name for path in (root / "rtl").glob("*.sv"))
    for name in files:
        named = TESTED_BY.search((root / "rtl" / name).read_text(encoding="utf-8"))
        test = named[1] if named else f"tests/rtl/{name.removesuffix('.sv')}_test.cpp"
        if not (root / test).exists():
            yield f"rtl/{name}: has no {test}"
    manifest = root / "rtl/sl.f"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else []
    named = [line for line in lines if not line.startswith("//")]
    for name in sorted(set(files) ^ set(named)):
        yield f"rtl/sl.f: '{name}' is in the folder or in the manifest, not in both"
    before, level = set(), []
    for line in lines:
        if line.startswith("//"):
            level = []
        elif line in before:
            yield f"rtl/sl.f: names '{line}' again"
        elif level and line < level[-1]:
            yield f"rtl/sl.f: '{line}' comes after '{level[-1]}' in its level"
        elif line in files:
            text = (root / "rtl" / line).read_text(encoding="utf-8")
            known = {Path(name).stem for name in before}
            for needed in sorted(set(INSTANCE.findall(text)) - known):
                yield f"rtl/sl.f: '{line}' needs '{needed}', which comes later"
        before.add(line)
        level.append(line)


RULES = (layers, cmake_deps, namespaces, sizes, mirror, names, sources, marks, heads, links,
         modules)


def problems(root):
    return [problem for rule in RULES for problem in rule(root)]


def main():
    found = problems(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(found) or "tree: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
