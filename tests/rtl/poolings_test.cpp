// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/rtl/mapped.hpp"

#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using sluice::test::QuantizedNet;
using test::expect_exact;
using test::fold_all;
using test::instance_of;
using test::number;
using test::refusal_of;
using testing::HasSubstr;

// A layer over a map of 4 channels, 6 rows and 8 columns.
ir::Graph pooling(ir::Op op, Arithmetic arithmetic = Arithmetic::TfliteDouble,
                  bool keeps_codes = true, DType dtype = DType::Int8) {
  QuantizedNet net(5, arithmetic, dtype);
  const ir::ValueId x = net.input({1, 4, 6, 8});
  std::vector<ir::ValueId> inputs{x};
  if (ir::is<ir::ReduceMean>(op) || ir::is<ir::ReduceMax>(op)) {
    inputs.push_back(net.integers({2, 3}));
  }
  return net.finish({net.add(std::move(op), inputs, keeps_codes ? net.grid_of(x) : net.grid())});
}

TEST(Poolings, MaximaGiveTheCodesOfTheExactEngine) {
  for (const ir::Window& window :
       {ir::Window{.kernel = {2, 2}, .strides = {2, 2}}, ir::Window{.kernel = {3, 3}},
        ir::Window{.kernel = {3, 2}, .strides = {1, 2}, .pads = {1, 0, 1, 1}},
        ir::Window{.kernel = {3, 3}, .strides = {3, 3}}, ir::Window{.kernel = {1, 4}}}) {
    for (const DType dtype : {DType::Int8, DType::UInt8}) {
      const ir::Graph network =
          pooling(ir::MaxPool{.window = window}, Arithmetic::TfliteDouble, true, dtype);
      for (const std::int64_t streams : {1, 2, 4}) expect_exact(network, fold_all(streams));
    }
  }
}

TEST(Poolings, PaddingNeverWins) {
  const Netlist netlist =
      expect_exact(pooling(ir::MaxPool{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}}));
  EXPECT_EQ(number(instance_of(netlist, "sl_window_slide"), "PadWord"), -128);
}

// Windows that leave fewer words than come may take them one at a time.
TEST(Poolings, TakeAsManyWordsAtATimeAsKeepUpWithTheInput) {
  const auto words = [](ir::Window window) {
    const Netlist netlist = test::emitted(pooling(ir::MaxPool{.window = std::move(window)}));
    return number(instance_of(netlist, "sl_reduce_max"), "Words");
  };
  EXPECT_EQ(words({.kernel = {2, 2}, .strides = {2, 2}}), 1);
  EXPECT_EQ(words({.kernel = {3, 2}, .strides = {1, 2}}), 3);
  EXPECT_EQ(words({.kernel = {3, 3}}), 9);
}

TEST(Poolings, MeansGiveTheCodesOfTheExactEngine) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack,
                                      Arithmetic::ShiftFloor, Arithmetic::ShiftHalfUp}) {
    SCOPED_TRACE(to_string(arithmetic));
    for (const ir::Window& window : {ir::Window{.kernel = {2, 2}, .strides = {2, 2}},
                                     ir::Window{.kernel = {3, 3}, .strides = {1, 2}}}) {
      const ir::Graph network = pooling(ir::AveragePool{.window = window}, arithmetic);
      for (const std::int64_t streams : {1, 2}) expect_exact(network, fold_all(streams));
    }
  }
}

TEST(Poolings, SumsHaveTheBitsThatTheirWordsNeed) {
  const auto bits = [](ir::Window window) {
    const Netlist netlist = test::emitted(pooling(ir::AveragePool{.window = std::move(window)}));
    return number(instance_of(netlist, "sl_reduce_sum"), "SumWidth");
  };
  EXPECT_EQ(bits({.kernel = {1, 2}}), 9);
  EXPECT_EQ(bits({.kernel = {2, 2}}), 10);
  EXPECT_EQ(bits({.kernel = {1, 5}}), 11);
  EXPECT_EQ(bits({.kernel = {3, 3}}), 12);
}

