// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/flow.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/layers/stages.hpp"
#include "sluice/hw/layers/window_flow.hpp"

namespace sluice::hw {
namespace {

using Inputs = std::span<const Flow>;

// Pixels one after another, a word a cycle at most.
class Writer {
 public:
  Writer(std::int64_t words, std::int64_t pixels) : flow_{.words = words, .pixels = {}} {
    flow_.pixels.reserve(static_cast<std::size_t>(pixels));
  }
  // The first word no sooner than a cycle, the last no sooner than another.
  void add(double first, double last) {
    first = std::max(first, next_);
    last = std::max(last, first + real(flow_.words - 1));
    flow_.pixels.push_back({first, last});
    next_ = last + 1;
  }
  Flow flow() && { return std::move(flow_); }

 private:
  Flow flow_;
  double next_ = 0;
};

std::int64_t words_of_pixel(std::int64_t channels, std::int64_t streams) {
  return std::max<std::int64_t>(channels / streams, 1);
}

// A word for a word.
Flow passed_on(const Flow& in, std::int64_t stages) {
  Writer out(in.words, std::ssize(in.pixels));
  for (const PixelTimes& pixel : in.pixels) {
    out.add(pixel.first + real(stages), pixel.last + real(stages));
  }
  return std::move(out).flow();
}

std::int64_t stages_of(const Rescale& rescale) {
  switch (rescale.by) {
    case Scaling::None:
      return 0;
    case Scaling::Shift:
      return stages::kShiftRound;
    case Scaling::Line:
      return stages::kRequantize;
    case Scaling::Thresholds:
      return rescale.threshold_steps * stages::kBisect;
    case Scaling::Table:
      return stages::kTable;
  }
  SL_ASSERT(false, "a scaling");
  return 0;
}
std::int64_t rescaling_stages(const Layer& layer, std::size_t port = 0) {
  return stages_of(output_rescale(layer, port));
}

// From the end of the work on the last part of a window, which the sums of all filters leave in, to
// the codes.
std::int64_t stages_of_sums(const Layer& layer, std::int64_t products) {
  return stages::dot(products) + rescaling_stages(layer);
}

// When the words of all inputs are there. A word a channel is repeated for each pixel.
std::vector<Flow> taken(const Layer& /*layer*/, const Join& of, Inputs inputs) {
  Flow all = inputs[0];
  for (const Flow& each : inputs.subspan(1)) {
    for (std::size_t p = 0; p < all.pixels.size(); ++p) {
      const PixelTimes& pixel = each.pixels[of.broadcasts ? 0 : p];
      const double behind = of.broadcasts ? real(stages::kPingPong) : 0;
      all.pixels[p].first = std::max(all.pixels[p].first, pixel.first + behind);
      all.pixels[p].last = std::max(all.pixels[p].last, pixel.last + behind);
    }
  }
  return std::vector<Flow>(inputs.size(), all);
}

// Each input's words in their turn.
std::vector<Flow> taken(const Layer& layer, const Concat& /*of*/, Inputs inputs) {
  std::vector<Flow> result(inputs.begin(), inputs.end());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = delayed(std::move(result[i]), stages_of(layer.inputs[i].rescale));
  }
  double next = 0;
  for (std::size_t p = 0; p < static_cast<std::size_t>(layer.map.positions()); ++p) {
    for (Flow& each : result) {
      PixelTimes& pixel = each.pixels[p];
      pixel.first = std::max(next, pixel.first);
      pixel.last = std::max(pixel.first + real(each.words - 1), pixel.last);
      next = pixel.last + 1;
    }
  }
  return result;
}

template <class Kind>
std::vector<Flow> taken(const Layer& /*layer*/, const Kind& /*of*/, Inputs inputs) {
  return {inputs.begin(), inputs.end()};
}

// A word for a word that is there, and a cycle for each of the zeros between. Words wait in a FIFO
// while zeros are made.
Flow spread_flow(const Layer& layer, const Convolution& of, const Flow& in) {
  const FeatureMap to = spread_map(layer.map, of.spread);
  const FeatureMap part{layer.map.rows, layer.map.cols, layer.map.depth, in.words};
  const auto behind = real(stages::fifo(spread_depth(part, of.spread)) + stages::kSpread);
  Writer out(in.words, to.positions());
  std::size_t next = 0;
  for (std::int64_t row = 0; row < to.rows; ++row) {
    for (std::int64_t col = 0; col < to.cols; ++col) {
      for (std::int64_t depth = 0; depth < to.depth; ++depth) {
        const bool is_word =
            row % of.spread.rows == 0 && col % of.spread.cols == 0 && depth % of.spread.depth == 0;
        if (!is_word) {
          out.add(0, 0);
          continue;
        }
        out.add(in.pixels[next].first + behind, in.pixels[next].last + behind);
        ++next;
      }
    }
  }
  return std::move(out).flow();
}

Flow through(const Layer& layer, const Convolution& of, Inputs inputs, std::size_t /*port*/) {
  const Folding& by = layer.folding;
  const WindowTask task = window_task(layer);
  const std::int64_t channels = task.in.channels;
  const std::int64_t sets = of.groups / by.coarse_group;
  auto filters = real(of.filters / (of.groups * by.coarse_out));
  double beat_cycles = real(task.busy_cycles);
  if (of.sparsity != nullptr) {
    // What a window takes on the mean where zeros are skipped.
    const double mean = hw::latency_cycles(layer) / real(task.out.positions() * channels);
    beat_cycles = std::clamp(mean, std::min(filters, beat_cycles), beat_cycles);
    filters = std::min(filters, beat_cycles);
  }
  const WindowWork work{.beat_cycles = beat_cycles,
                        .first_beats = std::max<std::int64_t>(channels / sets, 1)};
  const bool is_spread = of.spread.size() != 1;
  const Flow ends =
      window_flow(task, work, is_spread ? spread_flow(layer, of, inputs[0]) : inputs[0]);
  const auto behind = real(stages_of_sums(layer, by.fine * by.coarse_in));
  Writer out(words_of_pixel(of.filters, streams_out(layer)), std::ssize(ends.pixels));
  for (const PixelTimes& end : ends.pixels)
    out.add(end.first - filters + behind, end.last - 1 + behind);
  return std::move(out).flow();
}

// All words are those of one window.
Flow through(const Layer& layer, const InnerProduct& of, Inputs inputs, std::size_t /*port*/) {
  const auto filters = real(of.filters / layer.folding.coarse_out);
  const Flow& in = inputs[0];
  double end = 0;
  for (const PixelTimes& pixel : in.pixels) {
    end = std::max({end + real(in.words) * filters, pixel.first + real(in.words) * filters,
                    pixel.last + filters});
  }
  const auto behind = real(stages_of_sums(layer, layer.folding.coarse_in));
  Writer out(words_of_pixel(of.filters, layer.folding.coarse_out), 1);
  out.add(end - filters + behind, end - 1 + behind);
  return std::move(out).flow();
}

Flow through(const Layer& layer, const Pooling& of, Inputs inputs, std::size_t /*port*/) {
  const WindowTask task = window_task(layer);
  const std::int64_t parts = of.kernel.size() / task.words;
  const std::int64_t behind = stages::reduce(task.words, parts) + rescaling_stages(layer);
  // What leaves does so behind the last cycle of the work.
  return passed_on(window_flow(task, {.beat_cycles = real(parts)}, inputs[0]), behind - 1);
}

Flow through(const Layer& layer, const GlobalPooling& /*of*/, Inputs inputs, std::size_t /*port*/) {
  const Flow& in = inputs[0];
  const auto behind = real(stages::kFrame + rescaling_stages(layer));
  Writer out(words_of_pixel(layer.map.channels, streams_out(layer)), 1);
  out.add(in.pixels.back().first + behind, in.last_cycle() + behind);
  return std::move(out).flow();
}

Flow through(const Layer& layer, const Elementwise& /*of*/, Inputs inputs, std::size_t /*port*/) {
  const bool is_clip = output_rescale(layer).by == Scaling::None;
  return passed_on(inputs[0], is_clip ? stages::kClip : rescaling_stages(layer));
}

Flow through(const Layer& layer, const ChannelAffine& /*of*/, Inputs inputs, std::size_t /*port*/) {
  return passed_on(inputs[0], rescaling_stages(layer));
}

Flow through(const Layer& layer, const Join& of, Inputs inputs, std::size_t /*port*/) {
  const std::int64_t behind = of.op == Eltwise::Mul ? stages::kMul : stages::kAdd;
  return passed_on(taken(layer, of, inputs)[0], behind + rescaling_stages(layer));
}

Flow through(const Layer& layer, const Concat& of, Inputs inputs, std::size_t /*port*/) {
  const std::int64_t channels =
      std::accumulate(of.channels.begin(), of.channels.end(), std::int64_t{0});
  const std::vector<Flow> words = taken(layer, of, inputs);
  Writer out(words_of_pixel(channels, streams_out(layer)), layer.map.positions());
  for (std::size_t p = 0; p < words[0].pixels.size(); ++p) {
    out.add(words.front().pixels[p].first + real(stages::kConcat),
            words.back().pixels[p].last + real(stages::kConcat));
  }
  return std::move(out).flow();
}

Flow through(const Layer& /*layer*/, const Split& /*of*/, Inputs inputs, std::size_t /*port*/) {
  return passed_on(inputs[0], stages::kFork);
}

Flow through(const Layer& layer, const Chop& of, Inputs inputs, std::size_t port) {
  const Flow& in = inputs[0];
  const std::int64_t streams = streams_out(layer);
  std::int64_t before = 0;
  for (std::size_t p = 0; p < port; ++p) before += of.channels[p] / streams;
  const std::int64_t words = words_of_pixel(of.channels[port], streams);
  const auto behind = real(stages::kChop + rescaling_stages(layer, port));
  Writer out(words, std::ssize(in.pixels));
  for (std::size_t p = 0; p < in.pixels.size(); ++p) {
    out.add(in.at(p, before) + behind, in.at(p, before + words - 1) + behind);
  }
  return std::move(out).flow();
}

// Each row again and again, of pixels again and again.
Flow through(const Layer& layer, const Repeat& of, Inputs inputs, std::size_t /*port*/) {
  const Flow& in = inputs[0];
  const FeatureMap& map = layer.map;
  const FeatureMap to = map_out(layer);
  const auto behind = real(stages::kPingPong + rescaling_stages(layer));
  Writer out(in.words, to.positions());
  for (std::int64_t row = 0; row < to.rows; ++row) {
    for (std::int64_t col = 0; col < to.cols; ++col) {
      for (std::int64_t depth = 0; depth < to.depth; ++depth) {
        const auto from = static_cast<std::size_t>(
            ((row / of.scale.rows) * map.cols + col / of.scale.cols) * map.depth +
            depth / of.scale.depth);
        out.add(in.pixels[from].first + behind, in.pixels[from].last + behind);
      }
    }
  }
  return std::move(out).flow();
}

// A word leaves when the last is there that it has codes of, and the others that this one completes
// behind it.
Flow through(const Layer& layer, const Regroup& /*of*/, Inputs inputs, std::size_t /*port*/) {
  const Folding& by = layer.folding;
  const Flow& in = inputs[0];
  const std::int64_t words = words_of_pixel(in.words * by.coarse_in, by.coarse_out);
  const std::int64_t before_last =
      std::min((in.words - 1) * by.coarse_in / by.coarse_out, words - 1);
  const std::int64_t first_needs = std::min(divide_up(by.coarse_out, by.coarse_in), in.words);
  Writer out(words, std::ssize(in.pixels));
  for (std::size_t p = 0; p < in.pixels.size(); ++p) {
    out.add(in.at(p, first_needs - 1) + real(stages::kRegroup),
            in.pixels[p].last + real(stages::kRegroup + words - 1 - before_last));
  }
  return std::move(out).flow();
}

Flow through(const Layer& /*layer*/, const Passing& /*of*/, Inputs inputs, std::size_t /*port*/) {
  return inputs[0];
}

Flow through(const Layer& layer, const Padded& /*of*/, Inputs inputs, std::size_t /*port*/) {
  // Words are valid in the last cycle of the work.
  return passed_on(window_flow(window_task(layer), {}, inputs[0]), rescaling_stages(layer) - 1);
}

// Each channel has the word of a pixel beside: the last comes a row and a pixel later.
Flow through(const Layer& layer, const PixelShift& /*of*/, Inputs inputs, std::size_t /*port*/) {
  const Flow& in = inputs[0];
  Writer out(in.words, std::ssize(in.pixels));
  for (std::size_t p = 0; p < in.pixels.size(); ++p) {
    const std::size_t needed = p + static_cast<std::size_t>(layer.map.cols + 1);
    // Below the last row there is none to wait for but the map's end.
    const bool is_there = needed < in.pixels.size();
    out.add((is_there ? in.pixels[needed].first : in.last_cycle()) + real(stages::kPixelShift),
            (is_there ? in.pixels[needed].last : in.last_cycle()) + real(stages::kPixelShift));
  }
  return std::move(out).flow();
}

// Of one stream words are read in another order than they were written in; more are regrouped to a
// pixel at once and back.
Flow through(const Layer& layer, const Shuffle& of, Inputs inputs, std::size_t /*port*/) {
  const Flow& in = inputs[0];
  Writer out(in.words, std::ssize(in.pixels));
  const std::int64_t rescaling = rescaling_stages(layer);
  if (streams_in(layer) > 1) {
    const auto behind = real(2 * stages::kRegroup + rescaling);
    for (const PixelTimes& pixel : in.pixels) {
      out.add(pixel.last + behind, pixel.last + behind + real(in.words - 1));
    }
    return std::move(out).flow();
  }
  const auto behind = real(stages::kPingPong + rescaling);
  const std::int64_t size = in.words / of.groups;
  for (std::size_t p = 0; p < in.pixels.size(); ++p) {
    // Of the words whose channels are in the last group, the first keeps those behind it waiting
    // longest.
    const double of_last_group =
        in.at(p, (of.groups - 1) * size) + real(in.words - 1 - (of.groups - 1));
    out.add(in.pixels[p].first + behind, std::max(of_last_group, in.pixels[p].last) + behind);
  }
  return std::move(out).flow();
}

}  // namespace

