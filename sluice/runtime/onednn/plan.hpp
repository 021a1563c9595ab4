// SPDX-License-Identifier: Apache-2.0
// Plan: a graph made ready to run: steps in order, and the buffers they work on. Weights are packed
// and shared by all who run the plan; everything else a runner owns is in a Workspace.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/runtime/onednn/dnnl.hpp"

namespace sluice::runtime::onednn {

// Index into Plan::buffers.
enum class BufferId : std::int32_t {};
constexpr std::size_t index(BufferId id) {
  return static_cast<std::size_t>(id);
}

enum class BufferKind : unsigned char {
  Arena,     // activations and scratch: an offset into the workspace
  Constant,  // weights: an address for good
  Input,     // what the caller hands in, read only
  Output,    // what the caller gets
};

struct Buffer {
  BufferKind kind = BufferKind::Arena;
  std::size_t size_bytes = 0;
  std::size_t offset = 0;               // Arena
  const std::byte* constant = nullptr;  // Constant
  std::shared_ptr<const void> owner;    // Constant: keeps it alive
};

// Where the buffers are during one run.
using Addresses = std::span<std::byte* const>;

// An argument of a primitive: `offset` bytes into the buffer, seen as `desc`.
struct Argument {
  int id = 0;
  BufferId buffer{};
  Desc desc;
  std::size_t offset = 0;
};

struct Step {
  ir::NodeId node = ir::kNoNode;  // whom to name in an error
  dnnl::primitive primitive;      // either this with its arguments …
  std::vector<Argument> arguments;
  std::function<Status(Addresses)> call;  // … or this
  std::vector<BufferId> uses;             // every buffer read or written, for liveness
  ir::ValueId observed =
      ir::kNoValue;  // not kNoValue: uses[0] holds it, row-major, for the observer
};

struct Plan {
  ir::Graph graph;  // as planned, without the contents that only packed weights have kept
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<BufferId> inputs, outputs;  // as the graph's
  std::size_t arena_bytes = 0;
  std::vector<ir::NodeId> plain_nodes;  // run by their reference kernel
};

// One runner's memory. Not shared between threads.
class Workspace {
 public:
  explicit Workspace(const Plan& plan);

  // inputs/outputs: addresses in the plan's order. Runs steps [first, last).
  void bind(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs);
  [[nodiscard]] Status run(std::size_t first, std::size_t last);
  [[nodiscard]] const std::byte* address(BufferId id) const;

 private:
  const Plan* plan_;
  std::shared_ptr<std::byte> arena_;
  std::vector<std::byte*> addresses_;
  dnnl::stream stream_;
  std::vector<std::unordered_map<int, dnnl::memory>> arguments_;  // by step
  std::vector<std::pair<dnnl::memory, Argument>> external_;       // to rebind on every run
};

}  // namespace sluice::runtime::onednn
