// SPDX-License-Identifier: Apache-2.0
// A layer's module by its name.
#pragma once

#include <algorithm>
#include <string_view>

#include "sluice/hw/layers/chain.hpp"

namespace sluice::hw::test {

inline const ChainModule& module_of(const Chain& chain, std::string_view name) {
  return *std::ranges::find(chain.modules(), name, &ChainModule::name);
}

}  // namespace sluice::hw::test
