// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/simulate.hpp"

#include <gtest/gtest.h>

#include "tests/api/golden_folders.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

// Codes for the small int8 network.
SimulateOptions simulate_options(const TempFolder& temp) {
  Tensor codes(DType::Int8, {1, 4, 4, 2});
  std::int8_t next = -100;
  for (std::int8_t& code : codes.mutable_data<std::int8_t>())
    code = next = static_cast<std::int8_t>(next + 7);
  EXPECT_TRUE(numeric::write_npy(temp.path() / "x.npy", codes));
  return {.model = test::quantized_model_file(), .inputs = {{"", temp.path() / "x.npy"}}};
}

TEST(Simulate, GivesWhatRunGives) {
  const TempFolder temp;
  const SimulateOptions options = simulate_options(temp);
  const auto simulated = simulate(options);
  const auto ran = run({.model = options.model, .inputs = options.inputs});
  ASSERT_TRUE(simulated && ran) << simulated.error().text();
  EXPECT_EQ(simulated->at(0).tensor, ran->at(0).tensor);
}

TEST(Simulate, ObservesTheAccumulatorsThatGoldenDataHave) {
  const TempFolder temp;
  const SimulateOptions options = simulate_options(temp);
  const auto report = simulate_accumulators(options);
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->rows.size(), 3U);  // two convolutions, one fully connected layer
  EXPECT_EQ(report->runs, 1);
  ASSERT_TRUE(
      golden({.model = options.model, .inputs = options.inputs, .output = temp.path() / "g"}));
  const auto manifest = exact::golden::read_manifest(temp.path() / "g");
  ASSERT_TRUE(manifest);
  for (const AccumulatorRow& row : report->rows) {
    const auto layer = std::ranges::find(manifest->layers, row.layer, &exact::golden::Layer::name);
    ASSERT_NE(layer, manifest->layers.end());
    const auto sums =
        exact::golden::read_array(temp.path() / "g", *manifest, *layer->find("accumulators"));
    ASSERT_TRUE(sums);
    const auto integers = numeric::to_integers(*sums);
    EXPECT_EQ(row.sums, static_cast<std::int64_t>(integers.size()));
    EXPECT_EQ(row.observed.lowest, std::ranges::min(integers));
    EXPECT_EQ(row.observed.highest, std::ranges::max(integers));
    ASSERT_TRUE(row.proven);
    EXPECT_LE(row.proven->lowest, row.observed.lowest);
    EXPECT_GE(row.proven->highest, row.observed.highest);
    EXPECT_EQ(*row.spare_bits(), 32 - *row.proven_bits());
    EXPECT_EQ(row.overflows, 0);
  }
}

TEST(Simulate, CountsSumsBeyondTheWidthThatIsUsed) {
  const TempFolder temp;
  SimulateOptions options = simulate_options(temp);
  options.accumulator_bits = 3;
  const auto report = simulate_accumulators(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_GT(report->num_overflows(), 10);
  EXPECT_LT(*report->rows[0].spare_bits(), 0);
  // The widest that is observed is enough for all, and a bit less is not.
  int most = 0;
  for (const AccumulatorRow& row : report->rows) most = std::max(most, row.observed_bits());
  options.accumulator_bits = most;
  EXPECT_EQ(simulate_accumulators(options)->num_overflows(), 0);
  options.accumulator_bits = most - 1;
  EXPECT_GT(simulate_accumulators(options)->num_overflows(), 0);
}

TEST(Simulate, AFloatNetworkIsRefused) {
  const TempFolder temp;
  ASSERT_TRUE(numeric::write_npy(temp.path() / "x.npy", Tensor(DType::Float32, {1, 1, 8, 8})));
  const SimulateOptions options{.model = builtin_digits()->model,
                                .inputs = {{"", temp.path() / "x.npy"}}};
  for (const ErrorCode code :
       {simulate(options).error().code, simulate_accumulators(options).error().code}) {
    EXPECT_EQ(code, ErrorCode::InvalidArgument);
  }
}

// Images of MNIST's form for a network of one channel.
TEST(Simulate, ImagesMustFitTheNetwork) {
  const auto report = simulate_accumulators({.model = test::quantized_model_file(),
                                             .data = builtin_digits()->test,
                                             .preprocess = "mnist",
                                             .limit = 3});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace sluice::api
