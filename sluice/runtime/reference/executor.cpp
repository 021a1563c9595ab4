// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/executor.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime {

std::size_t size_bytes(const ir::ValueType& type) {
  return storage_bytes(type.dtype) * static_cast<std::size_t>(num_elements(type.shape));
}

Tensor view(const ir::ValueType& type, const std::byte* data) {
  return Tensor::adopt(type.dtype, type.shape, nullptr, {data, size_bytes(type)});
}

Status check_inputs(const ir::Graph& graph, std::span<const Tensor> inputs) {
  if (inputs.size() != graph.inputs.size()) {
    return Error{ErrorCode::InvalidArgument, fmt::format("the network has {} inputs, {} were given",
                                                         graph.inputs.size(), inputs.size())};
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ir::ValueId id = graph.inputs[i].value;
    const ir::ValueType& type = graph.type(id);
    if (inputs[i].dtype() != type.dtype || inputs[i].shape() != type.shape) {
      return Error{
          ErrorCode::InvalidArgument,
          fmt::format("expects {} {}, got {} {}", to_string(type.dtype), to_string(type.shape),
                      to_string(inputs[i].dtype()), to_string(inputs[i].shape())),
          fmt::format("input {}", sluice::quoted(graph[id].name))};
    }
    if (!graph[id].quantization) continue;
    if (auto status = numeric::check_codes(inputs[i], *graph[id].quantization); !status) {
      return std::move(status).error().at(fmt::format("input {}", sluice::quoted(graph[id].name)));
    }
  }
  return {};
}

Status check_executable(const ir::Graph& graph) {
  SL_TRY_STATUS(ir::verify(graph));
  if (!ir::is_quantized(graph)) return {};
  return Error{ErrorCode::Unsupported,
               "the network is quantized and is not run in float32; give its float32 original"};
}

namespace {

class NodeExecutor final : public Executor {
 public:
  NodeExecutor(ir::Graph graph, NodeKernel kernel)
      : graph_(std::move(graph)),
        kernel_(std::move(kernel)),
        last_use_(graph_.values.size(), graph_.nodes.size()) {
    std::vector<bool> kept(graph_.values.size(), false);
    for (const ir::ValueId id : graph_.outputs) kept[static_cast<std::size_t>(id)] = true;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (const ir::ValueId id : graph_.nodes[n].inputs) {
        if (id != ir::kNoValue && !kept[static_cast<std::size_t>(id)]) {
          last_use_[static_cast<std::size_t>(id)] = n;
        }
      }
    }
  }

  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs,
                                  const Observer* observer) override {
    SL_TRY_STATUS(check_inputs(graph_, inputs));
    std::vector<std::optional<Tensor>> values(graph_.values.size());
    for (std::size_t v = 0; v < values.size(); ++v) values[v] = graph_.values[v].constant;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      values[static_cast<std::size_t>(graph_.inputs[i].value)] = inputs[i];
      observe(observer, graph_.inputs[i].value, inputs[i]);
    }
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const ir::Node& node = graph_.nodes[n];
      if (auto status = run_node(node, values); !status) {
        return std::move(status).error().at(ir::place_of(node));
      }
      for (const ir::ValueId id : node.outputs) {
        if (id != ir::kNoValue) observe(observer, id, *values[static_cast<std::size_t>(id)]);
      }
      for (const ir::ValueId id : given_up_after(n)) values[static_cast<std::size_t>(id)].reset();
    }
    std::vector<Tensor> outputs;
    outputs.reserve(graph_.outputs.size());
    for (const ir::ValueId id : graph_.outputs) {
      outputs.push_back(*values[static_cast<std::size_t>(id)]);
    }
    return outputs;
  }

  std::size_t peak_bytes() const override {
    std::size_t live = 0;
    for (const ir::GraphInput& input : graph_.inputs) live += size_bytes(graph_.type(input.value));
    std::size_t peak = live;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (const ir::ValueId id : graph_.nodes[n].outputs) {
        if (id != ir::kNoValue) live += size_bytes(graph_.type(id));
      }
      peak = std::max(peak, live);
      for (const ir::ValueId id : given_up_after(n)) live -= size_bytes(graph_.type(id));
    }
    return peak;
  }

 private:
  // The values, constants aside, that node n is the last to read.
  std::vector<ir::ValueId> given_up_after(std::size_t n) const {
    std::vector<ir::ValueId> result;
    for (const ir::ValueId id : graph_.nodes[n].inputs) {
      if (id != ir::kNoValue && last_use_[static_cast<std::size_t>(id)] == n &&
          !graph_[id].constant && std::ranges::count(result, id) == 0) {
        result.push_back(id);
      }
    }
    return result;
  }

  Status run_node(const ir::Node& node, std::vector<std::optional<Tensor>>& values) const {
    std::vector<const Tensor*> inputs;
    inputs.reserve(node.inputs.size());
    for (const ir::ValueId id : node.inputs) {
      inputs.push_back(id == ir::kNoValue ? nullptr : &*values[static_cast<std::size_t>(id)]);
    }
    SL_TRY(auto results, kernel_(graph_, node, inputs));
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == ir::kNoValue) continue;
      values[static_cast<std::size_t>(node.outputs[i])] = std::move(results[i]);
    }
    return {};
  }

  static void observe(const Observer* observer, ir::ValueId id, const Tensor& tensor) {
    if (observer != nullptr && std::ranges::count(observer->values, id) > 0) {
      observer->on_value(id, 0, tensor);
    }
  }

  ir::Graph graph_;
  NodeKernel kernel_;
  std::vector<std::size_t> last_use_;  // the last node that reads each value; #nodes: kept
};

}  // namespace

std::unique_ptr<Executor> make_node_executor(ir::Graph graph, NodeKernel kernel) {
  return std::make_unique<NodeExecutor>(std::move(graph), std::move(kernel));
}

Result<std::unique_ptr<Executor>> make_reference_executor(ir::Graph graph) {
  SL_TRY_STATUS(check_executable(graph));
  return make_node_executor(std::move(graph), [](const ir::Graph& of, const ir::Node& node,
                                                 std::span<const Tensor* const> inputs) {
    return reference::evaluate(node.op, inputs, ir::output_types(of, node));
  });
}

}  // namespace sluice::runtime
