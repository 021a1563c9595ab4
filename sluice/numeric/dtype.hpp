// SPDX-License-Identifier: Apache-2.0
// DType: the element type of a tensor. The list is dtype.def; everything here is made from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

enum class DType : unsigned char {
#define SL_DTYPE(Name, name, Storage, bits) Name,
#include "sluice/numeric/dtype.def"
#undef SL_DTYPE
};

// "float32", "int8", …: the name in text, JSON and on the command line.
[[nodiscard]] std::string_view to_string(DType dtype) noexcept;
[[nodiscard]] std::optional<DType> dtype_from_string(std::string_view name) noexcept;

// Bytes one element takes in a Tensor (narrow types are held unpacked, one to a byte).
[[nodiscard]] std::size_t storage_bytes(DType dtype) noexcept;
// Bits one element has in itself: 4 for int4.
[[nodiscard]] int num_bits(DType dtype) noexcept;
// Any of the float types, narrow ones included.
[[nodiscard]] bool is_float(DType dtype) noexcept;
// Signed or unsigned integers, narrow ones included; not Bool.
[[nodiscard]] bool is_integer(DType dtype) noexcept;

// The ends of an integer type; for 64 bits `most` is the nearest double, one more than the type's.
struct IntegerRange {
  double least;
  double most;
};
[[nodiscard]] IntegerRange integer_range(DType dtype) noexcept;

// StorageOf<DType::Int8> = std::int8_t; the C++ type one element is held in.
template <DType>
struct StorageOfTrait;
#define SL_DTYPE(Name, name, Storage, bits) \
  template <>                               \
  struct StorageOfTrait<DType::Name> {      \
    using type = Storage;                   \
  };
#include "sluice/numeric/dtype.def"
#undef SL_DTYPE
template <DType dtype>
using StorageOf = typename StorageOfTrait<dtype>::type;

// DTypeOf<float>: the type whose values are plain C++ values. Narrow floats have no such C++ type.
template <class T>
inline constexpr DType kDTypeOf = [] {
  static_assert(sizeof(T) == 0, "no DType has this C++ type for its values");
  return DType::Float32;
}();
template <>
inline constexpr DType kDTypeOf<float> = DType::Float32;
template <>
inline constexpr DType kDTypeOf<double> = DType::Float64;
template <>
inline constexpr DType kDTypeOf<std::int8_t> = DType::Int8;
template <>
inline constexpr DType kDTypeOf<std::uint8_t> = DType::UInt8;
template <>
inline constexpr DType kDTypeOf<std::int16_t> = DType::Int16;
template <>
inline constexpr DType kDTypeOf<std::uint16_t> = DType::UInt16;
template <>
inline constexpr DType kDTypeOf<std::int32_t> = DType::Int32;
template <>
inline constexpr DType kDTypeOf<std::uint32_t> = DType::UInt32;
template <>
inline constexpr DType kDTypeOf<std::int64_t> = DType::Int64;
template <>
inline constexpr DType kDTypeOf<std::uint64_t> = DType::UInt64;
template <>
inline constexpr DType kDTypeOf<bool> = DType::Bool;

}  // namespace sluice
