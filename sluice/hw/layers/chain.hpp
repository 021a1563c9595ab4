// SPDX-License-Identifier: Apache-2.0
// Chain: the modules that a layer is made of, in the order that words go through them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

#include "sluice/hw/modules/kinds.hpp"
#include "sluice/hw/resources.hpp"

namespace sluice::hw {

using Module =
    std::variant<Pad, SlidingWindow, Squeeze, Fork, VectorDot, SparseVectorDot, Accum, Glue, Bias,
                 ShiftScale, Pool, GlobalPool, Activation, EltwiseModule, ConcatModule, Resize>;

struct ChainModule {
  std::string_view name;
  Module module;
  double copies = 1;     // that are built of it; 0 where words go past it
  double dsp_share = 1;  // of a DSP block that one of its products takes
  bool whole_dsps = true;
};

// Rates are words a clock and stream, at the speed at which no module waits for another.
struct ChainRates {
  double in = 1, out = 1;
};

class Chain {
 public:
  static constexpr std::size_t kMaxModules = 9;

  void add(std::string_view name, Module module, double copies = 1) {
    modules_[size_++] = {name, module, copies};
  }
  ChainModule& back() { return modules_[size_ - 1]; }
  [[nodiscard]] std::span<const ChainModule> modules() const& { return {modules_.data(), size_}; }
  // They would be gone before a loop over them began.
  std::span<const ChainModule> modules() const&& = delete;

  // The cycles of the slowest module for a feature map; 0 without modules.
  [[nodiscard]] double latency_cycles() const;
  [[nodiscard]] std::int64_t pipeline_depth() const;
  // Every module is slowed down to what its neighbours give and take. 1 without modules.
  [[nodiscard]] ChainRates rates() const;
  [[nodiscard]] Resources resources(const Coefficients& by) const;

 private:
  std::array<ChainModule, kMaxModules> modules_;
  std::size_t size_ = 0;
};

[[nodiscard]] Timing timing_of(const Module& module);
[[nodiscard]] ModuleResources resources_of(const Module& module, const Coefficients& by);

}  // namespace sluice::hw
