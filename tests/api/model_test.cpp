// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/model.hpp"

#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"
#include "tests/support/temp_folder.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;

// A file with a network: of one Relu with the batch open, or the one given.
class ModelFile {
 public:
  explicit ModelFile(const test::OnnxModel& model = relu())
      : path_(folder_.write("net.onnx", model.bytes())) {}
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  static test::OnnxModel relu() {
    test::OnnxModel model;
    model.input("x", {-1, 3}).output("y");
    model.node("Relu", {"x"}, {"y"});
    return model;
  }
  TempFolder folder_;
  fs::path path_;
};

Shape output_shape(const Result<ir::Graph>& graph) {
  EXPECT_TRUE(graph) << graph.error().text();
  return graph ? graph->type(graph->outputs.at(0)).shape : Shape{};
}

TEST(LoadModel, OpenBatchIsOneUnlessGiven) {
  const ModelFile file;
  EXPECT_EQ(output_shape(load_model(file.path())), (Shape{1, 3}));
  EXPECT_EQ(output_shape(load_model(file.path(), {.batch = 4})), (Shape{4, 3}));
}

TEST(LoadModel, GivenShapeReplacesTheDeclaredOne) {
  const ModelFile file;
  const LoadOptions options{.input_shapes = {{"x", {2, 5}}}};
  EXPECT_EQ(output_shape(load_model(file.path(), options)), (Shape{2, 5}));
}

TEST(LoadModel, ShapeOfAnUnknownInputIsRefusedWithTheNearestName) {
  test::OnnxModel model;
  model.input("image", {1, 3}).output("y");
  model.node("Relu", {"image"}, {"y"});
  const ModelFile file(model);
  const auto graph = load_model(file.path(), {.input_shapes = {{"imag", {1, 3}}}});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(graph.error().message.find("did you mean \"image\"?"), std::string::npos);
}

TEST(LoadModel, PartsThatDoNotFitAreTheFilesFault) {
  test::OnnxModel model;
  model.input("a", {2, 3}).input("b", {2, 4}).output("y");
  model.node("Add", {"a", "b"}, {"y"});
  const ModelFile file(model);
  const auto graph = load_model(file.path());
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Verify);
  EXPECT_EQ(graph.error().where, file.path().string() + ": node \"Add1\" (Add)");
}

TEST(LoadModel, TfliteIsToldByItsMarkAndByItsName) {
  const TempFolder folder;
  const auto message = [&](const char* name, std::string_view content) {
    const auto graph = load_model(folder.write(name, content));
    return graph ? std::string("is read") : graph.error().message;
  };
  const std::string marked = message("marked.bin", std::string_view("\0\0\0\0TFL3", 8));
  EXPECT_EQ(marked.find("ONNX"), std::string::npos) << marked;
  EXPECT_NE(message("broken.tflite", "text").find("TensorFlow Lite"), std::string::npos);
  EXPECT_NE(message("broken.onnx", "text").find("ONNX"), std::string::npos);
}

TEST(LoadModel, SluiceIsToldByItsWordAndByItsName) {
  const TempFolder folder;
  const auto text = [&](const char* name, std::string_view content) {
    return load_model(folder.write(name, content)).error().text();
  };
  EXPECT_NE(text("net.txt", "sluice 7\n").find("net.txt.data: cannot open"), std::string::npos);
  EXPECT_NE(text("net.sluice", "text").find("net.sluice.data: cannot open"), std::string::npos);
}

TEST(WriteModel, NameSaysTheForm) {
  const TempFolder folder;
  const ModelFile file;
  const auto graph = load_model(file.path());
  ASSERT_TRUE(graph) << graph.error().text();
  for (const char* name : {"again.onnx", "again.sluice"}) {
    const fs::path path = folder.path() / name;
    const auto status = write_model(*graph, path);
    ASSERT_TRUE(status) << status.error().text();
    EXPECT_EQ(output_shape(load_model(path, {.batch = 4})), (Shape{4, 3})) << name;
  }
}

TEST(WriteModel, OtherNamesAreRefused) {
  const ModelFile file;
  const auto status = write_model(*load_model(file.path()), "net.tflite");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(status.error().message,
            "a network is written as .onnx or .sluice, not as \"net.tflite\"; name the file so");
}

TEST(WriteModel, GraphsWithoutTypesAreRefused) {
  const ModelFile file;
  const auto status = write_model(*read_model(file.path()), "net.onnx");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Verify);
}

TEST(LoadModel, MissingFileIsAnIoError) {
  EXPECT_EQ(load_model("no/such/file.onnx").error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace sluice::api
