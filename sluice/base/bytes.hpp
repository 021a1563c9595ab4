// SPDX-License-Identifier: Apache-2.0
// Integers in files: read from bytes in a stated order, on any machine, at any alignment.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sluice {

// The same bytes in the other order.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T reverse_bytes(T value) noexcept {
  T reversed = value;
  for (std::size_t i = 1; i < sizeof(T); ++i) {
    value = static_cast<T>(value >> 8U);
    reversed = static_cast<T>((std::uint64_t{reversed} << 8U) | (value & 0xffU));
  }
  return reversed;
}

// sizeof(T) bytes at `p`, in the order of `endian`.
template <std::unsigned_integral T>
[[nodiscard]] T load(const std::byte* p, std::endian endian) noexcept {
  T value = 0;
  std::memcpy(&value, p, sizeof value);
  return endian == std::endian::native ? value : reverse_bytes(value);
}

template <std::unsigned_integral T>
[[nodiscard]] T load_little(const std::byte* p) noexcept {
  return load<T>(p, std::endian::little);
}

template <std::unsigned_integral T>
[[nodiscard]] T load_big(const std::byte* p) noexcept {
  return load<T>(p, std::endian::big);
}

}  // namespace sluice
