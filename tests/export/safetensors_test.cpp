// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/safetensors.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/import/checkpoint.hpp"

namespace sluice::exporter {
namespace {

std::vector<NamedTensor> some_tensors() {
  return {{"conv.weight", Tensor::from<float>({2, 1, 1, 2}, {1, -2, 0.5F, 4})},
          {"steps", Tensor::from<std::int64_t>({}, {1234567890123})},
          {"none", Tensor(DType::Float32, {0, 3})},
          {"odd", Tensor::from<std::int8_t>({3}, {-128, 0, 127})},
          {"fc \"quoted\"/ä", Tensor::from<double>({1}, {0.1})}};
}

TEST(WriteSafetensors, WhatWasWrittenIsReadBack) {
  const TempFolder temp;
  const auto path = temp.path() / "a.safetensors";
  ASSERT_TRUE(write_safetensors(some_tensors(), {{"epoch", "3"}, {"note", "\"x\"\n"}}, path));
  const auto checkpoint = importer::read_checkpoint(path);
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  const auto expected = some_tensors();
  ASSERT_EQ(checkpoint->tensors.size(), expected.size());
  for (const NamedTensor& each : expected) {
    const Tensor* tensor = checkpoint->find(each.name);
    ASSERT_NE(tensor, nullptr) << each.name;
    EXPECT_EQ(*tensor, each.tensor);
  }
  ASSERT_EQ(checkpoint->scalars.size(), 2U);
  EXPECT_EQ(std::get<std::string>(checkpoint->scalars[1].value), "\"x\"\n");
}

TEST(WriteSafetensors, TheSameContentHasTheSameBytes) {
  const TempFolder temp;
  for (const char* name : {"a", "b"}) {
    ASSERT_TRUE(write_safetensors(some_tensors(), {{"k", "v"}}, temp.path() / name));
  }
  EXPECT_EQ(MappedFile::open(temp.path() / "a")->text(),
            MappedFile::open(temp.path() / "b")->text());
}

TEST(WriteSafetensors, TypesThatTheFormHasNotAreRefusedAndNothingIsWritten) {
  const TempFolder temp;
  const auto path = temp.path() / "a.safetensors";
  const std::vector<NamedTensor> tensors{{"w4", Tensor(DType::Int4, {2})}};
  const Status status = write_safetensors(tensors, {}, path);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Unsupported);
  EXPECT_NE(status.error().text().find("w4"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WriteSafetensors, NothingAtAllIsAFileToo) {
  const TempFolder temp;
  const auto path = temp.path() / "a.safetensors";
  ASSERT_TRUE(write_safetensors({}, {}, path));
  const auto checkpoint = importer::read_checkpoint(path);
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_TRUE(checkpoint->tensors.empty());
}

}  // namespace
}  // namespace sluice::exporter
