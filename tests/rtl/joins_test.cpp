// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/joins.hpp"

#include <gmock/gmock.h>

#include "tests/rtl/mapped.hpp"

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

ir::Graph joined(QuantizedNet& net, ir::Op op, const Shape& a, const Shape& b) {
  const ir::ValueId of_a = net.input(a);
  const ir::ValueId of_b = net.input(b);
  return net.finish({net.add(std::move(op), {of_a, of_b}, net.grid(DType::Int8, 0.2))});
}

TEST(Joins, ProductsHaveTheCodesOfTheExactEngine) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack,
        Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfUp, Arithmetic::ShiftHalfEven}) {
    for (std::uint64_t seed = 1; seed < 5; ++seed) {
      SCOPED_TRACE(testing::Message() << numeric::to_string(arithmetic) << seed);
      QuantizedNet net(seed, arithmetic);
      const Netlist netlist =
          expect_exact(joined(net, ir::Mul{}, {1, 4, 9, 9}, {1, 4, 9, 9}), fold_all(2));
      EXPECT_EQ(number(instance_of(netlist, "sl_mul"), "Lanes"), 2);
    }
  }
}

TEST(Joins, ProductsAreAsWideAsTheyCanBe) {
  const auto width = [](std::int64_t zero_a, std::int64_t zero_b) {
    QuantizedNet net(1);
    const ir::ValueId a = net.input({1, 1, 2, 2}, {DType::Int8, {0.05F}, {zero_a}});
    const ir::ValueId b = net.input({1, 1, 2, 2}, {DType::Int8, {0.05F}, {zero_b}});
    const Netlist netlist = expect_exact(net.finish({net.add(ir::Mul{}, {a, b}, net.grid())}));
    return number(instance_of(netlist, "sl_mul"), "ProductWidth");
  };
  EXPECT_EQ(width(0, 0), 16);        // 128 * 128
  EXPECT_EQ(width(-128, -128), 17);  // 255 * 255
  EXPECT_EQ(width(-128, 0), 16);     // 255 * -128
}

TEST(Joins, AWordAChannelComesAtEachPixel) {
  for (const ir::Op& op : {ir::Op(ir::Mul{}), ir::Op(ir::Add{})}) {
    for (const bool is_first : {false, true}) {
      QuantizedNet net(3);
      const Shape map{1, 4, 3, 5};
      const Shape word{1, 4, 1, 1};
      const Netlist netlist =
          expect_exact(joined(net, op, is_first ? word : map, is_first ? map : word), fold_all(2));
      const Instance repeat = instance_of(netlist, "sl_repeat");
      EXPECT_EQ(number(repeat, "RowScale"), 3);
      EXPECT_EQ(number(repeat, "ColScale"), 5);
      EXPECT_EQ(number(repeat, "Beats"), 2);
    }
  }
}

// The mean of a map, two layers, a gate, and the map times it.
TEST(Joins, SqueezeAndExciteGivesItsCodes) {
  QuantizedNet net(6);
  const ir::ValueId x = net.input({1, 4, 5, 5});
  const ir::ValueId map = net.add_like(ir::MaxPool{.window = {.kernel = {2, 2}}}, {x});
  const ir::ValueId mean = net.add_like(ir::ReduceMean{}, {map, net.integers({2, 3})});
  const ir::ValueId down = net.weights_per_channel({2, 4, 1, 1}, DType::Int8, 0, false);
  const ir::ValueId small = net.add(ir::Conv{}, {mean, down}, net.grid_after(mean, down, 4));
  const ir::ValueId up = net.weights_per_channel({4, 2, 1, 1}, DType::Int8, 0, false);
  const ir::ValueId large = net.add(ir::Conv{}, {small, up}, net.grid_after(small, up, 2));
  const ir::ValueId gate =
      net.add(ir::Sigmoid{}, {large}, Quantization{DType::Int8, {1.0F / 256}, {-128}});
  const Netlist netlist =
      expect_exact(net.finish({net.add(ir::Mul{}, {map, gate}, net.grid_of(map))}));
  EXPECT_EQ(instances_of(netlist, "sl_table").size(), 1U);
  EXPECT_EQ(instances_of(netlist, "sl_mul").size(), 1U);
}

TEST(Joins, ProductsThatFloat32RoundsApartAreRefused) {
  // Some grids have such products; those of a power of two have none.
  int num_refused = 0;
  for (std::uint64_t seed = 1; seed < 9; ++seed) {
    QuantizedNet net(seed, Arithmetic::Onnx);
    const std::string text = refusal_of(joined(net, ir::Mul{}, {1, 4, 3, 3}, {1, 4, 3, 3}));
    if (text.empty()) continue;
    EXPECT_THAT(text, HasSubstr("whose products of codes differ"));
    ++num_refused;
  }
  EXPECT_LT(num_refused, 8);
}

}  // namespace
}  // namespace sluice::rtl
