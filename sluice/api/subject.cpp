// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/subject.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <system_error>

#include "sluice/api/model.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/golden/manifest.hpp"
#include "sluice/passes/real_interface.hpp"
#include "sluice/runtime/observe.hpp"

namespace sluice::api {
namespace {

namespace compare = exact::compare;

// The content of one input: of a file given for it, else of the first dump that has it.
Result<std::optional<Tensor>> find_input(const ir::Graph& graph, const ir::GraphInput& input,
                                         const std::vector<RunInput>& files,
                                         const std::vector<const Dump*>& dumps) {
  const ir::Value& value = graph[input.value];
  const bool is_only = graph.inputs.size() == 1;
  for (const RunInput& file : files) {
    if (file.name != value.name && !(file.name.empty() && is_only)) continue;
    SL_TRY(Tensor tensor, read_input(file.file, input, value.quantization.has_value()));
    return std::optional(std::move(tensor));
  }
  for (const Dump* dump : dumps) {
    const auto named = dump->arrays.find(value.name);
    if (named != dump->arrays.end()) return std::optional(named->second);
    if (is_only && dump->input) return dump->input;
  }
  return std::optional<Tensor>();
}

struct Opened {
  ir::Graph graph;
  compare::Values inputs;  // those that are known
};

// A dump of codes has no real numbers: where it has what the network's first node quantizes an
// input to, the network begins with these codes instead.
void begin_with_codes(ir::Graph& graph, ir::GraphInput& input,
                      const std::vector<const Dump*>& dumps) {
  const auto reads = [&](const ir::Node& node) {
    return std::ranges::count(node.inputs, input.value) > 0;
  };
  const auto node = std::ranges::find_if(graph.nodes, reads);
  if (node == graph.nodes.end() || std::ranges::count_if(graph.nodes, reads) != 1 ||
      !(ir::is<ir::Identity>(node->op) || ir::is<ir::QuantizeLinear>(node->op))) {
    return;
  }
  const ir::ValueId codes = node->outputs[0];
  const auto has_codes = [&](const Dump* dump) { return dump->arrays.contains(graph[codes].name); };
  if (!graph[codes].quantization || std::ranges::none_of(dumps, has_codes)) return;
  const ir::ValueType& type = graph.type(codes);
  input = {codes, type.dtype, type.shape};
  graph.nodes.erase(node);
}

// The model's graph, its inputs of the shapes of their contents.
Result<Opened> open(const std::filesystem::path& model, const DiffOptions& options,
                    const std::vector<const Dump*>& dumps) {
  Opened opened;
  ir::Graph& graph = opened.graph;
  SL_TRY(graph, read_model(model));
  LoadOptions shapes;
  std::vector<std::optional<Tensor>> contents;
  bool is_real = false;
  for (const ir::GraphInput& input : graph.inputs) {
    SL_TRY(auto content, find_input(graph, input, options.inputs, dumps));
    const ir::Value& value = graph[input.value];
    if (content) shapes.input_shapes.push_back({value.name, content->shape()});
    is_real = is_real || (content && value.quantization && content->dtype() == DType::Float32);
    contents.push_back(std::move(content));
  }
  if (auto status = set_types(graph, shapes); !status) {
    return std::move(status).error().at(model.string());
  }
  SL_TRY_STATUS(prepare(graph, quant::Compat::None));
  if (!ir::is_quantized(graph)) {
    return Error{ErrorCode::InvalidArgument,
                 "is not quantized; differences are explained for integer networks",
                 model.string()};
  }
  if (is_real) SL_TRY_STATUS(passes::real_inputs(graph));
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (!contents[i]) {
      begin_with_codes(graph, graph.inputs[i], dumps);
      continue;
    }
    const ir::ValueId id = graph.inputs[i].value;
    const ir::ValueType& type = graph.type(id);
    if (contents[i]->dtype() != type.dtype) {
      return Error{
          ErrorCode::Parse,
          fmt::format("holds {} where the network wants {}",
                      sluice::to_string(contents[i]->dtype()), sluice::to_string(type.dtype)),
          fmt::format("input {}", sluice::quoted(graph[id].name))};
    }
    opened.inputs.emplace(id, *std::move(contents[i]));
  }
  return opened;
}

Result<compare::Values> known_values(const std::filesystem::path& path, const Dump& dump,
                                     const Opened& opened) {
  auto values = values_of(dump, opened.graph);
  if (!values) return std::move(values).error().at(path.string());
  if (values->empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "has no array that is named after a quantized value of the network; see "
                 "docs/reference/golden.md for the names",
                 path.string()};
  }
  for (const auto& [id, content] : opened.inputs) values->insert_or_assign(id, content);
  return values;
}

