// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/diff.hpp"

#include <algorithm>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/golden_folders.hpp"

#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

using exact::compare::Cause;
using numeric::Arithmetic;
using ::testing::HasSubstr;

std::int64_t count(const DiffReport& report, Cause cause) {
  std::int64_t total = 0;
  for (const DiffRow& row : report.rows) total += row.own.of(cause);
  return total;
}

std::int64_t count_own(const DiffReport& report) {
  std::int64_t total = 0;
  for (const DiffRow& row : report.rows) total += row.own.count;
  return total;
}

TEST(Diff, TheSameDataAreEqual) {
  const TempFolder temp;
  const auto a = write_golden(temp, "a", Arithmetic::TfliteDouble);
  const auto report = diff({.a = a, .b = a});
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_GT(report->rows.size(), 5U);
  EXPECT_EQ(report->num_different(), 0);
  for (const DiffRow& row : report->rows) EXPECT_TRUE(row.is_judged);
}

TEST(Diff, AModelEqualsItsOwnGoldenData) {
  const TempFolder temp;
  DiffOptions options{.a = test::quantized_model_file(),
                      .b = write_golden(temp, "b", Arithmetic::TfliteDouble)};
  options.network.arithmetic = Arithmetic::TfliteDouble;
  const auto report = diff(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->num_different(), 0);
}

// Finds an input on which the arithmetics differ, and their data.
struct Pair {
  std::filesystem::path once, twice;
  explicit Pair(const TempFolder& temp) {
    for (std::uint32_t seed = 1; seed < 60; ++seed) {
      twice = write_golden(temp, "twice", Arithmetic::TfliteDouble, seed);
      once = write_golden(temp, "once", Arithmetic::TfliteSingle, seed);
      const auto report = diff({.a = twice, .b = once});
      if (report && count(*report, Cause::DoubleRounding) > 0) return;
    }
    ADD_FAILURE() << "the arithmetics never differ";
  }
};

TEST(Diff, EveryDifferenceOfOneArithmeticToAnotherIsExplained) {
  const TempFolder temp;
  const Pair pair(temp);
  for (const DiffOptions& options :
       {DiffOptions{.a = pair.twice, .b = pair.once, .model = test::quantized_model_file()},
        DiffOptions{.a = pair.once, .b = pair.twice, .model = test::quantized_model_file()}}) {
    const auto report = diff(options);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_GT(report->num_different(), 0);
    EXPECT_EQ(count(*report, Cause::Real), 0);
    EXPECT_EQ(count(*report, Cause::DoubleRounding) + count(*report, Cause::Tie),
              count_own(*report));
    for (const DiffRow& row : report->rows) EXPECT_TRUE(row.is_judged);
  }
}

// The golden data with one code of a layer's output changed by 50.
std::filesystem::path with_one_wrong_code(const std::filesystem::path& folder,
                                          const std::string& op, std::string& layer) {
  const auto manifest = exact::golden::read_manifest(folder);
  EXPECT_TRUE(manifest);
  const auto found = std::ranges::find(manifest->layers, op, &exact::golden::Layer::op);
  EXPECT_NE(found, manifest->layers.end());
  layer = found->name;
  const auto path = folder / found->find("output")->files[0].name;
  auto content = numeric::read_npy(path);
  EXPECT_TRUE(content);
  std::int8_t& code = content->mutable_data<std::int8_t>()[2];
  code = static_cast<std::int8_t>(code > 0 ? code - 50 : code + 50);
  EXPECT_TRUE(numeric::write_npy(path, *content));
  return path;
}

TEST(Diff, AWrongCodeIsRealInItsOwnLayer) {
  const TempFolder temp;
  const auto a = write_golden(temp, "a", Arithmetic::TfliteDouble);
  const auto b = write_golden(temp, "b", Arithmetic::TfliteDouble);
  std::string layer;
  with_one_wrong_code(b, "Sigmoid", layer);
  for (const std::filesystem::path& model :
       {std::filesystem::path(), test::quantized_model_file()}) {
    const auto report = diff({.a = a, .b = b, .model = model});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->num_different(), 1);
    const auto row = std::ranges::find(report->rows, layer, &DiffRow::layer);
    ASSERT_NE(row, report->rows.end());
    EXPECT_EQ(row->all.count, 1);
    EXPECT_EQ(row->own.of(Cause::Real), 1);
    EXPECT_EQ(row->own.first, 2U);
    EXPECT_EQ(std::abs(row->first_a - row->first_b), 50);
    EXPECT_FALSE(row->inputs_differ);
  }
}

TEST(Diff, WithoutTheNetworkALayerBehindADifferenceIsCountedOnly) {
  const TempFolder temp;
  const auto a = write_golden(temp, "a", Arithmetic::TfliteDouble);
  const auto b = write_golden(temp, "b", Arithmetic::TfliteDouble, 2);
  const auto report = diff({.a = a, .b = b});
  ASSERT_TRUE(report) << report.error().text();
  bool has_counted = false;
  bool has_judged = false;
  for (const DiffRow& row : report->rows) {
    if (!row.inputs_differ) continue;
    // B's own sums tell what A would make of them.
    const bool has_sums = row.op == "Conv" || row.op == "Gemm";
    EXPECT_EQ(row.is_judged, has_sums) << row.layer;
    EXPECT_EQ(row.own.count, 0) << row.layer;
    has_counted = has_counted || !row.is_judged;
    has_judged = has_judged || row.is_judged;
  }
  EXPECT_TRUE(has_counted && has_judged);
}

TEST(Diff, WhatCannotBeComparedIsRefused) {
  const TempFolder temp;
  const auto a = write_golden(temp, "a", Arithmetic::TfliteDouble);
  std::filesystem::create_directory(temp.path() / "dump");
  const auto needs_model = diff({.a = a, .b = temp.path() / "dump"});
  ASSERT_FALSE(needs_model);
  EXPECT_EQ(needs_model.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(needs_model.error().message, HasSubstr("--model"));
  const auto missing = diff({.a = a, .b = temp.path() / "nowhere"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Io);
}

TEST(Diff, AnOutputOfAnotherShapeNamesTheLayer) {
  const TempFolder temp;
  const auto a = write_golden(temp, "a", Arithmetic::TfliteDouble);
  const auto b = write_golden(temp, "b", Arithmetic::TfliteDouble);
  auto manifest = exact::golden::read_manifest(b);
  ASSERT_TRUE(manifest);
  const auto path = b / manifest->layers[1].find("output")->files[0].name;
  ASSERT_TRUE(numeric::write_npy(path, Tensor(DType::Int8, {3})));
  const auto report = diff({.a = a, .b = b});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Parse);
  EXPECT_THAT(report.error().where, HasSubstr(path.filename().string()));
}

}  // namespace
}  // namespace sluice::api
