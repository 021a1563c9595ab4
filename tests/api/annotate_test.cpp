// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/annotate.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"
#include "sluice/import/onnx.hpp"

namespace sluice::api {
namespace {

TEST(Annotate, WhatWasThereStaysUnlessItIsMeasuredAnew) {
  const TempFolder temp;
  const std::filesystem::path first = temp.path() / "first.onnx";
  const std::filesystem::path second = temp.path() / "second.onnx";
  const std::filesystem::path model = builtin_digits()->model;
  const std::string node = load_model(model)->nodes[0].name;
  for (const auto compat : {quant::Compat::None, quant::Compat::Fpgaconvnet}) {
    ASSERT_TRUE(write_annotated(model, {}, {{node, {{"data_width", {8}}, {"weight_width", {4}}}}},
                                compat, first));
    ASSERT_TRUE(write_annotated(first, {}, {{node, {{"data_width", {9}}, {"acc_width", {20}}}}},
                                compat, second));
    const auto read = importer::read_onnx_hardware(second);
    ASSERT_TRUE(read) << read.error().text();
    const ir::HardwareAttributes expected{
        {node, {{"acc_width", {20}}, {"data_width", {9}}, {"weight_width", {4}}}}};
    EXPECT_EQ(*read, expected);
  }
}

TEST(Annotate, TheNetworkIsWrittenAsItsFileHasIt) {
  const TempFolder temp;
  const std::filesystem::path model = builtin_digits()->model;
  const std::filesystem::path output = temp.path() / "same.onnx";
  ASSERT_TRUE(write_annotated(model, {}, {}, quant::Compat::None, output));
  const auto before = load_model(model);
  const auto after = load_model(output);
  ASSERT_TRUE(before && after);
  ASSERT_EQ(after->nodes.size(), before->nodes.size());
  for (std::size_t i = 0; i < before->nodes.size(); ++i) {
    EXPECT_EQ(after->nodes[i].name, before->nodes[i].name);
  }
}

TEST(Annotate, OnlyOnnxHoldsIt) {
  EXPECT_TRUE(check_annotated_name("a.onnx"));
  const Status status = check_annotated_name("a.sluice");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(status.error().text().find("a.sluice"), std::string::npos);
}

}  // namespace
}  // namespace sluice::api
