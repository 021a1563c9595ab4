// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/wide_pool.hpp"

#include "tests/exact/fast/expect_equal.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

const std::vector<DType> kTypes{DType::Int8, DType::UInt8, DType::Int16, DType::UInt16};

TEST(WidePool, AveragesEqualTheReference) {
  std::uint64_t seed = 0;
  for (const DType dtype : kTypes) {
    for (const Arithmetic arithmetic : kShifts) {
      for (const ir::AveragePool& op :
           {ir::AveragePool{.window = {.kernel = {2, 2}, .strides = {2, 2}}},
            ir::AveragePool{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}},
            ir::AveragePool{.window = {.kernel = {3, 2}, .strides = {2, 1}}, .ceil_mode = true},
            ir::AveragePool{.window = {.kernel = {2, 2}}, .count_include_pad = true}}) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        QuantizedNet net(seed, arithmetic, dtype);
        const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, 17, 6, 5});
        const ir::Graph graph = net.finish({net.add(op, {x}, net.grid())});
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph));
      }
    }
  }
}

TEST(WidePool, MeansOfImagesEqualTheReference) {
  std::uint64_t seed = 100;
  for (const DType dtype : kTypes) {
    for (const Arithmetic arithmetic : kShifts) {
      for (const DType to : {dtype, DType::Int16}) {
        QuantizedNet net(++seed, arithmetic, dtype);
        const ir::ValueId x = net.input({2, 21, 5, 7});
        const ir::ValueId a = net.add(ir::GlobalAveragePool{}, {x}, net.grid(to));
        const ir::ValueId b =
            net.add(ir::ReduceMean{.keep_dims = false}, {x, net.integers({2, 3})}, net.grid(to));
        const ir::Graph graph = net.finish({a, b});
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph));
      }
    }
  }
}

TEST(WidePool, CountedPaddingAndOtherAxesAreLeftToTheReference) {
  QuantizedNet net(200, Arithmetic::ShiftHalfEven, DType::Int16);
  const ir::ValueId x = net.input({1, 4, 6, 5});
  const ir::AveragePool op{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}},
                           .count_include_pad = true};
  const ir::ValueId a = net.add(op, {x}, net.grid());
  const ir::ValueId b = net.add(ir::ReduceMean{}, {x, net.integers({1})}, net.grid());
  const ir::Graph graph = net.finish({a, b});
  EXPECT_EQ(num_plain(graph), 2U);
  EXPECT_TRUE(expect_equal(graph, {1}));
}

}  // namespace
}  // namespace sluice::exact::fast
