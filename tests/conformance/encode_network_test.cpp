// SPDX-License-Identifier: Apache-2.0
// The tiny network's run-length and Huffman ratios in the published system's three modes, over its
// calibration batches.
#include <gtest/gtest.h>

#include "tests/conformance/tiny_network.hpp"

#include "sluice/api/encode.hpp"
#include "sluice/api/network.hpp"

namespace sluice::api {
namespace {

using NetworkEncodingGolden = test::EmulationGolden;

constexpr double kFloat32Sums = 1e-6;  // the published system adds bits up in float32

Result<std::vector<LayerCompression>> compressions(const test::TinyNetwork& tiny, const Json& json,
                                                   const test::Mode& mode) {
  constexpr auto kCompat = quant::Compat::Fpgaconvnet;
  ir::Graph graph = tiny.graph;
  SL_TRY_STATUS(test::infer(graph, json["calib"][0]["shape"][0].get<std::int64_t>()));
  SL_TRY(const ir::Graph weighted, quant::quantize_weights(graph, mode.format, kCompat));
  const auto grids =
      test::published_grids(tiny, weighted, json[mode.name]["quant"], test::bits_of(mode.format));
  SL_TRY(const CodedNetwork network, coded_network(graph, mode.format, grids, kCompat));
  CodedStatistics statistics(network, *sparse::parse_encodings("huffman,rle8"),
                             sparse::Rules::Published);
  SL_TRY_STATUS(statistics.add_weights());
  SL_TRY(const auto executor, runtime::make_reference_executor(network.graph));
  for (const Json& batch : json["calib"]) {
    const Tensor images = test::tensor(batch);
    SL_TRY_STATUS(statistics.add(*executor, {&images, 1}, images.shape()[0]));
  }
  return statistics.results();
}

// "weights" → weight_compression_ratio.
std::string published_key(const std::string& role) {
  return (role == "weights" ? "weight" : role) + "_compression_ratio";
}

TEST_F(NetworkEncodingGolden, TinyNetworkRatiosAreThePublishedOnes) {
  const Json json = load("tiny_network.json");
  const test::TinyNetwork tiny(json);
  std::size_t compared = 0;
  for (const test::Mode& mode : test::modes()) {
    if (!json[mode.name].contains("huffman")) continue;  // 16 bits are too many for it
    SCOPED_TRACE(mode.name);
    const auto layers = compressions(tiny, json, mode);
    ASSERT_TRUE(layers) << layers.error().text();
    const std::vector<const Json*> published{&json[mode.name]["huffman"], &json[mode.name]["rle8"]};
    ASSERT_EQ(layers->size(), (*published[0])["layers"].size());
    FormatCompression format{mode.name, *layers};
    for (std::size_t e = 0; e < published.size(); ++e) {
      SCOPED_TRACE(e);
      for (const LayerCompression& layer : *layers) {
        const Json& expected = (*published[e])["layers"][layer.layer];
        ASSERT_EQ(expected.size(), layer.tensors.size()) << layer.layer;
        for (const TensorCompression& tensor : layer.tensors) {
          EXPECT_NEAR(tensor.compressions[e]->ratio,
                      expected[published_key(tensor.role)].get<double>(), kFloat32Sums)
              << layer.layer << " " << tensor.role;
          ++compared;
        }
      }
      for (const RoleMeans& means : format.means()) {
        const Json& expected = means.role == "all"
                                   ? (*published[e])["avg"]
                                   : (*published[e])["detail"][published_key(means.role)];
        EXPECT_NEAR(*means.ratios[e].plain, expected.get<double>(), kFloat32Sums) << means.role;
      }
    }
  }
  EXPECT_EQ(compared, 3U * 2 * 22);
}

}  // namespace
}  // namespace sluice::api
