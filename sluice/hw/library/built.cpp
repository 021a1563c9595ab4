// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/library/built.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"
#include "sluice/hw/buffers.hpp"
#include "sluice/hw/layers/weights.hpp"
#include "sluice/hw/layers/windows.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw::library {
namespace {

// Of a multiplier that makes codes of sums: of one for all channels, and of those that share a
// shift though their scales differ.
constexpr std::int64_t kMultiplierBits = 17, kChannelMultiplierBits = 25;
// Of factors by which the codes of two maps are weighed.
constexpr std::int64_t kFactor = (1 << 20) + 1;
constexpr std::int64_t kFactorBits = 21;
// Of channels: sl_concat and sl_chop have no more.
constexpr std::size_t kMostParts = 8;

class Builder {
 public:
  explicit Builder(const Layer& layer) : layer_(layer) {}

  std::optional<Built> build() {
    if (layer_.is_3d) return std::nullopt;
    const bool is_known = std::visit([&](const auto& kind) { return add(kind); }, layer_.operation);
    if (!is_known) return std::nullopt;
    add_fifos();
    return built_;
  }

 private:
  template <class Kind>
  bool add(const Kind& /*of*/) {
    return false;
  }

  bool add(const Convolution& of) {
    const bool is_spread = of.spread.size() != 1;
    if (of.sparsity != nullptr || of.block_floating_point || is_spread) return false;
    const Folding& by = layer_.folding;
    const std::int64_t parts = of.kernel.size() / by.fine;
    add_windows();
    Dot dot{.x_width = layer_.data.width_bits,
            .weight_width = of.weight.width_bits,
            .acc_width = of.acc.width_bits};
    dot.fine = by.fine;
    dot.groups = by.coarse_group;
    dot.lanes_in = by.coarse_in;
    dot.lanes_out = by.coarse_out;
    dot.beats = layer_.map.channels / of.groups / by.coarse_in * parts;
    dot.filters = of.filters / of.groups / by.coarse_out;
    dot.sets = of.groups / by.coarse_group;
    add_dot(dot);
    add_rescale(of.rescale, of.acc.width_bits, of.output.width_bits, of.filters);
    return true;
  }

  bool add(const InnerProduct& of) {
    if (of.block_floating_point) return false;
    const Folding& by = layer_.folding;
    Dot dot{.x_width = layer_.data.width_bits,
            .weight_width = of.weight.width_bits,
            .acc_width = of.acc.width_bits};
    dot.lanes_in = by.coarse_in;
    dot.lanes_out = by.coarse_out;
    dot.beats = layer_.map.words() / by.coarse_in;
    dot.filters = of.filters / by.coarse_out;
    add_dot(dot);
    add_rescale(of.rescale, of.acc.width_bits, of.output.width_bits, of.filters);
    return true;
  }

  bool add(const Pooling& of) {
    const std::int64_t lanes = streams_in(layer_);
    const std::int64_t width = layer_.data.width_bits;
    const std::int64_t words = window_task(layer_).words;
    add_windows();
    const std::int64_t parts = of.kernel.size() / words;
    if (of.reduction == Reduction::Max) {
      built_.add(ReduceMax{.width = width, .lanes = lanes, .words = words, .parts = parts});
      return true;
    }
    const std::int64_t sum_width = width + count_bits(of.kernel.size());
    built_.add(ReduceSum{
        .width = width, .lanes = lanes, .words = words, .parts = parts, .sum_width = sum_width});
    add_mean(sum_width, of.kernel.size());
    return true;
  }

  bool add(const GlobalPooling& of) {
    if (of.reduction != Reduction::Average) return false;
    const std::int64_t lanes = streams_in(layer_);
    const std::int64_t positions = layer_.map.positions();
    const std::int64_t sum_width = layer_.data.width_bits + count_bits(positions);
    built_.add(FrameSum{.width = layer_.data.width_bits,
                        .lanes = lanes,
                        .positions = positions,
                        .beats = layer_.map.channels / lanes,
                        .sum_width = sum_width});
    add_mean(sum_width, positions);
    return true;
  }

  bool add(const Elementwise& of) {
    if (of.function != Function::Relu) return false;
    built_.add(Clip{.width = layer_.data.width_bits, .lanes = streams_in(layer_)});
    return true;
  }

