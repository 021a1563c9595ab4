// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/emulate.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "tests/quant/formats.hpp"
#include "tests/quant/net.hpp"

#include "sluice/numeric/snap.hpp"
#include "sluice/quant/grids.hpp"

namespace sluice::quant {
namespace {

using numeric::AffineFormat;
using numeric::Range;
using numeric::Sharing;

const numeric::Format kBlock = numeric::BlockFormat{8, numeric::BlockShape::Tensor, 0};
const Shape kShape{1, 2};

// x → gemm → relu → sum(relu, x) → relu2
struct SmallNet : NamedNet {
  ir::ValueId x, w, b, gemm, relu, sum, relu2;
  SmallNet() {
    x = input("x", kShape);
    w = constant("w", {2, 2}, {0.11F, -0.73F, 0.29F, 1.01F});
    b = constant("b", {2}, {0.123F, 0.456F});
    gemm = node("gemm", ir::Gemm{}, {x, w, b}, kShape);
    relu = node("relu", ir::Relu{}, {gemm}, kShape);
    sum = node("sum", ir::Add{}, {relu, x}, kShape);
    relu2 = node("relu2", ir::Relu{}, {sum}, kShape);
    graph.outputs = {relu2};
  }
  // The same range everywhere.
  Ranges ranges(const Range& range) const {
    Ranges result;
    for (const ir::ValueId id : {x, gemm, relu, sum, relu2}) result[id] = {range};
    return result;
  }
};

std::vector<float> snapped(const numeric::Grid& grid, const Tensor& tensor) {
  std::vector<float> out(static_cast<std::size_t>(tensor.num_elements()));
  numeric::snap(grid, tensor.shape(), tensor.data<float>(), out);
  return out;
}

// The weights of the first node.
std::vector<float> weights_of(const ir::Graph& graph) {
  const auto values = graph[graph.nodes[0].inputs[1]].constant->data<float>();
  return {values.begin(), values.end()};
}

TEST(WeightGrids, AreWhatWeightsAreSnappedTo) {
  const SmallNet net;
  for (const numeric::Format& format : {kLayer, kNetwork, kBlock}) {
    const auto grids = weight_grids(net.graph, format);
    ASSERT_TRUE(grids) << grids.error().text();
    ASSERT_EQ(grids->size(), 1U);
    const auto& [node, grid] = *grids->begin();
    EXPECT_EQ(net.graph[node].name, "gemm");
    EXPECT_EQ(weights_of(*quantize_weights(net.graph, format)),
              snapped(grid, *net.graph[net.w].constant));
  }
  EXPECT_TRUE(weight_grids(net.graph, numeric::Float32Format{})->empty());
}
TEST(WeightGrids, NameTheNodeWhoseWeightsHaveNone) {
  SmallNet net;
  net.graph[net.w].constant->mutable_data<float>()[0] = std::numeric_limits<float>::infinity();
  const auto grids = weight_grids(net.graph, kLayer);
  ASSERT_FALSE(grids);
  EXPECT_EQ(grids.error().where, "node \"gemm\" (Gemm)");
}
TEST(QuantizeWeights, PutsThemOnTheirOwnGrid) {
  const SmallNet net;
  const Tensor w = *net.graph[net.w].constant;
  const auto result = quantize_weights(net.graph, kLayer);
  ASSERT_TRUE(result) << result.error().text();
  const std::vector<Range> own{{-0.73F, 1.01F}};
  EXPECT_EQ(weights_of(*result), snapped(numeric::affine_grid(own, 8, 0), w));
  EXPECT_TRUE(ir::verify(*result));
}
TEST(QuantizeWeights, LeavesTheBias) {
  const SmallNet net;
  const auto result = quantize_weights(net.graph, kLayer);
  ASSERT_TRUE(result);
  EXPECT_EQ(*(*result)[result->nodes[0].inputs[2]].constant, *net.graph[net.b].constant);
}
TEST(QuantizeWeights, NetworkWideTakesTheRangeOfAllWeightsBeforehand) {
  SmallNet net;
  const auto v = net.constant("v", {2, 2}, {-9, 3, 1, 0.5F});
  net.graph.outputs = {net.node("last", ir::MatMul{}, {net.relu2, v}, kShape)};
  const Tensor w = *net.graph[net.w].constant;
  const auto result = quantize_weights(net.graph, kNetwork);
  ASSERT_TRUE(result);
  const std::vector<Range> all{{-9, 3}};
  EXPECT_EQ(weights_of(*result), snapped(numeric::affine_grid(all, 8, 0), w));
}
TEST(QuantizeWeights, SnapsASharedTensorOnceForAllWhoReadItAlike) {
  SmallNet net;
  const auto again = net.node("again", ir::Gemm{}, {net.relu2, net.w}, kShape);
  const auto transposed = net.node("transposed", ir::Gemm{.trans_b = true}, {again, net.w}, kShape);
  net.graph.outputs = {net.node("plain", ir::Mul{}, {transposed, net.w}, {2, 2})};
  const auto result = quantize_weights(net.graph, AffineFormat{8, Sharing::Channel});
  ASSERT_TRUE(result);
  const auto& nodes = result->nodes;
  EXPECT_EQ(nodes[0].inputs[1], nodes[4].inputs[1]);
  EXPECT_NE(nodes[0].inputs[1], nodes[5].inputs[1]);
  EXPECT_EQ(*(*result)[nodes[6].inputs[1]].constant, *net.graph[net.w].constant);
}
TEST(QuantizeWeights, NamesTheNodeWhoseWeightsAreNotFinite) {
  SmallNet net;
  net.graph[net.w].constant->mutable_data<float>()[2] = std::numeric_limits<float>::quiet_NaN();
  for (const auto& format : {kLayer, kNetwork}) {
    const auto result = quantize_weights(net.graph, format);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().where, "node \"gemm\" (Gemm)");
  }
}
TEST(QuantizeWeights, Float32ChangesNothing) {
  const SmallNet net;
  const auto result = quantize_weights(net.graph, numeric::Float32Format{});
  ASSERT_TRUE(result);
  EXPECT_EQ(weights_of(*result), (std::vector<float>{0.11F, -0.73F, 0.29F, 1.01F}));
}

Result<ir::Graph> with_snaps(const SmallNet& net, const Range& range) {
  SL_TRY(const auto grids, activation_grids(net.graph, kLayer, net.ranges(range)));
  return insert_snaps(net.graph, grids);
}

TEST(InsertSnaps, PutsThemBeforeAndAfterModulesOnce) {
  const auto result = with_snaps(SmallNet(), {-1, 1});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(wiring(*result),
            "x.snapped<-x gemm<-x.snapped gemm.snapped<-gemm relu<-gemm.snapped "
            "relu.snapped<-relu sum<-relu.snapped sum.snapped<-sum relu2<-sum.snapped "
            "relu2.snapped<-relu2.snapped");
  EXPECT_TRUE(ir::verify(*result));
}
TEST(InsertSnaps, OthersThanModulesReadAnInputAsItWas) {
  const auto result = with_snaps(SmallNet(), {-1, 1});
  ASSERT_TRUE(result);
  const ir::Node& sum = result->nodes[5];
  ASSERT_EQ(sum.name, "sum");
  EXPECT_EQ((*result)[sum.inputs[1]].name, "x");
}
TEST(InsertSnaps, AGraphOutputKeepsItsNameAndIsSnapped) {
  const auto result = with_snaps(SmallNet(), {-1, 1});
  ASSERT_TRUE(result);
  const ir::ValueId output = result->outputs[0];
  EXPECT_EQ((*result)[output].name, "relu2");
  const auto producer = ir::producers(*result)[static_cast<std::size_t>(output)];
  EXPECT_TRUE(ir::is<ir::Snap>((*result)[producer].op));
}
TEST(InsertSnaps, SnapsTwiceWhereTheGridIsNotProvenToKeepItsValues) {
  const Range drifts{0x1.540b94p-1F, 0x1.540eccp-1F};
  const auto result = with_snaps(SmallNet(), drifts);
  ASSERT_TRUE(result);
  EXPECT_NE(wiring(*result).find("gemm.snapped.snapped<-gemm.snapped relu<-gemm.snapped.snapped"),
            std::string::npos)
      << wiring(*result);
}
TEST(InsertSnaps, GivesEachSnapANodeNameOfItsOwn) {
  SmallNet net;
  net.graph.nodes[2].name = "x.snapped";
  const auto result = with_snaps(net, {-1, 1});
  ASSERT_TRUE(result) << result.error().text();
}
TEST(InsertSnaps, RefusesValuesWithoutAGrid) {
  const SmallNet net;
  auto grids = activation_grids(net.graph, kLayer, net.ranges({-1, 1}));
  ASSERT_TRUE(grids);
  grids->erase(net.sum);
  const auto result = insert_snaps(net.graph, *grids);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "node \"relu2\" (Relu): activation \"sum\"");
}

