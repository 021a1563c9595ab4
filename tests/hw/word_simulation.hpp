// SPDX-License-Identifier: Apache-2.0
// Layers word by word, as the modules of rtl/ take and give them: the cycle at which each word of a
// stream leaves, for those at which words come. Streams go abreast, so one is enough. Words wait
// before a layer as long as it takes.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "sluice/hw/graph.hpp"
#include "sluice/hw/layers/stages.hpp"
#include "sluice/hw/layers/windows.hpp"

namespace sluice::hw::test {

using Cycles = std::vector<double>;

// The windows of a map, part by part: when the work on each part begins, which takes `part_cycles`.
class SimulatedWindows {
 public:
  SimulatedWindows(const WindowTask& task, double part_cycles, const Cycles& in)
      : task_(task),
        form_(window_form(task)),
        part_cycles_(part_cycles),
        in_(in),
        next_(form_.reader == WindowReader::None ? 0 : real(stages::kWindowBegin)) {}

  Cycles begins() {
    if (form_.reader == WindowReader::None) {
      for (const double word : in_) work(word);
    } else if (form_.reader == WindowReader::Sweep) {
      for (std::int64_t row = 0; row < task_.out.rows; ++row) sweep(row);
    } else {
      for (std::int64_t row = 0; row < task_.out.rows; ++row) walk(row);
    }
    return std::move(begins_);
  }

 private:
  static constexpr double kNever = -std::numeric_limits<double>::infinity();

  void work(double there) {
    begins_.push_back(std::max(there, next_));
    next_ = begins_.back() + part_cycles_;
  }
  // When a word of the map is there; of the padding always.
  [[nodiscard]] double word(std::int64_t row, std::int64_t col, std::int64_t channel) const {
    if (row < 0 || row >= task_.in.rows || col < 0 || col >= task_.in.cols) return kNever;
    return in_[static_cast<std::size_t>((row * task_.in.cols + col) * task_.in.channels + channel)];
  }
  [[nodiscard]] std::int64_t row_of(std::int64_t row, std::int64_t kernel_row) const {
    return row * task_.step.rows - task_.padding.top + kernel_row * task_.dilation.rows;
  }
  [[nodiscard]] double column(std::int64_t row, std::int64_t col, std::int64_t channel) const {
    double there = kNever;
    for (std::int64_t r = 0; r < task_.kernel.rows; ++r) {
      there = std::max(there, word(row_of(row, r), col, channel));
    }
    return there;
  }
  // The last word of the rows that no later window needs, which the last part of a row waits for.
  [[nodiscard]] double given_up(std::int64_t row) const {
    const auto base = [&](std::int64_t of) {
      return std::clamp<std::int64_t>(row_of(of, 0), 0, task_.in.rows);
    };
    const std::int64_t next = row + 1 == task_.out.rows ? task_.in.rows : base(row + 1);
    return next == base(row) ? kNever : word(next - 1, task_.in.cols - 1, task_.in.channels - 1);
  }

  void walk(std::int64_t row) {
    const bool by_columns = form_.reader == WindowReader::Columns;
    for (std::int64_t col = 0; col < task_.out.cols; ++col) {
      for (std::int64_t channel = 0; channel < task_.in.channels; ++channel) {
        for (std::int64_t k = 0; k < task_.kernel.size(); k += form_.words) {
          const std::int64_t at = col * task_.step.cols - task_.padding.left +
                                  k / task_.kernel.rows * task_.dilation.cols;
          double there = by_columns ? column(row, at, channel)
                                    : word(row_of(row, k % task_.kernel.rows), at, channel);
          const bool ends_window = k + form_.words == task_.kernel.size();
          if (ends_window) there = std::max(there, row == 0 ? in_.front() : kNever);
          if (ends_window && channel + 1 == task_.in.channels && col + 1 == task_.out.cols) {
            there = std::max(there, given_up(row));
          }
          work(there + real(stages::kWindowTaps));
        }
      }
    }
  }

  void sweep(std::int64_t row) {
    const std::int64_t cols = sweep_cols(task_);
    const std::int64_t begins = task_.reach_cols() - 1 - task_.padding.left;
    for (std::int64_t col = 0; col < cols; ++col) {
      for (std::int64_t channel = 0; channel < task_.in.channels; ++channel) {
        double there = std::max(column(row, col, channel), row == 0 ? in_.front() : kNever);
        if (col + 1 == cols && channel + 1 == task_.in.channels) {
          there = std::max(there, given_up(row));
        }
        column_ = std::max(there + real(stages::kWindowTaps), column_ + 1);
        if (col < begins || (col - begins) % task_.step.cols != 0) continue;
        work(column_ +
             real(stages::kWindowSlide - stages::kWindowTaps + stages::queue(form_.queue_depth)));
      }
    }
  }

  const WindowTask& task_;
  WindowForm form_;
  double part_cycles_;
  const Cycles& in_;
  Cycles begins_;
  double next_;  // no work before
  double column_ = 0;
};

// A word for a word, one a cycle.
inline Cycles passed(const Cycles& in, std::int64_t stages) {
  Cycles result;
  double next = 0;
  for (const double word : in) {
    result.push_back(std::max(word + real(stages), next));
    next = result.back() + 1;
  }
  return result;
}

// Of each `beats` beats the sums of all filters, one a cycle with the work on the last.
inline Cycles sums(const Cycles& begins, std::int64_t beats, std::int64_t filters,
                   std::int64_t stages) {
  Cycles result;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const bool is_last = static_cast<std::int64_t>(i + 1) % beats == 0;
    for (std::int64_t f = 0; is_last && f < filters; ++f) {
      result.push_back(begins[i] + real(f + stages));
    }
  }
  return result;
}

