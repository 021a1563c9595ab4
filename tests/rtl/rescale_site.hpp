// SPDX-License-Identifier: Apache-2.0
// A stream of all sums in a range, and a site where codes are made of it.
#pragma once

#include <string>
#include <vector>

#include "tests/rtl/netlist_model.hpp"

#include "sluice/rtl/site.hpp"

namespace sluice::rtl::test {

inline constexpr std::int64_t kSums = 1000;  // from -1000 to 999

// A stream of sums of so many channels, and what a requantizer makes of it.
class RescaleSite {
 public:
  explicit RescaleSite(std::int64_t channels, std::int64_t lanes = 1) : channels_(channels) {
    netlist_.name = "test";
    netlist_.streams.push_back({"sums", lanes, {11, true}, 2 * kSums * channels / lanes});
    netlist_.inputs.push_back({"x", "", 0});
  }

  Site& site() { return site_; }
  [[nodiscard]] const Instance& instance() {
    site_.finish("");
    return netlist_.blocks.back().instances.back();
  }
  [[nodiscard]] const Netlist& netlist() const { return netlist_; }

  // The codes of all sums of each channel.
  std::vector<std::int64_t> codes() {
    std::vector<std::int64_t> sums;
    for (std::int64_t sum = -kSums; sum < kSums; ++sum)
      sums.insert(sums.end(), static_cast<std::size_t>(channels_), sum);
    return NetlistModel(netlist_).run({sums}).back();
  }

 private:
  std::int64_t channels_;
  ir::Graph network_;
  Tensors tensors_{network_};
  hw::Node layer_;
  Netlist netlist_;
  Site site_{netlist_, tensors_, layer_, "l0"};
};

}  // namespace sluice::rtl::test
