// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/fpgaconvnet_layers.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "sluice/hw/build/constants.hpp"
#include "sluice/hw/build/convolutions.hpp"

namespace sluice::hw {
namespace {

constexpr const char* kOwnRules = "build by Sluice's own rules, or take it out of the network";

std::int64_t words_of(const Shape& shape) {
  return std::accumulate(shape.begin() + std::min<std::ptrdiff_t>(1, std::ssize(shape)),
                         shape.end(), std::int64_t{1}, std::multiplies<>());
}

// Whether a pooling's first two sizes are the map's last two.
bool pools_all(const ir::Graph& network, const Step& step, const ir::Dims& kernel) {
  const Shape& shape = network.type(step.inputs[0]).shape;
  return kernel.size() >= 2 && shape.size() >= 2 && kernel[0] == shape[shape.size() - 2] &&
         kernel[1] == shape[shape.size() - 1];
}

bool flattens(const ir::Graph& network, const Step& step) {
  const Shape& from = network.type(step.inputs[0]).shape;
  const Shape& to = network.type(step.outputs[0]).shape;
  const bool is_read = std::ranges::any_of(network.nodes, [&](const ir::Node& node) {
    return std::ranges::count(node.inputs, step.outputs[0]) > 0;
  });
  return is_read && to.size() > 1 && to[1] == words_of(from);
}

class LayerMaker {
 public:
  LayerMaker(const ir::Graph& network, const NamedStep& step, const BuildOptions& options)
      : network_(network),
        step_(step),
        options_(options),
        node_(network[step.step.node]),
        shape_(network.type(step.step.inputs[0]).shape) {
    layer_.is_3d = network.type(network.inputs[0].value).shape.size() == 5;
    layer_.data = word_type(network, step.step.inputs[0], node_, options);
    layer_.map = map();
  }

  std::variant<Layer, Refused> make() {
    const std::string& op = step_.op;
    if (step_.is_passed()) return with(Passing{});
    if (op == "Conv") return convolution();
    if (op == "Gemm") return product();
    if (op == "MaxPool") return pooling();
    if (op.starts_with("Global")) return with(GlobalPooling{Reduction::Average, acc()});
    if (op == "Add" || op == "Mul") return join(op == "Add" ? Eltwise::Add : Eltwise::Mul);
    if (op == "Concat") return concat();
    if (op == "Resize") return resize();
    if (op == "Split") return chop();
    if (op == "Reshape") return with(Regroup{.is_derived = false});
    return word_by_word();
  }

 private:
  FeatureMap map() const {
    FeatureMap result;
    const std::size_t rank = shape_.size();
    if (rank > 1) result.channels = shape_[1];
    if (rank > 3) {
      result.cols = shape_[rank - 1];
      result.rows = shape_[rank - 2];
    }
    if (rank > 4) result.depth = shape_[rank - 3];
    return result;
  }

  FixedPoint acc() const { return sum_type(network_, layer_.data, node_, options_); }

  std::variant<Layer, Refused> with(Operation operation) {
    layer_.operation = std::move(operation);
    return layer_;
  }

  std::variant<Layer, Refused> convolution() {
    auto made = convolution_of(network_, node_, hints_of(options_, node_));
    if (auto* refused = std::get_if<Refused>(&made)) return std::move(*refused);
    auto& conv = std::get<Convolution>(made);
    conv.dilation = {};  // read and forgotten there
    conv.has_bias = step_.inputs.size() > 2;
    set_types(conv, step_.step.inputs[1]);
    return with(std::move(conv));
  }

  void set_types(auto& product, ir::ValueId weights) {
    std::optional<double> largest;
    if (step_.step.form == Form::Normalized) {
      largest = largest_normalized(network_, node_, network_[step_.step.normalization]);
    }
    const ProductTypes types =
        product_types(network_, node_, step_.step.inputs[0], weights, options_, largest);
    layer_.data = types.data;
    product.output = types.output;
    product.weight = types.weight;
    product.acc = types.acc;
    const NodeHints* hints = hints_of(options_, node_);
    product.block_floating_point = hints != nullptr && hints->block_floating_point;
  }

  std::variant<Layer, Refused> product() {
    const ir::ValueId weights = step_.step.inputs[1];
    if (constant_of(network_, weights) == nullptr) {
      return Refused{"it multiplies two streams", "use a network whose weights are constants"};
    }
    layer_.map = {1, 1, 1, words_of(shape_)};
    const std::int64_t filters = network_.type(step_.step.outputs[0]).shape.back();
    if (options_.convert_gemm_to_conv) {
      Convolution conv;
      conv.filters = filters;
      conv.has_bias = step_.inputs.size() > 2;
      set_types(conv, weights);
      return with(std::move(conv));
    }
    InnerProduct result;
    result.filters = filters;
    result.has_bias = step_.inputs.size() > 2;
    set_types(result, weights);
    return with(result);
  }

