// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/arena.hpp"

#include <gtest/gtest.h>
#include <random>

namespace sluice::runtime {
namespace {

TEST(Arena, GivesBuffersThatMeetPlacesOfTheirOwn) {
  const std::vector<Lifetime> buffers{{100, 0, 1}, {100, 1, 2}};
  const ArenaLayout layout = lay_out(buffers);
  EXPECT_EQ(layout.size_bytes, 256U);
  EXPECT_NE(layout.offsets[0], layout.offsets[1]);
}

TEST(Arena, ReusesWhatIsFree) {
  const std::vector<Lifetime> buffers{{64, 0, 1}, {64, 2, 3}};
  const ArenaLayout layout = lay_out(buffers);
  EXPECT_EQ(layout.size_bytes, 64U);
  EXPECT_EQ(layout.offsets[0], layout.offsets[1]);
}

TEST(Arena, FillsAHoleBetweenTwo) {
  // The second dies before the fourth is born; the fourth fits into its place.
  const std::vector<Lifetime> buffers{{640, 0, 9}, {320, 0, 3}, {256, 0, 9}, {192, 4, 9}};
  EXPECT_EQ(lay_out(buffers).size_bytes, 640U + 320U + 256U);
}

TEST(Arena, OfNothingIsEmpty) {
  EXPECT_EQ(lay_out({}).size_bytes, 0U);
}

TEST(Arena, NeverOverlapsLiveBuffersAndIsNotLargerThanAllTogether) {
  std::mt19937 engine(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> buffers;
    std::size_t total = 0;
    for (int i = 0; i < 30; ++i) {
      const std::size_t first = engine() % 40;
      buffers.push_back({engine() % 5000 + 1, first, first + engine() % 10});
      total += (buffers.back().size_bytes + 63) / 64 * 64;
    }
    const ArenaLayout layout = lay_out(buffers);
    EXPECT_LE(layout.size_bytes, total);
    for (std::size_t a = 0; a < buffers.size(); ++a) {
      EXPECT_EQ(layout.offsets[a] % kArenaAlignment, 0U);
      EXPECT_LE(layout.offsets[a] + buffers[a].size_bytes, layout.size_bytes);
      for (std::size_t b = 0; b < a; ++b) {
        const bool meet =
            buffers[a].first <= buffers[b].last && buffers[b].first <= buffers[a].last;
        const bool apart = layout.offsets[a] + buffers[a].size_bytes <= layout.offsets[b] ||
                           layout.offsets[b] + buffers[b].size_bytes <= layout.offsets[a];
        EXPECT_TRUE(!meet || apart);
      }
    }
  }
}

}  // namespace
}  // namespace sluice::runtime
