// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/onnx_cases/run.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sluice/api/model.hpp"
#include "sluice/import/onnx.hpp"

namespace sluice::conformance {
namespace {

struct KnownInput {
  std::string_view op;
  std::size_t index;
};

// The inputs that say where or how much, not what: the IR wants them before running.
constexpr std::array kKnownInputs{
    KnownInput{"ConstantOfShape", 0}, KnownInput{"Dropout", 1},    KnownInput{"Dropout", 2},
    KnownInput{"Expand", 1},          KnownInput{"Pad", 1},        KnownInput{"Pad", 3},
    KnownInput{"ReduceMax", 1},       KnownInput{"ReduceMean", 1}, KnownInput{"ReduceMin", 1},
    KnownInput{"ReduceSum", 1},       KnownInput{"Reshape", 1},    KnownInput{"Resize", 1},
    KnownInput{"Resize", 2},          KnownInput{"Resize", 3},     KnownInput{"Slice", 1},
    KnownInput{"Slice", 2},           KnownInput{"Slice", 3},      KnownInput{"Slice", 4},
    KnownInput{"Split", 1},           KnownInput{"Squeeze", 1},    KnownInput{"Tile", 1},
    KnownInput{"Unsqueeze", 1},
};

// For each value whether it must be known: such an input, or something one is computed from.
std::vector<bool> values_to_know(const ir::Graph& graph) {
  std::vector<bool> needed(graph.values.size(), false);
  const auto need = [&](ir::ValueId id) {
    if (id != ir::kNoValue) needed[static_cast<std::size_t>(id)] = true;
  };
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    for (const KnownInput& known : kKnownInputs) {
      if (known.op == ir::op_name(node->op) && known.index < node->inputs.size()) {
        need(node->inputs[known.index]);
      }
    }
    const bool is_needed = std::ranges::any_of(node->outputs, [&](ir::ValueId id) {
      return id != ir::kNoValue && needed[static_cast<std::size_t>(id)];
    });
    // Shape's result is known without its input.
    if (is_needed && !ir::is<ir::Shape>(node->op)) std::ranges::for_each(node->inputs, need);
  }
  return needed;
}

// i/n for element i of n, as ONNX's runner feeds its light models.
Result<std::vector<Tensor>> counted_inputs(const ir::Graph& graph) {
  std::vector<Tensor> tensors;
  SL_TRY(const auto shapes, ir::input_shapes(graph, 0));
  for (const Shape& shape : shapes) {
    Tensor tensor(DType::Float32, shape);
    const auto elements = tensor.mutable_data<float>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      elements[i] =
          static_cast<float>(static_cast<double>(i) / static_cast<double>(elements.size()));
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Result<std::vector<Tensor>> read_tensors(std::span<const std::filesystem::path> paths) {
  std::vector<Tensor> tensors;
  for (const auto& path : paths) {
    SL_TRY(auto tensor, importer::read_onnx_tensor(path));
    tensors.push_back(std::move(tensor.tensor));
  }
  return tensors;
}

// Old cases hold bfloat16 tensors as the uint16 of the same bits, made by cutting a float32 off
// where ONNX rounds today: one unit in the last place apart.
constexpr double kLastBitOfBFloat16 = 1.0 / 128;

Tensor as_declared(Tensor tensor, DType declared) {
  if (declared != DType::BFloat16 || tensor.dtype() != DType::UInt16) return tensor;
  Tensor result(declared, tensor.shape());
  std::ranges::copy(tensor.bytes(), result.mutable_bytes().begin());
  return result;
}

// Takes the inputs that must be known out of the graph's inputs and out of `tensors`.
void fix_known_inputs(ir::Graph& graph, std::vector<Tensor>& tensors) {
  const std::vector<bool> needed = values_to_know(graph);
  for (std::size_t i = graph.inputs.size(); i-- > 0;) {
    const ir::ValueId id = graph.inputs[i].value;
    if (!needed[static_cast<std::size_t>(id)]) continue;
    graph[id].constant = tensors[i];
    graph.inputs.erase(graph.inputs.begin() + static_cast<std::ptrdiff_t>(i));
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

Status run_data_set(const Case& test_case, const DataSet& data, const ExecutorMaker& make) {
  SL_TRY(ir::Graph graph, importer::read_onnx(test_case.model));
  SL_TRY(auto inputs, test_case.counted_inputs ? counted_inputs(graph) : read_tensors(data.inputs));
  SL_TRY(const auto expected, read_tensors(data.outputs));
  if (inputs.size() != graph.inputs.size() || expected.size() > graph.outputs.size() ||
      expected.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{} inputs and {} outputs do not fit the model", inputs.size(),
                             expected.size())};
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    inputs[i] = as_declared(std::move(inputs[i]), graph.inputs[i].dtype);
  }
  fix_known_inputs(graph, inputs);
  api::LoadOptions options;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    options.input_shapes.push_back({graph[graph.inputs[i].value].name, inputs[i].shape()});
  }
  SL_TRY_STATUS(api::set_types(graph, options));
  SL_TRY(const auto executor, make(graph));
  SL_TRY(const auto outputs, executor->run(inputs));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Tensor wanted = as_declared(expected[i], outputs[i].dtype());
    Tolerance tolerance = test_case.tolerance;
    if (wanted.dtype() != expected[i].dtype()) tolerance.relative = kLastBitOfBFloat16;
    if (auto status = compare(outputs[i], wanted, tolerance); !status) {
      return std::move(status).error().at(fmt::format("output {}", i));
    }
  }
  return {};
}

}  // namespace

Outcome run_case(const Case& test_case, const ExecutorMaker& make_executor) {
  if (test_case.data_sets.empty()) return {Verdict::Fail, "has no data set"};
  for (const DataSet& data : test_case.data_sets) {
    const Status status = run_data_set(test_case, data, make_executor);
    if (status) continue;
    const bool unsupported = status.error().code == ErrorCode::Unsupported;
    return {unsupported ? Verdict::Unsupported : Verdict::Fail, status.error().text()};
  }
  return {};
}

}  // namespace sluice::conformance
