// SPDX-License-Identifier: Apache-2.0
#include "tests/exact/fast/expect_equal.hpp"
#include "tests/exact/fast/layers.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

// ---- functions of one code

ir::Graph one_function(const ir::Op& op, Arithmetic arithmetic, DType from, DType to,
                       std::uint64_t seed) {
  QuantizedNet net(seed, arithmetic, from);
  const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, 3, 16, 16});
  std::vector<ir::ValueId> inputs{x};
  if (ir::is<ir::Clip>(op)) {
    inputs.push_back(seed % 3 == 0 ? ir::kNoValue : net.scalar(-0.7F));
    if (seed % 3 != 1) inputs.push_back(net.scalar(1.3F));
  }
  return net.finish({net.add(op, inputs, net.grid(to))});
}

TEST(FastFunctions, EqualTheReferenceInEveryArithmeticAndType) {
  const std::vector<ir::Op> ops{ir::Clip{}, ir::HardSwish{}, ir::Identity{}, ir::LeakyRelu{0.3F},
                                ir::Relu{}, ir::Sigmoid{},   ir::Tanh{}};
  std::uint64_t seed = 0;
  for (const ir::Op& op : ops) {
    for (const Arithmetic arithmetic : kArithmetics) {
      for (const DType from : kCodeTypes) {
        for (const DType to : kCodeTypes) {
          SCOPED_TRACE(std::string(ir::op_name(op)) + " " + name_of(arithmetic, from) + " " +
                       std::to_string(++seed));
          const ir::Graph graph = one_function(op, arithmetic, from, to, seed);
          EXPECT_TRUE(expect_equal(graph, {seed % 3 == 0 ? 7 : 1}));
          EXPECT_EQ(num_plain(graph), 0U);
        }
      }
    }
  }
}

TEST(FastFunctions, ThatOnlyOnnxHasEqualTheReference) {
  const std::vector<ir::Op> ops{ir::Abs{},
                                ir::Elu{},
                                ir::Erf{},
                                ir::Exp{},
                                ir::Gelu{},
                                ir::Log{},
                                ir::Mish{},
                                ir::Neg{},
                                ir::HardSigmoid{},
                                ir::Softplus{},
                                ir::Selu{},
                                ir::Sqrt{},
                                ir::ThresholdedRelu{0.2F}};
  std::uint64_t seed = 500;
  for (const ir::Op& op : ops) {
    for (const Arithmetic arithmetic : kArithmetics) {
      SCOPED_TRACE(std::string(ir::op_name(op)) + " " + std::to_string(++seed));
      const DType dtype = kCodeTypes[seed % 2];
      const ir::Graph graph = one_function(op, arithmetic, dtype, dtype, seed);
      EXPECT_EQ(expect_equal(graph, {2}), is_onnx(arithmetic));
    }
  }
}

TEST(FastFunctions, SpreadOverThreads) {
  for (const DType dtype : kCodeTypes) {
    QuantizedNet net(1, Arithmetic::Xnnpack, dtype);
    const ir::ValueId x = net.input({1, 13, 61, 131});
    const ir::Graph graph =
        net.finish({net.add(ir::Add{}, {x, x}, net.grid()), net.add(ir::Tanh{}, {x}, net.grid())});
    EXPECT_TRUE(expect_equal(graph, {1, 7}));
  }
}

TEST(FastFunctions, InARowEqualTheReference) {
  for (const Arithmetic arithmetic : kArithmetics) {
    QuantizedNet net(2, arithmetic);
    ir::ValueId x = net.input({3, 4, 5, 6});
    x = net.add(ir::Sigmoid{}, {x}, net.grid(DType::UInt8));
    x = net.add_like(ir::Relu{}, {x});
    x = net.add(ir::Identity{}, {x}, net.grid());
    const ir::ValueId middle = net.add(ir::LeakyRelu{0.5F}, {x}, net.grid());
    const ir::ValueId y = net.add(ir::Tanh{}, {middle}, net.grid());
    const ir::ValueId z = net.add(ir::Mul{}, {y, net.codes({1}, net.grid())}, net.grid());
    EXPECT_TRUE(expect_equal(net.finish({z, middle})));
  }
}

