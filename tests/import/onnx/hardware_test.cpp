// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/hardware.hpp"

#include "tests/support/onnx_model.hpp"
#include "tests/support/temp_folder.hpp"

namespace sluice::importer {
namespace {

test::OnnxModel model() {
  test::OnnxModel model;
  model.input("x", {1, 2}).node("Relu", {"x"}, {"y"}, {{"data_width", 8}});
  model.output("y");
  model.graph().mutable_node(0)->set_name("relu");
  return model;
}

TEST(Hardware, AttributesAreNoneOfTheGraphs) {
  const TempFolder folder;
  const auto file = folder.write("m.onnx", model().proto().SerializeAsString());
  EXPECT_TRUE(read_onnx(file));
}

TEST(Hardware, AttributesAreReadByNodeAndName) {
  const TempFolder folder;
  auto made = model();
  *made.graph().mutable_node(0)->add_attribute() =
      test::OnnxAttribute("output_compression_ratio", std::vector<float>{0.5F, 0.25F}).proto;
  const auto file = folder.write("m.onnx", made.proto().SerializeAsString());
  const auto read = read_onnx_hardware(file);
  ASSERT_TRUE(read) << read.error().text();
  const ir::HardwareAttributes expected{
      {"relu", {{"data_width", {8}}, {"output_compression_ratio", {0.5, 0.25}}}}};
  EXPECT_EQ(*read, expected);
}

TEST(Hardware, AttributesThatAreNoNumbersAreRefusedWithTheirPlace) {
  const TempFolder folder;
  auto made = model();
  *made.graph().mutable_node(0)->add_attribute() =
      test::OnnxAttribute("weight_width", "eight").proto;
  const auto file = folder.write("m.onnx", made.proto().SerializeAsString());
  const auto read = read_onnx_hardware(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), file.string() + R"(: node "relu" (Relu): attribute )"
                                                 R"("weight_width" must be numbers)");
}

TEST(Hardware, MetadataOfOurOwnFilesIsReadBesideAttributes) {
  const TempFolder folder;
  auto made = model();
  auto proto = made.proto();
  auto& entry = *proto.add_metadata_props();
  entry.set_key("sluice.hardware/relu");
  entry.set_value(R"({"weight_compression_ratio": [0.5]})");
  const auto read = read_onnx_hardware(folder.write("m.onnx", proto.SerializeAsString()));
  ASSERT_TRUE(read) << read.error().text();
  const ir::HardwareAttributes expected{
      {"relu", {{"data_width", {8}}, {"weight_compression_ratio", {0.5}}}}};
  EXPECT_EQ(*read, expected);
}

TEST(Hardware, MetadataThatIsNoneIsRefusedWithItsPlace) {
  const TempFolder folder;
  for (const char* value :
       {"", "[1]", R"({"data_width": 8})", R"({"data_width": ["8"]})", R"({"strides": [1]})"}) {
    auto made = model();
    auto proto = made.proto();
    auto& entry = *proto.add_metadata_props();
    entry.set_key("sluice.hardware/relu");
    entry.set_value(value);
    const auto read = read_onnx_hardware(folder.write("m.onnx", proto.SerializeAsString()));
    ASSERT_FALSE(read) << value;
    EXPECT_EQ(read.error().code, ErrorCode::Parse);
    EXPECT_NE(read.error().where.find("sluice.hardware/relu"), std::string::npos);
  }
}

TEST(Hardware, OtherAttributesAreNone) {
  EXPECT_TRUE(onnx::is_hardware_attribute("acc_width"));
  EXPECT_FALSE(onnx::is_hardware_attribute("group"));
}

}  // namespace
}  // namespace sluice::importer
