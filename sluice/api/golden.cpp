// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/golden.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

#include "sluice/base/interrupt.hpp"
#include "sluice/base/parse.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/golden/layer.hpp"
#include "sluice/report/table.hpp"
#include "sluice/runtime/observe.hpp"

namespace sluice::api {
namespace {

using exact::golden::Form;

bool makes_codes(const ir::Graph& graph, const ir::Node& node) {
  return graph[node.outputs[0]].quantization.has_value();
}

// The nodes asked for, in the graph's order.
Result<std::vector<const ir::Node*>> chosen_nodes(const ir::Graph& graph,
                                                  const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto node = std::ranges::find(graph.nodes, name, &ir::Node::name);
    const auto refuse = [&](std::string what) {
      return Error{ErrorCode::InvalidArgument, std::move(what),
                   fmt::format("layer {}", sluice::quoted(name))};
    };
    if (node == graph.nodes.end()) {
      std::vector<std::string_view> known;
      known.reserve(graph.nodes.size());
      for (const ir::Node& other : graph.nodes) known.push_back(other.name);
      return refuse(fmt::format("is not in the network{}; \"sluice info\" lists them",
                                did_you_mean(name, known)));
    }
    if (!makes_codes(graph, *node)) {
      return refuse("makes real numbers, and golden data are of codes; leave it out");
    }
  }
  std::vector<const ir::Node*> nodes;
  for (const ir::Node& node : graph.nodes) {
    const bool wanted = names.empty() || std::ranges::count(names, node.name) > 0;
    if (wanted && makes_codes(graph, node)) nodes.push_back(&node);
  }
  return nodes;
}

// All that the nodes read and make.
std::vector<ir::ValueId> values_of(const std::vector<const ir::Node*>& nodes) {
  std::vector<ir::ValueId> values;
  for (const ir::Node* node : nodes) {
    values.insert(values.end(), node->inputs.begin(), node->inputs.end());
    values.insert(values.end(), node->outputs.begin(), node->outputs.end());
  }
  std::erase(values, ir::kNoValue);
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

Result<exact::golden::Collected> collect_node(const OpenedNetwork& network, const ir::Node& node,
                                              const std::map<ir::ValueId, Tensor>& values,
                                              const GoldenOptions& options) {
  std::vector<const Tensor*> inputs;
  inputs.reserve(node.inputs.size());
  for (const ir::ValueId id : node.inputs) {
    inputs.push_back(id == ir::kNoValue ? nullptr : &values.at(id));
  }
  std::vector<Tensor> outputs;
  outputs.reserve(node.outputs.size());
  for (const ir::ValueId id : node.outputs) outputs.push_back(values.at(id));
  const auto arithmetic = exact::reference::arithmetic_of(node, options.network.arithmetic);
  return exact::golden::collect(network.graph, {network.graph, node, inputs, arithmetic}, outputs,
                                options.thresholds);
}

}  // namespace

Result<std::vector<Form>> parse_golden_forms(std::string_view text) {
  std::vector<Form> forms;
  for (const std::string_view name : parts_of_list(text)) {
    SL_TRY(const Form form, exact::golden::form_from_string(name));
    if (std::ranges::count(forms, form) == 0) forms.push_back(form);
  }
  return forms;
}

Result<exact::golden::Summary> golden(const GoldenOptions& options) {
  SL_TRY(const OpenedNetwork network,
         open_network({.model = options.model, .inputs = options.inputs, .seed = options.seed}));
  const ir::Graph& graph = network.graph;
  if (!ir::is_quantized(graph)) {
    return Error{ErrorCode::InvalidArgument,
                 "is not quantized, and golden data are of integer networks; quantize it first",
                 options.model.string()};
  }
  SL_TRY(const auto nodes, chosen_nodes(graph, options.layers));
  exact::golden::Manifest manifest{.model = options.model.filename().string(),
                                   .fold = options.fold};
  SL_TRY(manifest.model_sha256, sha256_file(options.model));
  if (options.inputs.empty()) manifest.input_seed = options.seed;
  const std::vector<Form> forms = options.forms.empty()
                                      ? std::vector{Form::Npy, Form::Mem, Form::Coe, Form::Bin}
                                      : options.forms;
  SL_TRY(auto writer, exact::golden::Writer::open(options.output, std::move(manifest), forms));
  SL_TRY(const auto executor, make_executor(graph, {}, {}, options.network));
  SL_TRY(const auto values, runtime::observe(*executor, graph, network.inputs, values_of(nodes)));
  Progress bar(
      {.what = "golden", .unit = "layers", .total = static_cast<std::int64_t>(nodes.size())},
      options.quiet);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    SL_TRY_STATUS(check_interrupt());
    auto collected = collect_node(network, *nodes[i], values, options);
    if (!collected) {
      return std::move(collected).error().at(ir::place_of(*nodes[i]));
    }
    SL_TRY_STATUS(writer.add(std::move(collected->layer), collected->contents));
    bar.update(static_cast<std::int64_t>(i + 1));
  }
  return writer.finish("sluice " SLUICE_VERSION);
}

std::string to_text(const exact::golden::Summary& written, std::string_view what) {
  return fmt::format("{}: {} layers, {} arrays, {} files, {}B\n", what,
                     report::with_commas(written.layers), report::with_commas(written.arrays),
                     report::with_commas(written.files),
                     report::with_prefix(static_cast<double>(written.bytes)));
}

Json to_json(const exact::golden::Summary& written) {
  return {{"format", "sluice.golden_summary/1"},
          {"layers", written.layers},
          {"arrays", written.arrays},
          {"files", written.files},
          {"bytes", written.bytes}};
}

}  // namespace sluice::api
