// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/poolings.hpp"

#include <algorithm>

#include "sluice/rtl/layers.hpp"
#include "sluice/rtl/line.hpp"
#include "sluice/rtl/rescale.hpp"
#include "sluice/rtl/rules.hpp"
#include "sluice/rtl/thresholds.hpp"

namespace sluice::rtl {
Result<Mean> mean_of(const Tensors& tensors, const ir::Node& node, std::int64_t count) {
  SL_TRY(const Codes x, tensors.codes(node.inputs[0]));
  SL_TRY(const Codes y, tensors.codes(node.outputs[0]));
  Mean mean;
  SL_TRY(mean.rule, mean_rule(tensors.network(), node, count));
  mean.y = y.word;
  mean.codes = y.range;
  mean.sum = x.word;
  mean.sum.bits += static_cast<int>(hw::count_bits(count));
  if (auto plain = fit_scalers({&mean.rule, 1}, y.range)) {
    mean.bank = *std::move(plain);
    return mean;
  }
  const std::int64_t offset = count * x.zero_point;
  const auto code = [rule = mean.rule.code, offset](std::int64_t sum) {
    return rule(sum + offset);
  };
  const AccumulatorRule centred{code, mean.rule.lowest - offset, mean.rule.highest - offset};
  if (auto bank = fit_scalers({&centred, 1}, y.range)) {
    mean.bank = *std::move(bank);
    mean.constant = -offset;
    mean.sum = {
        std::max({mean.sum.bits, signed_bits(centred.lowest), signed_bits(centred.highest)}), true};
  }
  return mean;
}

namespace {

Result<StreamId> add_mean(Site& site, StreamId sums, const Mean& mean) {
  if (mean.bank) return add_scaler(site, sums, mean.y, *mean.bank);
  return add_thresholds(site, sums, mean.y, {&mean.rule, 1}, mean.codes);
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
  Mean mean;
  if (!is_max) {
    SL_TRY(mean, mean_of(site.tensors(), *node, of.kernel.size()));
  }
  const std::int64_t lanes = site.stream(inputs[0]).lanes;
  Instance& reduction =
      site.add(is_max ? "sl_reduce_max" : "sl_reduce_sum", is_max ? "maxima" : "sums", windows,
               {.lanes = lanes, .word = is_max ? x.word : mean.sum, .beats = out.words() / lanes});
  reduction.set("Width", x.word.bits);
  reduction.set_flag("Signed", x.word.is_signed);
  reduction.set("Lanes", lanes);
  reduction.set("Words", task.words);
  reduction.set("Parts", task.parts());
  if (is_max) {
    SL_TRY(const StreamId codes,
           add_change(site, site.last(), *node, node->inputs[0], node->outputs[0]));
    return Streams{codes};
  }
  reduction.set("SumWidth", mean.sum.bits);
  reduction.set("Constant", mean.constant);
  SL_TRY(const StreamId codes, add_mean(site, site.last(), mean));
  return Streams{codes};
}

Result<Streams> emit(Site& site, const hw::GlobalPooling& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  SL_TRY(const Codes x, site.tensors().codes(node->inputs[0]));
  const bool is_max = of.reduction == hw::Reduction::Max;
  const std::int64_t positions = site.layer().map.positions();
  const std::int64_t lanes = site.stream(inputs[0]).lanes;
  const std::int64_t beats = site.layer().map.channels / lanes;
  Mean mean;
  if (!is_max) {
    SL_TRY(mean, mean_of(site.tensors(), *node, positions));
  }
  Instance& whole =
      site.add(is_max ? "sl_frame_max" : "sl_frame_sum", is_max ? "maxima" : "sums", inputs[0],
               {.lanes = lanes, .word = is_max ? x.word : mean.sum, .beats = beats});
  whole.set("Width", x.word.bits);
  whole.set_flag("Signed", x.word.is_signed);
  whole.set("Lanes", lanes);
  whole.set("Positions", positions);
  whole.set("Beats", beats);
  if (is_max) {
    SL_TRY(const StreamId codes,
           add_change(site, site.last(), *node, node->inputs[0], node->outputs[0]));
    return Streams{codes};
  }
  whole.set("SumWidth", mean.sum.bits);
  whole.set("Constant", mean.constant);
  SL_TRY(const StreamId codes, add_mean(site, site.last(), mean));
  return Streams{codes};
}

}  // namespace sluice::rtl