// A word for a word that is there, a cycle for each of the zeros between. A row may wait, or a
// pixel.
inline Cycles spread(const Layer& layer, const Convolution& of, const Cycles& in) {
  const FeatureMap& map = layer.map;
  const std::int64_t beats = map.channels / streams_in(layer);
  const std::int64_t waiting = of.spread.rows > 1 ? map.cols * beats : beats;
  const double behind = real(stages::fifo(waiting) + stages::kSpread);
  Cycles result;
  double next = 0;
  std::size_t taken = 0;
  for (std::int64_t row = 0; row < (map.rows - 1) * of.spread.rows + 1; ++row) {
    for (std::int64_t col = 0; col < (map.cols - 1) * of.spread.cols + 1; ++col) {
      for (std::int64_t beat = 0; beat < beats; ++beat) {
        const bool is_word = row % of.spread.rows == 0 && col % of.spread.cols == 0;
        result.push_back(is_word ? std::max(in[taken++] + behind, next) : next);
        next = result.back() + 1;
      }
    }
  }
  return result;
}

inline std::int64_t rescaling_stages(const Layer& layer) {
  const Scaling by = output_rescale(layer).by;
  if (by == Scaling::None) return 0;
  return by == Scaling::Line ? stages::kRequantize : stages::kShiftRound;
}

inline Cycles simulated(const Layer& layer, const Cycles& in) {
  const std::int64_t rescaling = rescaling_stages(layer);
  if (const auto* conv = layer.as<Convolution>()) {
    const WindowTask task = window_task(layer);
    const std::int64_t filters = conv->filters / (conv->groups * layer.folding.coarse_out);
    // The words that are read at once are multiplied in so many turns.
    const WindowForm form = window_form(task);
    const std::int64_t turns = form.words / task.words;
    Cycles begins;
    const Cycles words = conv->spread.size() == 1 ? in : spread(layer, *conv, in);
    for (const double begin : SimulatedWindows(task, real(turns * filters), words).begins()) {
      for (std::int64_t t = 0; t < turns; ++t) begins.push_back(begin + real(t * filters));
    }
    const std::int64_t beats = task.in.channels * layer.folding.coarse_group / conv->groups;
    return sums(begins, beats * task.parts(), filters,
                stages::dot(layer.folding.fine * layer.folding.coarse_in) + rescaling);
  }
  if (layer.as<Pooling>() != nullptr) {
    const WindowTask task = window_task(layer);
    const Cycles begins = SimulatedWindows(task, 1, in).begins();
    Cycles words;
    for (std::size_t i = 0; i < begins.size(); ++i) {
      if (static_cast<std::int64_t>(i + 1) % task.parts() == 0) words.push_back(begins[i]);
    }
    return passed(words, stages::reduce(task.words, task.parts()) + rescaling);
  }
  if (const auto* product = layer.as<InnerProduct>()) {
    const std::int64_t filters = product->filters / layer.folding.coarse_out;
    Cycles begins;
    double next = 0;
    for (const double word : in) {
      begins.push_back(std::max(word, next));
      next = begins.back() + real(filters);
    }
    return sums(begins, static_cast<std::int64_t>(in.size()), filters,
                stages::dot(layer.folding.coarse_in) + rescaling);
  }
  if (layer.as<Split>() != nullptr) return passed(in, stages::kFork);
  if (layer.as<Join>() != nullptr) return passed(in, stages::kFifo + stages::kAdd + rescaling);
  return passed(in, rescaling == 0 ? stages::kClip : rescaling);
}

// How long a word stands before a layer that keeps none.
inline double standing_cycles(const Graph& graph, NodeId id) {
  const Layer& layer = graph[id].layer;
  if (const auto* conv = layer.as<Convolution>()) {
    if (window_form(window_task(layer)).reader != WindowReader::None) return 1;
    return real(conv->filters / (conv->groups * layer.folding.coarse_out));
  }
  double behind = 1;
  if (layer.as<Elementwise>() == nullptr && layer.as<Split>() == nullptr) return behind;
  for (const NodeId reader : graph[id].successors) {
    behind = std::max(behind, standing_cycles(graph, reader));
  }
  return behind;
}

// Of each node's first feature map. Words come in one a clock and stream; joins take a word when
// all their inputs have it.
inline std::vector<Cycles> simulated(const Graph& graph) {
  std::vector<Cycles> result(graph.size());
  for (const NodeId id : graph.topological_order()) {
    const Node& node = graph[id];
    Cycles in(static_cast<std::size_t>(stream_words_in(node.layer)));
    for (std::size_t i = 0; node.predecessors.empty() && i < in.size(); ++i) {
      in[i] = static_cast<double>(i);
    }
    for (const NodeId from : node.predecessors) {
      for (std::size_t i = 0; i < in.size(); ++i) in[i] = std::max(in[i], result[from][i]);
    }
    result[id] = simulated(node.layer, in);
    if (node.layer.as<Split>() == nullptr) continue;
    // A copy leaves when all readers have taken the one before.
    const double standing = standing_cycles(graph, id);
    for (std::size_t i = 1; i < in.size(); ++i) {
      result[id][i] = std::max(result[id][i], result[id][i - 1] + standing);
    }
  }
  return result;
}

}  // namespace sluice::hw::test
