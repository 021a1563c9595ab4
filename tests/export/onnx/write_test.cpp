// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <set>

#include "tests/exact/fast/random_code_net.hpp"
#include "tests/export/whole_text.hpp"
#include "tests/support/every_op.hpp"
#include "tests/support/quantized_net.hpp"
#include "tests/support/random_net.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/export/onnx.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/passes/fold_qdq.hpp"

namespace sluice::exporter {
namespace {

using numeric::Arithmetic;
using ::testing::HasSubstr;

// The graph written, read again, with types.
ir::Graph again(const ir::Graph& graph) {
  const auto bytes = onnx_bytes(graph);
  EXPECT_TRUE(bytes) << bytes.error().text();
  if (!bytes) return {};
  auto read = importer::read_onnx(std::as_bytes(std::span(*bytes)));
  EXPECT_TRUE(read) << read.error().text();
  if (!read) return {};
  const auto shapes = ir::input_shapes(*read, 0);
  const auto status = ir::infer_types(*read, *shapes, runtime::reference::evaluate);
  EXPECT_TRUE(status) << status.error().text();
  return *std::move(read);
}

// The network folded back into operators on codes.
ir::Graph folded(const ir::Graph& graph) {
  ir::Graph result = again(graph);
  const auto status = passes::fold_qdq(result);
  EXPECT_TRUE(status) << status.error().text();
  return result;
}

std::string refusal(const ir::Graph& graph) {
  const auto bytes = onnx_bytes(graph);
  if (bytes) return "is written";
  EXPECT_EQ(bytes.error().code, ErrorCode::Unsupported);
  return bytes.error().text();
}

TEST(WriteOnnx, EveryOperatorComesBackWithItsAttributes) {
  std::set<std::string_view> seen;
  for (const test::OpGraph& source : test::kEveryOp) {
    SCOPED_TRACE(source.op);
    seen.insert(source.op);
    const ir::Graph graph = test::typed_graph(source);
    if (!source.is_in_onnx) {
      EXPECT_THAT(refusal(graph), HasSubstr(": is not in ONNX's opsets"));
    } else {
      EXPECT_EQ(whole_text(again(graph)), whole_text(graph));
    }
  }
  EXPECT_EQ(seen.size(), std::variant_size_v<ir::OpVariant> - 1);
}

TEST(WriteOnnx, RandomNetworksComeBack) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    ir::Graph graph = test::random_net(seed);
    graph.name = "random";
    EXPECT_EQ(whole_text(again(graph)), whole_text(graph)) << seed;
  }
}

TEST(WriteOnnx, RandomQuantizedNetworksComeBack) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (const DType dtype : {DType::Int8, DType::UInt8}) {
      ir::Graph graph = exact::fast::random_code_net(seed, Arithmetic::TfliteSingle, dtype);
      graph.name = "random";
      EXPECT_EQ(whole_text(folded(graph)), whole_text(graph)) << seed;
    }
  }
}

TEST(WriteOnnx, OpenDimensionsStayOpen) {
  ir::Graph graph = test::random_net(1);
  graph.inputs[0].declared_shape[0] = ir::kOpenDim;
  EXPECT_EQ(again(graph).inputs[0].declared_shape, graph.inputs[0].declared_shape);
}

TEST(WriteOnnx, RatioThatWasAnAttributeBecomesAnInput) {
  test::Net net;
  const ir::ValueId x = net.input({3});
  const ir::Graph graph = again(net.finish({net.add(ir::Dropout{.ratio = 0.25F}, {x})}));
  EXPECT_EQ(graph[graph.nodes[0].inputs[1]].constant, Tensor::scalar(0.25F));
}

TEST(WriteOnnx, SoftmaxOverSeveralDimensionsIsRefusedUnlessOneCounts) {
  const auto graph = [](Shape shape) {
    test::Net net;
    const ir::ValueId x = net.input(std::move(shape));
    return net.finish({net.add(ir::Softmax{.axis = 1, .flatten = true}, {x})});
  };
  EXPECT_THAT(refusal(graph({2, 3, 4})), HasSubstr("(Softmax): is not in ONNX's opsets"));
  const ir::Graph one = again(graph({2, 3, 1}));
  EXPECT_EQ(std::get<ir::Softmax>(one.nodes[0].op).axis, 1);
}

TEST(WriteOnnx, NarrowElementsArePacked) {
  for (const DType dtype : {DType::Int4, DType::UInt4, DType::Int2, DType::UInt2}) {
    Tensor codes(dtype, {5});
    const std::int64_t lowest = numeric::codes_of(dtype).lowest;
    for (std::size_t i = 0; i < 5; ++i) {
      codes.mutable_bytes()[i] = static_cast<std::byte>(lowest + static_cast<std::int64_t>(i % 4));
    }
    test::Net net;
    const ir::Graph graph = again(
        net.finish({net.add(ir::DequantizeLinear{}, {net.constant(codes), net.scalar(0.5F)})}));
    EXPECT_EQ(graph.values[0].constant, codes) << sluice::to_string(dtype);
  }
}

