// SPDX-License-Identifier: Apache-2.0
// Layers that multiply and add. Words are multiplied as the codes they are: what the zero point of
// the input adds to each sum is taken off its bias, and padding has the code of zero.
#include "sluice/rtl/products.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/hw/build/sums.hpp"
#include "sluice/ir/filter_order.hpp"
#include "sluice/ir/ops/matmul.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/layer_scales.hpp"
#include "sluice/rtl/layers.hpp"
#include "sluice/rtl/line.hpp"
#include "sluice/rtl/memory_words.hpp"
#include "sluice/rtl/rescale.hpp"

namespace sluice::rtl {
namespace {

using numeric::CodeRange;

// The filters of a layer, each a row of weights, counted from their zero points.
struct Filters {
  std::int64_t count = 0;  // M
  std::int64_t size = 0;   // weights of a filter
  std::vector<std::int64_t> weights;
  std::vector<std::int64_t> bias;  // without the input's zero point
  numeric::Arithmetic arithmetic = numeric::Arithmetic::Onnx;

  [[nodiscard]] std::int64_t weight(std::int64_t m, std::int64_t k) const {
    return weights[static_cast<std::size_t>(m * size + k)];
  }
};

// Bits of the narrowest two's complement that holds both.
int bits_for(std::int64_t lowest, std::int64_t highest) {
  return std::max(signed_bits(lowest), signed_bits(highest));
}

std::int64_t entry(const std::vector<std::int64_t>& list, std::int64_t m) {
  return list[list.size() == 1 ? 0 : static_cast<std::size_t>(m)];
}

// Everything that a layer's sums depend on.
class Products {
 public:
  static Result<Products> make(const Tensors& tensors, const ir::Node& node) {
    Products result;
    SL_TRY(result.x, tensors.codes(node.inputs[0]));
    SL_TRY(result.y, tensors.codes(node.outputs[0]));
    SL_TRY_STATUS(result.read_filters(tensors.network(), node));
    SL_TRY_STATUS(result.read_bias(tensors.network(), node));
    SL_TRY_STATUS(result.find_ranges(node));
    return result;
  }

  // Of what leaves one sum: all codes of the input at each weight.
  [[nodiscard]] int acc_bits() const {
    int bits = 2;
    for (const CodeRange& range : ranges) {
      bits = std::max(bits, bits_for(range.lowest, range.highest));
    }
    return bits;
  }

  [[nodiscard]] int weight_bits() const {
    const auto [low, high] = std::ranges::minmax(filters.weights);
    return std::max(2, bits_for(low, high));
  }

  // A filter's bias with what the input's zero point takes off: Σ w·(x − z) = Σ w·x − z·Σ w.
  [[nodiscard]] std::int64_t offset(std::int64_t m) const {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < filters.size; ++k) sum += filters.weight(m, k);
    return filters.bias[static_cast<std::size_t>(m)] - x.zero_point * sum;
  }

  Codes x, y;
  Filters filters;
  std::vector<numeric::Requantizer> requantizers;  // one, or one a filter
  std::vector<CodeRange> ranges;                   // of the sums of each filter

 private:
  Status read_filters(const ir::Graph& network, const ir::Node& node) {
    const ir::Value& weights = network[node.inputs[1]];
    if (!weights.constant || !weights.quantization) {
      return Error{ErrorCode::Unsupported, "its weights are no codes that the file has"};
    }
    filters.arithmetic = node.arithmetic.value_or(numeric::Arithmetic::Onnx);
    const Shape& shape = weights.constant->shape();
    const auto* gemm = std::get_if<ir::Gemm>(&node.op);
    if (gemm != nullptr && (gemm->alpha != 1 || gemm->beta != 1 || gemm->trans_a)) {
      return Error{ErrorCode::Unsupported, "has a factor alpha or beta, or a transposed input"};
    }
    SL_TRY(const ir::FilterOrder order, ir::filter_order(node.op, shape));
    filters.count = order.filters;
    filters.size = order.weights;
    filters.weights.resize(static_cast<std::size_t>(num_elements(shape)));
    const numeric::Quantization& by = *weights.quantization;
    if (by.is_per_channel() && by.axis != order.channel_axis) {
      return Error{ErrorCode::Unsupported,
                   "its weights have scales along another dimension than "
                   "that of the output channels"};
    }
    const std::vector<std::int64_t> codes = numeric::to_integers(*weights.constant);
    for (std::int64_t m = 0; m < filters.count; ++m) {
      for (std::int64_t k = 0; k < filters.size; ++k) {
        filters.weights[static_cast<std::size_t>(m * filters.size + k)] =
            codes[order.place(m, k)] - entry(by.zero_points, m);
      }
    }
    return make_requantizers(by);
  }

