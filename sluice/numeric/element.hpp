// SPDX-License-Identifier: Apache-2.0
// Elements as C++ numbers, whatever type they are held in: one template serves all types.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "sluice/numeric/float_formats.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::numeric {

// Calls f(std::integral_constant<DType, …>{}) with `dtype` as a constant; f returns one type.
template <class F>
decltype(auto) visit_dtype(DType dtype, F&& f) {
  switch (dtype) {
#define SL_DTYPE(Name, name, Storage, bits) \
  case DType::Name:                         \
    return f(std::integral_constant<DType, DType::Name>{});
#include "sluice/numeric/dtype.def"
#undef SL_DTYPE
  }
  SL_ASSERT(false, "unknown DType");
  return f(std::integral_constant<DType, DType::Float32>{});
}

// Floats that are held as codes: all but Float32 and Float64.
template <DType dtype>
inline constexpr bool kIsCoded = dtype >= DType::Float16&& dtype <= DType::Float4E2M1;

// The number an element stands for: float for the coded floats, else the storage type itself.
template <DType dtype>
using NumberOf = std::conditional_t<kIsCoded<dtype>, float, StorageOf<dtype>>;

template <DType dtype>
NumberOf<dtype> to_number(StorageOf<dtype> element) noexcept {
  if constexpr (kIsCoded<dtype>) {
    return decode_float(dtype, element);
  } else {
    return element;
  }
}

// How values become floats of 8 bits.
struct FloatEncoding {
  bool saturate = true;
  PowerRounding power_rounding = PowerRounding::Up;
};

// A whole number's low bits as the integer type, two's complement.
template <DType dtype>
StorageOf<dtype> wrap(std::uint64_t whole) noexcept {
  constexpr int kDropped = [] {
    switch (dtype) {
      case DType::Int2:
      case DType::UInt2:
        return 62;
      case DType::Int4:
      case DType::UInt4:
        return 60;
      default:
        return static_cast<int>(64 - 8 * sizeof(StorageOf<dtype>));
    }
  }();
  if constexpr (std::is_signed_v<StorageOf<dtype>>) {
    return static_cast<StorageOf<dtype>>(static_cast<std::int64_t>(whole << kDropped) >> kDropped);
  } else {
    return static_cast<StorageOf<dtype>>((whole << kDropped) >> kDropped);
  }
}

// `value` without its fraction, as int64 or uint64; beyond those the nearest end, NaN 0. Unsigned
// types take negative values as int64 does.
template <bool is_signed>
std::uint64_t truncate_to_whole(double value) noexcept {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  using Limits = std::numeric_limits<std::conditional_t<is_signed, std::int64_t, std::uint64_t>>;
  if (std::isnan(value)) return 0;
  if (value <= -kTwoTo63) return std::uint64_t{1} << 63;
  if (value < kTwoTo63) return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
  if (value < 2 * kTwoTo63 && !is_signed) return static_cast<std::uint64_t>(value);
  return static_cast<std::uint64_t>(Limits::max());
}

// ONNX's cast of a number: to a float type the nearest value, to an integer type the whole part,
// wrapped to its width; to bool whether it is not zero.
template <DType dtype, class T>
StorageOf<dtype> from_number(T value, [[maybe_unused]] FloatEncoding encoding = {}) noexcept {
  using Storage = StorageOf<dtype>;
  if constexpr (dtype == DType::Float8E8M0) {
    return static_cast<Storage>(
        encode_power(static_cast<double>(value), encoding.power_rounding, encoding.saturate));
  } else if constexpr (kIsCoded<dtype>) {
    return static_cast<Storage>(encode_float(dtype, static_cast<double>(value), encoding.saturate));
  } else if constexpr (dtype == DType::Bool) {
    return value != T{};
  } else if constexpr (std::is_floating_point_v<Storage>) {
    return static_cast<Storage>(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return wrap<dtype>(truncate_to_whole<std::is_signed_v<Storage>>(static_cast<double>(value)));
  } else {
    return wrap<dtype>(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
  }
}

// Every element of `tensor` cast as above; shares the bytes if the type is the same.
[[nodiscard]] Tensor cast(const Tensor& tensor, DType to, FloatEncoding encoding = {});

// Every element of an integer tensor; those of uint64 from 2^63 on wrap.
[[nodiscard]] std::vector<std::int64_t> to_integers(const Tensor& tensor);

// Every element as a double (64-bit integers beyond 2^53 rounded): for code that is not fast.
[[nodiscard]] std::vector<double> to_doubles(const Tensor& tensor);

}  // namespace sluice::numeric
