// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/prune.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <span>

#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"

namespace sluice::sparse {
namespace {

std::int64_t zeros_in(const Tensor& tensor) {
  return std::ranges::count(tensor.data<float>(), 0.0F);
}

std::int64_t sum_of(const PruneReport& report, std::int64_t PrunedLayer::*count) {
  return std::accumulate(
      report.layers.begin(), report.layers.end(), std::int64_t{0},
      [=](std::int64_t sum, const PrunedLayer& layer) { return sum + layer.*count; });
}

// The layers of a network while they are pruned, each with its setting.
template <class T>
struct Job {
  struct Layer {
    WeightLayer layer;
    T setting;
    bool has_own = false;  // by one of its names
  };
  std::vector<Layer> layers;
  PruneReport report;  // without zeros_after; one a layer

  // Before any weight changes: layers and settings brought together.
  static Result<Job> begin(const ir::Graph& graph, const PerLayer<T>& settings) {
    SL_TRY(WeightLayers found, find_weight_layers(graph));
    std::vector<std::string_view> names;
    for (const WeightLayer& layer : found.layers) {
      for (const ir::NodeId node : layer.nodes) names.push_back(graph[node].name);
    }
    for (const LeftAlone& layer : found.left_alone) {
      if (settings.layers.contains(layer.name)) {
        return Error{ErrorCode::InvalidArgument, "cannot be pruned: " + layer.reason,
                     "layer " + sluice::quoted(layer.name)};
      }
    }
    SL_TRY_STATUS(check_names(settings, "layer to prune", names));
    Job job;
    job.report.left_alone = std::move(found.left_alone);
    for (WeightLayer& layer : found.layers) {
      SL_TRY_STATUS(job.add(graph, settings, std::move(layer)));
    }
    return job;
  }

  std::span<float> data(ir::Graph& graph, std::size_t i) const {
    return graph[layers[i].layer.weights].constant->template mutable_data<float>();
  }

  PruneReport finish(const ir::Graph& graph) && {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      report.layers[i].zeros_after = zeros_in(*graph[layers[i].layer.weights].constant);
    }
    return std::move(report);
  }

  // The layer keeps its weights.
  void leave(std::size_t i, std::string reason) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    const PrunedLayer& layer = report.layers[i];
    report.left_alone.push_back({layer.name, layer.op, std::move(reason)});
    report.layers.erase(report.layers.begin() + at);
    layers.erase(layers.begin() + at);
  }

 private:
  Status add(const ir::Graph& graph, const PerLayer<T>& settings, WeightLayer layer) {
    const Tensor& weights = *graph[layer.weights].constant;
    const ir::Node& first = graph[layer.nodes[0]];
    PrunedLayer pruned{.name = first.name,
                       .op = std::string(ir::op_name(first.op)),
                       .weights = weights.num_elements(),
                       .zeros_before = zeros_in(weights)};
    Layer entry{std::move(layer), settings.all};
    const std::string* named = nullptr;
    for (const ir::NodeId node : entry.layer.nodes) {
      const std::string& name = graph[node].name;
      if (name != first.name) pruned.shared_with.push_back(name);
      const auto own = settings.layers.find(name);
      if (own == settings.layers.end()) continue;
      if (named != nullptr && own->second != entry.setting) {
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("shares its weights with {}, which is given another value",
                                 sluice::quoted(*named)),
                     "layer " + sluice::quoted(name)};
      }
      named = &name;
      entry.setting = own->second;
      entry.has_own = true;
    }
    layers.push_back(std::move(entry));
    report.layers.push_back(std::move(pruned));
    return {};
  }
};

float magnitude(float weight) {
  // What is no number is not small.
  return std::isnan(weight) ? std::numeric_limits<float>::infinity() : std::abs(weight);
}

// The `count` smallest of all spans together become zero; among equals the first stay.
void zero_smallest(const std::vector<std::span<float>>& pool, std::int64_t count) {
  if (count == 0) return;
  std::vector<float> magnitudes;
  for (const std::span<float> part : pool) {
    std::ranges::transform(part, std::back_inserter(magnitudes), magnitude);
  }
  const auto last = magnitudes.begin() + static_cast<std::ptrdiff_t>(count - 1);
  std::ranges::nth_element(magnitudes, last);
  const float limit = *last;
  const auto below = std::ranges::count_if(magnitudes, [=](float m) { return m < limit; });
  std::int64_t to_keep = std::ranges::count(magnitudes, limit) - (count - below);
  for (const std::span<float> part : pool) {
    for (float& weight : part) {
      const float size = magnitude(weight);
      if (size > limit || (size == limit && to_keep-- > 0)) continue;
      weight = 0;
    }
  }
}

std::int64_t part_of(std::int64_t weights, double sparsity) {
  return std::llround(sparsity * static_cast<double>(weights));
}

// The `keep` largest of the run stay; its weights lie `stride` apart.
void keep_largest(float* run, const Pattern& pattern, std::int64_t stride,
                  std::vector<std::int64_t>& order) {
  order.resize(static_cast<std::size_t>(pattern.of));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](std::int64_t i) { return magnitude(run[i * stride]); });
  for (const std::int64_t i : std::span(order).subspan(static_cast<std::size_t>(pattern.keep))) {
    run[i * stride] = 0;
  }
}

