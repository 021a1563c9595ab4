// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/executor.hpp"

#include "tests/exact/fast/expect_equal.hpp"
#include "tests/exact/fast/random_code_net.hpp"
#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

TEST(FastExecutor, EqualsTheReferenceOnRandomNetworks) {
  std::uint64_t seed = 0;
  std::size_t num_run = 0;
  for (int round = 0; round < 2; ++round) {
    for (const Arithmetic arithmetic : kArithmetics) {
      for (const DType dtype : kCodeTypes) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        const ir::Graph graph = random_code_net(seed, arithmetic, dtype);
        if (expect_equal(graph, {seed % 3 == 0 ? 1 : seed % 3 == 1 ? 2 : 7})) ++num_run;
      }
    }
  }
  EXPECT_EQ(num_run, seed);
}

TEST(FastExecutor, EqualsTheReferenceOnRandomNetworksOfShifts) {
  std::uint64_t seed = 200;
  for (int round = 0; round < 2; ++round) {
    for (const Arithmetic arithmetic : kShifts) {
      for (const DType dtype : kCodeTypes) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        const ir::Graph graph = random_code_net(seed, arithmetic, dtype);
        EXPECT_TRUE(expect_equal(graph, {seed % 3 == 0 ? 1 : seed % 3 == 1 ? 2 : 7}));
      }
    }
  }
}

TEST(FastExecutor, EqualsTheReferenceOnRandomNetworksOf16Bits) {
  std::uint64_t seed = 300;
  for (int round = 0; round < 2; ++round) {
    for (const Arithmetic arithmetic : kShifts) {
      for (const DType dtype : {DType::Int16, DType::UInt16}) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        const ir::Graph graph = random_code_net(seed, arithmetic, dtype);
        EXPECT_TRUE(expect_equal(graph, {seed % 3 == 0 ? 1 : seed % 3 == 1 ? 2 : 7}));
      }
    }
  }
}

// Scales that are no powers of two, also where a step would only move bytes.
TEST(FastExecutor, RefusesWhatTheReferenceRefuses) {
  for (const ir::Op& op : {ir::Op(ir::Relu{}), ir::Op(ir::MaxPool{.window = {.kernel = {2, 2}}})}) {
    QuantizedNet net(5, Arithmetic::Xnnpack);
    const ir::ValueId x = net.input({1, 3, 4, 4}, {DType::Int8, {0.3F}, {1}});
    ir::Graph graph = net.finish({net.add_like(op, {x})});
    EXPECT_TRUE(expect_equal(graph, {1}));
    graph.nodes[0].arithmetic = Arithmetic::ShiftFloor;
    EXPECT_FALSE(expect_equal(graph, {1}));
  }
}

// Codes narrower than their type saturate there, in a layer, in what is folded into it, and in
// tables.
TEST(FastExecutor, SaturatesToFewerBitsThanTheTypes) {
  for (const Arithmetic arithmetic : kArithmetics) {
    QuantizedNet net(6, arithmetic);
    const auto narrow = [&](numeric::Quantization grid, int bits) {
      grid.bits = bits;
      grid.zero_points = {1};
      return grid;
    };
    const ir::ValueId x = net.input({1, 3, 6, 6});
    const ir::ValueId y = add_conv(net, x, {.in = 3, .out = 9});
    net.graph()[y].quantization = narrow(net.grid_of(y), 5);
    const ir::ValueId z = net.add_like(ir::Relu{}, {y});
    const ir::ValueId s = net.add(ir::Sigmoid{}, {z}, narrow(net.grid(), 6));
    EXPECT_TRUE(expect_equal(net.finish({net.add(ir::Add{}, {s, z}, narrow(net.grid(), 4))}), {1}));
  }
}

// A layer that adds up in an accumulator of its own.
TEST(FastExecutor, KeepsAccumulators) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::ShiftHalfEven}) {
    for (const auto overflow : {numeric::Overflow::Wrap, numeric::Overflow::Saturate}) {
      QuantizedNet net(7, arithmetic);
      const ir::ValueId y = add_conv(net, net.input({1, 3, 6, 6}), {.in = 3, .out = 9});
      ir::Graph graph = net.finish({y});
      graph.nodes[0].accumulator = {15, overflow};
      EXPECT_TRUE(expect_equal(graph, {1}));
    }
  }
}

