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
// Of a word that a function is looked up of.
constexpr std::int64_t kMostTableBits = 12;

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
    if (of.sparsity != nullptr || of.block_floating_point) return false;
    const Folding& by = layer_.folding;
    const std::int64_t parts = of.kernel.size() / by.fine;
    add_spread(of);
    add_windows();
    Dot dot = dot_of(of);
    dot.fine = by.fine;
    dot.groups = by.coarse_group;
    dot.beats = layer_.map.channels / of.groups / by.coarse_in * parts;
    dot.filters = of.filters / of.groups / by.coarse_out;
    dot.sets = of.groups / by.coarse_group;
    add_sums(dot, of);
    return true;
  }

  bool add(const InnerProduct& of) {
    if (of.block_floating_point) return false;
    const Folding& by = layer_.folding;
    Dot dot = dot_of(of);
    dot.beats = layer_.map.words() / by.coarse_in;
    dot.filters = of.filters / by.coarse_out;
    add_sums(dot, of);
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
      add_change(output_rescale(layer_));
      return true;
    }
    const std::int64_t sum_width = width + count_bits(of.kernel.size());
    built_.add(ReduceSum{
        .width = width, .lanes = lanes, .words = words, .parts = parts, .sum_width = sum_width});
    add_mean(sum_width, of.kernel.size());
    return true;
  }

  bool add(const GlobalPooling& of) {
    const std::int64_t lanes = streams_in(layer_);
    const std::int64_t positions = layer_.map.positions();
    if (of.reduction == Reduction::Max) {
      built_.add(FrameMax{.width = layer_.data.width_bits,
                          .lanes = lanes,
                          .positions = positions,
                          .beats = layer_.map.channels / lanes});
      add_change(output_rescale(layer_));
      return true;
    }
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
    const std::int64_t width = layer_.data.width_bits;
    const std::int64_t lanes = streams_in(layer_);
    const Scaling by = output_rescale(layer_).by;
    if (by == Scaling::None) {
      built_.add(Clip{.width = width, .lanes = lanes});
    } else if (by == Scaling::Table) {
      if (width > kMostTableBits) return false;
      built_.add(Table{.x_width = width, .y_width = of.output.width_bits, .lanes = lanes});
    } else {
      add_codes(output_rescale(layer_), {.x_width = width, .y_width = of.output.width_bits});
    }
    return true;
  }

  bool add(const Join& of) {
    if (layer_.inputs.size() != 2) return false;
    if (of.broadcasts) add_pixels();
    if (of.op == Eltwise::Mul) {
      add_product();
      return true;
    }
    const Rescale rescale = output_rescale(layer_);
    const bool multiplies = rescale.by != Scaling::Shift;
    const std::int64_t width = layer_.data.width_bits;
    const std::int64_t factor = multiplies ? kFactor : 1;
    const std::int64_t sum_width = width + (multiplies ? kFactorBits : 0) + 1;
    built_.add(library::Add{.a_width = width,
                            .b_width = width,
                            .lanes = streams_in(layer_),
                            .factor_a = factor,
                            .factor_b = factor,
                            .constant = multiplies ? 1 : 0,
                            .sum_width = sum_width});
    // The factors leave nothing to multiply, and a shift little to round.
    add_codes(rescale, {.x_width = sum_width, .y_width = width, .multiplier_width = 0, .shift = 0});
    return true;
  }

  bool add(const hw::Concat& of) {
    if (of.channels.size() > kMostParts) return false;
    for (const Port& port : layer_.inputs) add_change(port.rescale);
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
      add_change(output_rescale(layer_, port));
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
    add_change(output_rescale(layer_));
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
    add_change(output_rescale(layer_));
    return true;
  }

  bool add(const hw::Shuffle& of) {
    built_.add(library::Shuffle{.width = layer_.data.width_bits,
                                .lanes = streams_in(layer_),
                                .channels = layer_.map.channels,
                                .groups = of.groups});
    add_change(output_rescale(layer_));
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

  // The zeros between the words of a transposed convolution.
  void add_spread(const Convolution& of) {
    if (of.spread.size() == 1) return;
    const std::int64_t width = layer_.data.width_bits;
    const std::int64_t lanes = streams_in(layer_);
    FeatureMap part = layer_.map;
    part.channels /= lanes;
    const std::int64_t depth = spread_depth(part, of.spread);
    if (depth > 0) built_.add(Fifo{.width = lanes * width, .depth = depth});
    built_.add(Spread{.width = width,
                      .lanes = lanes,
                      .rows = part.rows,
                      .cols = part.cols,
                      .beats = part.channels,
                      .row_step = of.spread.rows,
                      .col_step = of.spread.cols});
  }

  // What convolutions and inner products have alike.
  template <class Products>
  [[nodiscard]] Dot dot_of(const Products& of) const {
    const WeightPlacement& weights = layer_.weights;
    Dot dot{.x_width = layer_.data.width_bits,
            .weight_width = of.weight.width_bits,
            .acc_width = of.acc.width_bits};
    dot.lanes_in = layer_.folding.coarse_in;
    dot.lanes_out = layer_.folding.coarse_out;
    dot.has_weights =
        !weights.in_uram && weights.blocks_off_chip == 0 && weights.blocks_in_luts == 0;
    return dot;
  }
  template <class Products>
  void add_sums(const Dot& dot, const Products& of) {
    built_.add(dot);
    const Rescale rescale = output_rescale(layer_);
    const std::int64_t x_width = of.acc.width_bits;
    const std::int64_t y_width = of.output.width_bits;
    // Thresholds are each channel's, whatever their scales.
    const bool differ = rescale.is_per_channel || rescale.by == Scaling::Thresholds;
    add_codes(rescale, {.x_width = x_width,
                        .y_width = y_width,
                        .depth = differ ? of.filters / streams_out(layer_) : 1,
                        .multiplier_width =
                            rescale.is_per_channel ? kChannelMultiplierBits : kMultiplierBits,
                        .shift = std::max<std::int64_t>(x_width - 2 * y_width, 1)});
  }

  // A word a channel at each pixel.
  void add_pixels() {
    const std::int64_t lanes = streams_in(layer_);
    built_.add(library::Repeat{.width = layer_.data.width_bits,
                               .lanes = lanes,
                               .cols = 1,
                               .beats = layer_.map.channels / lanes,
                               .row_scale = layer_.map.rows});
  }

  void add_product() {
    const std::int64_t width = layer_.data.width_bits;
    // Zero points are known when the scales are: most have one.
    const std::int64_t product_width = 2 * width + 1;
    built_.add(Mul{.a_width = width,
                   .a_zero = 1,
                   .b_width = width,
                   .b_zero = 1,
                   .lanes = streams_in(layer_),
                   .product_width = product_width});
    add_codes(output_rescale(layer_), {.x_width = product_width,
                                       .y_width = width,
                                       .shift = std::max<std::int64_t>(width - 1, 1)});
  }

  void add_mean(std::int64_t sum_width, std::int64_t count) {
    const bool is_power_of_two = (count & (count - 1)) == 0;
    add_codes(output_rescale(layer_), {.x_width = sum_width,
                                       .y_width = layer_.data.width_bits,
                                       .multiplier_width = is_power_of_two ? 0 : kMultiplierBits});
  }

  // Of codes that are moved or compared.
  void add_change(const Rescale& by) {
    const std::int64_t width = layer_.data.width_bits;
    add_codes(by, {.x_width = width, .y_width = output_type(layer_).width_bits});
  }

  // What codes are made of.
  struct Sums {
    std::int64_t x_width = 0, y_width = 0;
    std::int64_t depth = 1;  // of what differs by channel
    std::int64_t multiplier_width = kMultiplierBits;
    std::int64_t shift = 0;  // of a scale that is a power of two
  };
  void add_codes(const Rescale& rescale, const Sums& of) {
    switch (rescale.by) {
      case Scaling::None:
      case Scaling::Table:
        return;
      case Scaling::Shift:
        return built_.add(ShiftRound{.x_width = of.x_width,
                                     .y_width = of.y_width,
                                     .lanes = streams_out(layer_),
                                     .shift = of.shift});
      case Scaling::Line:
        return add_requantize(of);
      case Scaling::Thresholds:
        break;
    }
    for (std::int64_t step = 0; step < rescale.threshold_steps; ++step) {
      built_.add(Bisect{.x_width = of.x_width,
                        .lanes = streams_out(layer_),
                        .depth = of.depth,
                        .step = step,
                        .is_last = step + 1 == rescale.threshold_steps ? 1 : 0,
                        .y_width = of.y_width});
    }
  }

  void add_requantize(const Sums& of) {
    const std::int64_t product_width = of.x_width + of.multiplier_width - 2;
    const std::int64_t shift = std::max<std::int64_t>(product_width - of.y_width - 4, 1);
    built_.add(Requantize{.x_width = of.x_width,
                          .y_width = of.y_width,
                          .lanes = streams_out(layer_),
                          .depth = of.depth,
                          .multiplier_width = of.multiplier_width,
                          .offset_width = shift + of.y_width,
                          .product_width = product_width,
                          .shift = shift});
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
