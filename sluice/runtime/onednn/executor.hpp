// SPDX-License-Identifier: Apache-2.0
// The fast executor: oneDNN for what it has, kernels of our own on the way.
#pragma once

#include "sluice/runtime/executor.hpp"

namespace sluice::runtime {

struct OnednnOptions {
  // Element-wise operators become part of the operator before them. Values inside such a group
  // never exist; an Observer's values always do. Snap is applied to exactly the values it names
  // either way.
  bool fuse = true;
  // Threads of a run; 0: num_threads().
  int threads = 0;
};

class OnednnExecutor : public Executor {
 public:
  // The nodes that run by their reference kernel on row-major values.
  [[nodiscard]] virtual std::vector<ir::NodeId> plain_nodes() const = 0;
};

// The graph must verify. Constants are packed once, here. A batch whose images do not meet is run
// image by image on all threads, other networks layer by layer. Results do not depend on the number
// of threads. Errors: Verify; External when oneDNN refuses; what reference kernels return.
[[nodiscard]] Result<std::unique_ptr<OnednnExecutor>> make_onednn_executor(
    ir::Graph graph, const OnednnOptions& options = {});

}  // namespace sluice::runtime