TEST(WriteOnnx, WeightsBeyondTheLimitAreBesideTheFile) {
  const TempFolder folder;
  const std::filesystem::path path = folder.path() / "net.onnx";
  test::Net net;
  const ir::ValueId x = net.input({1, 3, 8, 8});
  const ir::ValueId y = net.add(ir::Conv{}, {x, net.weight({40, 3, 3, 3}), net.weight({40})});
  ir::Graph graph = net.finish({net.add(ir::Conv{}, {y, net.weight({7, 40, 1, 1})})});
  graph.name = "two";
  const OnnxOptions options{.max_inline_bytes = 4000};
  EXPECT_FALSE(onnx_bytes(graph, options));
  const auto status = write_onnx(graph, path, options);
  ASSERT_TRUE(status) << status.error().text();
  const std::uintmax_t data_bytes = std::filesystem::file_size(path.string() + ".data");
  EXPECT_EQ(data_bytes,
            8192 + std::uintmax_t{7} * 40 * sizeof(float));  // the bias is small and stays
  auto read = importer::read_onnx(path);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_TRUE(
      ir::infer_types(*read, std::vector<Shape>{{1, 3, 8, 8}}, runtime::reference::evaluate));
  EXPECT_EQ(whole_text(*read), whole_text(graph));
}

TEST(WriteOnnx, QuantizedNetworksComeBackWithTheirArithmetic) {
  for (const DType dtype : {DType::Int8, DType::UInt8, DType::Int16}) {
    for (const auto arithmetic : {Arithmetic::Onnx, Arithmetic::TfliteSingle}) {
      test::QuantizedNet net(1, arithmetic, dtype);
      const ir::ValueId x = net.input({1, 3, 8, 8});
      const ir::ValueId w = net.weights_per_channel({4, 3, 3, 3}, DType::Int8, 0, false);
      const ir::ValueId y =
          net.add(ir::Conv{}, {x, w, net.bias({4}, x, w)}, net.grid_after(x, w, 27));
      ir::Graph graph = net.finish({net.add_like(ir::Relu{}, {y})});
      graph.name = "codes";
      EXPECT_EQ(whole_text(folded(graph)), whole_text(graph));
    }
  }
}

TEST(WriteOnnx, ArithmeticsOfSingleNodesComeBack) {
  test::QuantizedNet net(1, Arithmetic::TfliteDouble);
  const ir::ValueId x = net.input({1, 12});
  const ir::ValueId w = net.codes({12, 10}, {DType::Int8, {0.01F}, {0}});
  const ir::ValueId y = net.add(ir::Gemm{}, {x, w, net.bias({10}, x, w)}, net.grid());
  ir::Graph graph = net.finish({net.add(ir::Softmax{}, {y}, net.grid())});
  graph.name = "codes";
  graph.nodes[0].arithmetic = Arithmetic::TfliteFloat64;
  const ir::Graph result = folded(graph);
  EXPECT_EQ(whole_text(result), whole_text(graph));
  EXPECT_EQ(result.nodes[0].arithmetic, Arithmetic::TfliteFloat64);
  EXPECT_EQ(result.nodes[1].arithmetic, Arithmetic::TfliteDouble);
}

TEST(WriteOnnx, HardwareAttributesComeBackFromMetadataAndFromNodes) {
  const TempFolder temp;
  const ir::Graph graph = test::random_net(3);
  const std::string& node = graph.nodes[0].name;
  OnnxOptions options;
  options.hardware[node] = {{"channel_sparsity_hist", {0.25, 0.75}}, {"data_width", {8}}};
  for (const HardwareForm form : {HardwareForm::Metadata, HardwareForm::NodeAttributes}) {
    options.hardware_form = form;
    const auto path = temp.path() / "net.onnx";
    ASSERT_TRUE(write_onnx(graph, path, options));
    const auto read = importer::read_onnx_hardware(path);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, options.hardware);
    EXPECT_TRUE(importer::read_onnx(path));
  }
}

TEST(WriteOnnx, HardwareAttributesOfOtherNodesAreLeftOut) {
  const TempFolder temp;
  OnnxOptions options;
  options.hardware["nobody"] = {{"data_width", {8}}};
  ASSERT_TRUE(write_onnx(test::random_net(3), temp.path() / "net.onnx", options));
  EXPECT_TRUE(importer::read_onnx_hardware(temp.path() / "net.onnx")->empty());
}

TEST(WriteOnnx, PlaceOfARefusalStartsWithTheFile) {
  const TempFolder folder;
  const std::filesystem::path path = folder.path() / "net.onnx";
  test::Net net;
  const ir::Graph graph = net.finish({net.add(ir::Snap{numeric::FixedGrid{}}, {net.input({3})})});
  const auto status = write_onnx(graph, path);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where, path.string() + ": node \"Snap\" (Snap)");
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(write_onnx(test::random_net(1), folder.path() / "no" / "net.onnx").error().code,
            ErrorCode::Io);
}

}  // namespace
}  // namespace sluice::exporter