TEST(FastFunctions, OfAValueTimesThatValueEqualTheReference) {
  for (const Arithmetic arithmetic : kArithmetics) {
    QuantizedNet net(8, arithmetic, is_onnx(arithmetic) ? DType::Int8 : DType::UInt8);
    const ir::ValueId x = net.input({1, 4, 8, 16});
    const ir::ValueId f = net.add(ir::Sigmoid{}, {x}, net.grid());
    const ir::ValueId y = net.add(ir::Mul{}, {x, f}, net.grid());
    const ir::ValueId g = net.add(ir::Tanh{}, {net.add_like(ir::Relu{}, {y})}, net.grid());
    const ir::ValueId z = net.add(ir::Sub{}, {g, y}, net.grid());
    EXPECT_TRUE(expect_equal(net.finish({net.add_like(ir::Relu{}, {z})}), {2}));
  }
}

TEST(FastFunctions, NameTheOneOfARowThatFails) {
  QuantizedNet net(3);
  const ir::ValueId x = net.input({1, 4, 5, 6});
  const ir::ValueId y = net.add(ir::Tanh{}, {x}, net.grid());
  EXPECT_FALSE(expect_equal(net.finish({net.add(ir::LeakyRelu{-1}, {y}, net.grid())})));
}

// ---- functions of two

// Of two images, one that lies channels last.
ir::Graph one_pair(const ir::Op& op, Arithmetic arithmetic, DType a, DType b, std::uint64_t seed) {
  QuantizedNet net(seed, arithmetic, a);
  const std::int64_t batch = seed % 2 == 0 ? 1 : 3;
  const ir::ValueId x = net.input({batch, 3, 6, 6});
  const ir::ValueId y = net.input({batch, 3, 6, 6}, net.grid(b));
  const ir::ValueId z = seed % 3 == 0 ? net.add_like(ir::MaxPool{{.kernel = {1, 1}}}, {y}) : y;
  return net.finish({net.add(op, {x, z}, net.grid())});
}

TEST(FastPairs, EqualTheReferenceInEveryArithmeticAndType) {
  std::uint64_t seed = 1000;
  for (const ir::Op& op : std::vector<ir::Op>{ir::Add{}, ir::Sub{}, ir::Mul{}, ir::PRelu{}}) {
    for (const Arithmetic arithmetic : kArithmetics) {
      const DType a = kCodeTypes[++seed % 2];
      const DType b = kCodeTypes[seed / 2 % 2];
      SCOPED_TRACE(std::string(ir::op_name(op)) + " " + name_of(arithmetic, a));
      const ir::Graph graph = one_pair(op, arithmetic, a, b, seed);
      EXPECT_TRUE(expect_equal(graph, {seed % 2 == 0 ? 2 : 1}));
      EXPECT_EQ(num_plain(graph), 0U);
    }
  }
}

TEST(FastPairs, ThatOnlyOnnxHasEqualTheReference) {
  for (const Arithmetic by : kArithmetics) {
    EXPECT_EQ(expect_equal(one_pair(ir::Div{}, by, DType::Int8, DType::Int8, 1)), is_onnx(by));
  }
}

TEST(FastPairs, CompareCodesOfOneGrid) {
  for (const ir::Op& op : std::vector<ir::Op>{ir::Max{}, ir::Min{}}) {
    QuantizedNet net(4, Arithmetic::TfliteDouble, DType::UInt8);
    const ir::ValueId x = net.input({3, 4, 5, 5});
    const ir::ValueId y = net.input({3, 4, 5, 5}, net.grid_of(x));
    EXPECT_TRUE(expect_equal(net.finish({net.add_like(op, {x, y})}), {1}));
  }
  EXPECT_FALSE(expect_equal(one_pair(ir::Max{}, Arithmetic::Xnnpack, DType::Int8, DType::Int8, 1)));
  EXPECT_TRUE(expect_equal(one_pair(ir::Max{}, Arithmetic::Onnx, DType::Int8, DType::Int8, 1)));
}

TEST(FastPairs, AddCodesOfAnyScales) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Arithmetic arithmetic = kArithmetics[seed % kArithmetics.size()];
    SCOPED_TRACE(name_of(arithmetic, DType::Int8) + " " + std::to_string(seed));
    QuantizedNet net(seed, arithmetic, kCodeTypes[seed / 6 % 2]);
    const auto grid = [&] {
      return net.grid(kCodeTypes[net.rng().below(2)], std::pow(10, net.rng().real(-4, 1)));
    };
    const ir::ValueId x = net.input({40, 100}, grid());
    const ir::ValueId y = net.input({40, 100}, grid());
    const ir::ValueId z =
        seed % 2 == 0 ? net.add(ir::Add{}, {x, y}, grid()) : net.add(ir::Sub{}, {x, y}, grid());
    expect_equal(net.finish({z}), {1});
  }
}

