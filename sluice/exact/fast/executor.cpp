// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/executor.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "sluice/base/threads.hpp"
#include "sluice/exact/fast/planner.hpp"
#include "sluice/runtime/batch.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact {
namespace {

using fast::Plan;
using fast::Planner;
using fast::PlannerOptions;
using fast::Workspace;

// A plan and the workspaces it runs in, one a worker.
class Session {
 public:
  static Result<std::unique_ptr<Session>> make(const ir::Graph& part, PlannerOptions options) {
    SL_TRY(Plan plan, Planner(part, std::move(options)).plan());
    return std::make_unique<Session>(std::move(plan));
  }

  explicit Session(Plan plan) : plan_(std::move(plan)) {}

  const Plan& plan() const { return plan_; }

  // Part `part` of `parts` of equal size, by the workspace of `worker`.
  Status run_part(std::size_t worker, std::int64_t part, std::int64_t parts,
                  std::span<const Tensor> inputs, std::span<Tensor> outputs,
                  const runtime::Observer* observer) const {
    const Workspace& workspace = workspaces_[worker];
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::size_t size = inputs[i].bytes().size() / static_cast<std::size_t>(parts);
      if (size == 0) continue;
      std::memcpy(workspace.address(plan_.inputs[i]),
                  inputs[i].bytes().data() + static_cast<std::size_t>(part) * size, size);
    }
    SL_TRY_STATUS(run_steps(workspace, part, observer));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::size_t size = outputs[i].bytes().size() / static_cast<std::size_t>(parts);
      if (size == 0) continue;
      // Written by several threads; each output was made by us and is nobody else's.
      auto* to = const_cast<std::byte*>(outputs[i].bytes().data());
      std::memcpy(to + static_cast<std::size_t>(part) * size, workspace.address(plan_.outputs[i]),
                  size);
    }
    return {};
  }

  void reserve(std::size_t count) {
    while (workspaces_.size() < count) workspaces_.emplace_back(plan_);
  }

 private:
  Status run_steps(const Workspace& workspace, std::int64_t part,
                   const runtime::Observer* observer) const {
    std::size_t done = 0;
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      const fast::Step& step = plan_.steps[s];
      if (step.observed == ir::kNoValue) continue;
      SL_TRY_STATUS(workspace.run(done, s + 1));
      done = s + 1;
      const Tensor piece =
          runtime::view(plan_.graph->type(step.observed), workspace.address(step.uses[0]));
      std::unique_lock lock(observing_, std::defer_lock);
      if (!observer->is_concurrent) lock.lock();
      observer->on_value(step.observed, part, piece);
    }
    return workspace.run(done, plan_.steps.size());
  }

  Plan plan_;
  std::vector<Workspace> workspaces_;
  mutable std::mutex observing_;
};

class FastExecutor final : public runtime::Executor {
 public:
  static Result<std::unique_ptr<runtime::Executor>> make(ir::Graph graph, const Options& options) {
    auto executor = std::make_unique<FastExecutor>();
    executor->options_ = options;
    executor->threads_ = num_threads();
    if (auto one = runtime::single_image(graph)) {
      executor->parts_ = graph.type(graph.inputs[0].value).shape[0];
      executor->part_ = std::move(*one);
    } else {
      executor->part_ = graph;
    }
    executor->graph_ = std::move(graph);
    SL_TRY(executor->session_, executor->make_session({}));
    return std::unique_ptr<runtime::Executor>(std::move(executor));
  }

  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs,
                                  const runtime::Observer* observer) override {
    SL_TRY_STATUS(runtime::check_inputs(graph_, inputs));
    std::vector<Tensor> outputs;
    for (const ir::ValueId id : graph_.outputs) {
      const ir::ValueType& type = graph_.type(id);
      outputs.emplace_back(type.dtype, type.shape);
    }
    if (observer == nullptr || observer->values.empty()) {
      SL_TRY_STATUS(run_on(*session_, inputs, outputs, nullptr));
      return outputs;
    }
    if (observed_ == nullptr || observed_values_ != observer->values) {
      SL_TRY(observed_, make_session(observer->values));
      observed_values_ = observer->values;
    }
    SL_TRY_STATUS(run_on(*observed_, inputs, outputs, observer));
    return outputs;
  }

  std::size_t peak_bytes() const override {
    std::size_t outside = 0;
    for (const ir::GraphInput& input : graph_.inputs) {
      outside += runtime::size_bytes(graph_.type(input.value));
    }
    for (const ir::ValueId id : graph_.outputs) outside += runtime::size_bytes(graph_.type(id));
    return outside + session_->plan().workspace_bytes * static_cast<std::size_t>(workers());
  }

 private:
  int workers() const { return static_cast<int>(std::min<std::int64_t>(parts_, threads_)); }

  Result<std::unique_ptr<Session>> make_session(std::vector<ir::ValueId> observed) const {
    return Session::make(part_, {.arithmetic = options_.arithmetic,
                                 .observed = std::move(observed),
                                 .threads = workers() == 1 ? threads_ : 1});
  }

  Status run_on(Session& session, std::span<const Tensor> inputs, std::span<Tensor> outputs,
                const runtime::Observer* observer) const {
    session.reserve(static_cast<std::size_t>(workers()));
    const auto run_part = [&](std::size_t worker, std::int64_t part) {
      return session.run_part(worker, part, parts_, inputs, outputs, observer);
    };
    if (workers() > 1) return runtime::for_each_part(parts_, workers(), run_part);
    const runtime::ProcessorEach pinned(threads_);
    for (std::int64_t part = 0; part < parts_; ++part) SL_TRY_STATUS(run_part(0, part));
    return {};
  }

  Options options_;
  int threads_ = 1;
  ir::Graph graph_;  // as asked for
  ir::Graph part_;   // of one part: an image where these can be told apart, else all
  std::int64_t parts_ = 1;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> observed_;  // the last one that was observed
  std::vector<ir::ValueId> observed_values_;
};

}  // namespace

Result<std::unique_ptr<runtime::Executor>> make_fast_executor(ir::Graph graph,
                                                              const Options& options) {
  SL_TRY_STATUS(ir::verify(graph));
  return FastExecutor::make(std::move(graph), options);
}

}  // namespace sluice::exact
