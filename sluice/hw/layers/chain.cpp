// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/chain.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::hw {
namespace {

// The rates of a chain's modules, which start as what each can do alone. They are balanced as
// fpgaConvNet's model does, operation by operation: its answers are compared bit by bit.
class RateBalance {
 public:
  explicit RateBalance(std::span<const ChainModule> chain) : size_(chain.size()) {
    for (std::size_t i = 0; i < size_; ++i) {
      const Timing timing = timing_of(chain[i].module);
      in_[i] = std::abs(timing.rate_in);
      out_[i] = std::abs(timing.rate_out);
      ratio_[i] = std::abs(timing.rate_out / timing.rate_in);
    }
  }

  ChainRates balanced() {
    for (std::size_t last = size_ - 1; last >= 1; --last) {
      if (in_[last] > out_[last - 1]) {
        slow_down_from(last);
      } else if (in_[last] < out_[last - 1]) {
        slow_down_to(last);
      }
    }
    return {in_[0], out_[size_ - 1]};
  }

 private:
  // Modules that are given less than they could take.
  void slow_down_from(std::size_t first) {
    for (std::size_t j = first; j < size_ && in_[j] > out_[j - 1]; ++j) {
      in_[j] = out_[j - 1];
      out_[j] = in_[j] * ratio_[j];
    }
  }
  // Modules whose successor takes less than they could give.
  void slow_down_to(std::size_t last) {
    for (std::size_t j = last; j >= 1 && in_[j] < out_[j - 1]; --j) {
      out_[j - 1] = in_[j];
      in_[j - 1] = out_[j - 1] / ratio_[j - 1];
    }
  }

  std::size_t size_;
  std::array<double, Chain::kMaxModules> in_{}, out_{}, ratio_{};
};

}  // namespace

Timing timing_of(const Module& module) {
  return std::visit([](const auto& kind) { return kind.timing(); }, module);
}

ModuleResources resources_of(const Module& module, const Coefficients& by) {
  return std::visit([&](const auto& kind) { return kind.resources(by); }, module);
}

double Chain::latency_cycles() const {
  double slowest = 0;
  for (const ChainModule& each : modules()) {
    slowest = std::max(slowest, timing_of(each.module).latency_cycles);
  }
  return slowest;
}

std::int64_t Chain::pipeline_depth() const {
  std::int64_t sum = 0;
  for (const ChainModule& each : modules()) sum += timing_of(each.module).pipeline_depth;
  return sum;
}

ChainRates Chain::rates() const {
  return size_ == 0 ? ChainRates{} : RateBalance(modules()).balanced();
}

Resources Chain::resources(const Coefficients& by) const {
  Resources sum;
  for (const ChainModule& each : modules()) {
    if (each.copies == 0) continue;
    const ModuleResources one = resources_of(each.module, by);
    const double dsp = real(one.dsp) * each.copies * each.dsp_share;
    sum += {.lut = real(one.lut) * each.copies,
            .ff = real(one.ff) * each.copies,
            .dsp = each.whole_dsps ? std::ceil(dsp) : dsp,
            .bram18 = real(one.bram18) * each.copies};
  }
  return sum;
}

}  // namespace sluice::hw