TEST(FastExecutor, EqualsTheReferenceOnEveryInstructionSet) {
  test::on_every_target([](const char* target) {
    SCOPED_TRACE(target);
    for (std::uint64_t seed = 101; seed <= 104; ++seed) {
      const Arithmetic arithmetic = kArithmetics[seed % kArithmetics.size()];
      EXPECT_TRUE(expect_equal(random_code_net(seed, arithmetic, kCodeTypes[seed % 2]), {1}));
    }
  });
}

TEST(FastExecutor, GivesAnImageTheSameCodesInAnyBatch) {
  const auto net_of = [](std::int64_t batch) {
    QuantizedNet net(1);
    const ir::ValueId x = net.input({batch, 3, 6, 6});
    return net.finish({net.add_like(ir::Relu{}, {add_conv(net, x, {.in = 3, .out = 9})})});
  };
  const ir::Graph all = net_of(5);
  const auto inputs = test::random_code_inputs(all, 2);
  const auto expected = outputs_of(make_fast_executor(all), inputs);
  ASSERT_TRUE(expected);
  const auto one = make_fast_executor(net_of(1));
  ASSERT_TRUE(one);
  for (std::size_t i = 0; i < 5; ++i) {
    Tensor image(DType::Int8, {1, 3, 6, 6});
    std::ranges::copy(inputs[0].bytes().subspan(i * 108, 108), image.mutable_bytes().begin());
    const auto found = (*one)->run({&image, 1});
    ASSERT_TRUE(found);
    EXPECT_TRUE(
        std::ranges::equal((*found)[0].bytes(), (*expected)[0].bytes().subspan(i * 324, 324)));
  }
}

TEST(FastExecutor, RunsTheFloatPartsOfANetwork) {
  for (const Arithmetic arithmetic : kArithmetics) {
    QuantizedNet net(3, arithmetic);
    const ir::ValueId real = net.graph().add_input("real", DType::Float32, {3, 4, 5, 5});
    const ir::ValueId x = net.add(ir::Identity{}, {real}, net.grid());
    const ir::ValueId y = add_conv(net, x, {.in = 4, .out = 6});
    const ir::ValueId z = net.add(ir::Identity{}, {y}, std::nullopt);
    EXPECT_TRUE(expect_equal(net.finish({net.add(ir::Softmax{1}, {z}, std::nullopt)})));
  }
}

TEST(FastExecutor, HandsInputsAndConstantsOnToOutputs) {
  QuantizedNet net(4);
  const ir::ValueId x = net.input({2, 3, 4, 4});
  const ir::ValueId flat = net.add_like(ir::Reshape{}, {x, net.integers({2, 48})});
  EXPECT_TRUE(expect_equal(net.finish({x, flat, x})));
  EXPECT_TRUE(expect_equal(net.finish({flat, net.codes({3, 5, 2, 2}, net.grid())})));
}

TEST(FastExecutor, RunsConstantsThroughLayers) {
  QuantizedNet net(5);
  const ir::ValueId x = net.input({1, 4, 5, 5});
  const ir::ValueId c = net.codes({1, 4, 5, 5}, net.grid());
  const ir::ValueId y = add_conv(net, c, {.in = 4, .out = 4});
  const ir::ValueId z =
      net.add(ir::Add{}, {x, net.add(ir::Identity{}, {y}, net.grid())}, net.grid());
  EXPECT_TRUE(expect_equal(net.finish({z, y})));
}

TEST(FastExecutor, RunsEmptyTensors) {
  QuantizedNet net(6);
  const ir::ValueId x = net.input({2, 0, 3});
  const ir::ValueId y = net.add(ir::Tanh{}, {x}, net.grid());
  EXPECT_TRUE(expect_equal(net.finish({net.add(ir::Add{}, {y, y}, net.grid())})));
}

TEST(FastExecutor, RunsEmptyImages) {
  QuantizedNet net(7);
  const ir::ValueId x = net.input({0, 3, 4, 4});
  const ir::ValueId y = add_conv(net, x, {.in = 3, .out = 4});
  const ir::ValueId z = net.add_like(ir::MaxPool{{.kernel = {2, 2}}}, {y});
  EXPECT_TRUE(expect_equal(net.finish({net.add_like(ir::Concat{1}, {z, z})})));
}

