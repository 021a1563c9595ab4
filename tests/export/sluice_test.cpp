// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/sluice.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

#include "tests/exact/fast/random_code_net.hpp"
#include "tests/export/whole_text.hpp"
#include "tests/support/every_op.hpp"
#include "tests/support/random_net.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/base/sha256.hpp"
#include "sluice/import/sluice.hpp"

namespace sluice::exporter {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// Everything comes back: the print says all but the bits of NaN, and those are in the text too.
void expect_back(const ir::Graph& graph, const TempFolder& folder) {
  const fs::path path = folder.path() / "net.sluice";
  const auto status = write_sluice(graph, path);
  ASSERT_TRUE(status) << status.error().text();
  const auto back = importer::read_sluice(path);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(whole_text(*back), whole_text(graph));
}

std::string content(const fs::path& path) {
  std::ostringstream stream;
  stream << std::ifstream(path).rdbuf();
  return stream.str();
}

TEST(WriteSluice, EveryOperatorComesBack) {
  const TempFolder folder;
  for (const test::OpGraph& source : test::kEveryOp) {
    SCOPED_TRACE(source.op);
    expect_back(test::typed_graph(source), folder);
  }
}

TEST(WriteSluice, RandomNetworksComeBack) {
  const TempFolder folder;
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    expect_back(test::random_net(seed), folder);
    expect_back(exact::fast::random_code_net(seed, numeric::Arithmetic::Xnnpack, DType::UInt8),
                folder);
  }
}

TEST(WriteSluice, ContentsOfEveryTypeComeBackToTheBit) {
  const TempFolder folder;
  for (int i = 0; i <= static_cast<int>(DType::Bool); ++i) {
    const auto dtype = static_cast<DType>(i);
    for (const std::int64_t size : {0, 1, 16, 17, 100}) {
      Tensor tensor(dtype, {size});
      const bool is_narrow = dtype == DType::Bool || num_bits(dtype) < 8;
      int next = 0;
      for (std::byte& b : tensor.mutable_bytes()) {
        b = static_cast<std::byte>(is_narrow ? next++ % 2 : 37 * next++);
      }
      ir::Graph graph;
      const ir::ValueId x = graph.add_constant("x", tensor);
      graph.outputs = graph[graph.add_node("y", ir::Identity{}, {x})].outputs;
      graph[graph.outputs[0]].type = ir::ValueType{dtype, {size}};
      const fs::path path = folder.path() / "net.sluice";
      ASSERT_TRUE(write_sluice(graph, path));
      const auto back = importer::read_sluice(path);
      ASSERT_TRUE(back) << back.error().text();
      EXPECT_EQ(back->values[0].constant, tensor) << to_string(dtype);
    }
  }
}

TEST(WriteSluice, NamesAndOpenShapesComeBack) {
  const TempFolder folder;
  ir::Graph graph = test::random_net(3);
  graph.name = "a \"name\"\n";
  graph.nodes[0].name = "conv:0 #\x80";
  graph.values[1].name = "%\\";
  graph.inputs[0].declared_shape[0] = ir::kOpenDim;
  expect_back(graph, folder);
}

TEST(WriteSluice, TheTextNamesWhatIsInTheData) {
  const TempFolder folder;
  const fs::path path = folder.path() / "net.sluice";
  ir::Graph graph;
  const ir::ValueId a = graph.add_constant("a", Tensor::from<std::int8_t>({3}, {{1, 2, 3}}));
  const ir::ValueId b = graph.add_constant("b", test::random_tensor({17}, 1));
  const ir::ValueId c = graph.add_constant("c", test::random_tensor({20}, 2));
  graph.outputs = {a, b, c};
  ASSERT_TRUE(write_sluice(graph, path));
  const std::string data = content(path.string() + ".data");
  EXPECT_EQ(data.size(), 128 + 80U);
  EXPECT_EQ(content(path), "sluice 1\ndata 208 sha256 \"" + sha256(std::as_bytes(std::span(data))) +
                               "\"\n\n"
                               "graph \"\" {\n"
                               "  const %a: int8[3] = [1, 2, 3]\n"
                               "  const %b: float32[17] = data[0]\n"
                               "  const %c: float32[20] = data[128]\n"
                               "  output %a\n  output %b\n  output %c\n}\n");
}

TEST(WriteSluice, AFolderThatIsNotThereIsAnIoError) {
  const auto status = write_sluice(test::random_net(1), "no/such/folder/net.sluice");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Io);
  EXPECT_THAT(status.error().text(), HasSubstr("no/such/folder/net.sluice"));
}

}  // namespace
}  // namespace sluice::exporter