TEST(ActivationGrids, RefuseRangesOfAnotherFormat) {
  const SmallNet net;
  const numeric::Format channel = AffineFormat{8, Sharing::Channel};
  EXPECT_FALSE(activation_grids(net.graph, channel, net.ranges({-1, 1})));
  EXPECT_FALSE(activation_grids(net.graph, kLayer, {}));
  EXPECT_TRUE(activation_grids(net.graph, kBlock, {}));
}

using ExecutorResult = Result<std::unique_ptr<runtime::Executor>>;

const ExecutorFactory kNoExecutor = [](const ir::Graph&) -> ExecutorResult {
  return Error{ErrorCode::Internal, "no executor was expected"};
};
const BatchSource kNoBatch = []() -> Result<std::vector<Tensor>> {
  return Error{ErrorCode::Internal, "no batch was expected"};
};

TEST(Emulate, NeedsNoDataForBlocksAndGivenPoints) {
  const SmallNet net;
  const numeric::Format given = numeric::FixedFormat{.bits = 8, .fraction_bits = 4};
  for (const numeric::Format& format : {kBlock, given}) {
    const auto result = emulate(net.graph, format, kNoExecutor, kNoBatch);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->nodes.size(), net.graph.nodes.size() + 5);
  }
}
TEST(Emulate, Float32IsTheNetworkItself) {
  const SmallNet net;
  const auto result = emulate(net.graph, numeric::Float32Format{}, kNoExecutor, kNoBatch);
  ASSERT_TRUE(result);
  EXPECT_EQ(wiring(*result), wiring(net.graph));
}

