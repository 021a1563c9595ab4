// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channel_map.hpp"

#include <gmock/gmock.h>
#include <set>

#include "tests/sparse/parsed.hpp"
#include "tests/support/net.hpp"

namespace sluice::sparse {
namespace {

using test::Net;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A net that ends in a convolution, so that what is before it can lose channels.
class MappedNet {
 public:
  ir::ValueId input(Shape shape = {1, 3, 4, 4}) { return net.input(std::move(shape)); }
  ir::ValueId conv(ir::ValueId x, std::int64_t in, std::int64_t out, std::int64_t group = 1) {
    return net.add(ir::Conv{.window = {}, .group = group},
                   {x, net.weight({out, in / group, 1, 1})});
  }
  ir::ValueId four() { return conv(input(), 3, 4); }

  ChannelMap map(std::vector<ir::ValueId> outputs) {
    graph = net.finish(std::move(outputs));
    return map_channels(graph);
  }

  Net net;
  ir::Graph graph;
};

std::string kept_because(const ChannelMap& map, ir::ValueId id) {
  std::string reasons;
  for (const std::size_t unit : map.positions[index(id)]) {
    const std::string& reason = map.units[unit].kept_because;
    if (reasons.find(reason) == std::string::npos) reasons += reason;
  }
  return reasons;
}

// The units of a value, numbered in the order they come.
std::vector<int> pattern(const ChannelMap& map, std::initializer_list<ir::ValueId> values) {
  std::vector<std::size_t> seen;
  std::vector<int> result;
  for (const ir::ValueId id : values) {
    for (const std::size_t unit : map.positions[index(id)]) {
      const auto found = std::ranges::find(seen, unit);
      result.push_back(static_cast<int>(found - seen.begin()));
      if (found == seen.end()) seen.push_back(unit);
    }
  }
  return result;
}

TEST(MapChannels, EachFilterIsAUnit) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ChannelMap map = net.map({net.conv(x, 4, 2)});
  EXPECT_THAT(pattern(map, {x}), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(kept_because(map, x), "");
}

TEST(MapChannels, InputsAndOutputsOfTheNetworkStay) {
  MappedNet net;
  const ir::ValueId x = net.input();
  const ir::ValueId y = net.conv(x, 3, 2);
  const ChannelMap map = net.map({y});
  EXPECT_EQ(kept_because(map, x), "is an input of the network");
  EXPECT_EQ(kept_because(map, y), "is an output of the network");
}

TEST(MapChannels, SumsMakeUnitsOne) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId y = net.conv(x, 4, 4);
  const ir::ValueId sum = net.net.add(ir::Add{}, {x, y});
  const ChannelMap map = net.map({net.conv(sum, 4, 2)});
  EXPECT_THAT(pattern(map, {x, y, sum}), ElementsAre(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3));
  EXPECT_EQ(map.units[map.positions[index(sum)][0]].made.size(), 2U);
}

TEST(MapChannels, DepthwiseFiltersGoWithTheirChannel) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId y = net.conv(x, 4, 8, 4);
  const ChannelMap map = net.map({net.conv(y, 8, 2)});
  EXPECT_THAT(pattern(map, {x, y}), ElementsAre(0, 1, 2, 3, 0, 0, 1, 1, 2, 2, 3, 3));
}

TEST(MapChannels, ConcatAndItsPartsKeepTheirOrder) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId y = net.conv(x, 4, 2);
  const ir::ValueId both = net.net.add(ir::Concat{-3}, {y, x});
  const auto parts = net.net.add_many(ir::Split{1}, {both}, 2);
  const ChannelMap map = net.map({net.conv(parts[0], 3, 2), net.conv(parts[1], 3, 2)});
  EXPECT_THAT(pattern(map, {both}), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(pattern(map, {both, parts[1]}), ElementsAre(0, 1, 2, 3, 4, 5, 3, 4, 5));
}

TEST(MapChannels, SlicesTakeTheirPart) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId part = net.net.add(
      ir::Slice{}, {x, net.net.integers({-3}), net.net.integers({1000}), net.net.integers({1})});
  const ChannelMap map = net.map({net.conv(part, 3, 2)});
  EXPECT_THAT(pattern(map, {x, part}), ElementsAre(0, 1, 2, 3, 1, 2, 3));
}

TEST(MapChannels, FlattenRepeatsAChannelForEachPlace) {
  MappedNet net;
  const ir::ValueId x =
      net.net.add(ir::Conv{}, {net.input({1, 3, 1, 2}), net.net.weight({2, 3, 1, 1})});
  const ir::ValueId flat = net.net.add(ir::Flatten{}, {x});
  const ChannelMap map = net.map({net.net.add(ir::Gemm{}, {flat, net.net.weight({4, 5})})});
  EXPECT_THAT(pattern(map, {x, flat}), ElementsAre(0, 1, 0, 0, 1, 1));
}

TEST(MapChannels, GroupedConvolutionsKeepTheirChannels) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId y = net.conv(x, 4, 4, 2);
  const ChannelMap map = net.map({net.conv(y, 4, 2)});
  EXPECT_THAT(kept_because(map, x), HasSubstr("whose groups must stay alike"));
  EXPECT_THAT(kept_because(map, y), HasSubstr("whose groups must stay alike"));
}