  std::variant<Layer, Refused> pooling() {
    const auto& op = std::get<ir::MaxPool>(node_.op);
    const auto window = ir::resolve_pool(op, shape_);
    if (!window || window->kernel.size() > 3) {
      return Refused{"its window is not of two or three dimensions", kOwnRules};
    }
    return with(Pooling{Reduction::Max, extent_of(window->kernel), extent_of(window->strides),
                        padding_of(window->pad_begin, window->pad_end)});
  }

  std::variant<Layer, Refused> join(Eltwise op) {
    for (const ir::ValueId input : step_.step.inputs) {
      if (network_[input].constant) return Refused{"one of its operands is a constant", kOwnRules};
    }
    layer_.inputs.resize(step_.step.inputs.size());
    if (layer_.is_3d) share_memory(layer_.inputs);
    return with(Join{op, false, acc()});
  }

  std::variant<Layer, Refused> concat() {
    Concat result;
    for (const ir::ValueId input : step_.step.inputs) {
      const Shape& shape = network_.type(input).shape;
      if (network_[input].constant || shape.size() < 2) {
        return Refused{"one of its operands is a constant or has no channels", kOwnRules};
      }
      result.channels.push_back(shape[1]);
    }
    layer_.inputs.resize(result.channels.size());
    return with(std::move(result));
  }

  // Its scales are taken for 1, 1, 2, 2 (, 2), and for those of rows, cols (, depth) and channels.
  std::variant<Layer, Refused> resize() {
    if (layer_.is_3d) return with(Repeat{{1, 1, 2}, 2, 2});
    return with(Repeat{{1, 1, 1}, 2, 2});
  }

  std::variant<Layer, Refused> chop() {
    if (layer_.is_3d) return Refused{"a Split is done in two dimensions only", kOwnRules};
    Chop result;
    for (const ir::ValueId output : step_.step.outputs) {
      const Shape& shape = network_.type(output).shape;
      result.channels.push_back(shape.size() > 1 ? shape[1] : 1);
    }
    const bool are_equal = std::ranges::all_of(
        result.channels, [&](std::int64_t part) { return part == result.channels[0]; });
    const std::int64_t all = result.channels[0] * std::ssize(result.channels);
    if (!are_equal || all != layer_.map.channels) {
      return Refused{"its parts are not equal parts of the channels", kOwnRules};
    }
    layer_.outputs.resize(result.channels.size());
    share_memory(layer_.outputs);
    return with(std::move(result));
  }

  std::variant<Layer, Refused> word_by_word() {
    const std::string& op = step_.op;
    Elementwise result{.function = Function::Relu, .output = layer_.data};
    if (op == "Relu" || op == "LeakyRelu" || op == "Clip") return with(result);
    if (op == "HardSwish") {
      result.function = Function::HardSwish;
      return with(result);
    }
    if (op == "ThresholdedRelu" && !layer_.is_3d) {
      result.has_threshold = true;
      result.threshold = std::get<ir::ThresholdedRelu>(node_.op).alpha;
      return with(result);
    }
    if (op == "Sigmoid" || (op == "HardSigmoid" && !layer_.is_3d)) {
      result.function = op == "Sigmoid" ? Function::Sigmoid : Function::HardSigmoid;
      return with(result);
    }
    return Refused{"fpgaConvNet's parser has no layer for it", kOwnRules};
  }

  const ir::Graph& network_;
  const NamedStep& step_;
  const BuildOptions& options_;
  const ir::Node& node_;
  const Shape& shape_;
  Layer layer_;
};

}  // namespace

void share_memory(std::vector<Port>& ports) {
  const auto count = static_cast<double>(ports.size());
  for (Port& port : ports) port.words_per_cycle /= count;
}

std::string fpgaconvnet_op(const ir::Graph& network, const Step& step) {
  if (step.form == Form::Silu || step.form == Form::HardSwish) return "HardSwish";
  if (step.form == Form::Product) return "Gemm";
  const ir::Op& op = network[step.node].op;
  if (ir::is<ir::MatMul>(op)) return "Gemm";
  if (const auto* pool = std::get_if<ir::MaxPool>(&op)) {
    return pools_all(network, step, pool->window.kernel) ? "GlobalMaxPool" : "MaxPool";
  }
  if (const auto* pool = std::get_if<ir::AveragePool>(&op)) {
    return pools_all(network, step, pool->window.kernel) ? "GlobalAveragePool" : "AveragePool";
  }
  if (ir::is<ir::Reshape>(op)) return flattens(network, step) ? "Flatten" : "Reshape";
  return std::string(ir::op_name(op));
}

std::variant<Layer, Refused> fpgaconvnet_layer(const ir::Graph& network, const NamedStep& step,
                                               const BuildOptions& options) {
  return LayerMaker(network, step, options).make();
}

}  // namespace sluice::hw