  Status make_requantizers(const numeric::Quantization& weights) {
    requantizers.reserve(weights.scales.size());
    for (const float weight_scale : weights.scales) {
      const numeric::LayerScales scales =
          numeric::multiplied_scales(filters.arithmetic, x.dtype, {x.scale, weight_scale, y.scale});
      SL_TRY(requantizers.emplace_back(),
             numeric::make_requantizer(filters.arithmetic, scales, y.zero_point, y.range));
    }
    weight_scales_ = weights.scales;
    return {};
  }

  // In an arithmetic that shifts, a bias counts in its own unit, which is a multiple of that of the
  // sums; in others in theirs.
  Status read_bias(const ir::Graph& network, const ir::Node& node) {
    filters.bias.assign(static_cast<std::size_t>(filters.count), 0);
    if (node.inputs.size() < 3 || node.inputs[2] == ir::kNoValue) return {};
    const ir::Value& bias = network[node.inputs[2]];
    if (!bias.constant || !bias.quantization) {
      return Error{ErrorCode::Unsupported, "its bias is no codes that the file has"};
    }
    const std::vector<std::int64_t> codes = numeric::to_integers(*bias.constant);
    const bool is_scalar = codes.size() == 1;
    if (!is_scalar && static_cast<std::int64_t>(codes.size()) != filters.count) {
      return Error{ErrorCode::Unsupported, "its bias is not one number a filter"};
    }
    for (std::int64_t m = 0; m < filters.count; ++m) {
      std::int64_t code = entry(codes, m);
      if (numeric::is_shift(filters.arithmetic)) {
        const auto& scales = bias.quantization->scales;
        const float scale = scales[scales.size() == 1 ? 0 : static_cast<std::size_t>(m)];
        const float unit =
            x.scale * weight_scales_[weight_scales_.size() == 1 ? 0 : static_cast<std::size_t>(m)];
        const int raise = *numeric::exact_log2(scale) - *numeric::exact_log2(unit);
        code -= entry(bias.quantization->zero_points, m);
        if (raise < 0 || raise > 40) {
          return Error{ErrorCode::Unsupported,
                       "its bias has another unit than its sums; round it to theirs"};
        }
        code *= std::int64_t{1} << raise;
      }
      filters.bias[static_cast<std::size_t>(m)] = code;
    }
    return {};
  }

  Status find_ranges(const ir::Node& node) {
    constexpr std::int64_t kMost = std::int64_t{1} << 46;
    const CodeRange words{x.range.lowest - x.zero_point, x.range.highest - x.zero_point};
    const std::span<const std::int64_t> weights(filters.weights);
    const auto size = static_cast<std::size_t>(filters.size);
    ranges.reserve(static_cast<std::size_t>(filters.count));
    for (std::int64_t m = 0; m < filters.count; ++m) {
      const std::int64_t bias = filters.bias[static_cast<std::size_t>(m)];
      CodeRange sum =
          hw::sum_range(weights.subspan(static_cast<std::size_t>(m) * size, size), words);
      sum.lowest += bias;
      sum.highest += bias;
      if (sum.lowest < -kMost || sum.highest > kMost) {
        return Error{ErrorCode::Unsupported, "its sums need more than 47 bits"};
      }
      ranges.push_back(sum);
    }
    if (!node.accumulator || acc_bits() <= node.accumulator->bits) return {};
    return Error{ErrorCode::Unsupported,
                 fmt::format("its accumulators have {} bits, and {} are needed so that none "
                             "overflows; leave them out, or give them so many",
                             node.accumulator->bits, acc_bits())};
  }

