# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/check_tree.py: each rule finds its fault, and a clean tree has none."""
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import check_tree  # noqa: E402

HEAD = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = HEAD + "#pragma once\n"

CLEAN = {
    "sluice/ir/CMakeLists.txt": "sl_add_layer(ir\n  SOURCES graph.cpp\n  DEPS base numeric)\n",
    "sluice/ir/graph.hpp": HEADER + '#include "sluice/numeric/dtype.hpp"\n'
                                    "namespace sluice::ir {\n}\n",
    "sluice/ir/graph.cpp": HEAD + '#include "sluice/ir/graph.hpp"\n#include <span>\n',
    "tests/ir/graph_test.cpp": HEAD,
    "tests/ir/CMakeLists.txt": "sl_add_tests(ir SOURCES graph_test.cpp)\n",
}

MODULES = {
    "rtl/sl_small.sv": HEAD + "module sl_small;\nendmodule\n",
    "rtl/sl_big.sv": HEAD + "module sl_big;\n  sl_small #(.Width(2)) u_small ();\nendmodule\n",
    "rtl/sl.f": "// Level 0\nsl_small.sv\n// Level 1\nsl_big.sv\n",
    "tests/rtl/sl_small_test.cpp": HEAD,
    "tests/rtl/sl_big_test.cpp": HEAD,
    "tests/rtl/CMakeLists.txt": "sl_add_tests(rtl SOURCES sl_big_test.cpp sl_small_test.cpp)\n",
}


