// SPDX-License-Identifier: Apache-2.0
#include "tests/exact/fast/expect_equal.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

const std::vector<ir::Window> kWindows{
    {.kernel = {2, 2}, .strides = {2, 2}},
    {.kernel = {3, 3}, .pads = {1, 1, 1, 1}},
    {.kernel = {3, 2}, .strides = {2, 1}, .pads = {0, 1, 2, 0}},
    {.kernel = {2, 2}, .dilations = {2, 3}, .pads = {1, 0, 1, 2}},
    {.kernel = {5, 6}},
    {.kernel = {7, 9}, .strides = {2, 2}, .pads = {3, 4, 3, 4}}};

// 1, 2 or 7.
int threads_of(std::uint64_t seed) {
  return std::array{1, 2, 7}.at(seed % 3);
}

// Its corners see nothing but padding.
const ir::Window kFarWindow{.kernel = {2, 2}, .strides = {3, 3}, .pads = {3, 3, 3, 3}};

template <class Pool>
ir::Graph one_pool(const Pool& op, Arithmetic arithmetic, DType dtype, std::uint64_t seed) {
  QuantizedNet net(seed, arithmetic, dtype);
  const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, seed % 5 == 0 ? 19 : 5, 5, 6});
  return net.finish({net.add_like(op, {x})});
}

TEST(FastMaxPool, EqualsTheReference) {
  std::uint64_t seed = 0;
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const DType dtype : kCodeTypes) {
      for (const ir::Window& window : kWindows) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        const bool ceil_mode = seed % 7 == 0;
        const ir::Graph graph = one_pool(ir::MaxPool{window, ceil_mode}, arithmetic, dtype, seed);
        EXPECT_TRUE(expect_equal(graph, {threads_of(seed)}));
        EXPECT_EQ(num_plain(graph), 0U);
      }
    }
  }
}

TEST(FastMaxPool, LeavesWindowsOfPaddingToTheReference) {
  for (const DType dtype : kCodeTypes) {
    const ir::Graph graph = one_pool(ir::MaxPool{kFarWindow}, Arithmetic::TfliteDouble, dtype, 1);
    EXPECT_EQ(num_plain(graph), 1U);
    EXPECT_TRUE(expect_equal(graph));
  }
}

TEST(FastMaxPool, LeavesIndicesToTheReference) {
  QuantizedNet net(2);
  const ir::ValueId x = net.input({3, 4, 6, 6});
  ir::MaxPool op;
  op.window.kernel = {2, 2};
  const ir::NodeId node = net.graph().add_node("pool", op, {x}, 2);
  net.graph()[net.graph()[node].outputs[0]].quantization = net.grid_of(x);
  const ir::Graph graph = net.finish(net.graph()[node].outputs);
  EXPECT_EQ(num_plain(graph), 1U);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(FastMaxPool, ReportsAnotherGridAsTheReference) {
  QuantizedNet net(3);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  ir::MaxPool op;
  op.window.kernel = {2, 2};
  EXPECT_FALSE(expect_equal(net.finish({net.add(op, {x}, net.grid())})));
}

TEST(FastAveragePool, EqualsTheReference) {
  std::uint64_t seed = 100;
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const DType dtype : kCodeTypes) {
      for (const ir::Window& window : kWindows) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        const bool ceil_mode = seed % 7 == 0;
        const ir::Graph graph =
            one_pool(ir::AveragePool{window, ceil_mode}, arithmetic, dtype, seed);
        EXPECT_TRUE(expect_equal(graph, {threads_of(seed)}));
        EXPECT_EQ(num_plain(graph), is_onnx(arithmetic) ? 1U : 0U);
      }
    }
  }
}

TEST(FastAveragePool, LeavesWindowsOfPaddingToTheReference) {
  const ir::Graph graph =
      one_pool(ir::AveragePool{kFarWindow}, Arithmetic::Xnnpack, DType::UInt8, 1);
  EXPECT_EQ(num_plain(graph), 1U);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(FastAveragePool, TreatsCountedPaddingAsTheReference) {
  for (const Arithmetic arithmetic : kArithmetics) {
    const ir::AveragePool op{.window = kWindows[1], .count_include_pad = true};
    EXPECT_EQ(expect_equal(one_pool(op, arithmetic, DType::Int8, 1)), is_onnx(arithmetic));
  }
}

TEST(FastAveragePool, ReportsAnotherGridAsTheReference) {
  for (const Arithmetic arithmetic : kArithmetics) {
    QuantizedNet net(4, arithmetic);
    const ir::ValueId x = net.input({1, 4, 6, 6});
    const ir::Graph graph = net.finish({net.add(ir::AveragePool{kWindows[0]}, {x}, net.grid())});
    EXPECT_EQ(expect_equal(graph), is_onnx(arithmetic));
  }
}

// ---- means of whole images

ir::Graph one_mean(Arithmetic arithmetic, DType dtype, const std::vector<std::int64_t>& axes,
                   const ir::ReduceMean& op, std::uint64_t seed) {
  QuantizedNet net(seed, arithmetic, dtype);
  const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, 21, 5, 7});
  return net.finish({net.add(op, {x, net.integers(axes)}, net.grid())});
}

TEST(FastReduceMean, EqualsTheReference) {
  std::uint64_t seed = 200;
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const DType dtype : kCodeTypes) {
      for (const bool keep_dims : {false, true}) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        const std::vector<std::int64_t> axes =
            keep_dims ? std::vector<std::int64_t>{2, 3} : std::vector<std::int64_t>{-1, 2};
        const ir::Graph graph = one_mean(arithmetic, dtype, axes, {keep_dims}, seed);
        EXPECT_TRUE(expect_equal(graph));
        EXPECT_EQ(num_plain(graph), 0U);
      }
    }
  }
}

TEST(FastReduceMean, LeavesOtherAxesToTheReference) {
  const std::vector<std::vector<std::int64_t>> lists{{1}, {3}, {1, 2, 3}, {0, 2, 3}};
  for (const auto& axes : lists) {
    const ir::Graph graph = one_mean(Arithmetic::TfliteDouble, DType::Int8, axes, {true}, 1);
    EXPECT_EQ(num_plain(graph), 1U);
    EXPECT_TRUE(expect_equal(graph));
  }
}

TEST(FastReduceMean, IsReadAsAnImageAgain) {
  QuantizedNet net(5);
  const ir::ValueId x = net.input({3, 6, 4, 4});
  const ir::ValueId mean = net.add(ir::ReduceMean{}, {x, net.integers({2, 3})}, net.grid());
  const ir::ValueId pooled = net.add_like(ir::MaxPool{{.kernel = {1, 1}}}, {mean});
  const ir::Graph graph = net.finish({pooled, mean});
  EXPECT_EQ(num_plain(graph), 0U);
  EXPECT_TRUE(expect_equal(graph));
}

}  // namespace
}  // namespace sluice::exact::fast
