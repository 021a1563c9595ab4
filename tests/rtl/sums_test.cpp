// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/rtl/mapped.hpp"

#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using sluice::test::QuantizedNet;
using test::expect_exact;
using test::fold_all;
using test::instance_of;
using test::instances_of;
using test::number;
using test::refusal_of;
using testing::HasSubstr;

// Two inputs that meet.
ir::Graph meeting(QuantizedNet& net, ir::Op op, const Quantization& a, const Quantization& b,
                  const Quantization& y) {
  const ir::ValueId of_a = net.input({1, 4, 8, 9}, a);
  const ir::ValueId of_b = net.input({1, 4, 8, 9}, b);
  return net.finish({net.add(std::move(op), {of_a, of_b}, y)});
}

TEST(Sums, GiveTheCodesOfTheExactEngine) {
  int num_made = 0;
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::Xnnpack, Arithmetic::OnnxRuntime, Arithmetic::Onnx}) {
    SCOPED_TRACE(to_string(arithmetic));
    for (std::uint64_t seed = 1; seed < 4; ++seed) {
      QuantizedNet net(seed, arithmetic);
      const Quantization a = net.grid();
      const Quantization b = net.grid();
      const ir::Graph network = meeting(net, ir::Add{}, a, b, net.grid(DType::Int8, 0.1));
      const auto netlist =
          emit_netlist(network, test::mapped(network, fold_all(2)), "net", exact::code_function);
      if (!netlist) {
        EXPECT_EQ(netlist.error().code, ErrorCode::Unsupported);
        continue;
      }
      expect_exact(network, *netlist);
      ++num_made;
    }
  }
  EXPECT_GE(num_made, 6);
}

TEST(Sums, OfTflitesArithmeticAreWeighedAndScaled) {
  QuantizedNet net(1);
  const Netlist netlist =
      expect_exact(meeting(net, ir::Add{}, {DType::Int8, {0.05F}, {-3}},
                           {DType::Int8, {0.03F}, {10}}, {DType::Int8, {0.07F}, {4}}));
  EXPECT_EQ(instances_of(netlist, "sl_add").size(), 1U);
  EXPECT_EQ(number(instance_of(netlist, "sl_requantize"), "MultiplierWidth"), 0);
}

TEST(Sums, OfPowersOfTwoCountInTheSmallerUnit) {
  for (const Arithmetic arithmetic :
       {Arithmetic::ShiftFloor, Arithmetic::ShiftHalfUp, Arithmetic::ShiftHalfEven}) {
    QuantizedNet net(1, arithmetic);
    const Netlist netlist =
        expect_exact(meeting(net, ir::Add{}, {DType::Int8, {0.5F}, {3}},
                             {DType::Int8, {0.0625F}, {-7}}, {DType::Int8, {1.0F}, {-20}}),
                     fold_all(4));
    const Instance add = instance_of(netlist, "sl_add");
    EXPECT_EQ(number(add, "FactorA"), 8);
    EXPECT_EQ(number(add, "FactorB"), 1);
    EXPECT_EQ(number(add, "Constant"), -3 * 8 + 7);
    EXPECT_EQ(number(instance_of(netlist, "sl_shift_round"), "Shift"), 4);
  }
}

// From −128·8 − 128 to 127·8 + 127, and a constant.
TEST(Sums, HaveTheBitsThatTheirEndsNeed) {
  const auto bits = [](std::int64_t zero_point) {
    QuantizedNet net(1, Arithmetic::ShiftFloor);
    const Netlist netlist =
        expect_exact(meeting(net, ir::Add{}, {DType::Int8, {0.5F}, {0}},
                             {DType::Int8, {0.0625F}, {zero_point}}, {DType::Int8, {0.5F}, {0}}));
    return number(instance_of(netlist, "sl_add"), "SumWidth");
  };
  EXPECT_EQ(bits(0), 12);
  EXPECT_EQ(bits(-128), 12);
  EXPECT_EQ(bits(127), 12);
}

TEST(Sums, OfUnsignedCodesAreSigned) {
  QuantizedNet net(1, Arithmetic::TfliteDouble, DType::UInt8);
  const Quantization a = net.grid();
  const Quantization b = net.grid();
  const Netlist netlist = expect_exact(meeting(net, ir::Add{}, a, b, net.grid()));
  const Instance add = instance_of(netlist, "sl_add");
  EXPECT_EQ(test::parameter(add, "ASigned"), "1'b0");
  EXPECT_EQ(test::parameter(instance_of(netlist, "sl_requantize"), "XSigned"), "1'b1");
}

// One input is the other's, behind a layer.
TEST(Sums, OfATensorAndWhatBecomesOfItGiveTheCodesOfTheExactEngine) {
  for (const bool is_first : {false, true}) {
    QuantizedNet net(2);
    const ir::ValueId x = net.input({1, 4, 6, 6});
    const ir::ValueId y = net.add_like(ir::Relu{}, {x});
    const std::vector<ir::ValueId> inputs = is_first ? std::vector{x, y} : std::vector{y, x};
    expect_exact(net.finish({net.add(ir::Add{}, inputs, net.grid())}), fold_all(2));
  }
}

TEST(Sums, RefusesScalesThatAreTooFarApart) {
  QuantizedNet net(1, Arithmetic::ShiftFloor);
  EXPECT_THAT(refusal_of(meeting(net, ir::Add{}, {DType::Int8, {1}, {0}},
                                 {DType::Int8, {0x1p-25F}, {0}}, {DType::Int8, {1}, {0}})),
              HasSubstr("further apart than 2^24"));
}

}  // namespace
}  // namespace sluice::rtl