  std::vector<float> weight_scales_;
};

// How the products of a layer are folded.
struct Folds {
  std::int64_t groups = 1, coarse_group = 1, coarse_in = 1, coarse_out = 1, fine = 1;
  std::int64_t beats = 1;  // of the words of a sum
  [[nodiscard]] std::int64_t sets() const { return groups / coarse_group; }
  [[nodiscard]] std::int64_t lanes_out() const { return coarse_group * coarse_out; }
};

// The weights, word by word; `at(n, i, w)` is the place in a filter of word w of lane i of beat n.
template <class At>
std::string weight_words(const Products& of, const Folds& by, int bits, At at) {
  const std::int64_t group_filters = of.filters.count / by.groups;
  const std::int64_t outputs = group_filters / by.coarse_out;
  MemoryWords words(by.lanes_out() * by.coarse_in * by.fine * bits);
  for (std::int64_t s = 0; s < by.sets(); ++s) {
    for (std::int64_t n = 0; n < by.beats; ++n) {
      for (std::int64_t f = 0; f < outputs; ++f) {
        for (std::int64_t lane = 0; lane < by.lanes_out(); ++lane) {
          const std::int64_t group = s * by.coarse_group + lane / by.coarse_out;
          const std::int64_t m = group * group_filters + f * by.coarse_out + lane % by.coarse_out;
          for (std::int64_t i = 0; i < by.coarse_in; ++i) {
            for (std::int64_t w = 0; w < by.fine; ++w) {
              words.add(of.filters.weight(m, at(n, i, w)), bits);
            }
          }
        }
      }
    }
  }
  return std::move(words).text();
}

std::string bias_words(const Products& of, const Folds& by, int bits) {
  std::vector<std::int64_t> offsets;
  offsets.reserve(static_cast<std::size_t>(of.filters.count));
  for (std::int64_t m = 0; m < of.filters.count; ++m) offsets.push_back(of.offset(m));
  // Channel m of the output is lane m mod lanes of its beat, which is the order of the words.
  return words_of_stream(offsets, by.lanes_out(), bits);
}

// The sums and their codes.
template <class At>
Result<StreamId> add_products(Site& site, StreamId x, const Products& of, const Folds& by,
                              std::int64_t positions, At at) {
  const int weight_bits = of.weight_bits();
  const int acc_bits = of.acc_bits();
  const std::string weights = site.add_memory("weights", weight_words(of, by, weight_bits, at));
  const std::string bias = site.add_memory("bias", bias_words(of, by, acc_bits));
  Instance& dot = site.add("sl_dot", "sums", x,
                           {.lanes = by.lanes_out(),
                            .word = {acc_bits, true},
                            .beats = positions * of.filters.count / by.lanes_out()});
  dot.set("XWidth", of.x.word.bits);
  dot.set_flag("XSigned", of.x.word.is_signed);
  dot.set("WeightWidth", weight_bits);
  dot.set("AccWidth", acc_bits);
  dot.set("Fine", by.fine);
  dot.set("Groups", by.coarse_group);
  dot.set("LanesIn", by.coarse_in);
  dot.set("LanesOut", by.coarse_out);
  dot.set("Beats", by.beats);
  dot.set("Filters", of.filters.count / by.groups / by.coarse_out);
  dot.set("Sets", by.sets());
  dot.set_file("WeightsFile", weights);
  dot.set_file("BiasFile", bias);
  return add_requantizer(site, site.last(), of.y, of.requantizers, of.ranges);
}

// Channels of several groups side by side: only where a group is one beat in and one out are they
// in the order of the stream.
Status check_groups(const Folds& by, std::int64_t group_channels, std::int64_t group_filters) {
  if (by.coarse_group == 1 || (group_channels == by.coarse_in && group_filters == by.coarse_out)) {
    return {};
  }
  return Error{ErrorCode::Unsupported,
               fmt::format("has {} of its groups side by side, but not whole ones: choose "
                           "coarse_group 1, or coarse_in {} and coarse_out {}",
                           by.coarse_group, group_channels, group_filters)};
}

}  // namespace

Result<SumRules> sum_rules(const Tensors& tensors, const ir::Node& node) {
  SL_TRY(const Products products, Products::make(tensors, node));
  return SumRules{requantizer_rules(products.requantizers, products.ranges), products.y.range};
}

Result<Streams> emit(Site& site, const hw::Convolution& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  const hw::Layer& layer = site.layer();
  if (layer.is_3d || of.kernel.depth != 1) {
    return Error{ErrorCode::Unsupported, "has three dimensions; the modules have two"};
  }
  SL_TRY(const Products products, Products::make(site.tensors(), *node));
  const hw::Folding& folding = layer.folding;
  const std::int64_t group_channels = layer.map.channels / of.groups;
  const std::int64_t parts = of.kernel.size() / folding.fine;
  const Folds by{.groups = of.groups,
                 .coarse_group = folding.coarse_group,
                 .coarse_in = folding.coarse_in,
                 .coarse_out = folding.coarse_out,
                 .fine = folding.fine,
                 .beats = group_channels / folding.coarse_in * parts};
  SL_TRY_STATUS(check_groups(by, group_channels, of.filters / of.groups));
  const StreamId spread = add_spread(site, inputs[0], layer.map, of.spread, products.x.zero_point);
  SL_TRY(const StreamId windows,
         add_windows(site, spread, hw::window_task(layer), products.x.zero_point));
  const auto at = [&](std::int64_t n, std::int64_t i, std::int64_t w) {
    const std::int64_t channel = n / parts * folding.coarse_in + i;
    const std::int64_t word = n % parts * folding.fine + w;
    const std::int64_t row = word % of.kernel.rows;
    const std::int64_t col = word / of.kernel.rows;
    return (channel * of.kernel.rows + row) * of.kernel.cols + col;
  };
  SL_TRY(const StreamId codes,
         add_products(site, windows, products, by, hw::map_out(layer).positions(), at));
  return Streams{codes};
}

