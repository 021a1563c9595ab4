// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/executor.hpp"

#include "sluice/exact/reference/kernel.hpp"

namespace sluice::exact {

Result<std::unique_ptr<runtime::Executor>> make_reference_executor(ir::Graph graph,
                                                                   const Options& options) {
  SL_TRY_STATUS(ir::verify(graph));
  const auto kernel = [options](const ir::Graph& of, const ir::Node& node,
                                std::span<const Tensor* const> inputs) {
    const auto arithmetic = reference::arithmetic_of(node, options.arithmetic);
    return reference::evaluate({of, node, inputs, arithmetic});
  };
  return runtime::make_node_executor(std::move(graph), kernel);
}

}  // namespace sluice::exact