Flow steady_flow(const Layer& layer, std::size_t port) {
  const FeatureMap map = map_in(layer, port);
  Writer flow(words_of_pixel(map.channels, streams_in(layer)), map.positions());
  for (std::int64_t p = 0; p < map.positions(); ++p) flow.add(0, 0);
  return std::move(flow).flow();
}

Flow as_pixels(const Flow& flow, std::int64_t pixels) {
  const std::int64_t before = std::ssize(flow.pixels);
  if (before == pixels) return flow;
  const std::int64_t all = before * flow.words;
  const auto at = [&](std::int64_t word) {
    return flow.at(static_cast<std::size_t>(word / flow.words), word % flow.words);
  };
  Flow result{.words = std::max<std::int64_t>(all / pixels, 1), .pixels = {}};
  result.pixels.reserve(static_cast<std::size_t>(pixels));
  for (std::int64_t p = 0; p < pixels; ++p) {
    const std::int64_t first = p * all / pixels;
    result.pixels.push_back({at(first), at(std::max((p + 1) * all / pixels - 1, first))});
  }
  return result;
}

Flow delayed(Flow flow, std::int64_t cycles) {
  for (PixelTimes& pixel : flow.pixels) {
    pixel.first += real(cycles);
    pixel.last += real(cycles);
  }
  return flow;
}

std::vector<Flow> taken_by(const Layer& layer, std::span<const Flow> inputs) {
  return std::visit([&](const auto& kind) { return taken(layer, kind, inputs); }, layer.operation);
}

Flow flow_through(const Layer& layer, std::span<const Flow> inputs, std::size_t port) {
  SL_ASSERT(!inputs.empty(), "words come to each layer");
  return std::visit([&](const auto& kind) { return through(layer, kind, inputs, port); },
                    layer.operation);
}

}  // namespace sluice::hw
