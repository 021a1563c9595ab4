// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/scalings.hpp"

#include <algorithm>

#include "sluice/rtl/poolings.hpp"
#include "sluice/rtl/products.hpp"
#include "sluice/rtl/rescale.hpp"
#include "sluice/rtl/rules.hpp"
#include "sluice/rtl/tables.hpp"
#include "sluice/rtl/tensors.hpp"

namespace sluice::rtl {
namespace {

using hw::Rescale;
using hw::Scaling;

class Scalings {
 public:
  explicit Scalings(const ir::Graph& network) : network_(network), tensors_(network) {}

  void set(hw::Node& node) const {
    const auto of = tensors_.node(node.source.node);
    if (!of) return;
    std::visit([&](const auto& kind) { set(node, kind, **of); }, node.layer.operation);
  }

 private:
  template <class Kind>
  void set(hw::Node& /*node*/, const Kind& /*of*/, const ir::Node& /*by*/) const {}

  void set(hw::Node& node, const hw::Convolution& /*of*/, const ir::Node& by) const {
    set_products(node, by);
  }
  void set(hw::Node& node, const hw::InnerProduct& /*of*/, const ir::Node& by) const {
    set_products(node, by);
  }
  void set(hw::Node& node, const hw::Join& of, const ir::Node& by) const {
    if (of.op == hw::Eltwise::Mul) set_rule(node, product_rule(network_, by), by);
  }
  void set(hw::Node& node, const hw::Elementwise& /*of*/, const ir::Node& by) const {
    Rescale& rescale = node.layer.outputs[0].rescale;
    if (rescale.by != Scaling::Line) return;
    const auto clamp = clamp_rule(network_, by);
    if (!clamp) return;
    rescale = clamp->keeps_codes_within ? Rescale{} : scaling_of({&clamp->rule, 1}, clamp->codes);
    const bool fits_table = node.layer.data.width_bits <= kMaxTableBits;
    if (rescale.by == Scaling::Thresholds && fits_table) rescale = {Scaling::Table};
  }
  void set(hw::Node& node, const hw::Pooling& of, const ir::Node& by) const {
    set_reduction(node, of.reduction, of.kernel.size(), by);
  }
  void set(hw::Node& node, const hw::GlobalPooling& of, const ir::Node& by) const {
    set_reduction(node, of.reduction, node.layer.map.positions(), by);
  }
  void set(hw::Node& node, const hw::Concat& /*of*/, const ir::Node& by) const {
    for (std::size_t i = 0; i < node.layer.inputs.size(); ++i) {
      set_change(node.layer.inputs[i].rescale, node.source.inputs[i], node.source.outputs[0], by);
    }
  }
  void set(hw::Node& node, const hw::Chop& /*of*/, const ir::Node& by) const {
    for (std::size_t i = 0; i < node.layer.outputs.size(); ++i) {
      set_change(node.layer.outputs[i].rescale, node.source.inputs[0], node.source.outputs[i], by);
    }
  }
  void set(hw::Node& node, const hw::Repeat& /*of*/, const ir::Node& by) const {
    set_moved(node, by);
  }
  void set(hw::Node& node, const hw::Padded& /*of*/, const ir::Node& by) const {
    set_moved(node, by);
  }
  void set(hw::Node& node, const hw::Shuffle& /*of*/, const ir::Node& by) const {
    set_moved(node, by);
  }

  void set_moved(hw::Node& node, const ir::Node& by) const {
    set_change(node.layer.outputs[0].rescale, node.source.inputs[0], node.source.outputs[0], by);
  }

  void set_change(Rescale& rescale, const std::string& from, const std::string& to,
                  const ir::Node& by) const {
    if (rescale.by != Scaling::Line) return;
    const auto x = tensors_.value(from);
    const auto y = tensors_.value(to);
    if (!x || !y) return;
    const auto rule = change_rule(network_, by, *x, *y);
    const auto codes = tensors_.codes(*y);
    if (rule && codes) rescale = scaling_of({&*rule, 1}, codes->range);
  }

  void set_reduction(hw::Node& node, hw::Reduction reduction, std::int64_t count,
                     const ir::Node& by) const {
    if (reduction == hw::Reduction::Max) return set_moved(node, by);
    const auto mean = mean_of(tensors_, by, count);
    if (!mean || mean->bank) return;
    node.layer.outputs[0].rescale = scaling_by_thresholds(mean->codes);
  }

  // TFLite's roundings, one in the other, are one on each side of 0: they are on a line always, and
  // need no fit for each of many channels.
  void set_products(hw::Node& node, const ir::Node& by) const {
    Rescale& rescale = node.layer.outputs[0].rescale;
    const auto arithmetic = by.arithmetic.value_or(numeric::Arithmetic::Onnx);
    if (rescale.by != Scaling::Line || numeric::is_tflite(arithmetic)) return;
    const auto sums = sum_rules(tensors_, by);
    if (!sums) return;
    const bool is_per_channel = rescale.is_per_channel;
    rescale = scaling_of(sums->rules, sums->codes);
    rescale.is_per_channel = is_per_channel;
  }

  void set_rule(hw::Node& node, const Result<AccumulatorRule>& rule, const ir::Node& by) const {
    Rescale& rescale = node.layer.outputs[0].rescale;
    const auto codes = tensors_.codes(by.outputs[0]);
    if (rescale.by != Scaling::Line || !rule || !codes) return;
    rescale = scaling_of({&*rule, 1}, codes->range);
  }

  const ir::Graph& network_;
  Tensors tensors_;
};

}  // namespace

void set_scalings(const ir::Graph& network, hw::Graph& hardware) {
  const Scalings scalings(network);
  for (hw::NodeId id = 0; id < hardware.size(); ++id) scalings.set(hardware[id]);
}

}  // namespace sluice::rtl
