// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/executor.hpp"

#include "sluice/exact/reference/kernel.hpp"

namespace sluice::exact {

Result<std::unique_ptr<runtime::Executor>> make_reference_executor(ir::Graph graph,
                                                                   const Options& options) {
  SL_TRY_STATUS(ir::verify(graph));
  return runtime::make_node_executor(std::move(graph), [options](
                                                           const ir::Graph& of,
                                                           const ir::Node& node,
                                                           std::span<const Tensor* const> inputs) {
    const auto arithmetic = options.arithmetic ? options.arithmetic : node.arithmetic;
    // Nodes that record none round nothing.
    return reference::evaluate({of, node, inputs, arithmetic.value_or(numeric::Arithmetic::Onnx)});
  });
}

}  // namespace sluice::exact
