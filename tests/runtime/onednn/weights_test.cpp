// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/weights.hpp"

#include "tests/support/net.hpp"

namespace sluice::runtime::onednn {
namespace {

const ir::ValueId kValue{3};

Desc by_columns() {
  return strided_desc({2, 3}, {1, 2});
}

TEST(WeightStore, PacksIntoTheLayoutAsked) {
  WeightStore store;
  const Tensor original = Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto packed = store.pack(kValue, {plain_desc({2, 3}), by_columns()}, &original);
  const auto* data = reinterpret_cast<const float*>(packed->bytes().data());
  EXPECT_EQ(std::vector<float>(data, data + 6), (std::vector<float>{1, 4, 2, 5, 3, 6}));
}

TEST(WeightStore, PacksOnce) {
  WeightStore store;
  EXPECT_FALSE(store.has(kValue));
  const Tensor original = test::random_tensor({2, 3}, 1);
  const Packing packing{plain_desc({2, 3}), by_columns()};
  const auto first = store.pack(kValue, packing, &original);
  EXPECT_TRUE(store.has(kValue));
  EXPECT_EQ(store.pack(kValue, packing, nullptr), first);
}

TEST(WeightStore, MakesANewLayoutOfAnEarlierOneWithoutTheOriginal) {
  WeightStore store;
  const Desc plain = plain_desc({32, 16, 3, 3});
  const Desc blocked(plain.dims(), dnnl::memory::data_type::f32,
                     dnnl::memory::format_tag::OIhw16i16o);
  const Tensor original = test::random_tensor({32, 16, 3, 3}, 1);
  static_cast<void>(store.pack(kValue, {plain, blocked}, &original));
  const auto again = store.pack(kValue, {plain, plain}, nullptr);
  EXPECT_TRUE(std::ranges::equal(again->bytes(), original.bytes()));
}

}  // namespace
}  // namespace sluice::runtime::onednn
