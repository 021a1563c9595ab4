// SPDX-License-Identifier: Apache-2.0
// ZeroStatistics: the zeros that the convolutions of a network meet while it runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/runtime/executor.hpp"
#include "sluice/sparse/joint_zeros.hpp"
#include "sluice/sparse/window_zeros.hpp"

namespace sluice::sparse {

class ZeroStatistics {
 public:
  struct Layer {
    ir::NodeId node = ir::kNoNode;
    std::string name;  // of the node
    ZeroCounter zeros;
    std::optional<JointZeros> joint;  // where moving averages are asked for
  };
  // A convolution that is not watched, and the reason.
  struct Unwatched {
    std::string name;
    std::string reason;
  };

  // Of the Convs of a graph with its types, which an executor runs as it is: emulated, quantized,
  // or in float32. `averaged_windows`: of the moving averages, see JointZeros; none without it.
  static ZeroStatistics create(const ir::Graph& graph,
                               std::optional<std::int64_t> averaged_windows = std::nullopt);
  ZeroStatistics(ZeroStatistics&&) noexcept;
  ZeroStatistics& operator=(ZeroStatistics&&) noexcept;
  ~ZeroStatistics();

  // To be handed to Executor::run; it refers to these statistics, which may be moved.
  [[nodiscard]] const runtime::Observer& observer() const;
  // In graph order.
  [[nodiscard]] const std::vector<Layer>& layers() const;
  [[nodiscard]] const std::vector<Unwatched>& unwatched() const;

 private:
  struct State;
  explicit ZeroStatistics(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sluice::sparse
