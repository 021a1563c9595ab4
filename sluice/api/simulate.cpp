// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/simulate.hpp"

#include <algorithm>
#include <map>

#include "sluice/api/images.hpp"
#include "sluice/api/model.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/exact/code_ranges.hpp"
#include "sluice/exact/reference/linear.hpp"
#include "sluice/runtime/observe.hpp"

namespace sluice::api {
namespace {

Status require_quantized(const ir::Graph& graph, const std::filesystem::path& model) {
  if (ir::is_quantized(graph)) return {};
  return Error{ErrorCode::InvalidArgument,
               "is not quantized, and integers are simulated; \"sluice run\" runs it in float32",
               model.string()};
}

// Watches the layers with accumulators of one network.
class Watch {
 public:
  Watch(const ir::Graph& graph, const SimulateOptions& options)
      : graph_(graph), options_(options) {}

  Status open() {
    const auto ranges = exact::code_ranges(graph_, options_.network.arithmetic);
    for (const ir::Node& node : graph_.nodes) {
      if (!is_on_codes(node)) continue;
      nodes_.push_back(&node);
      AccumulatorRow row{.layer = node.name, .op = std::string(ir::op_name(node.op))};
      row.used_bits = node.accumulator ? node.accumulator->bits : options_.accumulator_bits;
      const auto proven =
          exact::proven_range(graph_, node, ranges[static_cast<std::size_t>(node.inputs[0])],
                              options_.network.arithmetic);
      if (proven) row.proven = *proven;
      rows_.push_back(std::move(row));
      for (const ir::ValueId id : node.inputs) {
        if (id != ir::kNoValue && std::ranges::count(values_, id) == 0) values_.push_back(id);
      }
    }
    SL_TRY(executor_, make_executor(graph_, {}, {}, options_.network));
    return {};
  }

  Status run(std::span<const Tensor> inputs) {
    SL_TRY(const auto seen, runtime::observe(*executor_, graph_, inputs, values_));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      SL_TRY_STATUS(check_interrupt());
      if (auto status = add(*nodes_[i], seen, rows_[i]); !status) {
        return std::move(status).error().at(place_of(*nodes_[i]));
      }
    }
    return {};
  }

  std::vector<AccumulatorRow> take() { return std::move(rows_); }

 private:
  bool is_on_codes(const ir::Node& node) const {
    return ir::is_linear(node.op) && std::ranges::all_of(node.inputs, [&](ir::ValueId id) {
             return id == ir::kNoValue || graph_[id].quantization.has_value();
           });
  }

  Status add(const ir::Node& node, const std::map<ir::ValueId, Tensor>& seen,
             AccumulatorRow& row) const {
    std::vector<const Tensor*> inputs;
    inputs.reserve(node.inputs.size());
    for (const ir::ValueId id : node.inputs) {
      inputs.push_back(id == ir::kNoValue ? nullptr : &seen.at(id));
    }
    const auto arithmetic = exact::reference::arithmetic_of(node, options_.network.arithmetic);
    // As wide as it gets, whatever the layer's own accumulator makes of it.
    ir::Node wide = node;
    wide.accumulator.reset();
    SL_TRY(const auto sums, exact::reference::accumulators_of({graph_, wide, inputs, arithmetic}));
    for (const std::int64_t sum : sums) {
      const bool is_first = row.sums++ == 0;
      row.observed.lowest = is_first ? sum : std::min(row.observed.lowest, sum);
      row.observed.highest = is_first ? sum : std::max(row.observed.highest, sum);
      if (exact::bits_of({sum, sum}) > row.used_bits) ++row.overflows;
    }
    return {};
  }

  const ir::Graph& graph_;
  const SimulateOptions& options_;
  std::vector<const ir::Node*> nodes_;
  std::vector<ir::ValueId> values_;
  std::vector<AccumulatorRow> rows_;
  std::unique_ptr<runtime::Executor> executor_;
};

Result<AccumulatorReport> watch_inputs(const SimulateOptions& options) {
  SL_TRY(const OpenedNetwork network,
         open_network({.model = options.model, .inputs = options.inputs}));
  SL_TRY_STATUS(require_quantized(network.graph, options.model));
  Watch watch(network.graph, options);
  SL_TRY_STATUS(watch.open());
  SL_TRY_STATUS(watch.run(network.inputs));
  AccumulatorReport report{.runs = 1};
  report.rows = watch.take();
  return report;
}

Result<AccumulatorReport> watch_images(const SimulateOptions& options) {
  SL_TRY(const data::Preset preset, data::find_preset(options.preprocess));
  SL_TRY(const auto images, data::open_dataset(options.data));
  SL_TRY(ir::Graph graph, load_model(options.model, {.batch = 1}));
  if (graph.inputs.size() != 1) {
    return Error{ErrorCode::InvalidArgument,
                 "has several inputs, and images are for one; give --input for each",
                 options.model.string()};
  }
  SL_TRY_STATUS(prepare(graph, quant::Compat::None));
  SL_TRY_STATUS(require_quantized(graph, options.model));
  SL_TRY(data::Preprocess preprocess,
         data::for_input(preset.preprocess, graph.type(graph.inputs[0].value).shape));
  SL_TRY_STATUS(take_images(graph, preprocess));
  Watch watch(graph, options);
  SL_TRY_STATUS(watch.open());
  data::Loader loader(images, preprocess, {.batch_size = 1, .limit = options.limit});
  Progress bar({.what = "simulating", .total = loader.num_positions()}, options.quiet);
  AccumulatorReport report;
  while (true) {
    SL_TRY_STATUS(check_interrupt());
    SL_TRY(const auto batch, loader.next());
    if (!batch) break;
    SL_TRY_STATUS(watch.run({&batch->images, 1}));
    bar.update(++report.runs);
  }
  report.rows = watch.take();
  return report;
}

}  // namespace

std::optional<int> AccumulatorRow::proven_bits() const {
  return proven ? std::optional(exact::bits_of(*proven)) : std::nullopt;
}

std::optional<int> AccumulatorRow::spare_bits() const {
  return proven ? std::optional(used_bits - exact::bits_of(*proven)) : std::nullopt;
}

std::int64_t AccumulatorReport::num_overflows() const {
  std::int64_t total = 0;
  for (const AccumulatorRow& row : rows) total += row.overflows;
  return total;
}

Result<std::vector<NamedTensor>> simulate(const SimulateOptions& options) {
  SL_TRY(const OpenedNetwork network,
         open_network({.model = options.model, .inputs = options.inputs}));
  SL_TRY_STATUS(require_quantized(network.graph, options.model));
  return run({.model = options.model, .inputs = options.inputs, .network = options.network});
}

Result<AccumulatorReport> simulate_accumulators(const SimulateOptions& options) {
  SL_TRY(AccumulatorReport report,
         options.data.empty() ? watch_inputs(options) : watch_images(options));
  report.model = options.model.filename().string();
  SL_TRY(report.model_sha256, sha256_file(options.model));
  return report;
}

}  // namespace sluice::api
