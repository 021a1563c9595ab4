// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/text_element.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <optional>

#include "sluice/base/parse.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::ir {
namespace {

static_assert(std::endian::native == std::endian::little, "codes are copied by their low bytes");

std::uint64_t bits_mask(DType dtype) {
  const std::size_t bits = 8 * storage_bytes(dtype);
  return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

template <class T>
std::optional<std::uint64_t> integer_bits(DType dtype, std::string_view text) {
  const auto value = parse_whole<T>(text);
  const IntegerRange range = integer_range(dtype);
  if (!value || static_cast<double>(*value) < range.least ||
      static_cast<double>(*value) > range.most) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*value) & bits_mask(dtype);
}

std::optional<std::uint64_t> float_bits(DType dtype, std::string_view text) {
  if (dtype == DType::Float32) {  // directly: by way of double it would be rounded twice
    const auto value = parse_whole<float>(text);
    if (!value) return std::nullopt;
    return std::bit_cast<std::uint32_t>(*value);
  }
  const auto value = parse_whole<double>(text);
  if (!value) return std::nullopt;
  if (dtype == DType::Float64) return std::bit_cast<std::uint64_t>(*value);
  if (dtype == DType::Float8E8M0) return numeric::encode_power(*value);
  return numeric::encode_float(dtype, *value, false);
}

// Whether the bits are an element of the type, which may not need all of those it is held in.
bool is_element(DType dtype, std::uint64_t bits) {
  if (dtype == DType::Bool) return bits <= 1;
  const int width = num_bits(dtype);
  if (width >= 8) return true;
  if (!is_integer(dtype)) return bits < std::uint64_t{1} << static_cast<unsigned>(width);
  const bool is_signed = integer_range(dtype).least < 0;
  const auto number = is_signed ? static_cast<std::int8_t>(bits) : static_cast<double>(bits);
  return number >= integer_range(dtype).least && number <= integer_range(dtype).most;
}

// The bits an element of that text is held in.
std::optional<std::uint64_t> bits_of(DType dtype, std::string_view text) {
  if (text.substr(0, 2) == "0x") {
    const auto bits = parse_whole<std::uint64_t>(text.substr(2), 16);
    return bits && *bits <= bits_mask(dtype) ? bits : std::nullopt;
  }
  if (is_float(dtype)) return float_bits(dtype, text);
  if (dtype == DType::UInt64) return integer_bits<std::uint64_t>(dtype, text);
  if (is_integer(dtype)) return integer_bits<std::int64_t>(dtype, text);
  if (text == "false") return 0;
  if (text == "true") return 1;
  return std::nullopt;
}

std::uint64_t held_bits(const Tensor& tensor, std::size_t i) {
  std::uint64_t bits = 0;
  const std::size_t size = storage_bytes(tensor.dtype());
  std::memcpy(&bits, tensor.bytes().data() + i * size, size);
  return bits;
}

// The number the bits stand for.
std::string number_text(DType dtype, std::uint64_t bits) {
  if (dtype == DType::Bool) return bits == 0 ? "false" : "true";
  return numeric::visit_dtype(dtype, [&](auto constant) -> std::string {
    using Storage = StorageOf<constant()>;
    if constexpr (std::is_same_v<Storage, bool>) {
      return {};
    } else {
      Storage held{};
      std::memcpy(&held, &bits, sizeof held);
      const auto value = numeric::to_number<constant()>(held);
      if constexpr (std::is_floating_point_v<decltype(value)>) return fmt::format("{}", value);
      if constexpr (sizeof value == 1) return fmt::format("{}", static_cast<int>(value));
      return fmt::format("{}", value);
    }
  });
}

}  // namespace

std::string element_text(const Tensor& tensor, std::size_t i) {
  const std::uint64_t bits = held_bits(tensor, i);
  std::string text = number_text(tensor.dtype(), bits);
  if (bits_of(tensor.dtype(), text) == bits) return text;
  return fmt::format("{:#x}", bits);
}

bool has_valid_elements(const Tensor& tensor) {
  if (tensor.dtype() != DType::Bool && num_bits(tensor.dtype()) >= 8) return true;
  return std::ranges::all_of(tensor.bytes(), [&](std::byte held) {
    return is_element(tensor.dtype(), std::to_integer<std::uint64_t>(held));
  });
}

bool set_element(Tensor& tensor, std::size_t i, std::string_view text) {
  const auto bits = bits_of(tensor.dtype(), text);
  if (!bits) return false;
  const std::size_t size = storage_bytes(tensor.dtype());
  std::memcpy(tensor.mutable_bytes().data() + i * size, &*bits, size);
  return true;
}

}  // namespace sluice::ir
