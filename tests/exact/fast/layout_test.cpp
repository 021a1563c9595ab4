// SPDX-License-Identifier: Apache-2.0
#include "tests/exact/fast/expect_equal.hpp"
#include "tests/exact/fast/layers.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;
using Integers = std::vector<std::int64_t>;

// An image that lies channels last.
ir::ValueId layer(QuantizedNet& net, std::int64_t batch, std::int64_t channels) {
  return add_conv(net, net.input({batch, 3, 5, 6}), {.in = 3, .out = channels});
}

// The nodes that run by their reference kernel. After the layout operator its result is read in
// both orders; all of it in every arithmetic and type, in batches of 1 and 3.
template <class Add>
void expect_plain(std::size_t count, const Add& add) {
  std::uint64_t seed = 0;
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const DType dtype : kCodeTypes) {
      SCOPED_TRACE(name_of(arithmetic, dtype));
      const std::int64_t batch = ++seed % 4 < 2 ? 1 : 3;
      QuantizedNet net(seed, arithmetic, dtype);
      const ir::Graph graph = net.finish(add(net, batch));
      EXPECT_TRUE(expect_equal(graph, {1, 7}));
      EXPECT_EQ(num_plain(graph), count);
    }
  }
}

// ---- Pad

// Of an image of 7 channels; with a value, or none.
auto padded(const Integers& pads, ir::PadMode mode = ir::PadMode::Constant,
            bool has_value = false) {
  return [=](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = layer(net, batch, 7);
    std::vector<ir::ValueId> inputs{x, net.integers(pads)};
    if (has_value) inputs.push_back(net.codes({}, net.grid_of(x)));
    return std::vector{net.add_like(ir::Pad{mode}, inputs), x};
  };
}

