// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/max_rows.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>

#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact {
namespace {

constexpr std::int64_t kPixels = 3;
constexpr std::int64_t kTaps = 4;

// A pixel of four rows, one of which each but the last lacks.
template <class Code>
void expect_largest(DType type, std::int64_t channels, const char* target) {
  Rng rng(static_cast<std::uint64_t>(channels));
  const auto row_size = static_cast<std::size_t>(channels);
  std::vector<std::vector<Code>> rows(kPixels * kTaps, std::vector<Code>(row_size));
  std::vector<const std::byte*> pointers;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (Code& code : rows[r]) code = static_cast<Code>(rng.next());
    const bool is_absent = r % (kTaps + 1) == 0;
    pointers.push_back(is_absent ? nullptr : reinterpret_cast<const std::byte*>(rows[r].data()));
  }
  const std::int64_t stride = channels + 2;  // codes
  std::vector<Code> found(static_cast<std::size_t>(kPixels * stride), Code{99});
  max_of_rows(type, pointers.data(), kPixels, kTaps, channels,
              {reinterpret_cast<std::byte*>(found.data()),
               stride * static_cast<std::int64_t>(sizeof(Code))});
  for (std::int64_t p = 0; p < kPixels; ++p) {
    for (std::int64_t c = 0; c < stride; ++c) {
      Code expected = c < channels ? std::numeric_limits<Code>::lowest() : Code{99};
      for (std::int64_t t = 0; c < channels && t < kTaps; ++t) {
        const auto r = static_cast<std::size_t>(p * kTaps + t);
        if (pointers[r] != nullptr)
          expected = std::max(expected, rows[r][static_cast<std::size_t>(c)]);
      }
      ASSERT_EQ(found[static_cast<std::size_t>(p * stride + c)], expected)
          << target << ' ' << to_string(type) << ", channel " << c << " of " << channels;
    }
  }
}

TEST(MaxOfRows, IsTheLargestOnEveryTarget) {
  test::on_every_target([](const char* target) {
    for (const std::int64_t channels : {1, 7, 8, 15, 16, 17, 31, 33, 64, 65, 130}) {
      expect_largest<std::int8_t>(DType::Int8, channels, target);
      expect_largest<std::uint8_t>(DType::UInt8, channels, target);
      expect_largest<std::int16_t>(DType::Int16, channels, target);
      expect_largest<std::uint16_t>(DType::UInt16, channels, target);
    }
  });
}

}  // namespace
}  // namespace sluice::exact
