// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/api/golden_folders.hpp"

#include "sluice/api/diff.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

using numeric::Arithmetic;

TEST(Detect, FindsTheArithmeticOfEveryLayer) {
  const TempFolder temp;
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack}) {
    const auto b = write_golden(temp, "b", arithmetic);
    const auto report = detect({.a = test::quantized_model_file(), .b = b});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_GE(report->rows.size(), 6U);
    EXPECT_EQ(report->num_reproduced(arithmetic), static_cast<std::int64_t>(report->rows.size()));
    EXPECT_EQ(report->num_unexplained(), 0);
  }
}

TEST(Detect, ALayerThatNoneReproducesHasItsFewestDifferences) {
  const TempFolder temp;
  const auto b = write_golden(temp, "b", Arithmetic::TfliteDouble);
  const auto manifest = exact::golden::read_manifest(b);
  ASSERT_TRUE(manifest);
  // The last layer's output, which nothing reads.
  const auto path = b / manifest->layers.back().find("output")->files[0].name;
  auto content = numeric::read_npy(path);
  ASSERT_TRUE(content);
  content->mutable_data<std::int8_t>()[0] ^= 0x40;
  ASSERT_TRUE(numeric::write_npy(path, *content));
  const auto report = detect({.a = test::quantized_model_file(), .b = b});
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->num_unexplained(), 1);
  EXPECT_EQ(report->rows.back().differences[0], 1);
}

TEST(Detect, NeedsAModel) {
  const TempFolder temp;
  const auto report = detect({.a = temp.path(), .b = temp.path()});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace sluice::api
