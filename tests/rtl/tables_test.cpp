// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/tables.hpp"

#include <gmock/gmock.h>

#include "tests/rtl/mapped.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using sluice::test::QuantizedNet;
using test::expect_exact;
using test::fold_all;
using test::instance_of;
using test::instances_of;
using test::number;
using test::refusal_of;
using testing::HasSubstr;

ir::Graph function(QuantizedNet& net, ir::Op op) {
  const ir::ValueId x = net.input({1, 4, 9, 9});
  return net.finish({net.add(std::move(op), {x}, net.grid(DType::Int8, 0.02))});
}

TEST(Tables, HaveTheCodesOfTheExactEngine) {
  const std::vector<ir::Op> ops = {ir::Sigmoid{}, ir::Tanh{}, ir::HardSigmoid{},
                                   ir::LeakyRelu{0.3F}, ir::HardSwish{}};
  int num_made = 0;
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack,
        Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven}) {
    for (const ir::Op& op : ops) {
      SCOPED_TRACE(testing::Message() << numeric::to_string(arithmetic) << ir::op_name(op));
      QuantizedNet net(4, arithmetic);
      const ir::Graph network = function(net, op);
      // Some are defined in some arithmetics only.
      const auto executor_has =
          emit_netlist(network, test::mapped(network), "net", exact::code_function);
      if (!executor_has) {
        EXPECT_EQ(executor_has.error().code, ErrorCode::Unsupported);
        continue;
      }
      const Netlist netlist = expect_exact(network, fold_all(2));
      EXPECT_EQ(number(instance_of(netlist, "sl_table"), "XWidth"), 8);
      ++num_made;
    }
  }
  EXPECT_GE(num_made, 20);
}

TEST(Tables, OfUnsignedCodesGoFromTheLowest) {
  QuantizedNet net(1, Arithmetic::TfliteDouble, DType::UInt8);
  const ir::ValueId x = net.input({1, 2, 11, 13});
  const Netlist netlist =
      expect_exact(net.finish({net.add(ir::Tanh{}, {x}, net.grid(DType::UInt8, 1.0 / 128))}));
  EXPECT_FALSE(netlist.streams.back().word.is_signed);
}

// A number of one bit or a slope for all channels is part of the function.
TEST(Tables, TakeInWhatIsOneNumber) {
  QuantizedNet net(2);
  const ir::ValueId x = net.input({1, 4, 9, 9});
  const ir::ValueId slope = net.codes({1, 1, 1}, {DType::Int8, {0.01F}, {0}});
  expect_exact(net.finish({net.add(ir::PRelu{}, {x, slope}, net.grid())}), fold_all(2));
}

TEST(Tables, OfSeveralNumbersAreRefused) {
  QuantizedNet net(2);
  const ir::ValueId x = net.input({1, 4, 9, 9});
  const ir::ValueId slopes = net.codes({4, 1, 1}, {DType::Int8, {0.01F}, {0}});
  EXPECT_THAT(refusal_of(net.finish({net.add(ir::PRelu{}, {x, slopes}, net.grid())})),
              HasSubstr("which has 4 numbers; a table is for one"));
}

// x * sigmoid(x) is one layer of the hardware, whose gate no stream carries.
TEST(Tables, OfSeveralNodesAreOne) {
  QuantizedNet net(2);
  const ir::ValueId x = net.input({1, 4, 9, 9});
  const ir::ValueId relu = net.add_like(ir::MaxPool{.window = {.kernel = {2, 2}}}, {x});
  const ir::ValueId gate = net.add(ir::Sigmoid{}, {relu}, net.grid(DType::Int8, 1.0 / 256));
  const Netlist netlist =
      expect_exact(net.finish({net.add(ir::Mul{}, {relu, gate}, net.grid())}), fold_all(2));
  EXPECT_EQ(instances_of(netlist, "sl_table").size(), 1U);
  EXPECT_TRUE(instances_of(netlist, "sl_mul").empty());
}

TEST(Tables, OfCodesTooWideAreRefused) {
  QuantizedNet net(1, Arithmetic::ShiftHalfEven, DType::Int16);
  EXPECT_THAT(refusal_of(function(net, ir::Tanh{})),
              HasSubstr("is a function of codes of 16 bits, and what is looked up has at most 12"));
}

// Codes of five bits that the type holds in eight: as many words as bits can say.
TEST(Tables, OfNarrowCodesAreShort) {
  QuantizedNet net(1, Arithmetic::ShiftHalfEven);
  const ir::ValueId x = net.input(
      {1, 2, 9, 9}, {.dtype = DType::Int8, .scales = {0.25F}, .zero_points = {0}, .bits = 5});
  const Netlist netlist =
      expect_exact(net.finish({net.add(ir::Sigmoid{}, {x}, net.grid(DType::Int8, 0.01))}));
  EXPECT_EQ(number(instance_of(netlist, "sl_table"), "XWidth"), 5);
}

}  // namespace
}  // namespace sluice::rtl
