// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/code_order.hpp"

#include <algorithm>

#include "sluice/numeric/element.hpp"

namespace sluice::exact::fast {
namespace {

// [rows, columns] to [columns, rows], in squares that fit the nearest cache.
template <class Code>
void transpose(std::int64_t rows, std::int64_t columns, const std::byte* from_bytes,
               std::byte* to_bytes) {
  const auto* from = reinterpret_cast<const Code*>(from_bytes);
  auto* to = reinterpret_cast<Code*>(to_bytes);
  constexpr std::int64_t kSide = 64;
  for (std::int64_t r0 = 0; r0 < rows; r0 += kSide) {
    const std::int64_t r1 = std::min(r0 + kSide, rows);
    for (std::int64_t c0 = 0; c0 < columns; c0 += kSide) {
      const std::int64_t c1 = std::min(c0 + kSide, columns);
      for (std::int64_t r = r0; r < r1; ++r) {
        for (std::int64_t c = c0; c < c1; ++c) to[c * rows + r] = from[r * columns + c];
      }
    }
  }
}

}  // namespace

void channels_to_last(const ImageShape& shape, const std::byte* from, std::byte* to) {
  const std::int64_t size = shape.channels * shape.positions * shape.code_bytes;
  const auto move = shape.code_bytes == 1   ? transpose<std::uint8_t>
                    : shape.code_bytes == 2 ? transpose<std::uint16_t>
                                            : transpose<std::uint32_t>;
  for (std::int64_t n = 0; n < shape.images; ++n) {
    move(shape.channels, shape.positions, from + n * size, to + n * size);
  }
}

void channels_to_first(const ImageShape& shape, const std::byte* from, std::byte* to) {
  channels_to_last({shape.images, shape.positions, shape.channels, shape.code_bytes}, from, to);
}

Tensor all_codes(DType dtype) {
  std::vector<std::int64_t> codes;
  codes.reserve(kNumCodes);
  for (std::int64_t byte = 0; byte < kNumCodes; ++byte) codes.push_back(byte);
  return numeric::cast(Tensor::from<std::int64_t>({kNumCodes}, codes), dtype);
}

std::optional<numeric::CodeRange> clamp_of(const CodeTable& table, DType dtype) {
  const numeric::CodeRange all = numeric::codes_of(dtype);
  const auto mapped = [&](std::int64_t x) {
    return code_of(table[static_cast<std::uint8_t>(x)], dtype);
  };
  const numeric::CodeRange range{mapped(all.lowest), mapped(all.highest)};
  if (range.lowest > range.highest) return std::nullopt;
  for (std::int64_t x = all.lowest; x <= all.highest; ++x) {
    if (mapped(x) != std::clamp(x, range.lowest, range.highest)) return std::nullopt;
  }
  return range;
}

}  // namespace sluice::exact::fast