  bool add(const Join& of) {
    if (of.op != Eltwise::Add || of.broadcasts || layer_.inputs.size() != 2) return false;
    const std::int64_t width = layer_.data.width_bits;
    const std::int64_t factor = of.rescale.multiplies ? kFactor : 1;
    const std::int64_t sum_width = width + (of.rescale.multiplies ? kFactorBits : 0) + 1;
    built_.add(library::Add{.a_width = width,
                            .b_width = width,
                            .lanes = streams_in(layer_),
                            .factor_a = factor,
                            .factor_b = factor,
                            .constant = of.rescale.multiplies ? 1 : 0,
                            .sum_width = sum_width});
    if (of.rescale.multiplies) {
      add_requantize(sum_width, width, 0, 1);
    } else {
      add_shift(sum_width, width, 0);
    }
    return true;
  }

  bool add(const hw::Concat& of) {
    if (of.channels.size() > kMostParts) return false;
    built_.add(library::Concat{.width = layer_.data.width_bits,
                               .lanes = streams_in(layer_),
                               .inputs = static_cast<std::int64_t>(of.channels.size())});
    return true;
  }

  bool add(const hw::Chop& of) {
    if (of.channels.size() > kMostParts) return false;
    built_.add(library::Chop{.width = layer_.data.width_bits,
                             .lanes = streams_in(layer_),
                             .outputs = static_cast<std::int64_t>(of.channels.size())});
    for (std::size_t port = 0; port < of.channels.size(); ++port) {
      add_queue(streams_out(layer_) * layer_.data.width_bits, part_depth(layer_, port));
    }
    return true;
  }

  bool add(const Split& /*of*/) {
    built_.add(Fork{.width = layer_.data.width_bits * streams_in(layer_),
                    .outputs = static_cast<std::int64_t>(layer_.outputs.size())});
    return true;
  }

  bool add(const hw::Repeat& of) {
    if (of.scale.depth != 1 || of.channels != 1 || of.other != 1) return false;
    const std::int64_t lanes = streams_in(layer_);
    built_.add(library::Repeat{.width = layer_.data.width_bits,
                               .lanes = lanes,
                               .cols = layer_.map.cols,
                               .beats = layer_.map.channels / lanes,
                               .row_scale = of.scale.rows});
    return true;
  }

  bool add(const hw::Regroup& /*of*/) {
    built_.add(library::Regroup{.width = layer_.data.width_bits,
                                .lanes_in = layer_.folding.coarse_in,
                                .lanes_out = layer_.folding.coarse_out,
                                .beats = layer_.map.channels / layer_.folding.coarse_in});
    return true;
  }

  bool add(const Passing& /*of*/) { return true; }

  bool add(const Padded& of) {
    if (of.channels_before + of.channels_after != 0) return false;
    add_windows();
    return true;
  }

  bool add(const hw::Shuffle& of) {
    built_.add(library::Shuffle{.width = layer_.data.width_bits,
                                .lanes = streams_in(layer_),
                                .channels = layer_.map.channels,
                                .groups = of.groups});
    return true;
  }

  bool add(const hw::PixelShift& /*of*/) {
    const std::int64_t lanes = streams_in(layer_);
    built_.add(library::PixelShift{.width = layer_.data.width_bits,
                                   .lanes = lanes,
                                   .rows = layer_.map.rows,
                                   .cols = layer_.map.cols,
                                   .beats = layer_.map.channels / lanes});
    return true;
  }

  // ---- parts of layers

  void add_windows() {
    const WindowTask task = window_task(layer_);
    const WindowForm form = window_form(task);
    if (form.reader == WindowReader::None) return;
    const std::int64_t width = layer_.data.width_bits;
    const std::int64_t lanes = streams_in(layer_);
    const WindowTaps taps{.width = width,
                          .lanes = lanes,
                          .rows = task.in.rows,
                          .cols = task.in.cols,
                          .beats = task.in.channels,
                          .kernel_rows = task.kernel.rows,
                          .kernel_cols = task.kernel.cols,
                          .stride_rows = task.step.rows,
                          .stride_cols = task.step.cols,
                          .dilation_rows = task.dilation.rows,
                          .dilation_cols = task.dilation.cols,
                          .pad_top = task.padding.top,
                          .pad_left = task.padding.left,
                          .out_rows = task.out.rows,
                          .out_cols = task.out.cols,
                          .spare_rows = form.spare_rows,
                          .columns = form.reader == WindowReader::Columns ? 1 : 0};
    if (form.reader == WindowReader::Sweep) {
      built_.add(WindowSlide{taps.width, taps.lanes, taps.rows, taps.cols, taps.beats,
                             taps.kernel_rows, taps.kernel_cols, taps.stride_rows, taps.stride_cols,
                             taps.dilation_rows, taps.dilation_cols, taps.pad_top, taps.pad_left,
                             taps.out_rows, taps.out_cols, taps.spare_rows});
    } else {
      built_.add(taps);
    }
    add_queue(lanes * width * form.words, form.queue_depth);
    if (form.words == task.words) return;
    built_.add(Parts{.width = lanes * width * task.words, .parts = form.words / task.words});
  }

