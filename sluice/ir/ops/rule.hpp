// SPDX-License-Identifier: Apache-2.0
// What the shape rules have in common: sets of element types, and checks of inputs against them.
#pragma once

#include <string_view>

#include "sluice/ir/infer.hpp"

namespace sluice::ir {

// A set of element types and its name in messages.
struct TypeSet {
  std::string_view name;
  bool (*contains)(DType);
};

inline constexpr TypeSet kFloats{"float16, bfloat16, float32 or float64",
                                 [](DType dtype) { return dtype <= DType::BFloat16; }};
inline constexpr TypeSet kIntegers{"an integer of 8 to 64 bits", [](DType dtype) {
                                     return dtype >= DType::Int8 && dtype <= DType::UInt64;
                                   }};
inline constexpr TypeSet kNumbers{"a float or an integer of 8 to 64 bits", [](DType dtype) {
                                    return kFloats.contains(dtype) || kIntegers.contains(dtype);
                                  }};
inline constexpr TypeSet kSignedNumbers{
    "a float or a signed integer of 8 to 64 bits", [](DType dtype) {
      return kFloats.contains(dtype) || dtype == DType::Int8 || dtype == DType::Int16 ||
             dtype == DType::Int32 || dtype == DType::Int64;
    }};
inline constexpr TypeSet kNumbersAndBool{
    "a float, an integer of 8 to 64 bits or bool",
    [](DType dtype) { return kNumbers.contains(dtype) || dtype == DType::Bool; }};

// InvalidArgument unless input i, if present, is of one of the types.
[[nodiscard]] Status require_type(const InferContext& context, std::size_t i, const TypeSet& types);
// InvalidArgument unless all present inputs from `first` on are of one and the same type.
[[nodiscard]] Status require_same_type(const InferContext& context, std::size_t first = 0);
// InvalidArgument unless input i has `least` dimensions or more.
[[nodiscard]] Status require_rank(const InferContext& context, std::size_t i, std::size_t least);
// InvalidArgument unless input i, if present, is 1-D with `size` elements.
[[nodiscard]] Status require_vector(const InferContext& context, std::size_t i,
                                    std::string_view name, std::int64_t size);

}  // namespace sluice::ir
