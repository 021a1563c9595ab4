// SPDX-License-Identifier: Apache-2.0
// How an operator's struct names its attributes, so that text, equality and documentation are made
// from one list: `static constexpr auto fields() { return std::tuple{field("alpha", &Elu::alpha)};
// }`
#pragma once

#include <string_view>
#include <tuple>

namespace sluice::ir {

template <class Owner, class T>
struct Field {
  std::string_view name;
  T Owner::*member;
};

template <class Owner, class T>
constexpr Field<Owner, T> field(std::string_view name, T Owner::*member) {
  return {name, member};
}

}  // namespace sluice::ir