TEST(FastExecutor, ObservesOneValueThenAnother) {
  const ir::Graph graph = random_code_net(8, Arithmetic::Xnnpack, DType::Int8);
  const auto inputs = test::random_code_inputs(graph, 3);
  const auto fast = make_fast_executor(graph);
  ASSERT_TRUE(fast);
  const auto plain = (*fast)->run(inputs);
  for (const ir::ValueId id : all_values(graph)) {
    const runtime::Observer observer{{id}, [](ir::ValueId, std::int64_t, const Tensor&) {}};
    const auto observed = (*fast)->run(inputs, &observer);
    ASSERT_TRUE(plain && observed);
    expect_same(*observed, *plain, "output");
  }
}

TEST(FastExecutor, ReportsValuesInGraphOrder) {
  const ir::Graph graph = random_code_net(10, Arithmetic::Xnnpack, DType::Int8);
  const auto values = all_values(graph);
  std::vector<ir::ValueId> seen;
  const runtime::Observer observer{values, [&](ir::ValueId id, std::int64_t first, const Tensor&) {
                                     if (first == 0) seen.push_back(id);
                                   }};
  const auto fast = make_fast_executor(graph);
  ASSERT_TRUE(fast);
  ASSERT_TRUE((*fast)->run(test::random_code_inputs(graph, 3), &observer));
  EXPECT_EQ(seen, values);
}

TEST(FastExecutor, RefusesInputsOfAnotherType) {
  const auto fast = make_fast_executor(random_code_net(9, Arithmetic::Onnx, DType::Int8));
  ASSERT_TRUE(fast);
  const Tensor wrong(DType::Float32, {1});
  const auto result = (*fast)->run({&wrong, 1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
}

TEST(FastExecutor, RefusesBrokenGraphs) {
  ir::Graph graph = random_code_net(9, Arithmetic::Onnx, DType::Int8);
  graph.outputs = {ir::ValueId{10'000}};
  const auto fast = make_fast_executor(graph);
  ASSERT_FALSE(fast);
  EXPECT_EQ(fast.error().code, ErrorCode::Verify);
}

TEST(FastExecutor, NamesTheNodeThatFailsWhileRunning) {
  QuantizedNet net(11);
  const ir::ValueId x = net.input({3, 4, 5, 5});
  const ir::ValueId y = net.add(ir::Max{}, {x, net.input({3, 4, 1, 1})}, net.grid());
  const ir::Graph graph = net.finish({net.add(ir::Tanh{}, {y}, net.grid())});
  EXPECT_FALSE(expect_equal(graph));
}

// ---- memory

std::size_t outside_bytes(const ir::Graph& graph) {
  return runtime::size_bytes(graph.type(graph.inputs[0].value)) +
         runtime::size_bytes(graph.type(graph.outputs[0]));
}

ir::Graph many_layers(std::int64_t batch) {
  QuantizedNet net(12);
  ir::ValueId x = net.input({batch, 16, 32, 32});
  for (int i = 0; i < 8; ++i) {
    x = add_conv(net, x, {.in = 16, .out = 16, .kernel = {1, 1}, .pads = {0, 0, 0, 0}});
  }
  return net.finish({x});
}

TEST(FastExecutor, HoldsLessThanAllValuesTogether) {
  const Threads one(1);
  const auto fast = make_fast_executor(many_layers(1));
  ASSERT_TRUE(fast);
  constexpr std::size_t kValue = 16'384;
  EXPECT_GE((*fast)->peak_bytes(), 4 * kValue);
  EXPECT_LE((*fast)->peak_bytes(), 6 * kValue);  // two alive, pointers, and what is outside
}

TEST(FastExecutor, HoldsAWorkspaceAWorker) {
  const std::size_t of_one = planned(many_layers(1)).workspace_bytes;
  for (const int threads : {1, 2, 3, 7}) {
    const Threads as_many(threads);
    const ir::Graph graph = many_layers(3);
    const auto fast = make_fast_executor(graph);
    ASSERT_TRUE(fast);
    const auto workers = static_cast<std::size_t>(std::min(threads, 3));
    EXPECT_EQ((*fast)->peak_bytes(), outside_bytes(graph) + workers * of_one) << threads;
  }
}

}  // namespace
}  // namespace sluice::exact::fast
