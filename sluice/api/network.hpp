// SPDX-License-Identifier: Apache-2.0
// Networks made ready to run: passes, number format, executor.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/format.hpp"
#include "sluice/quant/calibration.hpp"
#include "sluice/runtime/executor.hpp"
#include "sluice/sparse/prune.hpp"

namespace sluice::api {

enum class Engine : unsigned char {
  Fast,       // "fast": oneDNN; integer networks by vector kernels of our own
  Reference,  // "reference": plain loops, the definition
};
[[nodiscard]] std::string_view to_string(Engine engine) noexcept;
// InvalidArgument with the nearest name.
[[nodiscard]] Result<Engine> engine_from_string(std::string_view name);

// "none", "fpgaconvnet".
[[nodiscard]] Result<quant::Compat> compat_from_string(std::string_view name);

struct NetworkOptions {
  Engine engine = Engine::Fast;
  std::int64_t memory_limit_bytes = 0;  // of a run's values; 0: half of the memory there is
  // How a quantized network rounds, in place of what its nodes record.
  std::optional<numeric::Arithmetic> arithmetic;
  quant::CalibrationOptions calibration;
  // Pruning on top of the format, as the published system emulates it: once values are snapped and
  // ranges taken from the network as it was, weights below the first become zero and rectifiers
  // drop what is not above the second, between the snaps of their input and output. Both are finite
  // and 0 or more. Fpgaconvnet: a ReLU6 loses its cap.
  std::optional<float> weight_threshold;
  std::optional<float> relu_threshold;

  [[nodiscard]] bool prunes() const { return weight_threshold || relu_threshold; }
};

// The thresholds of the options applied to the float32 network. What became of the weights: without
// layers where there is no weight_threshold.
[[nodiscard]] Result<sparse::PruneReport> apply_thresholds(ir::Graph& graph,
                                                           const NetworkOptions& options);

// The passes every run starts with. Batch norm is folded into the layer before it, as hardware
// does, unless the published system is to be equalled, which leaves it alone.
[[nodiscard]] Status prepare(ir::Graph& graph, quant::Compat compat);

// A graph as it runs: the format's snaps in it, its weights on the grid.
struct RunnableNetwork {
  ir::Graph graph;
  std::unique_ptr<runtime::Executor> executor;
};

// The prepared `graph` with values in `format`, emulated in float32. Other formats than float32
// snap the weights, take activation ranges from all of `calibration`'s batches where the format
// needs them, and snap the activations. A quantized network is run in integers, and has its own
// format: any but float32 is refused. Unsupported if a run would need more memory than the limit.
[[nodiscard]] Result<RunnableNetwork> make_runnable(ir::Graph graph, const numeric::Format& format,
                                                    const quant::BatchSource& calibration,
                                                    const NetworkOptions& options);
// Its executor alone.
[[nodiscard]] Result<std::unique_ptr<runtime::Executor>> make_executor(
    ir::Graph graph, const numeric::Format& format, const quant::BatchSource& calibration,
    const NetworkOptions& options);

}  // namespace sluice::api