void apply(const Pattern& pattern, const Shape& shape, std::size_t axis, std::span<float> data) {
  std::int64_t stride = 1;
  for (std::size_t d = axis + 1; d < shape.size(); ++d) stride *= shape[d];
  const std::int64_t block = stride * pattern.of;
  const auto size = static_cast<std::int64_t>(data.size());
  std::vector<std::int64_t> order;
  for (std::int64_t begin = 0; begin < size; begin += block) {
    for (std::int64_t i = 0; i < stride; ++i) {
      keep_largest(data.data() + begin + i, pattern, stride, order);
    }
  }
}

// Why the pattern does not go with the layer; empty if it does.
std::string misfit(const WeightLayer& layer, const Pattern& pattern) {
  if (!layer.has_one_input_axis)
    return "its weights are shared by layers that group them otherwise";
  if (layer.group_inputs % pattern.of == 0) return {};
  return fmt::format("its sums go over {} input channel{}, which {} does not divide",
                     layer.group_inputs, layer.group_inputs == 1 ? "" : "s", pattern.of);
}

}  // namespace

std::int64_t PruneReport::weights() const {
  return sum_of(*this, &PrunedLayer::weights);
}

std::int64_t PruneReport::zeros_before() const {
  return sum_of(*this, &PrunedLayer::zeros_before);
}

std::int64_t PruneReport::zeros_after() const {
  return sum_of(*this, &PrunedLayer::zeros_after);
}

Result<PruneReport> prune_below(ir::Graph& graph, const PerLayer<float>& thresholds) {
  SL_TRY_STATUS(check_values(thresholds, [](float threshold) -> Status {
    if (std::isfinite(threshold) && threshold >= 0) return {};
    return invalid_argument(
        fmt::format("a threshold of weights is a finite number of 0 or more, got {}", threshold));
  }));
  SL_TRY(auto job, Job<float>::begin(graph, thresholds));
  for (std::size_t i = 0; i < job.layers.size(); ++i) {
    const float threshold = job.layers[i].setting;
    for (float& weight : job.data(graph, i)) {
      if (std::abs(weight) < threshold) weight = 0;
    }
  }
  return std::move(job).finish(graph);
}

Result<PruneReport> prune_to_sparsity(ir::Graph& graph, const PerLayer<double>& sparsities,
                                      SparsityScope scope) {
  SL_TRY_STATUS(check_values(sparsities, [](double sparsity) -> Status {
    if (sparsity >= 0 && sparsity <= 1) return {};
    return invalid_argument(
        fmt::format("a sparsity is a part of the weights, from 0 to 1, got {}", sparsity));
  }));
  SL_TRY(auto job, Job<double>::begin(graph, sparsities));
  std::vector<std::span<float>> together;
  std::int64_t weights = 0;
  for (std::size_t i = 0; i < job.layers.size(); ++i) {
    const std::span<float> data = job.data(graph, i);
    const auto size = static_cast<std::int64_t>(data.size());
    if (scope == SparsityScope::EachLayer || job.layers[i].has_own) {
      zero_smallest({data}, part_of(size, job.layers[i].setting));
    } else {
      together.push_back(data);
      weights += size;
    }
  }
  zero_smallest(together, part_of(weights, sparsities.all));
  return std::move(job).finish(graph);
}

Result<Pattern> parse_pattern(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::array<std::string_view, 2> parts{text.substr(0, colon),
                                              text.substr(std::min(colon + 1, text.size()))};
  std::array<std::int64_t, 2> numbers{};
  for (std::size_t i = 0; i < 2; ++i) {
    numbers[i] = parse_whole<std::int64_t>(parts[i]).value_or(0);
    if (numbers[i] < 1) {
      return invalid_argument(fmt::format(
          "a pattern is N:M, N weights kept of each M, as 2:4; got {}", sluice::quoted(text)));
    }
  }
  if (numbers[0] > numbers[1]) {
    return invalid_argument(
        fmt::format("{} keeps more weights than there are: N must not exceed M", text));
  }
  return Pattern{numbers[0], numbers[1]};
}

std::string to_string(const Pattern& pattern) {
  return fmt::format("{}:{}", pattern.keep, pattern.of);
}

Result<PruneReport> prune_to_pattern(ir::Graph& graph, const PerLayer<Pattern>& patterns,
                                     Unfit unfit) {
  SL_TRY_STATUS(check_values(patterns, [](const Pattern& pattern) -> Status {
    if (pattern.keep > 0 && pattern.keep <= pattern.of) return {};
    return invalid_argument(
        fmt::format("N:M keeps between 1 and M weights of M, got {}", to_string(pattern)));
  }));
  SL_TRY(auto job, Job<Pattern>::begin(graph, patterns));
  for (std::size_t i = 0; i < job.layers.size();) {
    std::string reason = misfit(job.layers[i].layer, job.layers[i].setting);
    if (reason.empty()) {
      ++i;
    } else if (unfit == Unfit::Skip) {
      job.leave(i, std::move(reason));
    } else {
      return Error{ErrorCode::InvalidArgument, reason + "; --skip leaves such layers as they are",
                   "layer " + sluice::quoted(job.report.layers[i].name)};
    }
  }
  for (std::size_t i = 0; i < job.layers.size(); ++i) {
    const WeightLayer& layer = job.layers[i].layer;
    apply(job.layers[i].setting, graph[layer.weights].constant->shape(), layer.input_axis,
          job.data(graph, i));
  }
  return std::move(job).finish(graph);
}

}  // namespace sluice::sparse