TEST(FastPairs, ReportScalesTooFarApartAsTheReference) {
  QuantizedNet net(5);
  const ir::ValueId x = net.input({1, 4}, {DType::Int8, {900}, {3}});
  const ir::ValueId y = net.input({1, 4});
  EXPECT_FALSE(expect_equal(net.finish({net.add(ir::Add{}, {x, y}, net.grid())})));
}

TEST(FastConstants, OfOneElementMakeATable) {
  std::uint64_t seed = 2000;
  for (const ir::Op& op : std::vector<ir::Op>{ir::Add{}, ir::Sub{}, ir::Mul{}, ir::PRelu{}}) {
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{1, 1, 1, 1}}) {
      const Arithmetic arithmetic = kArithmetics[++seed % kArithmetics.size()];
      QuantizedNet net(seed, arithmetic, kCodeTypes[seed % 2]);
      const ir::ValueId x = net.input({3, 4, 5, 6});
      const ir::Graph graph =
          net.finish({net.add(op, {x, net.codes(shape, net.grid())}, net.grid())});
      EXPECT_TRUE(expect_equal(graph));
      EXPECT_EQ(num_plain(graph), 0U);
    }
  }
}

TEST(FastConstants, ThatAreNumbersAreForOnnx) {
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const ir::Op& op : std::vector<ir::Op>{ir::Mul{}, ir::Pow{}, ir::Max{}}) {
      QuantizedNet net(9, arithmetic);
      const ir::ValueId x = net.input({3, 4, 5, 6});
      const ir::Graph graph = net.finish({net.add(op, {x, net.scalar(2)}, net.grid())});
      EXPECT_EQ(expect_equal(graph), is_onnx(arithmetic));
    }
  }
}

// A value that an operator reads with x, where the reference kernel is to run.
template <class Other>
void expect_left_alone(const ir::Op& op, const Other& other, bool is_first = false) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteSingle, Arithmetic::Onnx}) {
    QuantizedNet net(6, arithmetic);
    const ir::ValueId x = net.input({1, 4, 5, 6});
    const ir::ValueId y = other(net);
    const std::vector inputs = is_first ? std::vector{y, x} : std::vector{x, y};
    const ir::Graph graph = net.finish({net.add(op, inputs, net.grid())});
    EXPECT_TRUE(expect_equal(graph, {1})) << ir::op_name(op);
    EXPECT_EQ(num_plain(graph), 1U) << ir::op_name(op);
  }
}

TEST(FastConstants, OfSeveralElementsAreLeftToTheReference) {
  const auto constant = [](const Shape& shape) {
    return [=](QuantizedNet& net) { return net.codes(shape, net.grid()); };
  };
  expect_left_alone(ir::Add{}, constant({4, 1, 1}));
  expect_left_alone(ir::Mul{}, constant({1, 4, 5, 6}));
  expect_left_alone(ir::PRelu{}, constant({4, 1, 1}));
  expect_left_alone(ir::Sub{}, constant({}), true);
  expect_left_alone(ir::Add{}, constant({1, 1, 1, 1, 1}));
}

TEST(FastPairs, ThatBroadcastAreLeftToTheReference) {
  const auto computed = [](const Shape& shape) {
    return [=](QuantizedNet& net) { return net.input(shape); };
  };
  expect_left_alone(ir::Mul{}, computed({1, 4, 1, 1}));
  expect_left_alone(ir::Add{}, computed({1, 4, 1, 1}), true);
  expect_left_alone(ir::Sub{}, computed({1, 1, 4, 5, 6}));
}

TEST(FastFunctions, BetweenComputedBoundsAreLeftToTheReference) {
  QuantizedNet net(7);
  const ir::ValueId x = net.input({1, 4, 5, 6});
  const ir::ValueId low = net.graph().add_input("low", DType::Float32, {});
  const ir::ValueId y = net.add_like(ir::Clip{}, {x, low});
  const ir::ValueId z = net.add(ir::Clip{}, {x, ir::kNoValue, low}, net.grid());
  const ir::Graph graph = net.finish({y, z});
  EXPECT_EQ(num_plain(graph), 2U);
  EXPECT_TRUE(expect_equal(graph));
}

}  // namespace
}  // namespace sluice::exact::fast
