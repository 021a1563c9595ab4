// SPDX-License-Identifier: Apache-2.0
// The hardware model's cycles are those of the hardware: single layers of every kind, folded in
// several ways, in Icarus without pauses. Both the interval and the latency are to the cycle.
#include "tests/conformance/rtl_cycles.hpp"

namespace sluice {
namespace {

using numeric::Arithmetic;
using test::expect_equal_cycles;
using test::folded;
using test::Integers;
using test::QuantizedNet;
using test::shifted_words;
using test::Sizes;
using test::window;
using test::without_zero_point;

// ---- convolutions

struct ConvCase {
  Sizes in;
  ir::Window window;
  std::int64_t filters, groups;
  std::vector<hw::Folding> foldings;
};

void expect_conv(const ConvCase& of, Arithmetic arithmetic = Arithmetic::TfliteDouble) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const hw::Folding& by : of.foldings) {
    SCOPED_TRACE(fmt::format("{} in, {} out, {} groups, {} fine", by.coarse_in, by.coarse_out,
                             by.coarse_group, by.fine));
    const auto build = [&](QuantizedNet& net) {
      const ir::ValueId x = net.input(of.in.shape(), without_zero_point(net.grid()));
      const Shape shape{of.filters, of.in.channels / of.groups, of.window.kernel[0],
                        of.window.kernel[1]};
      const ir::ValueId weights = net.codes(shape, {DType::Int8, {0.015625F}, {0}});
      return net.add(
          ir::Conv{.window = of.window, .group = of.groups},
          {x, weights, net.bias({of.filters}, x, weights)},
          without_zero_point(net.grid_after(x, weights, num_elements(shape) / of.filters)));
    };
    expect_equal_cycles({arithmetic, build, folded(by)});
  }
}

const std::vector<hw::Folding> kFoldings{{1, 1, 1, 1}, {2, 4, 1, 1}, {1, 2, 1, 3}, {1, 8, 1, 3},
                                         {1, 2, 1, 9}, {1, 4, 1, 9}, {2, 2, 1, 9}, {4, 8, 1, 9}};

