// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/layer_errors.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/net.hpp"

#include "sluice/api/quantize.hpp"

namespace sluice::api {
namespace {

using test::Net;

// Batches of these inputs, once.
quant::BatchSource once(const std::vector<Tensor>& inputs) {
  return [&inputs, done = false]() mutable -> Result<std::vector<Tensor>> {
    if (std::exchange(done, true)) return std::vector<Tensor>{};
    return inputs;
  };
}

// x → Conv → Relu → Add(x): original and lowered, and their errors.
std::vector<LayerError> errors_in(const char* format) {
  Net net;
  const ir::ValueId x = net.input({4, 2, 5, 5});
  const ir::ValueId conv =
      net.add(ir::Conv{{.pads = {1, 1, 1, 1}}}, {x, net.weight({2, 2, 3, 3}), net.weight({2})});
  const ir::Graph graph = net.finish({net.add(ir::Add{}, {net.add(ir::Relu{}, {conv}), x})});
  const auto inputs = test::random_inputs(graph);
  const auto quantized =
      quantize_network(graph, {.format = *quant::parse_integer_format(format)}, once(inputs), {});
  EXPECT_TRUE(quantized) << quantized.error().text();
  const auto errors = layer_errors(graph, *quantized, once(inputs), {});
  EXPECT_TRUE(errors) << errors.error().text();
  return *errors;
}

TEST(LayerErrors, FallBySixDecibelsABit) {
  const auto eight = errors_in("q8");
  const auto ten = errors_in("q10");
  ASSERT_EQ(eight.size(), ten.size());
  for (std::size_t i = 0; i < eight.size(); ++i) {
    EXPECT_NEAR(ten[i].sqnr_db - eight[i].sqnr_db, 12, 1.5) << eight[i].layer;
    EXPECT_GT(eight[i].sqnr_db, 30);
    EXPECT_GT(eight[i].cosine, 0.999);
    EXPECT_LT(ten[i].largest_error, eight[i].largest_error);
  }
}

TEST(LayerErrors, AreOfTheInputAndOfEveryLayerButThoseThatAreClamped) {
  std::vector<std::string> ops;
  for (const LayerError& error : errors_in("int8")) {
    ops.push_back(error.op);
    EXPECT_EQ(error.elements, 200);
  }
  // The output's dequantizer has the name of the original's output.
  EXPECT_THAT(ops, testing::ElementsAre("Conv", "Identity"));
}

TEST(LayerErrors, GoOutAsTextAndAsJson) {
  LayerError exact{.layer = "conv", .op = "Conv", .elements = 3};
  exact.sqnr_db = INFINITY;
  exact.cosine = 1;
  EXPECT_NE(to_text({exact}).find("inf"), std::string::npos);
  EXPECT_TRUE(to_json({exact})[0]["sqnr_db"].is_null());
  EXPECT_EQ(to_json({exact})[0]["layer"], "conv");
}

}  // namespace
}  // namespace sluice::api