// Reports 1 and −1 as every value.
class OnesExecutor final : public runtime::Executor {
 public:
  Result<std::vector<Tensor>> run(std::span<const Tensor> /*inputs*/,
                                  const runtime::Observer* observer) override {
    for (const ir::ValueId id : observer->values) {
      observer->on_value(id, 0, Tensor::from<float>(kShape, {1, -1}));
    }
    return std::vector<Tensor>{};
  }
  std::size_t peak_bytes() const override { return 0; }
};

TEST(Emulate, CalibratesOnTheNetworkWithSnappedWeights) {
  const SmallNet net;
  std::vector<float> seen_weights;
  const ExecutorFactory factory = [&](const ir::Graph& graph) -> ExecutorResult {
    seen_weights = weights_of(graph);
    return std::unique_ptr<runtime::Executor>(std::make_unique<OnesExecutor>());
  };
  int left = 2;
  const BatchSource source = [&]() -> Result<std::vector<Tensor>> {
    if (left-- == 0) return std::vector<Tensor>{};
    return std::vector<Tensor>{Tensor(DType::Float32, kShape)};
  };
  const auto result = emulate(net.graph, kLayer, factory, source);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(seen_weights, weights_of(*quantize_weights(net.graph, kLayer)));
  const auto& snap = std::get<ir::Snap>(result->nodes[0].op);
  const std::vector<Range> reported{{-1, 1}};
  EXPECT_EQ(snap.grid, numeric::Grid{numeric::affine_grid(reported, 8, 1)});
}

}  // namespace
}  // namespace sluice::quant
