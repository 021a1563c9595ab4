// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/external.hpp"

#include <filesystem>
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"
#include "tests/support/temp_folder.hpp"

namespace sluice::importer::onnx {
namespace {

namespace fs = std::filesystem;

// A folder with model/weights.bin (the floats 1, 2, 3) and secret.bin beside the model's folder.
class ExternalData : public testing::Test {
 protected:
  ExternalData() : root_(folder_.path()) {
    fs::create_directories(root_ / "model/inner");
    const std::vector<float> content{1, 2, 3};
    for (const char* name : {"model/weights.bin", "secret.bin"}) {
      folder_.write(name, std::as_bytes(std::span(content)));
    }
  }

  [[nodiscard]] Result<ExternalBytes> bytes(const ExternalPlace& place,
                                            std::uint64_t size_bytes = 4) const {
    return ExternalFiles(root_ / "model").bytes(place, size_bytes);
  }

  // A model that adds an external initializer of `count` floats, read from the folder.
  [[nodiscard]] Result<ir::Graph> read(const std::vector<std::pair<std::string, std::string>>& data,
                                       std::int64_t count) const {
    test::OnnxModel model;
    model.input("x", {count}).output("y");
    auto& w = model.initializer("w", {count});
    w.set_data_location(::onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : data) {
      auto& entry = *w.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    model.node("Add", {"x", "w"}, {"y"});
    return read_onnx(folder_.write("model/net.onnx", model.bytes()));
  }

  TempFolder folder_;
  fs::path root_;
};

void expect_outside(const Result<ExternalBytes>& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Parse);
  EXPECT_NE(result.error().message.find("not inside the model's folder"), std::string::npos);
}

TEST_F(ExternalData, IsMappedAtItsOffset) {
  const auto graph = read({{"location", "weights.bin"}, {"offset", "4"}, {"length", "8"}}, 2);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ((*graph)[graph->nodes[0].inputs[1]].constant, Tensor::from<float>({2}, {2, 3}));
}

TEST_F(ExternalData, MisalignedBytesAreStillRead) {
  const auto graph = read({{"location", "weights.bin"}, {"offset", "2"}}, 2);
  ASSERT_TRUE(graph) << graph.error().text();
}

TEST_F(ExternalData, WithoutOffsetStartsAtTheBeginning) {
  const auto graph = read({{"location", "weights.bin"}}, 3);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ((*graph)[graph->nodes[0].inputs[1]].constant, Tensor::from<float>({3}, {1, 2, 3}));
}

TEST_F(ExternalData, LengthOtherThanTheShapesIsRefused) {
  const auto graph = read({{"location", "weights.bin"}, {"length", "12"}}, 2);
  ASSERT_FALSE(graph);
  EXPECT_NE(graph.error().text().find("initializer \"w\": external data has 12 bytes"),
            std::string::npos)
      << graph.error().text();
}

TEST_F(ExternalData, NumbersThatAreNoneAreRefused) {
  for (const char* offset : {"", "-4", "4x", "99999999999999999999", " 4"}) {
    EXPECT_FALSE(read({{"location", "weights.bin"}, {"offset", offset}}, 1)) << offset;
  }
}

TEST_F(ExternalData, BeyondTheEndIsRefused) {
  EXPECT_TRUE(bytes({"weights.bin", 8, {}}));
  EXPECT_FALSE(bytes({"weights.bin", 9, {}}));
  EXPECT_FALSE(bytes({"weights.bin", ~std::uint64_t{0}, {}}));
  EXPECT_FALSE(bytes({"weights.bin", 0, {}}, ~std::uint64_t{0}));
}

TEST_F(ExternalData, PathsOutOfTheFolderAreRefused) {
  expect_outside(bytes({"../secret.bin", 0, {}}));
  expect_outside(bytes({"inner/../../secret.bin", 0, {}}));
  expect_outside(bytes({(root_ / "secret.bin").string(), 0, {}}));
  expect_outside(bytes({"", 0, {}}));
  expect_outside(bytes({std::string("weights.bin\0.txt", 16), 0, {}}));
}

TEST_F(ExternalData, SymbolicLinksOutOfTheFolderAreRefused) {
  fs::create_symlink("../secret.bin", root_ / "model/link.bin");
  fs::create_symlink(root_, root_ / "model/up");
  expect_outside(bytes({"link.bin", 0, {}}));
  expect_outside(bytes({"up/secret.bin", 0, {}}));
  fs::create_symlink("weights.bin", root_ / "model/inside.bin");
  EXPECT_TRUE(bytes({"inside.bin", 0, {}}));
}

TEST_F(ExternalData, FolderWhoseNameBeginsLikeTheModelsIsOutside) {
  fs::create_directories(root_ / "model2");
  fs::rename(root_ / "secret.bin", root_ / "model2/secret.bin");
  fs::create_symlink("../model2/secret.bin", root_ / "model/link.bin");
  expect_outside(bytes({"link.bin", 0, {}}));
}

TEST_F(ExternalData, FolderOrMissingFileIsAnIoError) {
  for (const char* location : {"inner", "missing.bin"}) {
    const auto result = bytes({location, 0, {}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Io) << location;
  }
}

TEST_F(ExternalData, ModelFromMemoryHasNoFolder) {
  EXPECT_FALSE(ExternalFiles(std::nullopt).bytes({"weights.bin", 0, {}}, 4));
}

}  // namespace
}  // namespace sluice::importer::onnx
