// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/rescales.hpp"

namespace sluice::hw {
namespace {

class Rescales {
 public:
  Rescales(const ir::Graph& network, const ir::Node& node, std::span<const ir::ValueId> inputs,
           std::span<const ir::ValueId> outputs)
      : network_(network), node_(node), inputs_(inputs), outputs_(outputs) {}

  void set(Layer& layer) const {
    std::visit([&](const auto& kind) { set(layer, kind); }, layer.operation);
  }

 private:
  // Layers that pass codes on as they are.
  template <class Kind>
  void set(Layer& /*layer*/, const Kind& /*of*/) const {}

  void set(Layer& layer, const Convolution& /*of*/) const { set_products(layer); }
  void set(Layer& layer, const InnerProduct& /*of*/) const { set_products(layer); }
  void set(Layer& layer, const Join& /*of*/) const { layer.outputs[0].rescale = of_numbers(); }
  void set(Layer& layer, const ChannelAffine& /*of*/) const { set_line(layer); }

  void set(Layer& layer, const Pooling& of) const { set_reduction(layer, of.reduction); }
  void set(Layer& layer, const GlobalPooling& of) const { set_reduction(layer, of.reduction); }

  void set(Layer& layer, const Elementwise& /*of*/) const {
    layer.outputs[0].rescale =
        ir::is_rectifier(node_.op) ? change(inputs_[0], outputs_[0]) : Rescale{Scaling::Table};
  }

  void set(Layer& layer, const Concat& /*of*/) const {
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      layer.inputs[i].rescale = change(inputs_[i], outputs_[0]);
    }
  }
  void set(Layer& layer, const Chop& /*of*/) const {
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      layer.outputs[i].rescale = change(inputs_[0], outputs_[i]);
    }
  }
  void set(Layer& layer, const Repeat& /*of*/) const { set_change(layer); }
  void set(Layer& layer, const Padded& /*of*/) const { set_change(layer); }
  void set(Layer& layer, const Shuffle& /*of*/) const { set_change(layer); }

  void set_change(Layer& layer) const {
    layer.outputs[0].rescale = change(inputs_[0], outputs_[0]);
  }
  // Means count in parts of a code, in arithmetics that shift too.
  static void set_line(Layer& layer) { layer.outputs[0].rescale = {Scaling::Line}; }
  void set_reduction(Layer& layer, Reduction reduction) const {
    reduction == Reduction::Average ? set_line(layer) : set_change(layer);
  }
  void set_products(Layer& layer) const {
    Rescale& rescale = layer.outputs[0].rescale;
    rescale = of_numbers();
    if (node_.inputs.size() < 2 || node_.inputs[1] == ir::kNoValue) return;
    const auto& weights = network_[node_.inputs[1]].quantization;
    rescale.is_per_channel = weights && weights->is_per_channel();
  }

  // Of codes that are moved or compared.
  [[nodiscard]] Rescale change(ir::ValueId from, ir::ValueId to) const {
    const bool is_same = network_[from].quantization == network_[to].quantization;
    return {is_same ? Scaling::None : Scaling::Line};
  }
  // Of sums and products, which have a scale of their own.
  [[nodiscard]] Rescale of_numbers() const {
    const bool shifts = !network_[outputs_[0]].quantization ||
                        numeric::is_shift(node_.arithmetic.value_or(numeric::Arithmetic::Onnx));
    return {shifts ? Scaling::Shift : Scaling::Line};
  }

  const ir::Graph& network_;
  const ir::Node& node_;
  std::span<const ir::ValueId> inputs_, outputs_;
};

}  // namespace

void set_rescales(const ir::Graph& network, const ir::Node& node,
                  std::span<const ir::ValueId> inputs, std::span<const ir::ValueId> outputs,
                  Layer& layer) {
  Rescales(network, node, inputs, outputs).set(layer);
}

}  // namespace sluice::hw
