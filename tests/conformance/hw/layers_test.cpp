// SPDX-License-Identifier: Apache-2.0
// Layers of the hardware model, one by one, against what fpgaConvNet's answered.
#include <map>

#include "tests/conformance/hw/expect_layer.hpp"

namespace sluice::hw {
namespace {

class Kwargs {
 public:
  explicit Kwargs(const Json& line) : values_(&line["kwargs"]) {}

  bool has(const char* key) const { return values_->contains(key); }
  const Json& operator[](const char* key) const { return (*values_)[key]; }
  std::int64_t get(const char* key, std::int64_t otherwise = 1) const {
    return has(key) ? (*values_)[key].get<std::int64_t>() : otherwise;
  }
  bool flag(const char* key) const {
    if (!has(key)) return false;
    const Json& value = (*values_)[key];
    return value.is_boolean() ? value.get<bool>() : value.get<int>() != 0;
  }
  FixedPoint type(const char* key, FixedPoint otherwise = {}) const {
    return has(key) ? FixedPoint{(*values_)[key][0], (*values_)[key][1]} : otherwise;
  }
  Extent extent(const std::string& stem) const {
    return {get((stem + "_rows").c_str()), get((stem + "_cols").c_str()),
            get((stem + "_depth").c_str())};
  }
  Padding padding() const {
    return {get("pad_top", 0),   get("pad_bottom", 0), get("pad_left", 0),
            get("pad_right", 0), get("pad_front", 0),  get("pad_back", 0)};
  }

