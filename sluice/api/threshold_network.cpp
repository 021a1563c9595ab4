// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_network.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <mutex>
#include <set>

#include "sluice/base/interrupt.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/metrics.hpp"
#include "sluice/sparse/threshold_relu.hpp"
#include "sluice/sparse/weight_layers.hpp"

namespace sluice::api {
namespace {

// Of the weights that are not zero, and of the positive activations, the parts that levels drop.
constexpr std::array<double, 8> kWeightShares{0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75};
constexpr std::array<double, 8> kActivationShares{0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5};
// Images that the distribution of activations is taken from.
constexpr std::int64_t kActivationImages = 128;

sparse::PerLayer<std::optional<float>> relu_settings(const LayerThresholds& thresholds) {
  sparse::PerLayer<std::optional<float>> settings;
  for (const auto& [layer, threshold] : thresholds) settings.layers[layer] = threshold;
  return settings;
}

// Where the first graph has a weight of zero, the second gets one: it is the same network on the
// grid of a format.
Status copy_zeros(const ir::Graph& from, ir::Graph& to) {
  SL_TRY(const sparse::WeightLayers sources, sparse::find_weight_layers(from));
  SL_TRY(const sparse::WeightLayers targets, sparse::find_weight_layers(to));
  std::map<std::string_view, ir::ValueId> by_name;
  for (const sparse::WeightLayer& layer : targets.layers) {
    by_name[to[layer.nodes[0]].name] = layer.weights;
  }
  for (const sparse::WeightLayer& layer : sources.layers) {
    const auto found = by_name.find(from[layer.nodes[0]].name);
    SL_ASSERT(found != by_name.end(), "formats change no layers");
    const auto weights = from[layer.weights].constant->data<float>();
    if (std::ranges::count(weights, 0.F) == 0) continue;
    const auto changed = to[found->second].constant->mutable_data<float>();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0) changed[i] = 0;
    }
  }
  return {};
}

// The rectifiers that a convolution's input comes through, with no product in between.
class RectifierFinder {
 public:
  RectifierFinder(const ir::Graph& graph, const std::map<std::string, std::size_t>& rectifiers)
      : graph_(graph), rectifiers_(rectifiers), producers_(ir::producers(graph)) {}

  std::vector<std::size_t> before(const ir::Node& conv) {
    found_.clear();
    seen_.clear();
    visit(conv.inputs[0]);
    return {found_.begin(), found_.end()};
  }

 private:
  void visit(ir::ValueId first) {
    std::vector<ir::ValueId> open{first};
    while (!open.empty()) {
      const ir::ValueId value = open.back();
      open.pop_back();
      if (value == ir::kNoValue || !seen_.insert(value).second) continue;
      const ir::NodeId by = producers_[ir::index(value)];
      if (by == ir::kNoNode || ir::is_linear(graph_[by].op)) continue;
      const auto rectifier = rectifiers_.find(graph_[by].name);
      if (rectifier != rectifiers_.end()) {
        found_.insert(rectifier->second);
        continue;
      }
      open.insert(open.end(), graph_[by].inputs.begin(), graph_[by].inputs.end());
    }
  }

  const ir::Graph& graph_;
  const std::map<std::string, std::size_t>& rectifiers_;
  std::vector<ir::NodeId> producers_;
  std::set<std::size_t> found_;
  std::set<ir::ValueId> seen_;
};

}  // namespace

Status set_thresholds(ir::Graph& graph, const Thresholds& thresholds) {
  sparse::PerLayer<float> weights;
  weights.layers = thresholds.weights;
  if (auto pruned = sparse::prune_below(graph, weights); !pruned) return pruned.error();
  auto done = sparse::threshold_relus(graph, relu_settings(thresholds.rectifiers));
  return done ? Status() : Status(done.error());
}