class CheckTree(unittest.TestCase):
    def check(self, changes, *expected):
        """The clean tree with `changes` has exactly the expected problems, in any order."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (CLEAN | changes).items():
                if text is None:
                    continue
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            found = check_tree.problems(Path(folder))
        self.assertEqual(len(found), len(expected), found)
        for part in expected:
            self.assertTrue(any(part in problem for problem in found), (part, found))

    def test_a_clean_tree_has_no_problem(self):
        self.check({})

    def test_a_layer_may_not_include_one_above(self):
        self.check({"sluice/ir/infer.hpp": HEADER + '#include "sluice/runtime/executor.hpp"\n'},
                   "infer.hpp:3: 'sluice/ir' may not include 'runtime'",
                   "includes 'runtime' but DEPS does not name it")

    def test_the_command_line_sees_the_api_only(self):
        self.check({"cli/CMakeLists.txt": "add_executable(sluice main.cpp)\n",
                    "cli/main.cpp": HEAD + '#include "sluice/api/eval.hpp"\n'
                                           '#include "cli/table.hpp"\n'
                                           '#include "sluice/ir/graph.hpp"\n'},
                   "cli/main.cpp:4: 'cli/main.cpp' may not include 'ir'")

    def test_the_library_may_not_include_the_tests(self):
        self.check({"sluice/ir/op.hpp": HEADER + '#include "tests/support/random.hpp"\n'},
                   "'sluice' may not include 'tests'")

    def test_a_folder_outside_the_table_is_refused(self):
        self.check({"sluice/helpers/a.hpp": HEADER}, "'helpers' is no layer")

    def test_cmake_may_not_name_a_layer_above(self):
        self.check({"sluice/ir/CMakeLists.txt": "sl_add_layer(ir SOURCES graph.cpp\n"
                                                "  DEPS base numeric quant LINK ssl)\n"},
                   "may not depend on 'quant'")

    def test_cmake_names_every_layer_included(self):
        self.check({"sluice/ir/CMakeLists.txt": "sl_add_layer(ir SOURCES graph.cpp DEPS base)\n"},
                   "includes 'numeric' but DEPS does not name it")

    def test_the_namespace_is_the_layers(self):
        self.check({"sluice/ir/op.hpp": HEADER + "namespace sluice::runtime {\n}\n"},
                   "namespace 'sluice::runtime', the layer's is 'sluice::ir'")

    def test_the_import_layers_namespace_is_importer(self):
        self.check({"sluice/import/onnx.hpp": HEADER + "namespace sluice::importer::onnx {\n}\n"})

    def test_the_export_layers_namespace_is_exporter(self):
        self.check({"sluice/export/onnx.hpp": HEADER + "namespace sluice::exporter::onnx {\n}\n"})

    def test_a_file_over_the_limit_is_found(self):
        self.check({"docs/long.md": "line\n" * 601}, "docs/long.md: 601 lines, the limit is 600")

    def test_a_file_at_the_limit_passes(self):
        self.check({"docs/long.md": "line\n" * 600})

    def test_a_source_without_a_test_is_found(self):
        self.check({"sluice/ir/op.cpp": HEAD,
                    "sluice/ir/CMakeLists.txt": "sl_add_layer(ir SOURCES graph.cpp op.cpp\n"
                                                "  DEPS numeric)\n"},
                   "sluice/ir/op.cpp: has no tests/ir/op_test.cpp")

    def test_a_test_without_a_source_is_found(self):
        self.check({"tests/ir/op_test.cpp": HEAD,
                    "tests/ir/CMakeLists.txt": "sl_add_tests(ir SOURCES graph_test.cpp "
                                               "op_test.cpp)\n"},
                   "op_test.cpp: tests no file of sluice/ir")

    def test_a_test_without_a_module_is_found(self):
        self.check({"tests/rtl/CMakeLists.txt": "sl_add_tests(rtl SOURCES sl_dot_test.cpp)\n",
                    "tests/rtl/sl_dot_test.cpp": HEAD},
                   "sl_dot_test.cpp: tests no file of sluice/rtl")

    def test_a_part_of_a_module_may_be_tested_in_that(self):
        part = HEAD + "// Test: tests/rtl/sl_big_test.cpp, in what it is a part of.\n"
        self.check(MODULES | {"rtl/sl_part.sv": part,
                              "rtl/sl.f": MODULES["rtl/sl.f"] + "// Parts\nsl_part.sv\n"})

    def test_a_source_that_cmake_does_not_name_is_found(self):
        self.check({"sluice/ir/ops/op.cpp": HEAD, "tests/ir/ops/op_test.cpp": HEAD},
                   "sluice/ir/ops/op.cpp: no CMakeLists.txt names it",
                   "tests/ir/ops/op_test.cpp: no CMakeLists.txt names it")

    def test_a_name_hidden_in_two_files_of_a_target_is_found(self):
        def file(hidden):
            inner = f"namespace {{\n\n{hidden}\n}}  // namespace\n"
            return f"{HEAD}namespace sluice::ir {{\n{inner}}}\n"

        cmake = CLEAN["sluice/ir/CMakeLists.txt"].replace("graph.cpp", "graph.cpp a.cpp")
        tests = {"tests/ir/a_test.cpp": HEAD,
                 "tests/ir/CMakeLists.txt": "sl_add_tests(ir SOURCES a_test.cpp graph_test.cpp)\n",
                 "sluice/ir/CMakeLists.txt": cmake}
        self.check(tests | {"sluice/ir/a.cpp": file("struct Kind {\n};\n"),
                            "sluice/ir/graph.cpp": file("struct Kind {\n};\n")},
                   "sluice/ir/graph.cpp: 'Kind' stands in sluice/ir/a.cpp too")
        self.check(tests | {"sluice/ir/a.cpp": file("constexpr std::array kAll{1, 2};\n"),
                            "sluice/ir/graph.cpp": file("const int kAll = f(3);\n")},
                   "sluice/ir/graph.cpp: 'kAll' stands in sluice/ir/a.cpp too")
        self.check(tests | {"sluice/ir/a.cpp": file("struct Kind;\n"),
                            "sluice/ir/graph.cpp": file("struct Kind {\n};\n")})

    def test_postponed_work_is_found(self):
        mark = "TO" + "DO"
        self.check({"docs/plan.md": f"text\n{mark}: later\n"}, f"docs/plan.md:2: '{mark}'")

    def test_what_a_merge_left_is_found(self):
        ours, between, theirs = "<" * 7 + " HEAD", "=" * 7, ">" * 7 + " other"
        self.check({"docs/plan.md": f"{ours}\ntext\n{between}\nTitle\n========\n{theirs}\n"},
                   "docs/plan.md:1: '<<<<<<<'", "docs/plan.md:3: '======='",
                   "docs/plan.md:6: '>>>>>>>'")

    def test_a_missing_licence_line_is_found(self):
        self.check({"scripts/a.sh": "#!/bin/sh\n"}, "scripts/a.sh: no 'SPDX")

    def test_a_header_without_guard_is_found(self):
        self.check({"sluice/ir/op.hpp": HEAD}, "op.hpp: no '#pragma once'")

    def test_a_missing_last_newline_is_found(self):
        self.check({"docs/a.md": "text"}, "docs/a.md: does not end with a newline")

    def test_a_link_that_leads_nowhere_is_found(self):
        self.check({"docs/a.md": "[b](b.md) [c](../docs/a.md#c) [d](https://example.org/x)\n"},
                   "docs/a.md: the link to b.md leads nowhere")

    def test_a_module_in_the_manifest_with_its_test_passes(self):
        self.check(MODULES)

    def test_a_module_without_a_test_is_found(self):
        self.check(MODULES | {"tests/rtl/sl_big_test.cpp": None},
                   "sl_big.sv: has no tests/rtl/sl_big_test.cpp")

    def test_a_module_that_the_manifest_does_not_name_is_found(self):
        self.check(MODULES | {"rtl/sl_new.sv": HEAD, "tests/rtl/sl_new_test.cpp": HEAD,
                              "tests/rtl/CMakeLists.txt": "sl_big_test.cpp sl_new_test.cpp "
                                                          "sl_small_test.cpp\n"},
                   "'sl_new.sv' is in the folder or in the manifest")

    def test_a_module_before_one_it_needs_is_found(self):
        self.check(MODULES | {"rtl/sl.f": "// Level 0\nsl_big.sv\n// Level 1\nsl_small.sv\n"},
                   "'sl_big.sv' needs 'sl_small', which comes later")

    def test_a_level_out_of_order_is_found(self):
        self.check(MODULES | {"rtl/sl.f": "// Level 0\nsl_small.sv\nsl_big.sv\n"},
                   "'sl_big.sv' comes after 'sl_small.sv' in its level")

    def test_a_module_named_twice_is_found(self):
        self.check(MODULES | {"rtl/sl.f": MODULES["rtl/sl.f"] + "// Level 2\nsl_big.sv\n"},
                   "names 'sl_big.sv' again")

    def test_build_folders_are_not_looked_at(self):
        self.check({"build/dev/a.cpp": "no head\n"})


if __name__ == "__main__":
    unittest.main()
