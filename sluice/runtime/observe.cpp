// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/observe.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"

namespace sluice::runtime {

Result<std::map<ir::ValueId, Tensor>> observe(Executor& executor, const ir::Graph& graph,
                                              std::span<const Tensor> inputs,
                                              std::span<const ir::ValueId> values) {
  std::map<ir::ValueId, Tensor> seen;
  Observer observer;
  for (const ir::ValueId id : values) {
    const auto input = std::ranges::find(graph.inputs, id, &ir::GraphInput::value);
    if (graph[id].constant) {
      seen.emplace(id, *graph[id].constant);
    } else if (input != graph.inputs.end()) {
      seen.emplace(id, inputs[static_cast<std::size_t>(input - graph.inputs.begin())]);
    } else if (std::ranges::count(observer.values, id) == 0) {
      observer.values.push_back(id);
    }
  }
  observer.on_value = [&](ir::ValueId id, std::int64_t first, const Tensor& piece) {
    const ir::ValueType& type = graph.type(id);
    Tensor& whole = seen.try_emplace(id, type.dtype, type.shape).first->second;
    const std::size_t at = static_cast<std::size_t>(first) * piece.bytes().size();
    SL_ASSERT(at + piece.bytes().size() <= whole.bytes().size(), "pieces of one value");
    std::ranges::copy(piece.bytes(), whole.mutable_bytes().subspan(at).begin());
  };
  SL_TRY(const auto outputs, executor.run(inputs, &observer));
  static_cast<void>(outputs);
  return seen;
}

}  // namespace sluice::runtime
