// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/rtl_vectors.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/api/images.hpp"
#include "sluice/api/inputs.hpp"
#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/runtime/observe.hpp"

namespace sluice::api {
namespace {

// Runs one network again and again.
class Runs {
 public:
  static Result<Runs> make(ir::Graph graph, const std::vector<std::string>& tensors) {
    Runs result;
    for (const std::string& name : tensors) {
      const auto found = std::ranges::find(graph.values, name, &ir::Value::name);
      if (found == graph.values.end()) {
        return Error{ErrorCode::Internal, fmt::format("tensor {} is not in the network that is run",
                                                      sluice::quoted(name))};
      }
      result.values_[name] = static_cast<ir::ValueId>(found - graph.values.begin());
    }
    SL_TRY(result.executor_, make_executor(graph, {}, {}, {}));
    result.graph_ = std::move(graph);
    return result;
  }

  [[nodiscard]] const ir::Graph& graph() const { return graph_; }

  Result<std::map<std::string, Tensor>> run(std::span<const Tensor> inputs) {
    SL_TRY_STATUS(check_interrupt());
    std::vector<ir::ValueId> ids;
    ids.reserve(values_.size());
    for (const auto& [name, id] : values_) ids.push_back(id);
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    SL_TRY(const auto seen, runtime::observe(*executor_, graph_, inputs, ids));
    std::map<std::string, Tensor> result;
    for (const auto& [name, id] : values_) result[name] = seen.at(id);
    return result;
  }

 private:
  ir::Graph graph_;
  std::map<std::string, ir::ValueId> values_;
  std::unique_ptr<runtime::Executor> executor_;
};

using Take = std::function<Status(const std::map<std::string, Tensor>&)>;

Result<std::int64_t> run_images(const EmitOptions& options, const std::vector<std::string>& tensors,
                                const Take& take) {
  SL_TRY(const data::Preset preset, data::find_preset(options.preprocess));
  SL_TRY(const auto images, data::open_dataset(options.data));
  SL_TRY(ir::Graph graph,
         load_model(options.model, {.batch = 1, .input_shapes = options.input_shapes}));
  if (graph.inputs.size() != 1) {
    return Error{ErrorCode::InvalidArgument,
                 "has several inputs, and images are for one; give --input for each",
                 options.model.string()};
  }
  SL_TRY_STATUS(prepare(graph, quant::Compat::None));
  SL_TRY(data::Preprocess preprocess,
         data::for_input(preset.preprocess, graph.type(graph.inputs[0].value).shape));
  SL_TRY_STATUS(take_images(graph, preprocess));
  SL_TRY(Runs runs, Runs::make(std::move(graph), tensors));
  data::Loader loader(images, preprocess, {.batch_size = 1, .limit = options.images});
  std::int64_t count = 0;
  while (true) {
    SL_TRY(const auto batch, loader.next());
    if (!batch) return count;
    SL_TRY(const auto seen, runs.run({&batch->images, 1}));
    SL_TRY_STATUS(take(seen));
    ++count;
  }
}

}  // namespace

Result<std::int64_t> run_for_vectors(const EmitOptions& options,
                                     const std::vector<std::string>& tensors, const Take& take) {
  if (!options.data.empty()) return run_images(options, tensors, take);
  SL_TRY(OpenedNetwork network, open_network({.model = options.model,
                                              .inputs = options.inputs,
                                              .seed = options.seed,
                                              .input_shapes = options.input_shapes}));
  SL_TRY(Runs runs, Runs::make(std::move(network.graph), tensors));
  const std::int64_t count = options.inputs.empty() ? options.images : 1;
  for (std::int64_t i = 0; i < count; ++i) {
    if (i > 0) {
      SL_TRY(network.inputs,
             draw_inputs(runs.graph(), options.seed + static_cast<std::uint32_t>(i)));
    }
    SL_TRY(const auto seen, runs.run(network.inputs));
    SL_TRY_STATUS(take(seen));
  }
  return count;
}

}  // namespace sluice::api