  void add_queue(std::int64_t width, std::int64_t depth) {
    if (depth == 1) built_.add(Stage{.width = width});
    if (depth > 1) built_.add(Fifo{.width = width, .depth = depth});
  }

  void add_dot(Dot dot) {
    const WeightPlacement& weights = layer_.weights;
    dot.has_weights =
        !weights.in_uram && weights.blocks_off_chip == 0 && weights.blocks_in_luts == 0;
    built_.add(dot);
  }

  void add_rescale(const Rescale& by, std::int64_t x_width, std::int64_t y_width,
                   std::int64_t channels) {
    const std::int64_t depth = by.is_per_channel ? channels / streams_out(layer_) : 1;
    if (by.multiplies) {
      add_requantize(x_width, y_width, by.is_per_channel ? kChannelMultiplierBits : kMultiplierBits,
                     depth);
    } else {
      add_shift(x_width, y_width, std::max<std::int64_t>(x_width - 2 * y_width, 1));
    }
  }

  void add_mean(std::int64_t sum_width, std::int64_t count) {
    const bool is_power_of_two = (count & (count - 1)) == 0;
    add_requantize(sum_width, layer_.data.width_bits, is_power_of_two ? 0 : kMultiplierBits, 1);
  }

  void add_requantize(std::int64_t x_width, std::int64_t y_width, std::int64_t multiplier_width,
                      std::int64_t depth) {
    const std::int64_t product_width = x_width + multiplier_width - 2;
    const std::int64_t shift = std::max<std::int64_t>(product_width - y_width - 4, 1);
    built_.add(Requantize{.x_width = x_width,
                          .y_width = y_width,
                          .lanes = streams_out(layer_),
                          .depth = depth,
                          .multiplier_width = multiplier_width,
                          .offset_width = shift + y_width,
                          .product_width = product_width,
                          .shift = shift});
  }

  void add_shift(std::int64_t x_width, std::int64_t y_width, std::int64_t shift) {
    built_.add(ShiftRound{
        .x_width = x_width, .y_width = y_width, .lanes = streams_out(layer_), .shift = shift});
  }

  // Where words wait for those of another branch, and where several leave together.
  void add_fifos() {
    constexpr std::int64_t kOfAStream = 2;  // words that wait in it anyway
    for (const Port& port : layer_.inputs) {
      if (!joins(layer_) || port.is_off_chip || port.buffer_depth <= kOfAStream) continue;
      built_.add(
          Fifo{.width = streams_in(layer_) * layer_.data.width_bits, .depth = port.buffer_depth});
    }
    if (layer_.burst_depth == 0) return;
    built_.add(Fifo{.width = streams_out(layer_) * output_type(layer_).width_bits,
                    .depth = layer_.burst_depth});
  }

  const Layer& layer_;
  Built built_;
};

}  // namespace

void Built::add(const Module& module) {
  SL_ASSERT(size_ < kMost, "modules of a layer");
  modules_[size_++] = module;
}

std::optional<Built> built_of(const Layer& layer) {
  return Builder(layer).build();
}

std::optional<Built> counted_of(const Layer& layer, const Coefficients& by, Rules rules) {
  if (is_compat(rules) || !by.has_library()) return std::nullopt;
  return built_of(layer);
}

Resources resources_of(const Module& module, const Coefficients& by) {
  const Cost cost = cost_of(module);
  return {.lut = by.library_lut(module.index(), cost.lut.values()),
          .ff = by.library_ff(module.index(), cost.ff.values()),
          .dsp = static_cast<double>(cost.dsp),
          .bram18 = static_cast<double>(cost.bram18)};
}

Resources resources_of(const Layer& layer, const Built& built, const Coefficients& by) {
  Resources sum;
  bool has_weights = true;
  for (const Module& module : built.modules()) {
    sum += resources_of(module, by);
    const auto* dot = std::get_if<Dot>(&module);
    if (dot != nullptr) has_weights = dot->has_weights;
  }
  if (has_weights) return sum;
  const WeightMemory weights = weight_memory(layer);
  (weights.in_uram ? sum.uram : sum.bram18) += real(weights.total_blocks());
  sum.lut += real(kLutsPerBram18 * weights.blocks_in_luts);
  return sum;
}

}  // namespace sluice::hw::library
