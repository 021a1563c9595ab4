// SPDX-License-Identifier: Apache-2.0
// Operators with attributes drawn at random, and whether two have the same: for properties that
// hold of every operator.
#pragma once

#include <random>

#include "sluice/ir/enum_names.hpp"
#include "sluice/ir/text_fields.hpp"

namespace sluice::test {

class RandomAttributes {
 public:
  explicit RandomAttributes(unsigned seed) : random_(seed) {}

  // Sets every attribute of `op`.
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = below(2) == 1;
    } else if constexpr (std::is_same_v<T, DType>) {
      value = static_cast<DType>(below(static_cast<int>(DType::Bool) + 1));
    } else if constexpr (std::is_enum_v<T>) {
      do {
        value = static_cast<T>(below(8));
      } while (ir::enum_name(value).empty());
    } else if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<T>(below(2001) - 1000) / 7;
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(below(2001) - 1000);
    } else if constexpr (std::is_same_v<T, Tensor>) {
      value = Tensor::from<double>({2, 1}, {below(100) / 3.0, -0.0});
    } else if constexpr (std::is_same_v<T, numeric::Grid>) {
      const int kind = below(3);
      if (kind == 0) value = filled<numeric::AffineGrid>();
      if (kind == 1) value = filled<numeric::FixedGrid>();
      if (kind == 2) value = filled<numeric::BlockGrid>();
    } else if constexpr (ir::kIsOptional<T>) {
      value.reset();
      if (below(2) == 1) fill(value.emplace());
    } else if constexpr (ir::kIsVector<T>) {
      value.resize(static_cast<std::size_t>(below(4)));
      for (auto& item : value) fill(item);
    } else {
      std::apply([&](const auto&... field) { (fill(value.*field.member), ...); },
                 ir::fields_of(static_cast<const T*>(nullptr)));
    }
  }

  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }

 private:
  template <class T>
  T filled() {
    T value;
    fill(value);
    return value;
  }

  std::mt19937 random_;
};

// Equality of attributes, field by field.
template <class T>
bool same_attributes(const T& a, const T& b) {
  if constexpr (requires { a == b; }) {
    return a == b;
  } else {
    return std::apply(
        [&](const auto&... field) {
          return (same_attributes(a.*field.member, b.*field.member) && ...);
        },
        ir::fields_of(static_cast<const T*>(nullptr)));
  }
}

}  // namespace sluice::test
