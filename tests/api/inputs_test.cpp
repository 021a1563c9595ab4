// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/inputs.hpp"

#include <gtest/gtest.h>

#include "tests/support/quantized_model.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

TEST(OpenNetwork, CodesAreDrawnFromTheSeed) {
  const auto one = open_network({.model = test::quantized_model_file(), .seed = 1});
  const auto same = open_network({.model = test::quantized_model_file(), .seed = 1});
  const auto other = open_network({.model = test::quantized_model_file(), .seed = 2});
  ASSERT_TRUE(one && same && other) << one.error().text();
  EXPECT_EQ(one->inputs[0].dtype(), DType::Int8);
  EXPECT_EQ(one->inputs[0].shape(), (Shape{1, 4, 4, 2}));
  EXPECT_TRUE(one->inputs == same->inputs);
  EXPECT_FALSE(one->inputs == other->inputs);
}

TEST(OpenNetwork, RealNumbersAreNotDrawn) {
  const auto network = open_network({.model = builtin_digits()->model, .seed = 1});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(network.error().message.find("--input"), std::string::npos);
}

TEST(OpenNetwork, AFileComesBeforeTheSeedAndDecidesTheShape) {
  const TempFolder temp;
  const Tensor images(DType::Float32, {3, 1, 8, 8});
  ASSERT_TRUE(numeric::write_npy(temp.path() / "x.npy", images));
  const auto network = open_network(
      {.model = builtin_digits()->model, .inputs = {{"", temp.path() / "x.npy"}}, .seed = 1});
  ASSERT_TRUE(network) << network.error().text();
  EXPECT_EQ(network->inputs[0], images);
  EXPECT_FALSE(network->is_real);
}

TEST(OpenNetwork, RealNumbersForAQuantizedNetworkAreQuantizedByIt) {
  const TempFolder temp;
  ASSERT_TRUE(numeric::write_npy(temp.path() / "x.npy", Tensor(DType::Float32, {1, 4, 4, 2})));
  const auto network = open_network(
      {.model = test::quantized_model_file(), .inputs = {{"", temp.path() / "x.npy"}}});
  ASSERT_TRUE(network) << network.error().text();
  EXPECT_TRUE(network->is_real);
  EXPECT_EQ(network->graph.type(network->graph.inputs[0].value).dtype, DType::Float32);
}

}  // namespace
}  // namespace sluice::api
