// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/pool.hpp"
#include "sluice/rtl/layers.hpp"
#include "sluice/rtl/rescale.hpp"
#include "sluice/rtl/rules.hpp"

namespace sluice::rtl {
namespace {

// The sums of a mean become codes of y.
Result<StreamId> add_mean(Site& site, StreamId sums, const ir::Node& node, std::int64_t count) {
  SL_TRY(const Codes y, site.tensors().codes(node.outputs[0]));
  SL_TRY(const AccumulatorRule rule, mean_rule(site.tensors().network(), node, count));
  return add_scaler(site, sums, y.word, {&rule, 1}, y.range);
}

}  // namespace

Result<Streams> emit(Site& site, const hw::Pooling& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  const hw::Layer& layer = site.layer();
  if (layer.is_3d || of.kernel.depth != 1) {
    return Error{ErrorCode::Unsupported, "has three dimensions; the modules have two"};
  }
  SL_TRY(const Codes x, site.tensors().codes(node->inputs[0]));
  const hw::FeatureMap out = hw::map_out(layer);
  const bool is_max = of.reduction == hw::Reduction::Max;
  const hw::Padding& pads = of.padding;
  if (!is_max && pads.top + pads.bottom + pads.left + pads.right > 0) {
    return Error{ErrorCode::Unsupported,
                 "is a mean with padding, whose windows have different sizes; pad before it"};
  }
  const hw::WindowTask task = hw::window_task(layer);
  SL_TRY(const StreamId windows, add_windows(site, inputs[0], task, x.range.lowest));
  const std::int64_t lanes = site.stream(inputs[0]).lanes;
  WordType word = x.word;
  if (!is_max) word.bits += static_cast<int>(hw::count_bits(of.kernel.size()));
  Instance& reduction =
      site.add(is_max ? "sl_reduce_max" : "sl_reduce_sum", is_max ? "maxima" : "sums", windows,
               {.lanes = lanes, .word = word, .beats = out.words() / lanes});
  reduction.set("Width", x.word.bits);
  reduction.set_flag("Signed", x.word.is_signed);
  reduction.set("Lanes", lanes);
  reduction.set("Words", task.words);
  reduction.set("Parts", task.parts());
  if (is_max) return Streams{site.last()};
  reduction.set("SumWidth", word.bits);
  SL_TRY(const StreamId codes, add_mean(site, site.last(), *node, of.kernel.size()));
  return Streams{codes};
}

Result<Streams> emit(Site& site, const hw::GlobalPooling& of, const Streams& inputs) {
  if (of.reduction == hw::Reduction::Max) {
    return Error{ErrorCode::Unsupported, "is a maximum of whole maps; use a MaxPool of their size"};
  }
  SL_TRY(const ir::Node* node, site.node());
  SL_TRY(const Codes x, site.tensors().codes(node->inputs[0]));
  const std::int64_t positions = site.layer().map.positions();
  const std::int64_t lanes = site.stream(inputs[0]).lanes;
  WordType word = x.word;
  word.bits += static_cast<int>(hw::count_bits(positions));
  const std::int64_t beats = site.layer().map.channels / lanes;
  Instance& sums =
      site.add("sl_frame_sum", "sums", inputs[0], {.lanes = lanes, .word = word, .beats = beats});
  sums.set("Width", x.word.bits);
  sums.set_flag("Signed", x.word.is_signed);
  sums.set("Lanes", lanes);
  sums.set("Positions", positions);
  sums.set("Beats", beats);
  sums.set("SumWidth", word.bits);
  SL_TRY(const StreamId codes, add_mean(site, site.last(), *node, positions));
  return Streams{codes};
}

}  // namespace sluice::rtl
