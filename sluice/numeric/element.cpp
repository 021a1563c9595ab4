// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/element.hpp"

#include <algorithm>
#include <array>

namespace sluice::numeric {
namespace {

constexpr std::size_t kBlock = 512;

// The type that holds all numbers of a type's kind exactly.
template <DType dtype>
using Widest =
    std::conditional_t<std::is_floating_point_v<NumberOf<dtype>>, double,
                       std::conditional_t<dtype == DType::UInt64, std::uint64_t, std::int64_t>>;

template <DType from, class Held>
NumberOf<from> number(Held held) {
  if constexpr (from == DType::Bool) {
    return held != 0;
  } else {
    return to_number<from>(held);
  }
}

// Casts block by block through the widest type, so that there is code for each type and not for
// each pair of types.
template <DType from>
void cast_from(const Tensor& tensor, Tensor& result, FloatEncoding encoding) {
  // A file may hold any byte where it says bool, and only 0 and 1 may be read as one.
  using Held = std::conditional_t<from == DType::Bool, std::uint8_t, StorageOf<from>>;
  const auto source = tensor.data<Held>();
  std::array<Widest<from>, kBlock> wide{};
  visit_dtype(result.dtype(), [&](auto to) {
    const auto target = result.mutable_data<StorageOf<to()>>();
    for (std::size_t begin = 0; begin < source.size(); begin += kBlock) {
      const std::size_t count = std::min(kBlock, source.size() - begin);
      for (std::size_t i = 0; i < count; ++i) {
        // NOLINTNEXTLINE(bugprone-signed-char-misuse): an int8 is a number here, not a letter
        wide[i] = static_cast<Widest<from>>(number<from>(source[begin + i]));
      }
      for (std::size_t i = 0; i < count; ++i) {
        target[begin + i] = from_number<to()>(wide[i], encoding);
      }
    }
  });
}

}  // namespace

Tensor cast(const Tensor& tensor, DType to, FloatEncoding encoding) {
  if (tensor.dtype() == to) return tensor;
  Tensor result(to, tensor.shape());
  visit_dtype(tensor.dtype(), [&](auto from) { cast_from<from()>(tensor, result, encoding); });
  return result;
}

std::vector<std::int64_t> to_integers(const Tensor& tensor) {
  SL_ASSERT(is_integer(tensor.dtype()), "integers of a tensor that holds none");
  const Tensor integers = cast(tensor, DType::Int64);
  const auto data = integers.data<std::int64_t>();
  return {data.begin(), data.end()};
}

std::vector<double> to_doubles(const Tensor& tensor) {
  const Tensor doubles = cast(tensor, DType::Float64);
  const auto data = doubles.data<double>();
  return {data.begin(), data.end()};
}

}  // namespace sluice::numeric
