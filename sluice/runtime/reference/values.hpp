// SPDX-License-Identifier: Apache-2.0
// Tensors as plain C++ numbers, so that one kernel serves all element types: every float type is
// computed in double and rounded once when stored, every integer type in itself.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <type_traits>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::runtime::reference {

// The error of a kernel that is not defined on `dtype`.
[[nodiscard]] Error no_kernel_for(DType dtype);

// The elements of a float16, bfloat16, float32 or float64 tensor, exactly. Unsupported otherwise.
[[nodiscard]] Result<std::vector<double>> read_floats(const Tensor& tensor);
// Rounds `values` to the tensor's float type, halves to even. As many values as elements.
[[nodiscard]] Status write_floats(const std::vector<double>& values, Tensor& tensor);

// Calls body(T{}) with the type to compute in: double for the four float types above, the integer
// type itself, uint8_t for bool (0 or 1). Unsupported for the narrower types.
template <class Body>
Status dispatch(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::Float16:
    case DType::BFloat16:
    case DType::Float32:
    case DType::Float64:
      return body(double{});
    case DType::Int8:
      return body(std::int8_t{});
    case DType::Int16:
      return body(std::int16_t{});
    case DType::Int32:
      return body(std::int32_t{});
    case DType::Int64:
      return body(std::int64_t{});
    case DType::Bool:
    case DType::UInt8:
      return body(std::uint8_t{});
    case DType::UInt16:
      return body(std::uint16_t{});
    case DType::UInt32:
      return body(std::uint32_t{});
    case DType::UInt64:
      return body(std::uint64_t{});
    default:
      return no_kernel_for(dtype);
  }
}

// What is not 0 becomes 1. A file may hold any byte where it says bool.
template <class Range>
void normalize_bools(Range&& values) {
  for (auto& value : values) value = value != 0 ? 1 : 0;
}

// The elements of a tensor whose type dispatch() turned into T.
template <class T>
[[nodiscard]] Result<std::vector<T>> read_values(const Tensor& tensor) {
  if constexpr (std::is_same_v<T, double>) {
    return read_floats(tensor);
  } else {
    const auto data = tensor.data<T>();
    std::vector<T> values(data.begin(), data.end());
    if (tensor.dtype() == DType::Bool) normalize_bools(values);
    return values;
  }
}

// The way back. As many values as elements.
template <class T>
[[nodiscard]] Status write_values(const std::vector<T>& values, Tensor& tensor) {
  if constexpr (std::is_same_v<T, double>) {
    return write_floats(values, tensor);
  } else {
    std::ranges::copy(values, tensor.mutable_data<T>().begin());
    if (tensor.dtype() == DType::Bool) normalize_bools(tensor.mutable_data<T>());
    return {};
  }
}

// The type in which sums, differences and products of T never overflow, or wrap without undefined
// behaviour: static_cast<T> of a result is the one two's complement gives.
template <class T>
using Wrapping = std::conditional_t<std::is_integral_v<T>, std::uint64_t, T>;

// `value` cut to a whole number; what T cannot hold becomes its nearest end, NaN becomes 0.
template <class T>
[[nodiscard]] T saturate_to(double value) {
  if constexpr (std::is_same_v<T, double>) {
    return value;
  } else {
    using Limits = std::numeric_limits<T>;
    if (!(value > static_cast<double>(Limits::min()))) {
      return std::isnan(value) ? T{0} : Limits::min();
    }
    // max() + 1 is a power of two, so it is exact where max() may not be.
    constexpr T kHalf = Limits::max() / 2 + 1;
    constexpr double kEnd = 2.0 * static_cast<double>(kHalf);
    return value < kEnd ? static_cast<T>(value) : Limits::max();
  }
}

template <class T>
[[nodiscard]] bool is_nan(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
  return false;
}

// The larger or smaller one; NaN if either is.
template <class T>
[[nodiscard]] T maximum(T a, T b) {
  return b > a || is_nan(b) ? b : a;
}
template <class T>
[[nodiscard]] T minimum(T a, T b) {
  return b < a || is_nan(b) ? b : a;
}

// What the maximum and the minimum of nothing are: the ends of the type, infinite for floats.
template <class T>
inline constexpr T kLeast = std::is_same_v<T, double> ? -std::numeric_limits<T>::infinity()
                                                      : std::numeric_limits<T>::lowest();
template <class T>
inline constexpr T kGreatest = std::is_same_v<T, double> ? std::numeric_limits<T>::infinity()
                                                         : std::numeric_limits<T>::max();

}  // namespace sluice::runtime::reference
