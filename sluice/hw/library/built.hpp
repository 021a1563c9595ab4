// SPDX-License-Identifier: Apache-2.0
// Built: the modules of rtl/ that a layer becomes, as sluice/rtl emits them, before anything is
// known of its weights but their bits. tests/rtl/model_test.cpp holds the two together.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sluice/hw/coefficients.hpp"
#include "sluice/hw/layers/layer.hpp"
#include "sluice/hw/library/modules.hpp"

namespace sluice::hw::library {

class Built {
 public:
  void add(const Module& module) { modules_.push_back(module); }
  [[nodiscard]] std::span<const Module> modules() const& { return modules_; }
  // They would be gone before a loop over them began.
  std::span<const Module> modules() const&& = delete;

 private:
  std::vector<Module> modules_;
};

// None where the library has no modules for the layer.
[[nodiscard]] std::optional<Built> built_of(const Layer& layer);
// The same, none too where the rules or the coefficients are of fpgaConvNet's modules.
[[nodiscard]] std::optional<Built> counted_of(const Layer& layer, const Coefficients& by,
                                              Rules rules);

// With the layer's weights where it says they are: in URAM, outside the device, or in LUTs.
[[nodiscard]] Resources resources_of(const Layer& layer, const Built& built,
                                     const Coefficients& by);
// Of one module.
[[nodiscard]] Resources resources_of(const Module& module, const Coefficients& by);

}  // namespace sluice::hw::library
