// SPDX-License-Identifier: Apache-2.0
// Layers that take words one by one: activations, joins of streams, and words in another order.
#include <algorithm>
#include <fmt/format.h>

#include "sluice/rtl/layers.hpp"
#include "sluice/rtl/rescale.hpp"
#include "sluice/rtl/rules.hpp"
#include "sluice/rtl/tables.hpp"
#include "sluice/rtl/thresholds.hpp"

namespace sluice::rtl {
namespace {

Stream like_of(const Stream& x) {
  return {.lanes = x.lanes, .word = x.word, .beats = x.beats};
}

// Words a pixel of each part, 16 bits each, the first lowest.
std::string beats_of_parts(const std::vector<std::int64_t>& channels, std::int64_t lanes) {
  std::string list;
  for (auto part = channels.rbegin(); part != channels.rend(); ++part) {
    list += fmt::format("{}16'd{}", list.empty() ? "" : ", ", *part / lanes);
  }
  return fmt::format("{{{}}}", list);
}

}  // namespace

namespace {

Result<StreamId> add_function(Site& site, StreamId x) {
  SL_TRY(const ir::ValueId from, site.tensors().value(site.source().inputs[0]));
  SL_TRY(const ir::ValueId to, site.tensors().value(site.source().outputs[0]));
  return add_table(site, x, from, to);
}

// A ReLU and its bounded forms: a clip if codes stay what they are, else on a line. What is on none
// is looked up, or compared with thresholds if it is too wide.
Result<StreamId> add_clamp(Site& site, StreamId x, const ir::Node& node) {
  SL_TRY(const Codes y, site.tensors().codes(node.outputs[0]));
  SL_TRY(const ClampRule clamp, clamp_rule(site.tensors().network(), node));
  const Stream from = site.stream(x);
  if (!clamp.keeps_codes_within) {
    const auto bank = fit_scalers({&clamp.rule, 1}, clamp.codes);
    if (bank) return add_scaler(site, x, y.word, *bank);
    if (from.word.bits <= kMaxTableBits) return add_function(site, x);
    return add_thresholds(site, x, y.word, {&clamp.rule, 1}, clamp.codes);
  }
  Instance& clip = site.add("sl_clip", "codes", x, like_of(from));
  clip.set("Width", from.word.bits);
  clip.set_flag("Signed", from.word.is_signed);
  clip.set("Lanes", from.lanes);
  clip.set("Lowest", clamp.codes.lowest);
  clip.set("Highest", clamp.codes.highest);
  return site.last();
}

}  // namespace

Result<Streams> emit(Site& site, const hw::Elementwise& /*of*/, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  SL_TRY(const StreamId codes, ir::is_rectifier(node->op) ? add_clamp(site, inputs[0], *node)
                                                          : add_function(site, inputs[0]));
  return Streams{codes};
}

Result<Streams> emit(Site& site, const hw::Concat& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  Streams parts;
  parts.reserve(inputs.size());
  for (std::size_t i = 0, at = 0; i < inputs.size(); ++i, ++at) {
    while (site.tensors().network()[node->inputs[at]].constant) ++at;
    SL_TRY(parts.emplace_back(),
           add_change(site, inputs[i], *node, node->inputs[at], node->outputs[0]));
  }
  Stream made = like_of(site.stream(parts[0]));
  made.beats = hw::map_out(site.layer()).words() / made.lanes;
  const StreamId y = site.add_stream("channels", std::move(made));
  Instance& concat = site.add("sl_concat", "channels", {{"x", parts}}, {{"y", {y}}});
  concat.set("Width", site.stream(y).word.bits);
  concat.set("Lanes", site.stream(y).lanes);
  concat.set("Inputs", static_cast<std::int64_t>(parts.size()));
  concat.parameters.push_back({"Beats", beats_of_parts(of.channels, site.stream(y).lanes)});
  return Streams{y};
}

Result<Streams> emit(Site& site, const hw::Chop& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  const std::int64_t positions = site.layer().map.positions();
  Streams outputs;
  outputs.reserve(of.channels.size());
  for (std::size_t i = 0; i < of.channels.size(); ++i) {
    Stream made = like_of(site.stream(inputs[0]));
    made.beats = positions * of.channels[i] / made.lanes;
    outputs.push_back(site.add_stream(fmt::format("part{}", i), std::move(made)));
  }
  Instance& chop = site.add("sl_chop", "parts", {{"x", inputs}}, {{"y", outputs}});
  const Stream x = site.stream(inputs[0]);
  chop.set("Width", x.word.bits);
  chop.set("Lanes", x.lanes);
  chop.set("Outputs", static_cast<std::int64_t>(outputs.size()));
  chop.parameters.push_back({"Beats", beats_of_parts(of.channels, x.lanes)});
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    SL_TRY(const ir::ValueId part, site.tensors().value(site.source().outputs[i]));
    SL_TRY(outputs[i], add_change(site, outputs[i], *node, node->inputs[0], part));
  }
  return outputs;
}

Result<Streams> emit(Site& site, const hw::Repeat& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  if (of.scale.depth != 1 || of.channels != 1 || of.other != 1) {
    return Error{ErrorCode::Unsupported,
                 "repeats words along other dimensions than rows and "
                 "columns"};
  }
  const hw::FeatureMap& map = site.layer().map;
  Stream made = like_of(site.stream(inputs[0]));
  made.beats *= of.scale.rows * of.scale.cols;
  Instance& repeat = site.add("sl_repeat", "pixels", inputs[0], std::move(made));
  const Stream& x = site.stream(inputs[0]);
  repeat.set("Width", x.word.bits);
  repeat.set("Lanes", x.lanes);
  repeat.set("Rows", map.rows);
  repeat.set("Cols", map.cols);
  repeat.set("Beats", map.channels / x.lanes);
  repeat.set("RowScale", of.scale.rows);
  repeat.set("ColScale", of.scale.cols);
  SL_TRY(const StreamId codes,
         add_change(site, site.last(), *node, node->inputs[0], node->outputs[0]));
  return Streams{codes};
}

// A window of one word, whose padding is all that is left.
Result<Streams> emit(Site& site, const hw::Padded& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  if (of.channels_before + of.channels_after != 0 || site.layer().is_3d) {
    return Error{ErrorCode::Unsupported,
                 "pads channels; leave it to the convolution that comes behind"};
  }
  SL_TRY(const Codes x, site.tensors().codes(node->inputs[0]));
  SL_TRY(const StreamId padded,
         add_windows(site, inputs[0], hw::window_task(site.layer()), x.zero_point));
  SL_TRY(const StreamId codes, add_change(site, padded, *node, node->inputs[0], node->outputs[0]));
  return Streams{codes};
}

Result<Streams> emit(Site& site, const hw::Shuffle& of, const Streams& inputs) {
  Instance& shuffle =
      site.add("sl_shuffle", "channels", inputs[0], like_of(site.stream(inputs[0])));
  const Stream& x = site.stream(inputs[0]);
  shuffle.set("Width", x.word.bits);
  shuffle.set("Lanes", x.lanes);
  shuffle.set("Channels", site.layer().map.channels);
  shuffle.set("Groups", of.groups);
  SL_TRY(const ir::Node* node, site.node());
  SL_TRY(const ir::ValueId from, site.tensors().value(site.source().inputs[0]));
  SL_TRY(const ir::ValueId to, site.tensors().value(site.source().outputs[0]));
  SL_TRY(const StreamId codes, add_change(site, site.last(), *node, from, to));
  return Streams{codes};
}

}  // namespace sluice::rtl