TEST(ConvolutionCycles, OfWindowsWithin) {
  expect_conv({{4, 7, 9}, window(3, 3, 1, {0, 0, 0, 0}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfWindowsThatKeepTheSize) {
  expect_conv({{4, 6, 7}, window(3, 3, 1, {1, 1, 1, 1}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, InAnArithmeticThatShifts) {
  expect_conv({{4, 6, 7}, window(3, 3, 1, {1, 1, 1, 1}), 8, 1, kFoldings},
              Arithmetic::ShiftHalfEven);
}
TEST(ConvolutionCycles, OfStepsOfTwo) {
  expect_conv({{4, 8, 10}, window(3, 3, 2, {0, 0, 1, 1}), 8, 1, kFoldings});
  expect_conv({{4, 8, 10}, window(3, 3, 2, {1, 1, 0, 0}), 8, 1, kFoldings});
  expect_conv({{4, 9, 9}, window(3, 3, 2, {1, 1, 1, 1}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfStepsThatLeaveRowsOut) {
  expect_conv({{4, 10, 9}, window(3, 3, 2, {0, 0, 0, 0}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfOtherWindows) {
  expect_conv({{2, 9, 8},
               window(5, 5, 1, {2, 2, 2, 2}),
               4,
               1,
               {{1, 1, 1, 1}, {1, 1, 1, 5}, {1, 1, 1, 25}, {2, 2, 1, 25}, {1, 4, 1, 25}}});
  expect_conv({{2, 8, 9},
               window(2, 3, 1, {0, 1, 1, 1}),
               4,
               1,
               {{1, 1, 1, 1}, {1, 1, 1, 2}, {1, 1, 1, 3}, {1, 2, 1, 6}, {2, 4, 1, 6}}});
  expect_conv({{2, 4, 30},
               window(1, 5, 2, {0, 2, 0, 2}),
               4,
               1,
               {{1, 1, 1, 1}, {1, 1, 1, 5}, {1, 4, 1, 5}}});
}
TEST(ConvolutionCycles, OfDilatedWindows) {
  expect_conv({{4, 8, 8}, window(3, 3, 1, {2, 2, 2, 2}, 2), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfSingleWords) {
  const std::vector<hw::Folding> foldings{
      {1, 1, 1, 1}, {2, 1, 1, 1}, {4, 8, 1, 1}, {1, 8, 1, 1}, {4, 1, 1, 1}};
  expect_conv({{4, 5, 6}, window(1, 1, 1, {0, 0, 0, 0}), 8, 1, foldings});
  expect_conv({{4, 7, 6}, window(1, 1, 2, {0, 0, 0, 0}), 8, 1, foldings});
}
TEST(ConvolutionCycles, OfEachChannelOnItsOwn) {
  expect_conv(
      {{4, 7, 6},
       window(3, 3, 1, {1, 1, 1, 1}),
       4,
       4,
       {{1, 1, 1, 1}, {1, 1, 1, 3}, {1, 1, 1, 9}, {1, 1, 2, 9}, {1, 1, 4, 9}, {1, 1, 4, 1}}});
  expect_conv({{4, 8, 7},
               window(3, 3, 2, {1, 1, 1, 1}),
               4,
               4,
               {{1, 1, 1, 1}, {1, 1, 1, 9}, {1, 1, 2, 3}, {1, 1, 4, 9}}});
}
TEST(ConvolutionCycles, OfGroups) {
  expect_conv({{4, 6, 6},
               window(3, 3, 1, {1, 1, 1, 1}),
               8,
               2,
               {{1, 1, 1, 1}, {2, 1, 1, 3}, {1, 4, 1, 9}, {2, 2, 1, 9}, {2, 4, 2, 9}}});
}

// ---- transposed convolutions

void expect_transposed(const Sizes& in, const ir::ConvTranspose& op, std::int64_t filters,
                       const std::vector<hw::Folding>& foldings) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const hw::Folding& by : foldings) {
    SCOPED_TRACE(fmt::format("{} in, {} out, {} fine", by.coarse_in, by.coarse_out, by.fine));
    const auto build = [&](QuantizedNet& net) {
      const ir::ValueId x = net.input(in.shape());
      const Shape shape{in.channels, filters, op.window.kernel[0], op.window.kernel[1]};
      const ir::ValueId weights = net.weights_per_channel(shape, DType::Int8, 1, false);
      return net.add(op, {x, weights}, net.grid_after(x, weights, num_elements(shape) / filters));
    };
    expect_equal_cycles({.build = build, .fold = folded(by)});
  }
}

TEST(TransposedConvolutionCycles, OfWindowsBesideOneAnother) {
  expect_transposed({4, 5, 4}, {.window = window(2, 2, 2, {0, 0, 0, 0})}, 6,
                    {{1, 1, 1, 1}, {2, 3, 1, 1}, {1, 6, 1, 2}, {4, 6, 1, 4}, {2, 6, 1, 4}});
}
TEST(TransposedConvolutionCycles, OfWindowsThatOverlap) {
  expect_transposed({2, 4, 5}, {.window = window(3, 3, 2, {1, 1, 1, 1})}, 4,
                    {{1, 1, 1, 1}, {2, 4, 1, 1}, {1, 4, 1, 3}, {2, 2, 1, 9}, {2, 4, 1, 9}});
  expect_transposed({2, 4, 5}, {.window = window(4, 4, 2, {1, 1, 1, 1})}, 4,
                    {{1, 1, 1, 1}, {1, 4, 1, 4}, {2, 4, 1, 16}});
}
TEST(TransposedConvolutionCycles, OfStepsOfOneDimension) {
  ir::ConvTranspose wide{.window = window(1, 2, 1, {0, 0, 0, 0})};
  wide.window.strides = {1, 2};
  expect_transposed({3, 4, 5}, wide, 2, {{1, 1, 1, 1}, {3, 2, 1, 2}});
}
TEST(TransposedConvolutionCycles, OfSingleWords) {
  expect_transposed({2, 4, 3}, {.window = window(1, 1, 2, {0, 0, 0, 0})}, 4,
                    {{1, 1, 1, 1}, {2, 4, 1, 1}});
}

// ---- poolings

void expect_pool(const Sizes& in, const ir::Window& of, bool is_max) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const std::int64_t streams : {std::int64_t{1}, in.channels / 2, in.channels}) {
    SCOPED_TRACE(streams);
    const auto build = [&](QuantizedNet& net) {
      const ir::ValueId x = net.input(in.shape());
      if (is_max) return net.add_like(ir::MaxPool{.window = of}, {x});
      return net.add_like(ir::AveragePool{.window = of}, {x});
    };
    expect_equal_cycles(
        {.build = build, .fold = folded({.coarse_in = streams, .coarse_out = streams})});
  }
}

TEST(PoolingCycles, OfWindowsBesideOneAnother) {
  for (const bool is_max : {true, false}) {
    expect_pool({4, 8, 6}, window(2, 2, 2, {0, 0, 0, 0}), is_max);
    expect_pool({4, 7, 9}, window(2, 2, 2, {0, 0, 0, 0}), is_max);
    expect_pool({4, 9, 9}, window(3, 3, 3, {0, 0, 0, 0}), is_max);
  }
}
TEST(PoolingCycles, OfWindowsThatOverlap) {
  for (const bool is_max : {true, false}) {
    expect_pool({4, 8, 6}, window(2, 2, 1, {0, 0, 0, 0}), is_max);
    expect_pool({4, 9, 7}, window(3, 3, 2, {0, 0, 0, 0}), is_max);
  }
}
TEST(PoolingCycles, OfPaddedWindows) {
  expect_pool({4, 8, 8}, window(3, 3, 2, {1, 1, 1, 1}), true);
  expect_pool({4, 8, 7}, window(3, 3, 1, {1, 1, 1, 1}), true);
  expect_pool({4, 7, 7}, window(2, 2, 2, {0, 0, 1, 1}), true);
}
TEST(PoolingCycles, OfWholeMaps) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const bool is_max : {true, false}) {
    for (const std::int64_t streams : {1, 2, 4}) {
      SCOPED_TRACE(streams);
      const auto build = [&](QuantizedNet& net) {
        const ir::ValueId x = net.input({1, 4, 5, 6});
        if (is_max) return net.add_like(ir::ReduceMax{}, {x, net.integers({2, 3})});
        return net.add(ir::ReduceMean{}, {x, net.integers({2, 3})}, net.grid());
      };
      expect_equal_cycles(
          {.build = build, .fold = folded({.coarse_in = streams, .coarse_out = streams})});
    }
  }
}

// ---- inner products

TEST(InnerProductCycles, AreTheModels) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const hw::Folding& by : {hw::Folding{1, 1}, hw::Folding{2, 3}, hw::Folding{8, 1},
                                hw::Folding{1, 6}, hw::Folding{8, 6}}) {
    SCOPED_TRACE(fmt::format("{} in, {} out", by.coarse_in, by.coarse_out));
    const auto build = [](QuantizedNet& net) {
      const ir::ValueId x = net.input({1, 8, 3, 2});
      const ir::ValueId flat = net.add_like(ir::Flatten{}, {x});
      const ir::ValueId weights = net.codes({48, 6}, {DType::Int8, {0.01F}, {0}});
      return net.add(ir::Gemm{}, {flat, weights}, net.grid_after(flat, weights, 48));
    };
    expect_equal_cycles({.build = build, .fold = folded(by)});
  }
}

// Sums that float32 rounds, which are on no line.
TEST(InnerProductCycles, AreTheModelsOfThresholds) {
  const auto build = [](QuantizedNet& net) {
    const ir::ValueId x = net.input({1, 2048}, {DType::Int8, {0.05F}, {-128}});
    const ir::ValueId weights = net.weights_per_channel({2048, 4}, DType::Int8, 1, false);
    const float step = net.grid_of(x).scales[0] * net.grid_of(weights).scales[0];
    return net.add(ir::MatMul{}, {x, weights},
                   numeric::Quantization{DType::Int8, {step * 77'777}, {3}});
  };
  SL_NEEDS_RTL_SIMULATORS();
  for (const hw::Folding& by : {hw::Folding{32, 1}, hw::Folding{8, 4}}) {
    expect_equal_cycles({Arithmetic::OnnxRuntime, build, folded(by)});
  }
}

// ---- words

void expect_all(const std::function<ir::ValueId(QuantizedNet&)>& build,
                const std::vector<std::int64_t>& streams = {1, 2, 4},
                Arithmetic arithmetic = Arithmetic::TfliteDouble) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const std::int64_t each : streams) {
    SCOPED_TRACE(each);
    expect_equal_cycles({arithmetic, build, folded({.coarse_in = each, .coarse_out = each})});
  }
}

const Sizes kMap{4, 5, 6};

// Layers that only move words of the host's are left to it: a clamp comes before them.
ir::ValueId clamped(QuantizedNet& net, const Sizes& sizes) {
  return net.add_like(ir::Relu{}, {net.input(sizes.shape())});
}

TEST(WordCycles, OfClampsInOneScale) {
  expect_all([](QuantizedNet& net) { return net.add_like(ir::Relu{}, {net.input(kMap.shape())}); });
}
TEST(WordCycles, OfClampsThatChangeTheScale) {
  expect_all([](QuantizedNet& net) {
    return net.add(ir::Relu{}, {net.input(kMap.shape(), net.grid(DType::Int8, 0.05))},
                   net.grid(DType::Int8, 0.03));
  });
}
TEST(WordCycles, OfPadding) {
  expect_all([](QuantizedNet& net) {
    return net.add_like(ir::Pad{}, {clamped(net, kMap), net.integers({0, 0, 1, 0, 0, 0, 2, 1})});
  });
}
TEST(WordCycles, OfUpSampling) {
  for (const bool rows : {true, false}) {
    expect_all([rows](QuantizedNet& net) {
      ir::Resize op;
      op.coordinate_mode = ir::CoordinateMode::Asymmetric;
      op.nearest_mode = ir::NearestMode::Floor;
      const ir::ValueId scales =
          net.constant(Tensor::from<float>({4}, {1, 1, rows ? 2.0F : 1.0F, 3.0F}));
      return net.add_like(op, {net.input(kMap.shape()), ir::kNoValue, scales});
    });
  }
}

ir::ValueId shifted(QuantizedNet& net, const Sizes& sizes) {
  return shifted_words(net, clamped(net, sizes), sizes.channels);
}

ir::ValueId shuffled(QuantizedNet& net, std::int64_t groups) {
  const ir::ValueId x = clamped(net, {8, 4, 3});
  const ir::ValueId grouped =
      net.add_like(ir::Reshape{}, {x, net.integers({1, groups, 8 / groups, 4, 3})});
  const ir::ValueId turned = net.add_like(ir::Transpose{{0, 2, 1, 3, 4}}, {grouped});
  return net.add_like(ir::Reshape{}, {turned, net.integers({1, 8, 4, 3})});
}

TEST(WordCycles, OfShuffles) {
  expect_all([](QuantizedNet& net) { return shuffled(net, 2); }, {1, 2, 4});
  expect_all([](QuantizedNet& net) { return shuffled(net, 4); }, {1, 2});
}

// Codes that are moved come into another scale where the arithmetic computes on real numbers.
TEST(WordCycles, OfMovesThatChangeTheScale) {
  const auto moved = [](const std::function<ir::ValueId(QuantizedNet&, ir::ValueId)>& move,
                        const std::vector<std::int64_t>& streams) {
    const auto build = [&](QuantizedNet& net) {
      return move(net, net.add_like(ir::Relu{}, {net.input({1, 4, 6, 6})}));
    };
    expect_all(build, streams, Arithmetic::Onnx);
  };
  moved(
      [](QuantizedNet& net, ir::ValueId x) {
        return net.add(ir::MaxPool{.window = window(2, 2, 2, {0, 0, 0, 0})}, {x}, net.grid());
      },
      {1, 4});
  moved([](QuantizedNet& net,
           ir::ValueId x) { return net.add(ir::GlobalMaxPool{}, {x}, net.grid()); },
        {1, 4});
  moved(
      [](QuantizedNet& net, ir::ValueId x) {
        return net.add(ir::Pad{}, {x, net.integers({0, 0, 1, 0, 0, 0, 2, 1})}, net.grid());
      },
      {1, 4});
  moved(
      [](QuantizedNet& net, ir::ValueId x) {
        return net.add(ir::Concat{1}, {net.add_like(ir::Relu{}, {x}), x}, net.grid());
      },
      {1, 4});
}
TEST(WordCycles, OfFunctionsThatAreLookedUp) {
  expect_all([](QuantizedNet& net) {
    return net.add(ir::Sigmoid{}, {net.input(kMap.shape())}, net.grid(DType::Int8, 1.0 / 128));
  });
}
TEST(WordCycles, OfPixelsThatAreShifted) {
  for (const Sizes& sizes : {Sizes{5, 4, 6}, Sizes{10, 5, 3}, Sizes{4, 1, 5}}) {
    expect_all([&](QuantizedNet& net) { return shifted(net, sizes); }, {1, sizes.channels});
  }
}

// ---- branches

TEST(BranchCycles, OfSumsWithThemselves) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::ShiftHalfEven}) {
    expect_all(
        [](QuantizedNet& net) {
          const ir::ValueId x = net.input(kMap.shape(), without_zero_point(net.grid()));
          const ir::ValueId y = net.add_like(ir::Relu{}, {x});
          return net.add(ir::Add{}, {x, y}, without_zero_point(net.grid_of(x)));
        },
        {1, 2, 4}, arithmetic);
  }
}
TEST(BranchCycles, OfConcatenations) {
  expect_all([](QuantizedNet& net) {
    const ir::ValueId x = net.input(kMap.shape());
    const ir::ValueId y = net.add_like(ir::Relu{}, {x});
    return net.add_like(ir::Concat{1}, {y, x});
  });
}
TEST(BranchCycles, OfPartsOfChannels) {
  expect_all(
      [](QuantizedNet& net) {
        const ir::ValueId x = clamped(net, {6, 4, 5});
        ir::Graph& graph = net.graph();
        const ir::NodeId node = graph.add_node("parts", ir::Split{1}, {x, net.integers({2, 4})}, 2);
        graph[node].arithmetic = Arithmetic::TfliteDouble;
        const std::vector<ir::ValueId> made = graph[node].outputs;
        for (const ir::ValueId id : made) graph[id].quantization = net.grid_of(x);
        const ir::ValueId y = net.add_like(ir::Relu{}, {made[0]});
        return net.add_like(ir::Concat{1}, {made[1], y});
      },
      {1, 2});
}

TEST(BranchCycles, OfProducts) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::ShiftHalfEven}) {
    expect_all(
        [](QuantizedNet& net) {
          const ir::ValueId x = net.input(kMap.shape());
          const ir::ValueId y = net.add_like(ir::Relu{}, {x});
          return net.add(ir::Mul{}, {x, y}, net.grid());
        },
        {1, 2, 4}, arithmetic);
  }
}
// Squeeze and excite: a map and what its own means make of each channel.
TEST(BranchCycles, OfAWordAChannel) {
  const auto mean_of = [](QuantizedNet& net, ir::ValueId x) {
    return net.add_like(ir::ReduceMean{}, {x, net.integers({2, 3})});
  };
  expect_all([&](QuantizedNet& net) {
    const ir::ValueId x = clamped(net, kMap);
    return net.add(ir::Mul{}, {x, mean_of(net, x)}, net.grid());
  });
  expect_all([&](QuantizedNet& net) {
    const ir::ValueId x = clamped(net, kMap);
    return net.add(ir::Add{}, {mean_of(net, x), x}, net.grid());
  });
}

}  // namespace
}  // namespace sluice
