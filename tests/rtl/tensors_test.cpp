// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/tensors.hpp"

#include <gmock/gmock.h>
#include <numeric>

#include "tests/support/quantized_net.hpp"

#include "sluice/runtime/executor.hpp"

namespace sluice::rtl {
namespace {

using sluice::test::QuantizedNet;
using testing::ElementsAre;
using testing::HasSubstr;

const numeric::Quantization kGrid{DType::Int8, {0.5F}, {3}};

// Of an input whose elements are their places in the stream the elements of a value, as the
// reference executor moves them.
std::vector<std::int64_t> moved_places(ir::Graph network, ir::ValueId value) {
  const Shape shape = network.type(network.inputs[0].value).shape;
  for (ir::Value& each : network.values) each.quantization.reset();
  std::vector<float> elements;
  for (const std::int64_t place : stream_places(shape))
    elements.push_back(static_cast<float>(place));
  network[network.inputs[0].value].type->dtype = DType::Float32;
  network.inputs[0].dtype = DType::Float32;
  network.outputs = {value};
  EXPECT_TRUE(ir::infer_types(network, std::vector<Shape>{shape}, runtime::reference::evaluate));
  auto executor = runtime::make_reference_executor(network);
  EXPECT_TRUE(executor) << executor.error().text();
  const auto outputs = (*executor)->run(std::vector{Tensor::from<float>(shape, elements)});
  EXPECT_TRUE(outputs) << outputs.error().text();
  std::vector<std::int64_t> result;
  for (const float element : (*outputs)[0].data<float>()) {
    result.push_back(static_cast<std::int64_t>(element));
  }
  return result;
}

TEST(StreamPlaces, HaveChannelsInnermost) {
  // [1, 2, 1, 3]: channel 0 of the three pixels, then channel 1.
  EXPECT_THAT(stream_places({1, 2, 1, 3}), ElementsAre(0, 2, 4, 1, 3, 5));
  EXPECT_THAT(stream_places({1, 3, 2}), ElementsAre(0, 3, 1, 4, 2, 5));
}

TEST(StreamPlaces, OfRowsAreTheirOrder) {
  EXPECT_THAT(stream_places({1, 4}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(stream_places({3}), ElementsAre(0, 1, 2));
}

TEST(StreamPlaces, OfABatchGoMapByMap) {
  EXPECT_THAT(stream_places({2, 2, 1, 2}), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
}

TEST(StreamPlaces, AreEachPlaceOnce) {
  for (const Shape& shape :
       {Shape{1, 3, 4, 5}, Shape{2, 1, 3}, Shape{1, 7, 1, 1}, Shape{1, 2, 2, 3, 2}}) {
    std::vector<std::int64_t> places = stream_places(shape);
    std::ranges::sort(places);
    std::vector<std::int64_t> all(places.size());
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(places, all);
  }
}

TEST(InStreamOrder, PutsCodesAtTheirPlaces) {
  const Tensor codes = Tensor::from<std::int8_t>({1, 2, 1, 3}, {1, 2, 3, -1, -2, -3});
  EXPECT_THAT(in_stream_order(codes), ElementsAre(1, -1, 2, -2, 3, -3));
  const Tensor row = Tensor::from<std::uint8_t>({1, 3}, {200, 0, 255});
  EXPECT_THAT(in_stream_order(row), ElementsAre(200, 0, 255));
}

TEST(Codes, AreThoseOfTheQuantization) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4}, {DType::UInt8, {0.25F}, {7}});
  const ir::ValueId y =
      net.add(ir::Relu{}, {x}, numeric::Quantization{DType::Int8, {2}, {0}, 0, 5});
  const ir::Graph network = net.finish({y});
  const Tensors tensors(network);
  const auto of_x = tensors.codes(x);
  ASSERT_TRUE(of_x);
  EXPECT_EQ(of_x->word, (WordType{8, false}));
  EXPECT_EQ(of_x->range.highest, 255);
  EXPECT_EQ(of_x->scale, 0.25F);
  EXPECT_EQ(of_x->zero_point, 7);
  const auto of_y = tensors.codes(y);
  ASSERT_TRUE(of_y);
  EXPECT_EQ(of_y->word, (WordType{5, true}));
  EXPECT_EQ(of_y->range.lowest, -16);
}

TEST(Codes, OfRealNumbersAreRefusedByTheTensorsName) {
  ir::Graph network;
  const ir::ValueId x = network.add_input("image", DType::Float32, {1, 4});
  const auto codes = Tensors(network).codes(x);
  ASSERT_FALSE(codes);
  EXPECT_EQ(codes.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(codes.error().text(), HasSubstr("\"image\" has real numbers; quantize"));
}

TEST(Codes, OfAScaleAChannelAreRefused) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 3, 3}, {DType::Int8, {0.5F, 0.25F}, {0, 0}, 1});
  const ir::Graph network = net.finish({net.add(ir::Relu{}, {x}, kGrid)});
  EXPECT_THAT(Tensors(network).codes(x).error().text(), HasSubstr("a scale for each channel"));
}

