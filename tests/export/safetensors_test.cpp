// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/safetensors.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/import/checkpoint.hpp"

namespace sluice::exporter {
namespace {

TEST(WriteSafetensors, WhatIsWrittenIsReadBack) {
  const std::vector<NamedTensor> tensors{
      {"a", Tensor::from<float>({2, 2}, {1, 2, 3, 4})},
      {"b", Tensor::from<std::int8_t>({3}, {-1, 0, 1})},  // so that the next one is not aligned
      {"c", Tensor::scalar<double>(0.5)},
      {"d", Tensor(DType::Float32, {0, 4})},
      {"e", Tensor(DType::BFloat16, {5})},
      {"f", Tensor(DType::Bool, {2})}};
  const TempFolder folder;
  const auto path = folder.path() / "weights.safetensors";
  const Status status = write_safetensors(tensors, {{"format", "pt"}}, path);
  ASSERT_TRUE(status) << status.error().text();
  const auto back = importer::read_checkpoint(path);
  ASSERT_TRUE(back) << back.error().text();
  ASSERT_EQ(back->tensors.size(), tensors.size());
  for (const NamedTensor& tensor : tensors) {
    ASSERT_NE(back->find(tensor.name), nullptr) << tensor.name;
    EXPECT_EQ(*back->find(tensor.name), tensor.tensor) << tensor.name;
  }
  ASSERT_EQ(back->scalars.size(), 1U);
  EXPECT_EQ(back->scalars[0].name, "format");
}

TEST(WriteSafetensors, TheTensorsAreAlignedInTheFile) {
  const TempFolder folder;
  for (const std::string name : {"a", "ab", "abc", "abcd", "abcde"}) {
    const auto path = folder.path() / (name + ".safetensors");
    const std::vector<NamedTensor> tensors{{name, Tensor::scalar<float>(1)}};
    ASSERT_TRUE(write_safetensors(tensors, {}, path));
    EXPECT_EQ(std::filesystem::file_size(path) % 8, 4U);
  }
}

TEST(WriteSafetensors, ElementsWithoutANameThereAreUnsupported) {
  const TempFolder folder;
  const auto path = folder.path() / "weights.safetensors";
  const std::vector<NamedTensor> tensors{{"codes", Tensor(DType::Int4, {4})}};
  const Status status = write_safetensors(tensors, {}, path);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Unsupported);
  EXPECT_NE(status.error().text().find("\"codes\": safetensors has no elements of int4"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WriteSafetensors, AFileThatCannotBeWrittenIsAnError) {
  const TempFolder folder;
  EXPECT_EQ(write_safetensors({}, {}, folder.path() / "none/weights.safetensors").error().code,
            ErrorCode::Io);
}

}  // namespace
}  // namespace sluice::exporter
