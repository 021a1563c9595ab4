// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::Net;

// Of the input, and of the blocked result of a convolution.
void expect_resize_equal(const ir::Resize& op, const Shape& x,
                         const std::vector<std::int64_t>& sizes) {
  for (const bool blocked : {false, true}) {
    Net net;
    ir::ValueId from = net.input(x);
    if (blocked) from = net.add(ir::Conv{}, {from, net.weight({19, x[1], 1, 1})});
    std::vector<std::int64_t> all{x[0], blocked ? 19 : x[1]};
    all.insert(all.end(), sizes.begin(), sizes.end());
    const ir::ValueId y = net.add(op, {from, ir::kNoValue, ir::kNoValue, net.integers(all)});
    EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Relu{}, {y})})), 0U);
  }
}

TEST(Resize, EqualsTheReferenceInAllModes) {
  using ir::CoordinateMode;
  using ir::ResizeMode;
  for (const auto mode : {ResizeMode::Nearest, ResizeMode::Linear, ResizeMode::Cubic}) {
    for (const auto coordinates : {CoordinateMode::HalfPixel, CoordinateMode::AlignCorners,
                                   CoordinateMode::Asymmetric, CoordinateMode::PytorchHalfPixel}) {
      const ir::Resize op{.mode = mode, .coordinate_mode = coordinates};
      expect_resize_equal(op, {2, 5, 6, 7}, {12, 14});
      expect_resize_equal(op, {1, 3, 8, 9}, {5, 4});
      expect_resize_equal(op, {1, 3, 8, 9}, {8, 13});
    }
  }
}

TEST(Resize, EqualsTheReferenceInOneAndThreeDimensions) {
  for (const Shape& x : {Shape{2, 3, 9}, Shape{1, 4, 3, 4, 5}}) {
    for (const auto mode : {ir::ResizeMode::Nearest, ir::ResizeMode::Linear}) {
      Net net;
      const ir::ValueId from = net.input(x);
      std::vector<float> scales(x.size(), 2);
      scales[0] = scales[1] = 1;
      const ir::ValueId factors =
          net.constant(Tensor::from<float>({static_cast<std::int64_t>(x.size())}, scales));
      const ir::ValueId y = net.add(ir::Resize{.mode = mode}, {from, ir::kNoValue, factors});
      EXPECT_EQ(expect_fast_equals_reference(net.finish({y})), 0U);
    }
  }
}

TEST(Resize, OfTheChannelsRunsPlain) {
  Net net;
  const ir::ValueId y = net.add(ir::Resize{}, {net.input({1, 2, 4, 4}), ir::kNoValue, ir::kNoValue,
                                               net.integers({1, 4, 4, 4})});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({y})), 1U);
}

}  // namespace
}  // namespace sluice::runtime::onednn