TEST(FastPad, PutsZeroPointsAround) {
  expect_plain(0, padded({0, 0, 1, 2, 0, 0, 3, 0}));
  expect_plain(0, padded({0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(FastPad, LeavesTheRestToTheReference) {
  expect_plain(1, padded({0, 0, -1, 2, 0, 0, 3, 0}));
  expect_plain(1, padded({0, 1, 0, 0, 0, 2, 0, 0}));
  expect_plain(1, padded({0, 0, 1, 1, 0, 0, 1, 1}, ir::PadMode::Edge));
  expect_plain(1, padded({0, 0, 1, 1, 0, 0, 1, 1}, ir::PadMode::Constant, true));
}

TEST(FastPad, KeepsImagesThatThePadsAddApart) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({2, 3, 4, 4});
  const ir::Graph graph =
      net.finish({net.add_like(ir::Pad{}, {x, net.integers({1, 0, 0, 0, 1, 0, 0, 0})})});
  EXPECT_TRUE(expect_equal(graph));
}

// ---- Reshape

TEST(FastReshape, ReadsAnImageRowMajor) {
  expect_plain(0, [](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = layer(net, batch, 7);
    const ir::ValueId flat = net.add_like(ir::Reshape{}, {x, net.integers({batch, -1})});
    const ir::ValueId image = net.add_like(ir::Reshape{}, {flat, net.integers({batch, 6, 7, 5})});
    const ir::ValueId y = add_conv(net, image, {.in = 6, .out = 4});
    return std::vector{add_gemm(net, flat, 210, 9), y, image};
  });
}

TEST(FastReshape, MovesThroughDimensionsOfOne) {
  expect_plain(0, [](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = add_conv(net, net.input({batch, 3, 5, 6}), {.in = 3, .out = 1});
    const ir::ValueId y = net.add_like(ir::Reshape{}, {x, net.integers({batch, 30, 1, 1})});
    return std::vector{add_conv(net, y, {.in = 30, .out = 4}), x, y};
  });
}

TEST(FastReshape, ByAnyNameMovesNothing) {
  expect_plain(0, [](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = net.add_like(ir::MaxPool{{.kernel = {5, 6}}}, {layer(net, batch, 6)});
    const ir::ValueId flat = net.add_like(ir::Flatten{1}, {x});
    const ir::ValueId less = net.add_like(ir::Squeeze{}, {x, net.integers({2, 3})});
    const ir::ValueId more = net.add_like(ir::Unsqueeze{}, {less, net.integers({2, 3})});
    return std::vector{add_gemm(net, flat, 6, 9), add_gemm(net, less, 6, 4),
                       add_conv(net, more, {.in = 6, .out = 3})};
  });
}

// ---- Transpose

TEST(FastTranspose, ToAndFromChannelsLastMovesNothing) {
  expect_plain(0, [](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = net.input({batch, 5, 6, 3});
    const ir::ValueId image = net.add_like(ir::Transpose{{0, 3, 1, 2}}, {x});
    const ir::ValueId y = add_conv(net, image, {.in = 3, .out = 7});
    return std::vector{net.add_like(ir::Transpose{{0, 2, 3, 1}}, {y})};
  });
}

TEST(FastTranspose, OfAnInputMovesIt) {
  expect_plain(0, [](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = net.input({batch, 5, 6, 3});
    return std::vector{net.add_like(ir::Transpose{{0, 2, 3, 1}}, {x}),
                       net.add_like(ir::Transpose{{0, 3, 1, 2}}, {x}), x};
  });
}

TEST(FastTranspose, LeavesOtherPermutationsToTheReference) {
  expect_plain(3, [](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = layer(net, batch, 7);
    const ir::ValueId y = net.add_like(ir::Transpose{{0, 1, 3, 2}}, {x});
    return std::vector{net.add_like(ir::Transpose{{3, 1, 2, 0}}, {y}),
                       net.add_like(ir::Transpose{}, {x}), x};
  });
}

// ---- Concat

TEST(FastConcat, PutsChannelsOneAfterAnother) {
  expect_plain(0, [](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = layer(net, batch, 7);
    const ir::ValueId a = net.input({batch, 1, 5, 6}, net.grid_of(x));
    const ir::ValueId b = net.input({batch, 18, 5, 6}, net.grid_of(x));
    return std::vector{net.add_like(ir::Concat{1}, {a, x, b, x}), net.add_like(ir::Concat{1}, {x})};
  });
}

TEST(FastConcat, TakesConstants) {
  QuantizedNet net(2);
  const ir::ValueId x = net.input({1, 4, 5, 6});
  const ir::ValueId c = net.codes({1, 3, 5, 6}, net.grid_of(x));
  const ir::Graph graph = net.finish({net.add_like(ir::Concat{1}, {x, c, x})});
  EXPECT_TRUE(expect_equal(graph));
  EXPECT_EQ(num_plain(graph), 0U);
}

TEST(FastConcat, LeavesOtherAxesToTheReference) {
  for (const std::int64_t axis : {0, 2, 3, -1}) {
    SCOPED_TRACE(axis);
    expect_plain(1, [axis](QuantizedNet& net, std::int64_t batch) {
      const ir::ValueId x = layer(net, batch, 7);
      return std::vector{net.add_like(ir::Concat{axis}, {x, x})};
    });
  }
}

TEST(FastConcat, OfRowsIsTheReferences) {
  QuantizedNet net(3);
  const ir::ValueId x = net.input({3, 4});
  const ir::Graph graph = net.finish({net.add_like(ir::Concat{1}, {x, x})});
  EXPECT_TRUE(expect_equal(graph));
  EXPECT_EQ(num_plain(graph), 1U);
}

// ---- Slice

// Of an image of 7 channels, 5 rows and 6 columns.
auto sliced(const Integers& starts, const Integers& ends, const Integers& axes,
            const Integers& steps) {
  return [=](QuantizedNet& net, std::int64_t batch) {
    const ir::ValueId x = layer(net, batch, 7);
    return std::vector{net.add_like(ir::Slice{}, {x, net.integers(starts), net.integers(ends),
                                                  net.integers(axes), net.integers(steps)}),
                       x};
  };
}

TEST(FastSlice, PicksChannelsInARowAndAnyRowsAndColumns) {
  expect_plain(0, sliced({2}, {5}, {1}, {1}));
  expect_plain(0, sliced({1, 1, 4}, {7, 4, -7}, {1, 2, 3}, {1, 2, -3}));
  expect_plain(0, sliced({-1, 0}, {-100, 100}, {-2, -3}, {-1, 1}));
}

TEST(FastSlice, LeavesChannelsApartToTheReference) {
  expect_plain(1, sliced({0}, {7}, {1}, {2}));
  expect_plain(1, sliced({6}, {-100}, {1}, {-1}));
}

TEST(FastSlice, PicksAnImageAsTheReference) {
  QuantizedNet net(5);
  const ir::ValueId x = net.input({3, 2, 4, 4});
  const ir::ValueId y =
      net.add_like(ir::Slice{}, {x, net.integers({1}), net.integers({3}), net.integers({0})});
  EXPECT_TRUE(expect_equal(net.finish({y})));
}

// ---- Resize

// Of images of 5 rows and 6 columns.
const std::vector<std::pair<std::int64_t, std::int64_t>> kSizes{{5, 6}, {10, 12}, {7, 3}, {1, 13}};

// By sizes or by scales; of height and width, or of all dimensions.
std::vector<ir::ValueId> resize_inputs(QuantizedNet& net, ir::ValueId x, Shape sizes,
                                       bool has_scales, bool has_axes) {
  const Shape& from = net.graph().inputs[0].declared_shape;
  std::vector<float> scales;
  scales.reserve(sizes.size());
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    scales.push_back(d < 2 ? 1 : static_cast<float>(sizes[d]) / static_cast<float>(from[d]));
  }
  if (has_axes) {
    sizes.erase(sizes.begin(), sizes.begin() + 2);
    scales.erase(scales.begin(), scales.begin() + 2);
  }
  const auto count = static_cast<std::int64_t>(scales.size());
  if (!has_scales) return {x, ir::kNoValue, ir::kNoValue, net.integers(sizes)};
  return {x, ir::kNoValue, net.constant(Tensor::from<float>({count}, scales))};
}

void expect_resized(const ir::Resize& op, std::uint64_t seed) {
  for (const Arithmetic arithmetic : kArithmetics) {
    const auto& [height, width] = kSizes[++seed % kSizes.size()];
    SCOPED_TRACE(name_of(arithmetic, DType::Int8) + " " + std::to_string(height));
    QuantizedNet net(seed, arithmetic);
    const std::int64_t batch = seed % 2 == 0 ? 1 : 3;
    const ir::ValueId x = layer(net, batch, 7);
    const auto inputs =
        resize_inputs(net, x, {batch, 7, height, width}, seed % 3 == 0, !op.axes.empty());
    EXPECT_TRUE(expect_equal(net.finish({net.add_like(op, inputs)}), {1}));
  }
}

TEST(FastResize, ToTheNearestEqualsTheReference) {
  using ir::CoordinateMode;
  using ir::NearestMode;
  std::uint64_t seed = 0;
  for (const auto mode : {CoordinateMode::HalfPixel, CoordinateMode::HalfPixelSymmetric,
                          CoordinateMode::PytorchHalfPixel, CoordinateMode::AlignCorners,
                          CoordinateMode::Asymmetric, CoordinateMode::TfHalfPixelForNn}) {
    for (const auto nearest : {NearestMode::RoundPreferFloor, NearestMode::Floor,
                               NearestMode::RoundPreferCeil, NearestMode::Ceil}) {
      // Rounded up, these go from each image and channel to the next.
      if (mode == CoordinateMode::TfHalfPixelForNn && nearest != NearestMode::Floor) continue;
      SCOPED_TRACE(std::to_string(static_cast<int>(mode)) + " " +
                   std::to_string(static_cast<int>(nearest)));
      expect_resized({.coordinate_mode = mode, .nearest_mode = nearest, .axes = {2, 3}}, ++seed);
      expect_resized({.coordinate_mode = mode, .nearest_mode = nearest}, ++seed);
    }
  }
}

// Where quotients round differently in each runtime.
TEST(FastResize, ToTheNearestEqualsTheReferenceFromAnySize) {
  const std::vector<ir::Resize> ops{
      {.coordinate_mode = ir::CoordinateMode::Asymmetric, .nearest_mode = ir::NearestMode::Floor},
      {.coordinate_mode = ir::CoordinateMode::AlignCorners,
       .nearest_mode = ir::NearestMode::RoundPreferCeil},
      {.coordinate_mode = ir::CoordinateMode::TfHalfPixelForNn,
       .nearest_mode = ir::NearestMode::Floor}};
  Rng rng(7);
  for (int i = 0; i < 150; ++i) {
    const Arithmetic arithmetic = kArithmetics[rng.below(kArithmetics.size())];
    QuantizedNet net(1, arithmetic);
    const ir::ValueId x = net.input({1, 2, rng.integer(1, 40), rng.integer(1, 40)});
    const Shape sizes{1, 2, rng.integer(1, 60), rng.integer(1, 60)};
    SCOPED_TRACE(name_of(arithmetic, DType::Int8) + " " +
                 to_string(net.graph().inputs[0].declared_shape) + " to " + to_string(sizes));
    ir::Resize op = ops[rng.below(ops.size())];
    if (rng.below(3) != 0) op.axes = {2, 3};
    const auto inputs = resize_inputs(net, x, sizes, rng.below(2) == 0, !op.axes.empty());
    EXPECT_TRUE(expect_equal(net.finish({net.add_like(op, inputs)}), {1}));
  }
}

TEST(FastResize, OutsideAnImageEqualsTheReference) {
  for (const float value : {0.0F, 3.0F}) {
    QuantizedNet net(6);
    const ir::ValueId x = net.input({1, 2, 4, 4});
    const ir::ValueId roi = net.constant(Tensor::from<float>({4}, {-0.5F, -0.5F, 1.5F, 1.25F}));
    const ir::Resize op{.coordinate_mode = ir::CoordinateMode::TfCropAndResize,
                        .extrapolation_value = value,
                        .axes = {2, 3}};
    const ir::ValueId y = net.add_like(op, {x, roi, ir::kNoValue, net.integers({6, 5})});
    EXPECT_TRUE(expect_equal(net.finish({y})));
  }
}

TEST(FastResize, BetweenCodesIsTheReferences) {
  for (const Arithmetic arithmetic : kArithmetics) {
    QuantizedNet net(7, arithmetic);
    const ir::ValueId x = layer(net, 3, 7);
    const auto inputs = resize_inputs(net, x, {3, 7, 9, 8}, false, true);
    const ir::Resize op{.mode = ir::ResizeMode::Linear, .axes = {2, 3}};
    EXPECT_TRUE(expect_equal(net.finish({net.add_like(op, inputs)}), {1, 7}));
  }
}

// ---- other grids

TEST(FastLayout, ReportsChangesOfGridAsTheReference) {
  const auto refused = [](const ir::Op& op, const std::optional<Integers>& list) {
    QuantizedNet net(4);
    const ir::ValueId x = net.input({1, 4, 5, 6});
    std::vector<ir::ValueId> inputs{x};
    if (list) inputs.push_back(net.integers(*list));
    const ir::Graph graph = net.finish({net.add(op, inputs, net.grid())});
    EXPECT_FALSE(expect_equal(graph)) << ir::op_name(op);
    const auto found = outputs_of(make_fast_executor(graph), test::random_code_inputs(graph, 5));
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().where.find(graph.nodes[0].name), std::string::npos);
  };
  refused(ir::Concat{1}, std::nullopt);
  refused(ir::Pad{}, Integers{0, 0, 1, 1, 0, 0, 1, 1});
  refused(ir::Reshape{}, Integers{1, 120});
  refused(ir::Transpose{{0, 3, 1, 2}}, std::nullopt);
}

// ---- codes of 16 bits

TEST(FastLayout, MovesWiderCodes) {
  for (const DType dtype : {DType::Int16, DType::UInt16}) {
    QuantizedNet net(50, numeric::Arithmetic::ShiftHalfEven, dtype);
    const ir::ValueId x = net.input({2, 5, 4, 6});
    const ir::ValueId other = net.input({2, 3, 4, 6}, net.grid_of(x));
    ir::ValueId y = net.add_like(ir::Concat{1}, {x, other});
    y = net.add_like(ir::Pad{}, {y, net.integers({0, 0, 1, 2, 0, 0, 0, 3})});
    y = net.add_like(ir::MaxPool{{.kernel = {2, 3}, .strides = {1, 2}}}, {y});
    const ir::ValueId part = net.add_like(
        ir::Slice{}, {y, net.integers({2, 1}), net.integers({7, 4}), net.integers({1, 2})});
    const ir::ValueId last = net.add_like(ir::Transpose{{0, 2, 3, 1}}, {part});
    const ir::ValueId first = net.add_like(ir::Transpose{{0, 3, 1, 2}}, {last});
    const ir::ValueId flat = net.add_like(ir::Reshape{}, {first, net.integers({2, -1})});
    const ir::Graph graph = net.finish({flat, last, y});
    EXPECT_EQ(num_plain(graph), 0U);
    EXPECT_TRUE(expect_equal(graph));
  }
}

// ---- scales of channels

// [2, 5, 5, 5] with scales along a dimension, sliced, resized and pooled.
ir::Graph moved(numeric::Arithmetic arithmetic, std::int64_t axis) {
  QuantizedNet net(60, arithmetic);
  numeric::Quantization grid{DType::Int8, {}, {}, axis};
  for (int c = 0; c < 5; ++c) {
    grid.scales.push_back(std::ldexp(1.0F, c % 3 - 5));
    grid.zero_points.push_back(11 * c - 20);
  }
  const ir::ValueId x = net.input({2, 5, 5, 5}, grid);
  const ir::ValueId part =
      net.add_like(ir::Slice{}, {x, net.integers({-1, 0, 0}), net.integers({-100, 5, 5}),
                                 net.integers({2, 3, 1}), net.integers({-1, 1, 1})});
  const ir::ValueId pooled =
      net.add_like(ir::MaxPool{{.kernel = {3, 3}, .pads = {1, 1, 1, 1}}}, {part});
  return net.finish({part, pooled});
}

TEST(FastLayout, MovesCodesWithinChannelsOfScalesOfTheirOwn) {
  for (const numeric::Arithmetic arithmetic : kShifts) {
    EXPECT_EQ(num_plain(moved(arithmetic, 1)), 0U);
    EXPECT_TRUE(expect_equal(moved(arithmetic, 1)));
  }
  EXPECT_EQ(num_plain(moved(kShifts[0], 2)), 2U);
  EXPECT_TRUE(expect_equal(moved(kShifts[0], 2)));
  EXPECT_EQ(num_plain(moved(numeric::Arithmetic::Onnx, 1)), 2U);
  EXPECT_TRUE(expect_equal(moved(numeric::Arithmetic::Onnx, 1)));
}

TEST(FastResize, MovesCodesWithinChannelsOfScalesOfTheirOwn) {
  QuantizedNet net(61, kShifts[0]);
  const ir::ValueId x = net.input({2, 3, 4, 5}, {DType::Int8, {1, 2, 0.5F}, {3, -4, 0}, 1});
  const ir::Resize op{.mode = ir::ResizeMode::Nearest, .axes = {2, 3}};
  const ir::ValueId sizes = net.integers({8, 15});
  const ir::Graph graph = net.finish({net.add_like(op, {x, ir::kNoValue, ir::kNoValue, sizes})});
  EXPECT_EQ(num_plain(graph), 0U);
  EXPECT_TRUE(expect_equal(graph));
}

}  // namespace
}  // namespace sluice::exact::fast
