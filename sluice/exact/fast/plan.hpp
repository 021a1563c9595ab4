// SPDX-License-Identifier: Apache-2.0
// Plan: a quantized graph made ready to run: steps in order, and the buffers they work on. Packed
// weights are shared by all who run the plan; everything else a runner owns is in a Workspace.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::exact::fast {

// Index into Plan::buffers.
enum class BufferId : std::int32_t {};

// How the elements of a value lie in a buffer.
enum class Order : unsigned char {
  RowMajor,
  ChannelsLast,  // [N, C, H, W] as [N, H, W, C], as hardware streams it
};

struct Buffer {
  std::size_t size_bytes = 0;
  std::size_t offset = 0;               // in a workspace, unless it is a constant
  const std::byte* constant = nullptr;  // an address for good
  std::shared_ptr<const void> owner;    // keeps that alive
};

// Where the buffers are during one run.
using Addresses = std::span<std::byte* const>;
[[nodiscard]] inline std::byte* at(Addresses addresses, BufferId id) {
  return addresses[static_cast<std::size_t>(id)];
}

struct Step {
  ir::NodeId node = ir::kNoNode;  // whom to name in an error
  std::vector<BufferId> uses;     // every buffer read or written, for liveness
  std::function<Status(Addresses)> run;
  // Not kNoValue: uses[0] holds it, row-major, for the observer, and there is nothing to run.
  ir::ValueId observed = ir::kNoValue;
};

struct Plan {
  std::shared_ptr<const ir::Graph> graph;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<BufferId> inputs, outputs;  // as the graph's, row-major
  std::size_t workspace_bytes = 0;
  std::vector<ir::NodeId> plain_nodes;  // run by their reference kernel
};

// One runner's memory. Not shared between threads.
class Workspace {
 public:
  explicit Workspace(const Plan& plan);

  // Steps [first, last).
  [[nodiscard]] Status run(std::size_t first, std::size_t last) const;
  [[nodiscard]] std::byte* address(BufferId id) const { return at(addresses_, id); }

 private:
  const Plan* plan_;
  std::shared_ptr<std::byte> memory_;
  std::vector<std::byte*> addresses_;
};

}  // namespace sluice::exact::fast