 private:
  const Json* values_;
};

std::shared_ptr<const Sparsity> sparsity_of(const Kwargs& with) {
  Sparsity result;
  result.skips_zero_windows = with.flag("skip_all_zero_window");
  if (with.has("channel_sparsity_hist")) {
    with["channel_sparsity_hist"].get_to(result.values);
  } else if (with.has("channel_sparsity_avg")) {
    with["channel_sparsity_avg"].get_to(result.values);
    result.is_pointwise = true;
    result.clusters = with.get("clusters");
  } else {
    return nullptr;
  }
  return std::make_shared<Sparsity>(result);
}

Convolution convolution_of(const Kwargs& with) {
  return {.filters = with.get("filters"),
          .groups = with.get("groups"),
          .kernel = with.extent("kernel"),
          .step = with.extent("stride"),
          .padding = with.padding(),
          .has_bias = with.flag("has_bias"),
          .block_floating_point = with.flag("block_floating_point"),
          .output = with.type("output_t"),
          .weight = with.type("weight_t"),
          .acc = with.type("acc_t", {32, 16}),
          .sparsity = sparsity_of(with),
          .spread = {}};
}

InnerProduct inner_product_of(const Kwargs& with) {
  return {.filters = with.get("filters"),
          .has_bias = with.flag("has_bias"),
          .block_floating_point = with.flag("block_floating_point"),
          .output = with.type("output_t"),
          .weight = with.type("weight_t"),
          .acc = with.type("acc_t", {32, 16})};
}

Elementwise elementwise_of(const std::string& layer, const Kwargs& with) {
  Elementwise result{.output = with.type("output_t")};
  if (layer == "HardswishLayer") result.function = Function::HardSwish;
  if (with.has("activation_type")) {
    const std::string type = with["activation_type"];
    if (type == "sigmoid") result.function = Function::Sigmoid;
    if (type == "silu") result.function = Function::Silu;
  }
  // Of the latter it counts no operations.
  result.has_threshold = with.has("threshold") || with.has("activation_type");
  return result;
}

Repeat repeat_of(const Json& scales, bool is_3d) {
  const auto at = [&](std::size_t i) {
    return i < scales.size() ? scales[i].get<std::int64_t>() : std::int64_t{1};
  };
  if (!is_3d) return {{at(0), at(1), 1}, at(2), at(3)};
  return {{at(0), at(1), at(2)}, at(3), at(4)};
}

Operation operation_of(const std::string& layer, const Kwargs& with, bool is_3d) {
  const auto reduction = [&] {
    return with.has("pool_type") && with["pool_type"] == "avg" ? Reduction::Average
                                                               : Reduction::Max;
  };
  if (layer.starts_with("Convolution")) return convolution_of(with);
  if (layer == "InnerProductLayer") return inner_product_of(with);
  if (layer == "PoolingLayer") {
    return Pooling{reduction(), with.extent("kernel"), with.extent("stride"), with.padding()};
  }
  if (layer == "GlobalPoolingLayer") return GlobalPooling{reduction(), with.type("acc_t")};
  if (layer == "BatchNormLayer") return ChannelAffine{};
  if (layer == "SqueezeLayer") return Regroup{};
  if (layer == "SplitLayer") return Split{};
  if (layer == "ConcatLayer") return Concat{with["channels"]};
  if (layer == "EltWiseLayer") {
    return Join{with["op_type"] == "mul" ? Eltwise::Mul : Eltwise::Add, with.flag("broadcast"), {}};
  }
  if (layer == "ChopLayer") return Chop{with["split"]};
  if (layer == "ReSizeLayer") return repeat_of(with["scales"], is_3d);
  return elementwise_of(layer, with);
}

Folding folding_of(const Layer& layer, const Kwargs& with) {
  if (const auto* chop = layer.as<Chop>()) {
    // The streams of a part, of as many of the whole.
    const std::int64_t coarse = std::min(with.get("coarse"), layer.map.channels);
    const std::int64_t parts = chop->channels[0] / (layer.map.channels / coarse);
    return {.coarse_in = coarse, .coarse_out = std::max<std::int64_t>(parts, 1)};
  }
  if (with.has("coarse")) return {with.get("coarse"), with.get("coarse")};
  return {with.get("coarse_in"), with.get("coarse_out"), with.get("coarse_group"),
          with.get("fine")};
}

Layer layer_of(const Json& line) {
  std::string name = line["layer"];
  const bool is_3d = name.ends_with("3D");
  if (is_3d) name.resize(name.size() - 2);
  const Kwargs with(line);
  Layer layer;
  layer.is_3d = is_3d;
  layer.map = {with.get("rows"), with.get("cols"), with.get("depth"), 1};
  layer.map.channels =
      name == "ConcatLayer" ? with["channels"][0].get<std::int64_t>() : with.get("channels");
  layer.data = with.type(with.has("data_t") ? "data_t" : "input_t");
  layer.operation = operation_of(name, with, is_3d);
  layer.folding = folding_of(layer, with);
  layer.weights.in_uram = with.flag("use_uram");
  layer.inputs.resize(static_cast<std::size_t>(with.get("ports_in")));
  auto outputs = static_cast<std::size_t>(with.get("ports_out"));
  if (const auto* chop = layer.as<Chop>()) outputs = chop->channels.size();
  layer.outputs.resize(outputs);
  // Memory is shared by what splits, and in three dimensions by what joins.
  if (name == "EltWiseLayer" && is_3d) {
    for (Port& port : layer.inputs) port.words_per_cycle /= real(with.get("ports_in"));
  }
  for (Port& port : layer.outputs) port.words_per_cycle /= static_cast<double>(outputs);
  return layer;
}

void set_afterwards(Layer& layer, const Json& set) {
  if (set.contains("stream_weights")) {
    layer.weights.blocks_off_chip = set["stream_weights"].get<std::int64_t>();
  }
  for (std::size_t p = 0; p < layer.inputs.size(); ++p) {
    if (set.contains("stream_inputs")) layer.inputs[p].is_off_chip = set["stream_inputs"][p];
    if (set.contains("buffer_depth") && set["buffer_depth"].is_array()) {
      layer.inputs[p].buffer_depth = set["buffer_depth"][p];
    }
  }
}

TEST_F(HardwareGolden, LayersAreThose) {
  const auto by = coefficients();
  ASSERT_TRUE(by) << by.error().text();
  std::map<std::string, int> compared;
  for (const Json& line : lines("random_layers.jsonl")) {
    const std::string name = line["layer"];
    SCOPED_TRACE(name + ": " + line["kwargs"].dump().substr(0, 600) +
                 (line.contains("set") ? line["set"].dump() : ""));
    ASSERT_FALSE(line.contains("error"));
    Layer layer = layer_of(line);
    if (line.contains("set")) set_afterwards(layer, line["set"]);
    expect_layer(layer, line["result"], *by, line["regression_model"] == "linear_regression");
    ++compared[name];
  }
  EXPECT_EQ(compared["ConvolutionLayer"], 80);
  EXPECT_EQ(compared.size(), 28U);
}

}  // namespace
}  // namespace sluice::hw
