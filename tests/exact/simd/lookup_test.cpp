// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/lookup.hpp"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace sluice::exact {
namespace {

TEST(Lookup, EqualsThePlainOneOnEveryByteAndLength) {
  std::mt19937 random(3);
  ByteTable table{};
  for (std::uint8_t& entry : table) entry = static_cast<std::uint8_t>(random());
  for (const std::size_t count : {0U, 1U, 63U, 64U, 65U, 200U, 1024U, 1031U}) {
    std::vector<std::uint8_t> from(count);
    for (std::size_t i = 0; i < count; ++i) from[i] = static_cast<std::uint8_t>(i);
    std::vector<std::uint8_t> expected(count);
    plain_lookup(table, from.data(), expected.data(), count);
    std::vector<std::uint8_t> to(count);
    lookup(table, from.data(), to.data(), count);
    EXPECT_EQ(to, expected) << count;
    lookup(table, from.data(), from.data(), count);
    EXPECT_EQ(from, expected) << count << " in place";
  }
}

}  // namespace
}  // namespace sluice::exact
