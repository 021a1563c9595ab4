// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/slices.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

// A Slice of channels from begin to end.
std::string slice(const std::string& name, int begin, int end) {
  const auto constant = [&](const std::string& what, int value) {
    return "const %" + name + what + ": int64[1] = [" + std::to_string(value) + "]\n";
  };
  return constant("b", begin) + constant("e", end) + constant("a", 1) + "%" + name +
         " = Slice(%x, %" + name + "b, %" + name + "e, %" + name + "a) \"" + name + "\"\n";
}

std::string parts(const std::string& slices) {
  const ir::Graph network = network_of("input %x: float32[1x6x2x2]\n" + slices + "output %p");
  std::vector<ir::NodeId> readers;
  readers.reserve(network.nodes.size());
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    readers.push_back(ir::NodeId{static_cast<std::int32_t>(n)});
  }
  std::string names;
  for (const ir::NodeId id : parts_of(network, readers)) names += network[id].name;
  return names;
}

TEST(PartsOf, AreSlicesThatTakeEachChannel) {
  EXPECT_EQ(parts(slice("p", 2, 6) + slice("q", 0, 2)), "qp");
}

TEST(PartsOf, AreNoneWhereChannelsAreLeftOut) {
  EXPECT_EQ(parts(slice("p", 0, 2) + slice("q", 3, 6)), "");
  EXPECT_EQ(parts(slice("p", 0, 2)), "");
}

TEST(PartsOf, LeaveOutWhatIsTakenTwice) {
  EXPECT_EQ(parts(slice("p", 0, 2) + slice("q", 2, 6) + slice("r", 0, 2)), "pq");
}

TEST(RangesOf, AreKnownOfConstantsOnly) {
  const ir::Graph network =
      network_of("input %x: float32[1x6x2x2]\n" + slice("p", 2, 6) + "output %p");
  const auto ranges = ranges_of(network, network.nodes[0]);
  ASSERT_TRUE(ranges);
  EXPECT_EQ((*ranges)[1].begin, 2);
  EXPECT_EQ((*ranges)[1].size, 4);
}

}  // namespace
}  // namespace sluice::hw
