// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/executor.hpp"

#include <algorithm>
#include <mutex>

#include "sluice/base/threads.hpp"
#include "sluice/runtime/batch.hpp"
#include "sluice/runtime/onednn/planner.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::runtime {
namespace {

using onednn::Plan;
using onednn::PlannerOptions;
using onednn::Workspace;

// How the batch of a graph is run: in `parts` of equal size, each by one pass of the plan.
struct Batching {
  ir::Graph graph;  // of one part
  std::int64_t parts = 1;
  int threads_a_part = 1;
};

// Takes the graph over, so that its weights have one owner.
Batching batching_of(ir::Graph graph, int threads) {
  if (auto one = single_image(graph)) {
    const std::int64_t batch = graph.type(graph.inputs[0].value).shape[0];
    return {std::move(*one), batch, 1};
  }
  return {std::move(graph), 1, threads};
}

ir::Graph without_constants(const ir::Graph& graph) {
  ir::Graph result = graph;
  for (ir::Value& value : result.values) value.constant.reset();
  return result;
}

// A plan and the workspaces it runs in.
class Session {
 public:
  static Result<std::unique_ptr<Session>> make(ir::Graph part, const PlannerOptions& options,
                                               int threads_a_part,
                                               std::shared_ptr<onednn::WeightStore> weights) {
    const ThreadCount scope(threads_a_part);
    SL_TRY(Plan plan, onednn::Planner(std::move(part), options, std::move(weights)).plan());
    return std::make_unique<Session>(std::move(plan), threads_a_part);
  }

  Session(Plan plan, int threads_a_part)
      : plan_(std::move(plan)), threads_a_part_(threads_a_part) {}

  const Plan& plan() const { return plan_; }

  // Each part from its first to its last step, on `threads` threads; the values that the plan
  // observes go to `observer`, which may be null if there are none.
  Status run(std::span<const Tensor> inputs, std::span<Tensor> outputs, std::int64_t parts,
             int threads, const Observer* observer) {
    const int workers = workers_for(parts, threads);
    SL_TRY_STATUS(reserve(static_cast<std::size_t>(workers)));
    const ThreadCount scope(threads_a_part_);
    if (workers == 1) {
      const ProcessorEach pinned(threads_a_part_);
      for (std::int64_t part = 0; part < parts; ++part) {
        bind(workspaces_[0], inputs, outputs, part, parts);
        SL_TRY_STATUS(run_part(workspaces_[0], part, observer));
      }
      return {};
    }
    return for_each_part(parts, workers, [&](std::size_t worker, std::int64_t part) {
      bind(workspaces_[worker], inputs, outputs, part, parts);
      return run_part(workspaces_[worker], part, observer);
    });
  }

  // Bytes of the workspaces that run() needs.
  std::size_t workspace_bytes(std::int64_t parts, int threads) const {
    return plan_.arena_bytes * static_cast<std::size_t>(workers_for(parts, threads));
  }

 private:
  Status reserve(std::size_t count) {
    return onednn::guarded([&]() -> Status {
      while (workspaces_.size() < count) workspaces_.emplace_back(plan_);
      return {};
    });
  }

  static std::size_t part_bytes(const Tensor& tensor, std::int64_t parts) {
    return tensor.bytes().size() / static_cast<std::size_t>(parts);
  }

  static void bind(Workspace& workspace, std::span<const Tensor> inputs, std::span<Tensor> outputs,
                   std::int64_t part, std::int64_t parts) {
    const auto at = static_cast<std::size_t>(part);
    std::vector<const std::byte*> from;
    for (const Tensor& input : inputs) {
      from.push_back(input.bytes().data() + at * part_bytes(input, parts));
    }
    std::vector<std::byte*> to;
    for (Tensor& output : outputs) {
      // Written in place by several threads; each output was made by us and is nobody else's.
      to.push_back(const_cast<std::byte*>(output.bytes().data()) + at * part_bytes(output, parts));
    }
    workspace.bind(from, to);
  }

  static int workers_for(std::int64_t parts, int threads) {
    return static_cast<int>(std::min<std::int64_t>(parts, threads));
  }

  Status run_part(Workspace& workspace, std::int64_t part, const Observer* observer) {
    std::size_t done = 0;
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      const onednn::Step& step = plan_.steps[s];
      if (step.observed == ir::kNoValue) continue;
      SL_TRY_STATUS(workspace.run(done, s + 1));
      done = s + 1;
      const Tensor piece = view(plan_.graph.type(step.observed), workspace.address(step.uses[0]));
      std::unique_lock lock(observing_, std::defer_lock);
      if (!observer->is_concurrent) lock.lock();
      observer->on_value(step.observed, part, piece);
    }
    return workspace.run(done, plan_.steps.size());
  }

  Plan plan_;
  int threads_a_part_;
  std::vector<Workspace> workspaces_;
  std::mutex observing_;
};

class Executable final : public OnednnExecutor {
 public:
  Executable(ir::Graph graph, const OnednnOptions& options)
      : graph_(without_constants(graph)),
        options_(options),
        threads_(options.threads > 0 ? options.threads : num_threads()),
        batching_(batching_of(std::move(graph), threads_)) {}

  Status prepare() {
    SL_TRY(session_, Session::make(std::move(batching_.graph), {.fuse = options_.fuse},
                                   batching_.threads_a_part, weights_));
    return {};
  }

  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs,
                                  const Observer* observer) override {
    SL_TRY_STATUS(check_inputs(graph_, inputs));
    std::vector<Tensor> outputs;
    outputs.reserve(graph_.outputs.size());
    for (const ir::ValueId id : graph_.outputs) {
      outputs.emplace_back(graph_.type(id).dtype, graph_.type(id).shape);
    }
    if (observer == nullptr || observer->values.empty()) {
      SL_TRY_STATUS(session_->run(inputs, outputs, batching_.parts, threads_, nullptr));
      return outputs;
    }
    if (observed_ == nullptr || observed_values_ != observer->values) {
      SL_TRY(observed_, Session::make(session_->plan().graph,
                                      {.fuse = options_.fuse, .observed = observer->values},
                                      batching_.threads_a_part, weights_));
      observed_values_ = observer->values;
    }
    SL_TRY_STATUS(observed_->run(inputs, outputs, batching_.parts, threads_, observer));
    return outputs;
  }

  std::size_t peak_bytes() const override {
    std::size_t bytes = session_->workspace_bytes(batching_.parts, threads_);
    if (observed_) bytes += observed_->workspace_bytes(batching_.parts, threads_);
    for (const ir::GraphInput& input : graph_.inputs) bytes += size_bytes(graph_.type(input.value));
    for (const ir::ValueId id : graph_.outputs) bytes += size_bytes(graph_.type(id));
    return bytes;
  }

  std::vector<ir::NodeId> plain_nodes() const override { return session_->plan().plain_nodes; }

 private:
  ir::Graph graph_;  // types and names only
  OnednnOptions options_;
  int threads_;
  Batching batching_;
  std::shared_ptr<onednn::WeightStore> weights_ = std::make_shared<onednn::WeightStore>();
  std::unique_ptr<Session> session_, observed_;
  std::vector<ir::ValueId> observed_values_;
};

}  // namespace

Result<std::unique_ptr<OnednnExecutor>> make_onednn_executor(ir::Graph graph,
                                                             const OnednnOptions& options) {
  SL_TRY_STATUS(check_executable(graph));
  auto executable = std::make_unique<Executable>(std::move(graph), options);
  SL_TRY_STATUS(executable->prepare());
  return std::unique_ptr<OnednnExecutor>(std::move(executable));
}

}  // namespace sluice::runtime
