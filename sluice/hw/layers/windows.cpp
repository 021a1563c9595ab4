// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/windows.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/layers/stages.hpp"

namespace sluice::hw {
namespace {

// Words of a pooling's window at a time, such that windows take no longer than the words they are
// made of where less than the whole suffices for that.
std::int64_t pooled_words(const Pooling& of, const FeatureMap& in, const FeatureMap& out) {
  if (of.kernel.size() * out.positions() <= in.positions()) return 1;
  if (of.kernel.cols * of.kernel.depth * out.positions() <= in.positions()) return of.kernel.rows;
  return of.kernel.size();
}

WindowTask task_of(const Layer& layer, const Convolution& of) {
  const std::int64_t filters = of.filters / (of.groups * layer.folding.coarse_out);
  return {.kernel = of.kernel,
          .step = of.step,
          .dilation = of.dilation,
          .padding = of.padding,
          .words = layer.folding.fine,
          .busy_cycles = filters * divide_up(of.kernel.size(), layer.folding.fine)};
}

WindowTask task_of(const Layer& layer, const Pooling& of) {
  const std::int64_t words = pooled_words(of, layer.map, map_out(layer));
  return {.kernel = of.kernel,
          .step = of.step,
          .padding = of.padding,
          .words = words,
          .busy_cycles = of.kernel.size() / words};
}

WindowTask task_of(const Layer& /*layer*/, const Padded& of) {
  return {.padding = of.padding};
}

template <class Kind>
WindowTask task_of(const Layer& /*layer*/, const Kind& /*of*/) {
  SL_ASSERT(false, "a layer with windows");
  return {};
}

std::int64_t spare_rows(const WindowTask& task) {
  const std::int64_t top = task.padding.top;
  const std::int64_t last = std::max<std::int64_t>(0, (task.out.rows - 1) * task.step.rows - top);
  const std::int64_t next = std::max<std::int64_t>(0, task.reach_rows() - top);
  return std::max<std::int64_t>(0, task.in.rows - last + next - task.reach_rows() - task.step.rows);
}

// While columns go by that end no window, the reader has those to work on that wait: in the
// register of the sweep and in the queue. Until the next one reaches it they last a cycle longer
// than the columns, in which it goes into that register, the cycles that it takes through the
// queue, and one in which a queue of several sees that it has room. A reader that takes a window a
// cycle gains nothing.
std::int64_t queue_depth(const WindowTask& task) {
  if (task.busy_cycles < 2 || idle_cols(task) == 0) return 0;
  for (std::int64_t depth = 0;; ++depth) {
    const std::int64_t cycles =
        idle_cols(task) * task.in.channels + 1 + stages::queue(depth) + (depth > 1 ? 1 : 0);
    if ((depth + 1) * task.busy_cycles >= cycles) return depth;
  }
}

WindowReader reader_of(const WindowTask& task) {
  const Extent& kernel = task.kernel;
  const bool is_word = kernel.size() == 1 && task.step.size() == 1;
  if (is_word && !task.is_padded()) return WindowReader::None;
  const bool is_whole = kernel.cols > 1 && task.words > 1 && kernel.rows % task.words != 0;
  if (is_whole) return WindowReader::Sweep;
  return task.words > 1 ? WindowReader::Columns : WindowReader::Words;
}

}  // namespace

bool WindowTask::is_padded() const {
  return padding != Padding{};
}

FeatureMap spread_map(const FeatureMap& map, const Extent& by) {
  return {(map.rows - 1) * by.rows + 1, (map.cols - 1) * by.cols + 1,
          (map.depth - 1) * by.depth + 1, map.channels};
}

std::int64_t spread_depth(const FeatureMap& map, const Extent& by) {
  if (by.size() == 1) return 0;
  const std::int64_t words = by.rows > 1 ? map.cols * map.channels : map.channels;
  return words > 1 ? words : 0;
}

bool is_plane(const WindowTask& task) {
  return task.in.depth == 1 && task.kernel.depth == 1;
}

WindowTask window_task(const Layer& layer) {
  WindowTask task =
      std::visit([&](const auto& kind) { return task_of(layer, kind); }, layer.operation);
  task.in = kinds::part_of(layer.map, streams_in(layer));
  const auto* conv = layer.as<Convolution>();
  if (conv != nullptr) task.in = spread_map(task.in, conv->spread);
  task.out = map_out(layer);
  return task;
}

WindowForm window_form(const WindowTask& task) {
  WindowForm form{.reader = reader_of(task)};
  switch (form.reader) {
    case WindowReader::None:
      return form;
    case WindowReader::Words:
      break;
    case WindowReader::Columns:
      form.words = task.kernel.rows;
      break;
    case WindowReader::Sweep:
      form.words = task.kernel.size();
      form.queue_depth = queue_depth(task);
      break;
  }
  form.spare_rows = spare_rows(task);
  return form;
}

std::int64_t sweep_cols(const WindowTask& task) {
  if (!is_plane(task)) return task.out.cols * task.out.depth;  // as if each were a column
  return (task.out.cols - 1) * task.step.cols + task.reach_cols() - task.padding.left;
}

std::int64_t idle_cols(const WindowTask& task) {
  return std::max(task.reach_cols() - 1 - task.padding.left, task.step.cols - 1);
}

double window_cycles(const WindowTask& task) {
  const WindowForm form = window_form(task);
  const std::int64_t words = task.in.words();
  const std::int64_t channels = task.in.channels;
  switch (form.reader) {
    case WindowReader::Sweep:
      return real(std::max(words, task.out.rows * sweep_cols(task) * channels));
    case WindowReader::None:
    case WindowReader::Words:
    case WindowReader::Columns:
      break;
  }
  const std::int64_t reads = task.kernel.size() / form.words;
  return real(std::max(words, task.out.positions() * channels * reads));
}

}  // namespace sluice::hw
