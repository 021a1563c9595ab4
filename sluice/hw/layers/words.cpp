// SPDX-License-Identifier: Apache-2.0
// Layers that read a word and write a word.
#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw::kinds {
namespace {

// One module for all streams, where fpgaConvNet's builds one a stream.
Chain beside(const Layer& layer, Rules rules, std::string_view name, auto module) {
  const std::int64_t coarse = layer.folding.coarse_in;
  module.stream = stream_of(layer, rules, coarse);
  Chain modules;
  if (is_compat(rules)) {
    modules.add(name, module, real(coarse));
  } else {
    module.stream.streams = coarse;
    modules.add(name, module);
  }
  return modules;
}

// In two dimensions fpgaConvNet's takes Sigmoid and HardSigmoid for Relu.
Function built_as(const Layer& layer, const Elementwise& of, Rules rules) {
  const bool sigmoid = of.function == Function::Sigmoid || of.function == Function::HardSigmoid;
  return is_compat(rules) && !layer.is_3d && sigmoid ? Function::Relu : of.function;
}

}  // namespace

Chain chain(const Layer& layer, const Elementwise& of, Rules rules) {
  return beside(layer, rules, "activation", Activation{{}, built_as(layer, of, rules)});
}

double operations(const Layer& layer, const Elementwise& of, Rules rules) {
  // fpgaConvNet's counts none for a threshold, nor for Sigmoid and Silu.
  const Function function = built_as(layer, of, rules);
  const bool counted =
      !of.has_threshold && (function == Function::Relu || function == Function::HardSwish);
  return counted || !is_compat(rules) ? real(layer.map.words()) : 0;
}

Chain chain(const Layer& layer, const ChannelAffine& of, Rules rules) {
  if (is_compat(rules)) return {};
  Chain modules;
  Stream stream = stream_of(layer, rules, layer.folding.coarse_in);
  stream.streams = layer.folding.coarse_in;
  if (of.has_scale) modules.add("shift_scale", ShiftScale{stream});
  if (of.has_offset) modules.add("bias", Bias{stream, stream.map.channels});
  return modules;
}

Resources resources(const Layer& layer, const ChannelAffine& of, const Chain& modules,
                    const Coefficients& by, Rules rules) {
  const std::int64_t coarse = layer.folding.coarse_in;
  if (is_compat(rules)) return {.dsp = real(2 * coarse)};
  Resources result = modules.resources(by);
  const std::int64_t parameters = (of.has_scale ? 1 : 0) + (of.has_offset ? 1 : 0);
  result.bram18 +=
      real(bram18_blocks(layer.map.channels / coarse,
                         real(parameters * coarse * layer.data.width_bits), MemoryKind::Memory));
  return result;
}

double operations(const Layer& layer, const ChannelAffine& of, Rules rules) {
  if (is_compat(rules)) return 0;
  return real(layer.map.words() * ((of.has_scale ? 1 : 0) + (of.has_offset ? 1 : 0)));
}

Chain chain(const Layer& layer, const Join& of, Rules rules) {
  return beside(layer, rules, "eltwise", EltwiseModule{{}, of.op, of.broadcasts});
}

double operations(const Layer& layer, const Join& /*of*/, Rules rules) {
  const auto words = real(layer.map.words());
  return is_compat(rules) ? words
                          : words * real(static_cast<std::int64_t>(layer.inputs.size()) - 1);
}

}  // namespace sluice::hw::kinds
