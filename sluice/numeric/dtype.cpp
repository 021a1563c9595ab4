// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/dtype.hpp"

#include <array>
#include <cmath>
#include <type_traits>

namespace sluice {
namespace {

struct DTypeFacts {
  std::string_view name;
  std::size_t storage_bytes;
  int bits;
  bool is_signed;
};

constexpr std::array kFacts{
#define SL_DTYPE(Name, name, Storage, bits) \
  DTypeFacts{#name, sizeof(Storage), bits, std::is_signed_v<Storage>},
#include "sluice/numeric/dtype.def"
#undef SL_DTYPE
};

const DTypeFacts& facts(DType dtype) {
  return kFacts[static_cast<std::size_t>(dtype)];
}

}  // namespace

std::string_view to_string(DType dtype) noexcept {
  return facts(dtype).name;
}

std::optional<DType> dtype_from_string(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (kFacts[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::size_t storage_bytes(DType dtype) noexcept {
  return facts(dtype).storage_bytes;
}

int num_bits(DType dtype) noexcept {
  return facts(dtype).bits;
}

bool is_float(DType dtype) noexcept {
  return dtype <= DType::Float4E2M1;
}

bool is_integer(DType dtype) noexcept {
  return dtype >= DType::Int2 && dtype <= DType::UInt64;
}

IntegerRange integer_range(DType dtype) noexcept {
  const double codes = std::ldexp(1.0, num_bits(dtype));
  if (facts(dtype).is_signed) return {-codes / 2, codes / 2 - 1};
  return {0, codes - 1};
}

}  // namespace sluice
