// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::read_one_op;
using test::TfliteModel;

Result<ir::Graph> bilinear(bool align_corners, bool half_pixel_centers) {
  return read_one_op({1, 4, 4, 2}, [&](TfliteModel& m, int x) {
    m.op(Builtin::RESIZE_BILINEAR, {x, m.ints("size", {8, 6})}, {m.output("y", {1, 8, 6, 2})},
         fb::CreateResizeBilinearOptions(m.fbb(), align_corners, half_pixel_centers));
  });
}

Result<ir::Graph> nearest(bool align_corners, bool half_pixel_centers) {
  return read_one_op({1, 4, 4, 2}, [&](TfliteModel& m, int x) {
    m.op(Builtin::RESIZE_NEAREST_NEIGHBOR, {x, m.ints("size", {8, 6})},
         {m.output("y", {1, 8, 6, 2})},
         fb::CreateResizeNearestNeighborOptions(m.fbb(), align_corners, half_pixel_centers));
  });
}

TEST(TfliteResize, SizesAreOfHeightAndWidth) {
  const auto graph = bilinear(false, false);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::op_of<ir::Resize>(*graph).axes, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(test::int64_input<ir::Resize>(*graph, 3), (std::vector<std::int64_t>{8, 6}));
}

TEST(TfliteResize, OptionsChooseTheCoordinates) {
  using ir::CoordinateMode;
  const auto coordinates = [](const Result<ir::Graph>& graph) {
    return test::op_of<ir::Resize>(*graph).coordinate_mode;
  };
  EXPECT_EQ(coordinates(bilinear(false, false)), CoordinateMode::Asymmetric);
  EXPECT_EQ(coordinates(bilinear(true, false)), CoordinateMode::AlignCorners);
  EXPECT_EQ(coordinates(bilinear(false, true)), CoordinateMode::HalfPixel);
  EXPECT_EQ(coordinates(nearest(false, false)), CoordinateMode::Asymmetric);
  EXPECT_EQ(coordinates(nearest(true, false)), CoordinateMode::AlignCorners);
  EXPECT_EQ(coordinates(nearest(false, true)), CoordinateMode::TfHalfPixelForNn);
}

TEST(TfliteResize, NearestRoundsHalvesUpOnlyBetweenAlignedCorners) {
  EXPECT_EQ(test::op_of<ir::Resize>(*nearest(true, false)).nearest_mode,
            ir::NearestMode::RoundPreferCeil);
  EXPECT_EQ(test::op_of<ir::Resize>(*nearest(false, false)).nearest_mode, ir::NearestMode::Floor);
}

TEST(TfliteResize, BothOptionsTogetherAreRefused) {
  EXPECT_EQ(message(bilinear(true, true)),
            "has both align_corners and half_pixel_centers; at most one can hold");
}

}  // namespace
}  // namespace sluice::importer::tflite