TEST(MapChannels, WhatIsNotFollowedKeepsChannelsAndIsNamed) {
  const auto kept_before = [](const ir::Op& op) {
    MappedNet net;
    const ir::ValueId x = net.four();
    const ChannelMap map = net.map({net.net.add(op, {x})});
    return kept_because(map, x);
  };
  EXPECT_THAT(kept_before(ir::Softmax{1}), HasSubstr("(Softmax), through which channels are not"));
  EXPECT_THAT(kept_before(ir::DepthToSpace{2}), HasSubstr("(DepthToSpace)"));
  EXPECT_THAT(kept_before(ir::Transpose{{0, 2, 3, 1}}), HasSubstr("(Transpose)"));
  EXPECT_THAT(kept_before(ir::Flatten{2}), HasSubstr("(Flatten)"));
  EXPECT_THAT(kept_before(ir::Shape{}), HasSubstr("(Shape)"));
  EXPECT_THAT(kept_before(ir::ReduceMean{}), HasSubstr("(ReduceMean)"));
}

TEST(MapChannels, FollowsOperatorsAlongOtherAxes) {
  MappedNet net;
  ir::ValueId x = net.four();
  const ir::ValueId first = x;
  x = net.net.add(ir::Transpose{{0, 1, 3, 2}}, {x});
  x = net.net.add(ir::Concat{2}, {x, x});
  x = net.net.add(ir::Slice{},
                  {x, net.net.integers({1}), net.net.integers({5}), net.net.integers({2})});
  x = net.net.add(ir::Pad{}, {x, net.net.integers({0, 0, 1, 1, 0, 0, 1, 1})});
  x = net.net.add(ir::Resize{},
                  {x, ir::kNoValue, net.net.constant(Tensor::from<float>({4}, {1, 1, 2, 2}))});
  x = net.net.add(ir::ReduceMean{.keep_dims = true}, {x, net.net.integers({-1})});
  x = net.net.add(ir::Squeeze{}, {x, net.net.integers({3})});
  x = net.net.add(ir::Unsqueeze{}, {x, net.net.integers({-1})});
  x = net.net.add(ir::Reshape{}, {x, net.net.integers({0, 4, -1, 1})});
  const ChannelMap map = net.map({net.conv(x, 4, 2)});
  EXPECT_THAT(pattern(map, {first, x}), ElementsAre(0, 1, 2, 3, 0, 1, 2, 3));
  EXPECT_EQ(kept_because(map, first), "");
}

TEST(MapChannels, PaddedChannelsGoWithThoseTheyMeet) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId padded =
      net.net.add(ir::Pad{}, {x, net.net.integers({0, 1, 0, 0, 0, 1, 0, 0})});
  const ir::ValueId y = net.conv(x, 4, 6);
  const ChannelMap map = net.map({net.conv(net.net.add(ir::Add{}, {padded, y}), 6, 2)});
  EXPECT_THAT(pattern(map, {padded, y}), ElementsAre(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5));
  EXPECT_EQ(map.units[map.positions[index(y)][0]].made.size(), 1U);
  EXPECT_EQ(map.units[map.positions[index(y)][1]].made.size(), 2U);
}

TEST(MapChannels, FollowsNoValueOfMillionsOfChannels) {
  MappedNet net;
  const ir::ValueId x = net.input({1, (1 << 22) + 1});
  EXPECT_THAT(net.map({net.net.add(ir::Relu{}, {x})}).positions[index(x)], IsEmpty());
}

TEST(MapChannels, StopsWhereOthersTouchTheChannels) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const auto fixed = [&](ir::Op op, std::vector<ir::ValueId> inputs) {
    inputs.insert(inputs.begin(), x);
    net.net.add(std::move(op), std::move(inputs));
  };
  fixed(ir::Pad{ir::PadMode::Edge}, {net.net.integers({0, 1, 0, 0, 0, 0, 0, 0})});
  const ChannelMap map = net.map({net.conv(x, 4, 2)});
  EXPECT_THAT(kept_because(map, x), HasSubstr("(Pad)"));
}

TEST(MapChannels, ABroadcastChannelStays) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId one = net.conv(x, 4, 1);
  const ir::ValueId y = net.net.add(ir::Mul{}, {x, one});
  const ChannelMap map = net.map({net.conv(y, 4, 2)});
  EXPECT_THAT(kept_because(map, one), HasSubstr("is broadcast by"));
  EXPECT_EQ(kept_because(map, x), "");
}

TEST(MapChannels, OperandsThatAreComputedKeepChannels) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const ir::ValueId other = net.net.input({4, 1, 1});
  const ChannelMap map = net.map({net.conv(net.net.add(ir::Mul{}, {x, other}), 4, 2)});
  EXPECT_THAT(kept_because(map, x), HasSubstr("(Mul)"));
}

TEST(MapChannels, ANormalisationOfTheBatchItselfKeepsChannels) {
  MappedNet net;
  const ir::ValueId x = net.four();
  const auto vector = [&] { return net.net.weight({4}, 0.5F, 1); };
  const ir::ValueId y = net.net.add(ir::BatchNormalization{.training_mode = true},
                                    {x, vector(), vector(), vector(), vector()});
  const ChannelMap map = net.map({net.conv(y, 4, 2)});
  EXPECT_THAT(kept_because(map, x), HasSubstr("(BatchNormalization)"));
}

TEST(MapChannels, ValuesWithoutChannelsHaveNone) {
  MappedNet net;
  const ir::ValueId x = net.net.input({5});
  const ir::ValueId y = net.net.add(ir::Relu{}, {x});
  EXPECT_THAT(net.map({y}).positions[index(y)], IsEmpty());
}

}  // namespace
}  // namespace sluice::sparse
