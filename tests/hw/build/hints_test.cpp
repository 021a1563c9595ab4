// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/hints.hpp"

#include <gmock/gmock.h>

namespace sluice::hw {
namespace {

using ::testing::ElementsAre;

TEST(HintsFrom, TakesAllAttributes) {
  const auto hints = hints_from({{"acc_width", {24}},
                                 {"block_floating_point", {1}},
                                 {"channel_sparsity_hist", {0.5, 0.25}},
                                 {"data_width", {4}},
                                 {"input_compression_ratio", {1, 0.5}},
                                 {"output_compression_ratio", {0.25}},
                                 {"weight_compression_ratio", {0.75}},
                                 {"weight_width", {8}}});
  ASSERT_TRUE(hints) << hints.error().text();
  EXPECT_EQ(hints->acc_bits, 24);
  EXPECT_EQ(hints->data_bits, 4);
  EXPECT_EQ(hints->weight_bits, 8);
  EXPECT_TRUE(hints->block_floating_point);
  EXPECT_THAT(hints->channel_sparsity, ElementsAre(0.5, 0.25));
  EXPECT_THAT(hints->input_compression, ElementsAre(1, 0.5));
  EXPECT_THAT(hints->output_compression, ElementsAre(0.25));
  EXPECT_EQ(hints->weight_compression, 0.75);
}

TEST(HintsFrom, RefusesWhatCannotBe) {
  const auto refused = [](const std::string& name, std::vector<double> numbers) {
    const auto hints = hints_from({{name, std::move(numbers)}});
    return hints ? "" : hints.error().text();
  };
  EXPECT_EQ(refused("data_width", {2.5}),
            "attribute \"data_width\": must be a whole number of bits, from 1 to 128");
  EXPECT_EQ(refused("weight_compression_ratio", {0}),
            "attribute \"weight_compression_ratio\": must be positive numbers");
  EXPECT_EQ(refused("channel_sparsity_hist", {1.5}),
            "attribute \"channel_sparsity_hist\": must be numbers from 0 to 1");
  EXPECT_EQ(refused("scale", {1}), "attribute \"scale\": is not known; remove it");
}

}  // namespace
}  // namespace sluice::hw
