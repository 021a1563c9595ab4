// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/checkpoint.hpp"

#include <gtest/gtest.h>
#include <string>

#include "tests/support/pickle_builder.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::importer {
namespace {

const std::string kState = pickled::dictionary(
    {{"w", pickled::tensor({.storage_elements = 2, .sizes = {2}, .strides = {1}})}});
const std::vector<StorageText> kContent{{"0", float_bytes({1, 2})}};

Result<Checkpoint> read_text(const std::string& text) {
  return read_checkpoint(std::as_bytes(std::span(text)));
}

TEST(Checkpoint, FilesAreToldApartByTheirBytes) {
  const std::string header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::string safetensors = little_endian(header.size(), 8) + header + float_bytes({1, 2});
  const TempFolder folder;
  for (const std::string& text :
       {torch_archive(kState, kContent), torch_legacy(kState, kContent), safetensors}) {
    const auto checkpoint = read_checkpoint(folder.write("any.name", text));
    ASSERT_TRUE(checkpoint) << checkpoint.error().text();
    EXPECT_EQ(*checkpoint->find("w"), Tensor::from<float>({2}, {1, 2}));
    EXPECT_EQ(checkpoint->find("v"), nullptr);
  }
}

TEST(Checkpoint, TensorsOutliveTheFile) {
  Tensor tensor;
  {
    const std::string text = torch_archive(kState, kContent);
    tensor = *read_text(text)->find("w");
  }
  EXPECT_EQ(tensor, Tensor::from<float>({2}, {1, 2}));
}

TEST(Checkpoint, OtherFilesAreErrorsWithTheirName) {
  const TempFolder folder;
  const auto checkpoint = read_checkpoint(folder.write("weights.pth", std::string("hello")));
  ASSERT_FALSE(checkpoint);
  EXPECT_EQ(checkpoint.error().code, ErrorCode::Parse);
  EXPECT_NE(checkpoint.error().where.find("weights.pth"), std::string::npos);
  EXPECT_EQ(read_checkpoint(folder.path() / "none").error().code, ErrorCode::Io);
  EXPECT_FALSE(read_text(""));
}

TEST(Checkpoint, APickleOfAFunctionIsRefusedInEveryForm) {
  const std::string evil = pickled::global("posix", "system") + "(" + pickled::text("id") + "tR";
  for (const std::string& text : {torch_archive(evil, {}), torch_legacy(evil, {}),
                                  pickled::whole(evil), std::string("cos\nsystem\n(S'id'\ntR.")}) {
    const auto checkpoint = read_text(text);
    ASSERT_FALSE(checkpoint);
    EXPECT_EQ(checkpoint.error().code, ErrorCode::Unsupported);
    EXPECT_NE(checkpoint.error().message.find("system"), std::string::npos);
  }
}

TEST(Checkpoint, AnyChangedByteIsAnErrorOrHarmless) {
  Rng rng(1);
  for (const std::string& good :
       {torch_archive(kState, kContent), torch_legacy(kState, kContent)}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string text = good;
      text[i] = static_cast<char>(rng.next());
      const auto checkpoint = read_text(text);
      if (checkpoint) {
        EXPECT_LE(checkpoint->tensors.size(), 1U);
      }
    }
  }
}

}  // namespace
}  // namespace sluice::importer