TEST(TensorsNode, IsFoundByItsName) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4}, kGrid);
  const ir::Graph network = net.finish({net.add_like(ir::Relu{}, {x})});
  const Tensors tensors(network);
  EXPECT_EQ(*tensors.node(network.nodes[0].name), network.nodes.data());
  EXPECT_EQ(tensors.node("gone").error().code, ErrorCode::Internal);
}

// A map, as a row with its rows and channels turned about on the way.
struct Turned {
  QuantizedNet net{1};
  ir::ValueId x = net.input({1, 3, 2, 4}, kGrid);
  ir::ValueId turned = net.add_like(ir::Transpose{{0, 2, 3, 1}}, {x});
  ir::ValueId grouped = net.add_like(ir::Reshape{}, {turned, net.integers({2, 4, 3})});
  ir::ValueId reversed = net.add_like(ir::Transpose{}, {grouped});
  ir::ValueId flat = net.add_like(ir::Flatten{0}, {reversed});
  ir::Graph network = net.finish({flat});
};

TEST(Places, AreWhatTheReferenceExecutorMoves) {
  const Turned made;
  const Tensors tensors(made.network);
  for (const ir::ValueId id : {made.x, made.turned, made.grouped, made.reversed, made.flat}) {
    const auto places = tensors.places(id);
    ASSERT_TRUE(places) << places.error().text();
    EXPECT_EQ(*places, moved_places(made.network, id)) << made.network[id].name;
  }
}

TEST(Places, OfRandomViewsAreWhatTheReferenceExecutorMoves) {
  Rng rng(1);
  for (int trial = 0; trial < 30; ++trial) {
    QuantizedNet net(static_cast<std::uint64_t>(trial));
    Shape shape{1, rng.integer(1, 4), rng.integer(1, 4), rng.integer(1, 4)};
    ir::ValueId value = net.input(shape, kGrid);
    for (int step = 0; step < 3; ++step) {
      if (rng.below(2) == 0) {
        std::vector<std::int64_t> order(shape.size());
        std::iota(order.begin(), order.end(), 0);
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
        Shape next;
        for (const std::int64_t d : order) next.push_back(shape[static_cast<std::size_t>(d)]);
        shape = next;
        value = net.add_like(ir::Transpose{order}, {value});
      } else {
        shape = {shape[0], num_elements(shape) / shape[0]};
        if (rng.below(2) == 0) std::swap(shape[0], shape[1]);
        value = net.add_like(ir::Reshape{}, {value, net.integers(shape)});
      }
    }
    const ir::Graph network = net.finish({value});
    const auto places = Tensors(network).places(value);
    ASSERT_TRUE(places) << places.error().text();
    EXPECT_EQ(*places, moved_places(network, value));
  }
}

TEST(Origin, IsBehindAllViews) {
  const Turned made;
  EXPECT_EQ(*Tensors(made.network).origin(made.flat), made.x);
  EXPECT_EQ(*Tensors(made.network).origin(made.x), made.x);
}

TEST(Origin, StopsAtALayer) {
  QuantizedNet net(1);
  const ir::ValueId relu = net.add_like(ir::Relu{}, {net.input({1, 2, 3, 3}, kGrid)});
  const ir::ValueId flat = net.add_like(ir::Flatten{}, {relu});
  const ir::Graph network = net.finish({flat});
  EXPECT_EQ(*Tensors(network).origin(flat), relu);
}

// The host makes codes of what comes in, and real numbers of what goes out.
TEST(Origin, IsBehindTheHostsQuantization) {
  ir::Graph network;
  const ir::ValueId x = network.add_input("x", DType::Float32, {1, 4});
  const ir::NodeId node = network.add_node("q", ir::Identity{}, {x});
  const ir::ValueId codes = network[node].outputs[0];
  network[codes].quantization = kGrid;
  network.outputs = {codes};
  EXPECT_EQ(*Tensors(network).origin(codes), codes);
}

TEST(Origin, RefusesAViewThatChangesCodes) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 3, 3}, kGrid);
  const ir::ValueId flat =
      net.add(ir::Flatten{}, {x}, numeric::Quantization{DType::Int8, {0.25F}, {3}});
  const ir::Graph network = net.finish({flat});
  const auto origin = Tensors(network).origin(flat);
  ASSERT_FALSE(origin);
  EXPECT_EQ(origin.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(origin.error().text(), HasSubstr("changes the scale of codes"));
  EXPECT_THAT(origin.error().text(), HasSubstr("(Flatten)"));
  EXPECT_FALSE(Tensors(network).places(flat));
}

}  // namespace
}  // namespace sluice::rtl