Result<Streams> emit(Site& site, const hw::InnerProduct& /*of*/, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  SL_TRY(const Products products, Products::make(site.tensors(), *node));
  const hw::Folding& folding = site.layer().folding;
  // Where each word of the stream is among a filter's weights.
  SL_TRY(const std::vector<std::int64_t> places, site.tensors().places(node->inputs[0]));
  if (static_cast<std::int64_t>(places.size()) != products.filters.size) {
    return Error{ErrorCode::Unsupported, "multiplies a matrix that has more than one row"};
  }
  std::vector<std::int64_t> element_of(places.size());
  for (std::size_t k = 0; k < places.size(); ++k) {
    element_of[static_cast<std::size_t>(places[k])] = static_cast<std::int64_t>(k);
  }
  const Folds by{.coarse_in = folding.coarse_in,
                 .coarse_out = folding.coarse_out,
                 .beats = products.filters.size / folding.coarse_in};
  const auto at = [&](std::int64_t n, std::int64_t i, std::int64_t /*w*/) {
    return element_of[static_cast<std::size_t>(n * folding.coarse_in + i)];
  };
  SL_TRY(const StreamId codes, add_products(site, inputs[0], products, by, 1, at));
  return Streams{codes};
}

namespace {

// Windows that wait behind a sweep.
void queue_windows(Site& site, std::int64_t depth) {
  if (depth == 0) return;
  const StreamId x = site.last();
  Stream made = site.stream(x);
  const std::int64_t bits = made.bits();
  Instance& queue = site.add(depth == 1 ? "sl_stage" : "sl_fifo", "queue", x, std::move(made));
  queue.set("Width", bits);
  if (depth > 1) queue.set("Depth", depth);
}

}  // namespace

Result<StreamId> add_windows(Site& site, StreamId x, const hw::WindowTask& task,
                             std::int64_t pad_code) {
  const hw::WindowForm form = hw::window_form(task);
  if (form.reader == hw::WindowReader::None) return x;
  const hw::Extent& kernel = task.kernel;
  const std::int64_t lanes = site.stream(x).lanes;
  const bool is_sweep = form.reader == hw::WindowReader::Sweep;
  if (is_sweep && task.padding.left >= task.reach_cols()) {
    return Error{
        ErrorCode::Unsupported,
        "is padded by a window or more, and takes more than a column of it at once; choose "
        "a smaller fine, or pad before it"};
  }
  const auto stream_of = [&](std::int64_t words_of_part) {
    return Stream{.lanes = lanes * words_of_part,
                  .word = site.stream(x).word,
                  .beats = task.out.positions() * task.in.channels * kernel.size() / words_of_part};
  };
  Instance& window = site.add(is_sweep ? "sl_window_slide" : "sl_window_taps", "windows", x,
                              stream_of(form.words));
  window.set("Width", site.stream(x).word.bits);
  window.set("Lanes", lanes);
  window.set("Rows", task.in.rows);
  window.set("Cols", task.in.cols);
  window.set("Beats", task.in.channels);
  window.set("KernelRows", kernel.rows);
  window.set("KernelCols", kernel.cols);
  window.set("StrideRows", task.step.rows);
  window.set("StrideCols", task.step.cols);
  window.set("DilationRows", task.dilation.rows);
  window.set("DilationCols", task.dilation.cols);
  window.set("PadTop", task.padding.top);
  window.set("PadLeft", task.padding.left);
  window.set("OutRows", task.out.rows);
  window.set("OutCols", task.out.cols);
  window.set("SpareRows", form.spare_rows);
  if (!is_sweep) window.set_flag("Columns", form.reader == hw::WindowReader::Columns);
  window.set_code("PadWord", pad_code, site.stream(x).word.bits);
  queue_windows(site, form.queue_depth);
  if (form.words == task.words) return site.last();
  const StreamId wide = site.last();
  Instance& parts = site.add("sl_parts", "parts", wide, stream_of(task.words));
  parts.set("Width", site.stream(wide).bits() * task.words / form.words);
  parts.set("Parts", form.words / task.words);
  return site.last();
}

}  // namespace sluice::rtl