Result<std::unique_ptr<ThresholdNetwork>> ThresholdNetwork::open(
    const ImageNetworkOptions& options) {
  std::unique_ptr<ThresholdNetwork> result(new ThresholdNetwork());
  SL_TRY(result->network_, ImageNetwork::open(options, {numeric::Format()}));
  ImageNetwork& network = *result->network_;
  if (network.is_exact()) {
    return Error{ErrorCode::InvalidArgument,
                 "is quantized, and thresholds are searched for before that; give the float32 "
                 "network and its format",
                 options.model.string()};
  }
  if (network.rows().size() != 1) {
    return invalid_argument("thresholds are searched for in one format; give one");
  }
  Rng rng(options.seed);
  result->order_ = permutation(network.num_images(), rng);
  SL_TRY_STATUS(result->find_knobs());
  if (result->space_.convolutions.empty()) {
    return Error{ErrorCode::Unsupported, "has no convolution whose zeros can be counted",
                 options.model.string()};
  }
  const RunFormat& row = network.rows()[0];
  if (std::holds_alternative<numeric::Format>(row.format)) {
    SL_TRY(RunnableNetwork base, network.make(row));
    result->emulated_ = std::move(base.graph);
  }
  return result;
}

Status ThresholdNetwork::find_knobs() {
  find_convolutions();
  SL_TRY_STATUS(find_weights());
  return find_rectifiers();
}

void ThresholdNetwork::find_convolutions() {
  for (const ir::Node& node : network_->graph().nodes) {
    if (!ir::is<ir::Conv>(node.op)) continue;
    const auto conv = sparse::conv_windows(network_->graph(), node);
    if (!conv) {
      network_->note(fmt::format("{} is left out: {}", printable(node.name), conv.error().message));
      continue;
    }
    const auto products = conv->meetings() * conv->channels * conv->kernel_size();
    space_.convolutions.push_back({node.name, static_cast<double>(products)});
  }
}

Status ThresholdNetwork::find_weights() {
  const ir::Graph& graph = network_->graph();
  SL_TRY(const sparse::WeightLayers found, sparse::find_weight_layers(graph));
  const auto is_counted = [&](ir::NodeId node) {
    return std::ranges::count(space_.convolutions, graph[node].name,
                              &ThresholdSpace::Convolution::name) > 0;
  };
  for (const sparse::WeightLayer& layer : found.layers) {
    if (std::ranges::none_of(layer.nodes, is_counted)) continue;
    auto levels =
        sparse::weight_levels(graph[layer.weights].constant->data<float>(), kWeightShares);
    if (levels.empty()) continue;
    space_.knobs.push_back({false, graph[layer.nodes[0]].name, std::move(levels)});
  }
  return {};
}

Status ThresholdNetwork::find_rectifiers() {
  const ir::Graph& graph = network_->graph();
  ir::Graph copy = graph;
  SL_TRY(const auto found, sparse::threshold_relus(copy, {0.F}));
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < found.size(); ++i) by_name[found[i].name] = i;
  RectifierFinder finder(graph, by_name);
  std::vector<std::vector<std::size_t>> before;  // each convolution
  std::set<std::size_t> used;
  for (const ir::Node& node : graph.nodes) {
    if (std::ranges::count(space_.convolutions, node.name, &ThresholdSpace::Convolution::name) ==
        0) {
      continue;
    }
    before.push_back(finder.before(node));
    used.insert(before.back().begin(), before.back().end());
  }
  std::vector<ir::ValueId> outputs;
  for (const std::size_t i : used) {
    const auto node = std::ranges::find(graph.nodes, found[i].name, &ir::Node::name);
    outputs.push_back(node->outputs[0]);
  }
  SL_TRY(const auto counts, activations(outputs));
  std::map<std::size_t, std::size_t> knobs;
  std::size_t at = 0;
  for (const std::size_t i : used) {
    auto levels = counts[at++].levels(kActivationShares);
    if (levels.empty()) continue;
    knobs[i] = space_.knobs.size();
    space_.knobs.push_back({true, found[i].name, std::move(levels)});
  }
  for (std::size_t c = 0; c < before.size(); ++c) {
    for (const std::size_t i : before[c]) {
      if (knobs.contains(i)) space_.convolutions[c].rectifiers.push_back(knobs[i]);
    }
  }
  return {};
}

