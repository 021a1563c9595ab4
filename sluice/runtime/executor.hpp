// SPDX-License-Identifier: Apache-2.0
// Executor: runs a verified graph on float32 (and the integer types its operators allow). Two of
// them: `reference` is the definition, `onednn` the fast one, tested equal.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::runtime {

// Called with each value asked for as soon as it is computed, in row-major order; for calibration,
// for statistics and for tests. Where the images of a batch are run one by one, a value comes in
// pieces, an image each, and the images in any order; else it comes whole. Graph order holds for
// each image. Calls may come from other threads. A piece is valid during the call.
struct Observer {
  std::vector<ir::ValueId> values;
  // `first`: the index of the piece's first image in the batch.
  std::function<void(ir::ValueId, std::int64_t first, const Tensor& piece)> on_value;
  // Whether calls may come at the same time; otherwise they come one at a time.
  bool is_concurrent = false;
};

class Executor {
 public:
  virtual ~Executor() = default;

  // One forward pass: one tensor a graph input, of exactly its inferred type (InvalidArgument
  // otherwise), to one tensor a graph output. Not reentrant; use one executor a thread.
  [[nodiscard]] virtual Result<std::vector<Tensor>> run(std::span<const Tensor> inputs,
                                                        const Observer* observer = nullptr) = 0;

  // Bytes that a run holds at most for its inputs, its outputs and the values between them.
  [[nodiscard]] virtual std::size_t peak_bytes() const = 0;
};

// Bytes of a value's content.
[[nodiscard]] std::size_t size_bytes(const ir::ValueType& type);

// A value in memory of someone else's, seen without taking it over: valid as long as that is.
[[nodiscard]] Tensor view(const ir::ValueType& type, const std::byte* data);

// InvalidArgument, naming the input, unless `inputs` are of the graph's types and their codes fit
// in the bits that they are said to have.
[[nodiscard]] Status check_inputs(const ir::Graph& graph, std::span<const Tensor> inputs);

// What executors ask of a graph: Verify if it breaks an invariant, Unsupported if it is quantized,
// which takes integers.
[[nodiscard]] Status check_executable(const ir::Graph& graph);

// The plain one: reference kernels, one node after another, a fresh tensor a value.
[[nodiscard]] Result<std::unique_ptr<Executor>> make_reference_executor(ir::Graph graph);

// Computes one node of a graph on its inputs, null where absent: one tensor an output.
using NodeKernel = std::function<Result<std::vector<Tensor>>(
    const ir::Graph& graph, const ir::Node& node, std::span<const Tensor* const> inputs)>;

// One node after another by `kernel`. The graph has been verified.
[[nodiscard]] std::unique_ptr<Executor> make_node_executor(ir::Graph graph, NodeKernel kernel);

}  // namespace sluice::runtime