// What the dump has and the network does not.
void note_unmatched(const Dump& dump, std::size_t matched, const std::filesystem::path& path,
                    std::vector<std::string>& notes) {
  if (dump.arrays.size() <= matched) return;
  notes.push_back(fmt::format(
      "{} of {} arrays of {} are no quantized values of the network, or are folded into others",
      dump.arrays.size() - matched, dump.arrays.size(), path.string()));
}

Result<compare::Values> run_model(const ir::Graph& graph, const compare::Values& known,
                                  const NetworkOptions& options) {
  std::vector<Tensor> inputs;
  for (const ir::GraphInput& input : graph.inputs) {
    const auto content = known.find(input.value);
    if (content == known.end()) {
      return Error{ErrorCode::InvalidArgument, "the dump does not have it; give it with --input",
                   fmt::format("input {}", sluice::quoted(graph[input.value].name))};
    }
    inputs.push_back(content->second);
  }
  std::vector<ir::ValueId> ids;
  ids.reserve(known.size());
  for (const auto& [id, content] : known) ids.push_back(id);
  SL_TRY(const auto executor, make_executor(graph, {}, {}, options));
  return runtime::observe(*executor, graph, inputs, ids);
}

// Each node rounds as the golden data say that it did.
Status take_arithmetics(const std::filesystem::path& folder, ir::Graph& graph) {
  SL_TRY(const auto manifest, exact::golden::read_manifest(folder));
  for (const auto& layer : manifest.layers) {
    const auto node = std::ranges::find(graph.nodes, layer.name, &ir::Node::name);
    if (node != graph.nodes.end() && layer.arithmetic) node->arithmetic = layer.arithmetic;
  }
  return {};
}

}  // namespace

bool is_model(const std::filesystem::path& path) {
  std::error_code error;
  return !std::filesystem::is_directory(path, error) && path.extension() != ".npz";
}

Result<Subject> open_model_and_dump(const DiffOptions& options, bool runs) {
  SL_TRY(const Dump dump, read_dump(options.b));
  SL_TRY(Opened opened, open(options.a, options, {&dump}));
  Subject subject;
  SL_TRY(subject.b, known_values(options.b, dump, opened));
  if (options.network.arithmetic) {
    for (ir::Node& node : opened.graph.nodes) {
      if (node.arithmetic) node.arithmetic = options.network.arithmetic;
    }
  }
  note_unmatched(dump, subject.b.size(), options.b, subject.notes);
  if (runs) {
    SL_TRY(subject.a, run_model(opened.graph, subject.b, options.network));
  }
  subject.graph = std::move(opened.graph);
  return subject;
}

Result<Subject> open_two_dumps(const DiffOptions& options) {
  SL_TRY(const Dump a, read_dump(options.a));
  SL_TRY(const Dump b, read_dump(options.b));
  SL_TRY(Opened opened, open(options.model, options, {&b, &a}));
  if (exact::golden::has_manifest(options.a)) {
    SL_TRY_STATUS(take_arithmetics(options.a, opened.graph));
  }
  Subject subject;
  // An input that is only one side's is no difference.
  SL_TRY(subject.a, known_values(options.a, a, opened));
  SL_TRY(subject.b, known_values(options.b, b, opened));
  note_unmatched(a, subject.a.size(), options.a, subject.notes);
  note_unmatched(b, subject.b.size(), options.b, subject.notes);
  std::erase_if(subject.a, [&](const auto& entry) { return !subject.b.contains(entry.first); });
  std::erase_if(subject.b, [&](const auto& entry) { return !subject.a.contains(entry.first); });
  subject.graph = std::move(opened.graph);
  return subject;
}

std::string layer_of(const ir::Graph& graph, const compare::Segment& segment) {
  return graph[segment.nodes.back()].name;
}

std::string op_of(const ir::Graph& graph, const compare::Segment& segment) {
  constexpr std::size_t kMostOps = 3;
  std::vector<std::string_view> names;
  for (const ir::NodeId id : segment.nodes) {
    if (!ir::is_layout(graph[id].op)) names.push_back(ir::op_name(graph[id].op));
  }
  if (names.empty()) return std::string(ir::op_name(graph[segment.nodes.back()].op));
  const bool is_long = names.size() > kMostOps;
  if (is_long) names.erase(names.begin(), names.end() - kMostOps);
  return fmt::format("{}{}", is_long ? "…+" : "", fmt::join(names, "+"));
}

}  // namespace sluice::api
