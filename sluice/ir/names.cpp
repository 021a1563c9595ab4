// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/names.hpp"

#include <fmt/format.h>

namespace sluice::ir {

std::string Names::take(std::string_view wanted) {
  std::string name(wanted);
  const auto [entry, fresh] = next_.try_emplace(name, 2);
  if (fresh) return name;
  std::size_t& suffix = entry->second;  // stays in place when the table grows
  do {
    name = fmt::format("{}_{}", wanted, suffix++);
  } while (!next_.try_emplace(name, 2).second);
  return name;
}

}  // namespace sluice::ir
