// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/window_zeros.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sparse/random_conv.hpp"

#include "sluice/base/threads.hpp"

namespace sluice::sparse {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

ConvWindows windows_of(const ir::Graph& graph) {
  return *conv_windows(graph, graph.nodes[0]);
}

ZeroHistogram counted(const ir::Graph& graph, const Tensor& images) {
  ZeroCounter counter(windows_of(graph));
  counter.add(images);
  return counter.histogram();
}

TEST(WindowZeros, APixelOfZeroIsInEachWindowThatCoversIt) {
  const ir::Graph graph =
      test::one_conv({"", {1, 1, 4, 4}, {2, 1, 3, 3}, {}}, 0);  // 4 windows, 2 filters
  Tensor image(DType::Float32, {1, 1, 4, 4});
  for (float& value : image.mutable_data<float>()) value = 1;
  image.mutable_data<float>()[0] = 0;  // in one window
  image.mutable_data<float>()[5] = 0;  // in all four
  const ZeroHistogram zeros = count_zeros_plainly(windows_of(graph), image);
  EXPECT_THAT(zeros.channel(0), ElementsAre(0, 6, 2, 0, 0, 0, 0, 0, 0, 0));
}

TEST(WindowZeros, PaddingAndWeightsCountAsZeros) {
  test::Net net;
  const auto x = net.input({1, 1, 1, 3});
  const auto w =
      net.constant(Tensor::from<float>({2, 1, 1, 3}, std::vector<float>{1, 1, 1, 0, 0, 5}));
  const ir::Graph graph = net.finish({net.add(ir::Conv{.window = {.pads = {0, 1, 0, 1}}}, {x, w})});
  const Tensor image = Tensor::from<float>({1, 1, 1, 3}, std::vector<float>{1, 2, 3});
  // Filter 0: 1, 0, 1 zeros. Filter 1 has one weight, which at the end meets the padding.
  EXPECT_THAT(count_zeros_plainly(windows_of(graph), image).channel(0), ElementsAre(1, 2, 2, 1));
}

TEST(WindowZeros, CountingBitsEqualsTheDefinitionForEveryShapeAndDensity) {
  for (const auto& shape : test::conv_shapes()) {
    for (const unsigned weight_zeros : {0U, 40U, 97U}) {
      const ir::Graph graph = test::one_conv(shape, weight_zeros);
      const Tensor images = test::with_zeros(test::random_tensor(shape.x, 7), 55, 8);
      EXPECT_EQ(counted(graph, images).counts,
                count_zeros_plainly(windows_of(graph), images).counts)
          << shape.name << ", of the weights zero: " << weight_zeros << " %";
    }
  }
}

TEST(WindowZeros, ImagesAddUpInAnyPieces) {
  const test::ConvShape shape = test::conv_shapes()[0];
  const ir::Graph graph = test::one_conv(shape, 20);
  const Tensor images = test::with_zeros(test::random_tensor({3, 3, 9, 7}, 7), 50, 8);
  ZeroCounter counter(windows_of(graph));
  const auto all = images.data<float>();
  for (const std::size_t image : {2U, 0U, 1U}) {
    const auto piece = all.subspan(image * 189, 189);
    counter.add(Tensor::from<float>({1, 3, 9, 7}, {piece.begin(), piece.end()}));
  }
  EXPECT_EQ(counter.histogram().counts, counted(graph, images).counts);
}

TEST(WindowZeros, ThreadsDoNotMatter) {
  const test::ConvShape shape{"", {4, 40, 33, 33}, {2, 40, 3, 3}, {}};
  const ir::Graph graph = test::one_conv(shape, 20);
  const Tensor images = test::with_zeros(test::random_tensor(shape.x, 7), 50, 8);
  const int before = num_threads();
  set_num_threads(1);
  const ZeroHistogram one = counted(graph, images);
  set_num_threads(7);
  const ZeroHistogram seven = counted(graph, images);
  set_num_threads(before);
  EXPECT_EQ(one.counts, seven.counts);
}

TEST(WindowZeros, CodesAreZeroAtTheirZeroPointOfEachChannel) {
  ConvWindows conv;
  conv.channels = 2;
  conv.groups = 2;
  conv.filters = 2;
  conv.spatial = {1, 3};
  conv.window = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 3}};
  conv.weights = {1, 1};
  conv.input_zeros = {-5, 9};
  const Tensor codes =
      Tensor::from<std::int8_t>({1, 2, 1, 3}, std::vector<std::int8_t>{-5, 9, -5, 9, -5, 0});
  ZeroCounter counter(conv);
  counter.add(codes);
  EXPECT_THAT(counter.histogram().counts, ElementsAre(1, 2, 2, 1));
  EXPECT_THAT(count_zeros_plainly(conv, codes).counts,
              ElementsAreArray(counter.histogram().counts));
}

TEST(WindowZeros, InputsAreCountedWithoutTheirPadding) {
  const test::ConvShape shape = test::conv_shapes()[0];
  const ir::Graph graph = test::one_conv(shape, 0);
  const Tensor images = test::with_zeros(test::random_tensor(shape.x, 7), 50, 8);
  ZeroCounter counter(windows_of(graph));
  counter.add(images);
  counter.add(images);
  EXPECT_EQ(counter.inputs().numbers, 2U * 378);
  EXPECT_EQ(counter.inputs().zeros, 2U * std::ranges::count(images.data<float>(), 0.0F));
}

TEST(WindowZeros, NothingWasSeenAtFirst) {
  const ir::Graph graph = test::one_conv(test::conv_shapes()[0], 0);
  const ZeroCounter counter(windows_of(graph));
  for (const std::uint64_t count : counter.histogram().counts) EXPECT_EQ(count, 0U);
}

}  // namespace
}  // namespace sluice::sparse
