// SPDX-License-Identifier: Apache-2.0
// Names: unique names by table, for whoever adds many values or nodes to a graph. Graph's own add
// functions look through all names each time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "sluice/ir/graph.hpp"

namespace sluice::ir {

class Names {
 public:
  Names() = default;
  // Those of the items, which have a `name`: a graph's values or its nodes.
  template <class Items>
  static Names of(const Items& items) {
    Names names;
    for (const auto& item : items) names.reserve(item.name);
    return names;
  }

  // `wanted`, or wanted_2, wanted_3, … if it is taken. The result is taken from then on.
  [[nodiscard]] std::string take(std::string_view wanted);
  // The name is taken from now on, if it was not.
  void reserve(std::string_view name) { next_.try_emplace(std::string(name), 2); }
  void give_back(const std::string& name) { next_.erase(name); }
  [[nodiscard]] bool taken(const std::string& name) const { return next_.contains(name); }

 private:
  std::unordered_map<std::string, std::size_t> next_;  // the suffix to try next
};

}  // namespace sluice::ir
