// SPDX-License-Identifier: Apache-2.0
// Codes as bytes: moved between the two orders, and all of them in a row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sluice/exact/fast/planner.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::exact::fast {

// [images, channels, positions] row-major, [images, positions, channels] channels last, of codes of
// 1, 2 or 4 bytes.
struct ImageShape {
  std::int64_t images = 1;
  std::int64_t channels = 1;
  std::int64_t positions = 1;
  std::int64_t code_bytes = 1;
};
void channels_to_last(const ImageShape& shape, const std::byte* from, std::byte* to);
void channels_to_first(const ImageShape& shape, const std::byte* from, std::byte* to);

// The code that a byte of the 8-bit type holds.
[[nodiscard]] inline std::int64_t code_of(std::uint8_t byte, DType dtype) {
  return dtype == DType::Int8 ? static_cast<std::int8_t>(byte) : byte;
}

// Every code of an 8-bit type, in the order of the bytes that hold them.
inline constexpr std::int64_t kNumCodes = 256;
[[nodiscard]] Tensor all_codes(DType dtype);

// The bounds of a table that narrows codes of the type and does nothing else; nothing if it does.
[[nodiscard]] std::optional<numeric::CodeRange> clamp_of(const CodeTable& table, DType dtype);

}  // namespace sluice::exact::fast
