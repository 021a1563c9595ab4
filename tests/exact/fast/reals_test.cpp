// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/reals.hpp"

#include <cmath>
#include <limits>

#include "tests/exact/fast/expect_equal.hpp"
#include "tests/support/quantized_net.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

constexpr std::array kToEven{Arithmetic::Onnx, Arithmetic::OnnxRuntime};

TEST(FastQuantizer, EqualsTheReferenceOnEveryKindOfNumber) {
  for (const Arithmetic arithmetic :
       {Arithmetic::Onnx, Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven}) {
    for (const DType dtype : kCodeTypes) {
      QuantizedNet net(3, arithmetic, dtype);
      const ir::ValueId x = net.graph().add_input("x", DType::Float32, {4096});
      const auto grid = numeric::is_shift(arithmetic) ? net.grid(dtype, 0.25) : net.grid();
      const ir::Graph graph = net.finish({net.add(ir::Identity{}, {x}, grid)});
      EXPECT_EQ(num_plain(graph), 0U);
      Tensor reals(DType::Float32, {4096});
      const auto data = reals.mutable_data<float>();
      const float scale = grid.scales[0];
      for (std::size_t i = 0; i < data.size(); ++i) {  // steps of an eighth: all halves, both ends
        data[i] = scale * (static_cast<float>(i) - 2048) / 8;
      }
      constexpr float kInfinity = std::numeric_limits<float>::infinity();
      const std::array special{NAN, kInfinity, -kInfinity, 1e30F, -1e30F, -0.0F, 1e-42F};
      std::ranges::copy(special, data.begin());
      for (const int threads : {1, 2, 7}) {
        const Threads with(threads);
        const auto fast = outputs_of(make_fast_executor(graph), {reals});
        const auto reference = outputs_of(make_reference_executor(graph), {reals});
        ASSERT_TRUE(fast && reference);
        expect_same(*fast, *reference, name_of(arithmetic, dtype));
      }
    }
  }
}

// Along any dimension, into codes of fewer bits too.
TEST(FastQuantizer, HasScalesOfChannels) {
  for (const Arithmetic arithmetic :
       {Arithmetic::Onnx, Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven}) {
    for (const DType dtype : kCodeTypes) {
      for (const std::int64_t axis : {0, 1, 3}) {
        const Shape shape{3, 3, 17, 3};
        numeric::Quantization grid{dtype, {0.25F, 0x1p-5F, 0x1p-40F}, {3, 5, 1}, axis};
        if (axis == 0) grid.bits = 6;
        QuantizedNet net(3, arithmetic, dtype);
        const ir::ValueId x = net.graph().add_input("x", DType::Float32, shape);
        const ir::Graph graph = net.finish({net.add(ir::Identity{}, {x}, grid)});
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph, {1, 3}));
      }
    }
  }
}

TEST(FastQuantizer, OfOtherRoundingIsLeftToTheReference) {
  QuantizedNet net(3, Arithmetic::TfliteDouble);
  const ir::ValueId x = net.graph().add_input("x", DType::Float32, {64});
  const ir::Graph graph = net.finish({net.add(ir::Identity{}, {x}, net.grid())});
  EXPECT_EQ(num_plain(graph), 1U);
  EXPECT_TRUE(expect_equal(graph, {1}));
}

TEST(FastDequantizer, EqualsTheReference) {
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const DType dtype : kCodeTypes) {
      QuantizedNet net(4, arithmetic, dtype);
      const ir::ValueId x = net.input({2, 3, 8, 8}, net.grid());
      const ir::Graph graph = net.finish({net.add(ir::Identity{}, {x}, std::nullopt)});
      EXPECT_EQ(num_plain(graph), 0U);
      EXPECT_TRUE(expect_equal(graph));
    }
  }
}

TEST(FastRealGemm, EqualsTheReferenceInEveryArithmetic) {
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const bool is_transposed : {true, false}) {
      for (const bool per_channel : {true, false}) {
        SCOPED_TRACE(name_of(arithmetic, DType::UInt8));
        QuantizedNet net(7, arithmetic, DType::UInt8);
        const ir::ValueId x = net.input({3, 37}, net.grid());
        const Shape shape = is_transposed ? Shape{21, 37} : Shape{37, 21};
        const ir::ValueId w =
            per_channel ? net.weights_per_channel(shape, DType::Int8, is_transposed ? 0 : 1, true)
                        : net.codes(shape, {DType::Int8, {0.02F}, {0}});
        ir::Gemm op;
        op.trans_b = is_transposed;
        const ir::Graph graph =
            net.finish({net.add(op, {x, w, net.bias({21}, x, w)}, std::nullopt)});
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph));
      }
    }
  }
}

TEST(FastRealMean, EqualsTheReference) {
  for (const Arithmetic arithmetic : kToEven) {
    for (const DType dtype : kCodeTypes) {
      SCOPED_TRACE(name_of(arithmetic, dtype));
      QuantizedNet net(5, arithmetic, dtype);
      const ir::ValueId x = net.input({2, 70, 7, 7}, net.grid());
      const ir::ValueId a = net.add(ir::GlobalAveragePool{}, {x}, net.grid(dtype, 0.01));
      const ir::ValueId b =
          net.add(ir::ReduceMean{}, {x, net.integers({2, 3})}, net.grid(dtype, 0.02));
      const ir::Graph graph = net.finish({a, b});
      EXPECT_EQ(num_plain(graph), 0U);
      EXPECT_TRUE(expect_equal(graph));
    }
  }
}

}  // namespace
}  // namespace sluice::exact::fast
