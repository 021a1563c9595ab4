// SPDX-License-Identifier: Apache-2.0
// Emulated quantisation: a float32 network that computes on values snapped to a number format's
// grids. In this order: weights, then calibration on the network with those weights and unsnapped
// activations, then the activations.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/format.hpp"
#include "sluice/quant/calibration.hpp"
#include "sluice/quant/modules.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice::quant {

// The grid of each module's weights. Sharing::Network takes its range from all of them. None for
// float32. Types must be inferred. Errors name the node.
using WeightGrids = std::map<ir::NodeId, numeric::Grid>;
[[nodiscard]] Result<WeightGrids> weight_grids(const ir::Graph& graph,
                                               const numeric::Format& format,
                                               Compat compat = Compat::None);

// `graph` with the weights of its modules replaced by their grid's values; biases and the rest stay
// in float32. Values may be renumbered, nodes are not. Types must be inferred. Errors name the
// node.
[[nodiscard]] Result<ir::Graph> quantize_weights(const ir::Graph& graph,
                                                 const numeric::Format& format,
                                                 Compat compat = Compat::None);

// The grid of each value that modules read or make (as in find_modules).
using ActivationGrids = std::map<ir::ValueId, numeric::Grid>;
[[nodiscard]] Result<ActivationGrids> activation_grids(const ir::Graph& graph,
                                                       const numeric::Format& format,
                                                       const Ranges& ranges,
                                                       Compat compat = Compat::None);

// `graph` with a Snap after each module's output and before each module's input; everyone reads an
// output snapped, others than modules read an input as it was. A second snap to the grid that an
// output was snapped to is left out where that is proven to change nothing
// (numeric::is_idempotent). Graph outputs keep their names. InvalidArgument for a value without a
// grid or with one that does not fit.
[[nodiscard]] Result<ir::Graph> insert_snaps(const ir::Graph& graph, const ActivationGrids& grids,
                                             Compat compat = Compat::None);

// Makes an executor of a graph.
using ExecutorFactory = std::function<Result<std::unique_ptr<runtime::Executor>>(ir::Graph graph)>;

// All three steps. float32 gives the graph back; formats that need no calibration ask for no
// executor and no batch.
[[nodiscard]] Result<ir::Graph> emulate(ir::Graph graph, const numeric::Format& format,
                                        const ExecutorFactory& make_executor,
                                        const BatchSource& next_batch,
                                        const CalibrationOptions& options = {});

}  // namespace sluice::quant
