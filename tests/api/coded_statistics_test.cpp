// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/coded_statistics.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/net.hpp"

#include "sluice/base/threads.hpp"
#include "sluice/sparse/run_length.hpp"

namespace sluice::api {
namespace {

const std::vector<sparse::Encoding> kCodes = *sparse::parse_encodings("huffman,rle3");

// One convolution on q4, the batch as asked for.
CodedNetwork one_conv(std::int64_t batch, quant::Compat compat) {
  test::Net net;
  const auto x = net.input({batch, 2, 5, 5});
  const ir::Graph graph = net.finish({net.add(ir::Conv{}, {x, net.weight({3, 2, 3, 3})})});
  const auto format = *numeric::parse_format("q3.1");
  const auto weighted = quant::quantize_weights(graph, format, compat);
  const auto grids = quant::activation_grids(*weighted, format, {}, compat);
  auto network = coded_network(graph, format, *grids, compat);
  EXPECT_TRUE(network) << network.error().text();
  return *std::move(network);
}

std::vector<LayerCompression> compressions_of(std::int64_t batch, std::int64_t images,
                                              sparse::Rules rules) {
  const auto compat =
      rules == sparse::Rules::Published ? quant::Compat::Fpgaconvnet : quant::Compat::None;
  const CodedNetwork network = one_conv(batch, compat);
  CodedStatistics statistics(network, kCodes, rules);
  EXPECT_TRUE(statistics.add_weights());
  const auto executor = runtime::make_reference_executor(network.graph);
  const Tensor all = test::random_tensor({8, 2, 5, 5}, 3, -4, 4);
  for (std::int64_t first = 0; first < images; first += batch) {
    Tensor input(DType::Float32, {batch, 2, 5, 5});
    const auto bytes = input.mutable_bytes();
    std::ranges::copy(all.bytes().subspan(static_cast<std::size_t>(first) * 200, bytes.size()),
                      bytes.begin());
    EXPECT_TRUE(statistics.add(**executor, {&input, 1}, std::min(batch, images - first)));
  }
  auto results = statistics.results();
  EXPECT_TRUE(results) << results.error().text();
  return *std::move(results);
}

TEST(CodedStatistics, TensorsHaveTheirSizeOfOneImage) {
  const auto layers = compressions_of(1, 5, sparse::Rules::Exact);
  ASSERT_EQ(layers.size(), 1U);
  ASSERT_EQ(layers[0].tensors.size(), 3U);
  EXPECT_EQ(layers[0].tensors[0].codes, 54U);
  EXPECT_EQ(layers[0].tensors[1].codes, 50U);
  EXPECT_EQ(layers[0].tensors[2].codes, 27U);
  EXPECT_EQ(layers[0].tensors[2].bits(), 27U * 4);
}

TEST(CodedStatistics, RatiosAreThoseOfTheImages) {
  const auto layers = compressions_of(1, 2, sparse::Rules::Exact);
  const CodedNetwork network = one_conv(1, quant::Compat::None);
  const CodedTensor& input = network.layers[0].tensors[1];
  const Tensor all = test::random_tensor({8, 2, 5, 5}, 3, -4, 4);
  std::size_t tokens = 0;
  for (std::size_t image = 0; image < 2; ++image) {
    Tensor one(DType::Float32, {1, 2, 5, 5});
    std::ranges::copy(all.bytes().subspan(image * 200, 200), one.mutable_bytes().begin());
    tokens += sparse::run_length_tokens(*stream_of(input, one), 3).size();
  }
  EXPECT_DOUBLE_EQ(layers[0].tensors[1].compressions[1]->ratio,
                   static_cast<double>(tokens) * 7 / (100 * 4));
}

TEST(CodedStatistics, OfALastBatchOnlyItsImagesCount) {
  const auto of_five = compressions_of(4, 5, sparse::Rules::Published);
  const auto of_eight = compressions_of(4, 8, sparse::Rules::Published);
  const auto one_by_one = compressions_of(1, 5, sparse::Rules::Published);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_EQ(of_five[0].tensors[t].codes, of_eight[0].tensors[t].codes);
    // Symbols do not know of batches.
    EXPECT_EQ(of_five[0].tensors[t].compressions[0]->ratio,
              one_by_one[0].tensors[t].compressions[0]->ratio);
  }
  EXPECT_NE(of_five[0].tensors[1].compressions[0]->ratio,
            of_eight[0].tensors[1].compressions[0]->ratio);
}

TEST(CodedStatistics, ThreadsChangeNothing) {
  const int before = num_threads();
  std::vector<double> ratios;
  for (const int threads : {1, 4}) {
    set_num_threads(threads);
    const auto layers = compressions_of(1, 8, sparse::Rules::Exact);
    for (const TensorCompression& tensor : layers[0].tensors) {
      for (const auto& compression : tensor.compressions) ratios.push_back(compression->ratio);
    }
  }
  set_num_threads(before);
  ASSERT_EQ(ratios.size(), 12U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(ratios[i], ratios[i + 6]);
}

TEST(CodedStatistics, NanIsAnErrorOfItsValue) {
  const CodedNetwork network = one_conv(1, quant::Compat::None);
  CodedStatistics statistics(network, kCodes, sparse::Rules::Exact);
  const auto executor = runtime::make_reference_executor(network.graph);
  Tensor input(DType::Float32, {1, 2, 5, 5});
  input.mutable_data<float>()[7] = std::numeric_limits<float>::quiet_NaN();
  const Status status = statistics.add(**executor, {&input, 1}, 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where, "value \"x\"");
}

}  // namespace
}  // namespace sluice::api
