// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/code_function.hpp"

#include <gmock/gmock.h>
#include <numeric>

#include "tests/support/quantized_net.hpp"

#include "sluice/exact/executor.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;
using testing::HasSubstr;

std::vector<std::int64_t> all_codes(const numeric::Quantization& of) {
  const numeric::CodeRange range = numeric::codes_of(of);
  std::vector<std::int64_t> codes(static_cast<std::size_t>(range.highest - range.lowest + 1));
  std::iota(codes.begin(), codes.end(), range.lowest);
  return codes;
}

// The network's output for each code of its input, which has as many elements as there are codes.
void expect_function_of_network(const ir::Graph& network) {
  const ir::ValueId from = network.inputs[0].value;
  const ir::ValueId to = network.outputs[0];
  const std::vector<std::int64_t> codes = all_codes(*network[from].quantization);
  auto executor = make_reference_executor(network);
  ASSERT_TRUE(executor) << executor.error().text();
  const ir::ValueType& type = network.type(from);
  const Tensor x = numeric::cast(Tensor::from(type.shape, codes), type.dtype);
  const auto outputs = (*executor)->run({&x, 1});
  ASSERT_TRUE(outputs) << outputs.error().text();
  const auto table = code_function(network, from, to, codes);
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(*table, numeric::to_integers((*outputs)[0]));
}

std::string refusal(const ir::Graph& network) {
  const ir::ValueId from = network.inputs[0].value;
  const auto table =
      code_function(network, from, network.outputs[0], all_codes(*network[from].quantization));
  EXPECT_FALSE(table);
  return table ? "" : table.error().text();
}

TEST(CodeFunction, OfOneOperatorIsItsCodes) {
  const std::vector<ir::Op> ops = {ir::Relu{}, ir::Sigmoid{}, ir::Tanh{}, ir::LeakyRelu{0.1F}};
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack,
                                      Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven}) {
    for (const ir::Op& op : ops) {
      SCOPED_TRACE(testing::Message() << numeric::to_string(arithmetic) << ir::op_name(op));
      QuantizedNet net(3, arithmetic);
      const ir::ValueId x = net.input({1, 4, 8, 8});
      expect_function_of_network(net.finish({net.add(op, {x}, net.grid(DType::Int8, 0.01))}));
    }
  }
}

TEST(CodeFunction, OfUnsignedAndOfNarrowCodesIsTheirs) {
  QuantizedNet net(1, Arithmetic::TfliteDouble, DType::UInt8);
  const ir::ValueId x = net.input({1, 4, 8, 8});
  expect_function_of_network(net.finish({net.add(ir::Sigmoid{}, {x}, net.grid())}));
  QuantizedNet narrow(1, Arithmetic::ShiftHalfEven);
  const ir::ValueId of4 =
      narrow.input({16}, {.dtype = DType::Int8, .scales = {0.25F}, .zero_points = {0}, .bits = 4});
  expect_function_of_network(narrow.finish({narrow.add(ir::Tanh{}, {of4}, narrow.grid())}));
}

// x·sigmoid(x), and x·clip(x + 3, 0, 6)·(1/6), as networks have them.
TEST(CodeFunction, OfSeveralOperatorsIsWhatTheyMakeTogether) {
  QuantizedNet silu(2, Arithmetic::TfliteDouble);
  const ir::ValueId x = silu.input({1, 4, 8, 8});
  const ir::ValueId gate = silu.add(ir::Sigmoid{}, {x}, silu.grid(DType::Int8, 1.0 / 256));
  expect_function_of_network(silu.finish({silu.add(ir::Mul{}, {x, gate}, silu.grid())}));

  QuantizedNet swish(2, Arithmetic::ShiftHalfEven);
  const ir::ValueId z = swish.input({1, 4, 8, 8});
  const auto number = [&](float value) {
    const ir::ValueId id = swish.constant(Tensor::from<std::int8_t>({1, 1, 1, 1}, {1}));
    swish.graph()[id].quantization = numeric::Quantization{DType::Int8, {value}, {0}};
    return id;
  };
  const ir::ValueId sum = swish.add(ir::Add{}, {z, number(4)}, swish.grid(DType::Int8, 0.1));
  const ir::ValueId cut = swish.add_like(ir::Clip{}, {sum, swish.scalar(0), swish.scalar(6)});
  const ir::ValueId product = swish.add(ir::Mul{}, {cut, z}, swish.grid(DType::Int8, 0.5));
  expect_function_of_network(
      swish.finish({swish.add(ir::Mul{}, {product, number(0.125F)}, swish.grid())}));
}

TEST(CodeFunction, OfSeveralTensorsThereIsNone) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 8, 8});
  const ir::ValueId other = net.input({1, 4, 8, 8});
  EXPECT_THAT(refusal(net.finish({net.add(ir::Mul{}, {x, other}, net.grid())})),
              HasSubstr("besides; a table is of one tensor"));
}

TEST(CodeFunction, OfSeveralNumbersThereIsNone) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 8, 8});
  const ir::ValueId slopes = net.codes({4, 1, 1}, net.grid());
  EXPECT_THAT(refusal(net.finish({net.add(ir::PRelu{}, {x, slopes}, net.grid())})),
              HasSubstr("which has 4 numbers; a table is for one"));
}

TEST(CodeFunction, OfWindowsThereIsNone) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 8, 8});
  EXPECT_THAT(refusal(net.finish({net.add_like(ir::MaxPool{.window = {.kernel = {2, 2}}}, {x})})),
              HasSubstr("does not go element by element"));
}

}  // namespace
}  // namespace sluice::exact