TEST(Poolings, OfWholeMapsGiveTheCodesOfTheExactEngine) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::ShiftFloor}) {
    SCOPED_TRACE(to_string(arithmetic));
    const ir::Graph network = pooling(ir::ReduceMean{}, arithmetic, false);
    for (const std::int64_t streams : {1, 2, 4}) {
      const Netlist netlist = expect_exact(network, fold_all(streams));
      const Instance sums = instance_of(netlist, "sl_frame_sum");
      EXPECT_EQ(number(sums, "Positions"), 48);
      EXPECT_EQ(number(sums, "SumWidth"), 8 + 6);
    }
  }
}

// TFLite's second rounding turns at the sum of the zero points, not at 0.
TEST(Poolings, SumsLoseWhatTheZeroPointAddsWhereRoundingTurnsThere) {
  int num_centred = 0;
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle}) {
    for (const DType dtype : {DType::Int8, DType::UInt8}) {
      for (std::uint64_t seed = 1; seed < 7; ++seed) {
        QuantizedNet net(seed, arithmetic, dtype);
        const ir::ValueId x = net.input({1, 4, 4, 4});
        const ir::ValueId axes = net.integers({2, 3});
        const Netlist netlist = expect_exact(
            net.finish({net.add(ir::ReduceMean{}, {x, axes}, net.grid_of(x))}), fold_all(2));
        const std::int64_t constant = number(instance_of(netlist, "sl_frame_sum"), "Constant");
        const std::int64_t offset = 16 * net.grid_of(x).zero_points[0];
        EXPECT_TRUE(constant == 0 || constant == -offset) << constant;
        if (constant != 0) ++num_centred;
      }
    }
  }
  EXPECT_GT(num_centred, 0);
}

// A map of 4 x 4 words.
TEST(Poolings, MeansOfAPowerOfTwoTakeNoMultiplier) {
  for (const Arithmetic arithmetic :
       {Arithmetic::ShiftFloor, Arithmetic::ShiftHalfUp, Arithmetic::ShiftHalfEven}) {
    QuantizedNet net(5, arithmetic);
    const ir::ValueId x = net.input({1, 2, 4, 4}, {DType::Int8, {0.25F}, {0}});
    const Netlist netlist = expect_exact(net.finish({net.add(
        ir::GlobalAveragePool{}, {x}, numeric::Quantization{DType::Int8, {0.125F}, {-3}})}));
    EXPECT_EQ(number(instance_of(netlist, "sl_requantize"), "MultiplierWidth"), 0);
  }
}

TEST(Poolings, RefusesMeansOfWindowsOfDifferentSizes) {
  EXPECT_THAT(
      refusal_of(pooling(ir::AveragePool{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}})),
      HasSubstr("is a mean with padding"));
}

TEST(Poolings, MaximaOfWholeMapsGiveTheCodesOfTheExactEngine) {
  for (const std::int64_t streams : {1, 2, 4}) {
    for (const DType dtype : {DType::Int8, DType::UInt8}) {
      for (const ir::Op& op :
           {ir::Op(ir::ReduceMax{}), ir::Op(ir::MaxPool{.window = {.kernel = {6, 8}}})}) {
        const Netlist netlist =
            expect_exact(pooling(op, Arithmetic::TfliteDouble, true, dtype), fold_all(streams));
        EXPECT_EQ(number(instance_of(netlist, "sl_frame_max"), "Positions"), 48);
      }
    }
    expect_exact(pooling(ir::GlobalMaxPool{}, Arithmetic::OnnxRuntime, false), fold_all(streams));
  }
}

TEST(Poolings, RefusesMeansThatChangeTheScaleWhereTheRuntimeKeepsIt) {
  EXPECT_THAT(refusal_of(pooling(ir::AveragePool{.window = {.kernel = {2, 2}}},
                                 Arithmetic::TfliteDouble, false)),
              HasSubstr("a mean of codes keeps its input's"));
}

}  // namespace
}  // namespace sluice::rtl