Result<std::vector<sparse::PositiveCounts>> ThresholdNetwork::activations(
    const std::vector<ir::ValueId>& values) {
  std::vector<sparse::PositiveCounts> counts(values.size());
  SL_TRY(const auto executor,
         make_executor(network_->graph(), numeric::Format(), {}, network_->network_options()));
  const runtime::Observer observer{
      .values = values, .on_value = [&](ir::ValueId value, std::int64_t, const Tensor& piece) {
        const auto found = std::ranges::find(values, value);
        counts[static_cast<std::size_t>(found - values.begin())].add(piece.data<float>());
      }};
  data::Loader loader =
      network_->loader(order_, 0, std::min(kActivationImages, network_->num_images()));
  while (true) {
    SL_TRY_STATUS(check_interrupt());
    SL_TRY(const auto batch, loader.next());
    if (!batch) break;
    const runtime::Observer whole =
        of_first(observer, static_cast<std::int64_t>(batch->labels.size()));
    const std::vector<Tensor> inputs{network_->input_of(*batch)};
    if (auto outputs = executor->run(inputs, &whole); !outputs) return outputs.error();
  }
  return counts;
}

bool ThresholdNetwork::gives_probabilities() const {
  const ir::Graph& graph = network_->graph();
  const ir::NodeId by = ir::producers(graph)[ir::index(graph.outputs[0])];
  return by != ir::kNoNode && ir::is<ir::Softmax>(graph[by].op);
}

Result<RunnableNetwork> ThresholdNetwork::make(const Thresholds& thresholds) {
  ir::Graph pruned = network_->graph();
  SL_TRY_STATUS(set_thresholds(pruned, thresholds));
  const RunFormat& row = network_->rows()[0];
  if (!emulated_) {
    SL_TRY(ir::Graph quantized, network_->quantized(row, std::move(pruned)));
    return make_runnable(std::move(quantized), numeric::Format(), {}, network_->network_options());
  }
  // What is zero is decided by the weights of the file, so that the file with these zeros becomes
  // the same network in the format.
  ir::Graph candidate = *emulated_;
  SL_TRY_STATUS(copy_zeros(pruned, candidate));
  auto done = sparse::threshold_relus(candidate, relu_settings(thresholds.rectifiers));
  if (!done) return done.error();
  return make_runnable(std::move(candidate), numeric::Format(), {}, network_->network_options());
}

Result<ThresholdRun> ThresholdNetwork::begin(const Thresholds& thresholds) {
  SL_TRY(RunnableNetwork network, make(thresholds));
  auto zeros = sparse::ZeroStatistics::create(network.graph);
  SL_ASSERT(zeros.layers().size() == space_.convolutions.size(), "formats change no convolutions");
  return ThresholdRun{std::move(network), std::move(zeros)};
}

Status ThresholdNetwork::go_on(ThresholdRun& run, std::int64_t end, const Notes& notes) const {
  data::Loader loader = network_->loader(order_, run.position, end);
  while (true) {
    SL_TRY_STATUS(check_interrupt());
    SL_TRY(const auto batch, loader.next());
    if (!batch) break;
    const std::size_t count = batch->labels.size();
    const runtime::Observer observer =
        of_first(run.zeros.observer(), static_cast<std::int64_t>(count));
    const std::vector<Tensor> inputs{network_->input_of(*batch)};
    SL_TRY(const auto outputs,
           run.network.executor->run(inputs, notes.zeros ? &observer : nullptr));
    const auto all = outputs[0].data<float>();
    const std::size_t classes = all.size() / static_cast<std::size_t>(network_->batch());
    for (std::size_t i = 0; i < count; ++i) {
      const auto scores = all.subspan(i * classes, classes);
      data::Accuracy accuracy;
      if (auto status = accuracy.add(scores, batch->labels[i]); !status) {
        return std::move(status).error().at(network_->data().name(batch->indices[i]));
      }
      run.images.push_back(batch->indices[i]);
      run.right.push_back(accuracy.top1 == 1);
      if (notes.scores) run.scores.emplace_back(scores.begin(), scores.end());
    }
  }
  network_->note_skipped(loader.skipped());
  run.position = end;
  return {};
}

}  // namespace sluice::api
