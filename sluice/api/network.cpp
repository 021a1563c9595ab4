// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/network.hpp"

#include <array>
#include <fmt/format.h>

#include "sluice/base/memory.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/passes/pipeline.hpp"
#include "sluice/quant/emulate.hpp"
#include "sluice/runtime/onednn/executor.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/sparse/threshold_relu.hpp"

namespace sluice::api {
namespace {

constexpr std::array<std::string_view, 2> kEngineNames{"fast", "reference"};

Result<std::unique_ptr<runtime::Executor>> make_engine(ir::Graph graph, Engine engine) {
  if (engine == Engine::Reference) return runtime::make_reference_executor(std::move(graph));
  SL_TRY(auto executor, runtime::make_onednn_executor(std::move(graph)));
  return std::unique_ptr<runtime::Executor>(std::move(executor));
}

// A small file can describe a network whose values fill any memory.
Status check_memory(const runtime::Executor& executor, std::int64_t limit_bytes) {
  constexpr double kGigabyte = 1e9;
  const std::int64_t limit = limit_bytes > 0 ? limit_bytes : memory_bytes() / 2;
  const auto needed = static_cast<std::int64_t>(executor.peak_bytes());
  if (needed <= limit) return {};
  return Error{
      ErrorCode::Unsupported,
      fmt::format("the network's values need {:.3g} GB of memory, the limit is {:.3g} GB; "
                  "take a smaller batch or input, or raise --memory-limit",
                  static_cast<double>(needed) / kGigabyte, static_cast<double>(limit) / kGigabyte)};
}

}  // namespace

std::string_view to_string(Engine engine) noexcept {
  return kEngineNames[static_cast<std::size_t>(engine)];
}

Result<Engine> engine_from_string(std::string_view name) {
  for (const Engine engine : {Engine::Fast, Engine::Reference}) {
    if (to_string(engine) == name) return engine;
  }
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no engine {}{}; there are fast and reference", sluice::quoted(name),
                           did_you_mean(name, kEngineNames))};
}

Result<quant::Compat> compat_from_string(std::string_view name) {
  static constexpr std::array<std::string_view, 2> kNames{"none", "fpgaconvnet"};
  if (name == kNames[0]) return quant::Compat::None;
  if (name == kNames[1]) return quant::Compat::Fpgaconvnet;
  return Error{ErrorCode::InvalidArgument,
               fmt::format("nothing called {} to be compatible with{}; there is fpgaconvnet",
                           sluice::quoted(name), did_you_mean(name, kNames))};
}

Status prepare(ir::Graph& graph, quant::Compat compat) {
  const auto passes =
      compat == quant::Compat::Fpgaconvnet ? passes::clean_up_passes() : passes::inference_passes();
  return passes::run_passes(graph, passes, runtime::reference::evaluate);
}

Result<sparse::PruneReport> apply_thresholds(ir::Graph& graph, const NetworkOptions& options) {
  sparse::PruneReport report;
  if (options.weight_threshold) {
    SL_TRY(report, sparse::prune_below(graph, {*options.weight_threshold}));
  }
  if (options.relu_threshold) {
    const bool is_compat = options.calibration.compat == quant::Compat::Fpgaconvnet;
    const auto done = sparse::threshold_relus(graph, {options.relu_threshold},
                                              is_compat ? sparse::Cap::Drop : sparse::Cap::Keep);
    if (!done) return done.error();
  }
  return report;
}

Result<RunnableNetwork> make_runnable(ir::Graph graph, const numeric::Format& format,
                                      const quant::BatchSource& calibration,
                                      const NetworkOptions& options) {
  const auto factory = [&](ir::Graph made) -> Result<std::unique_ptr<runtime::Executor>> {
    SL_TRY(auto executor, make_engine(std::move(made), options.engine));
    SL_TRY_STATUS(check_memory(*executor, options.memory_limit_bytes));
    return executor;
  };
  if (ir::is_quantized(graph)) {
    if (options.prunes()) SL_TRY_STATUS(sparse::refuse_quantized(graph));
    if (format != numeric::Format()) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("the network is quantized and runs in its own integers, not in {}; "
                               "give its float32 original",
                               numeric::to_string(format))};
    }
    const exact::Options exactly{options.arithmetic};
    SL_TRY(auto executor, options.engine == Engine::Reference
                              ? exact::make_reference_executor(graph, exactly)
                              : exact::make_fast_executor(graph, exactly));
    SL_TRY_STATUS(check_memory(*executor, options.memory_limit_bytes));
    return RunnableNetwork{std::move(graph), std::move(executor)};
  }
  if (options.arithmetic) {
    return Error{ErrorCode::InvalidArgument,
                 "--arithmetic says how a quantized network rounds, and this one is in float32"};
  }
  SL_TRY(ir::Graph emulated,
         quant::emulate(std::move(graph), format, factory, calibration, options.calibration));
  if (auto pruned = apply_thresholds(emulated, options); !pruned) return pruned.error();
  SL_TRY(auto executor, factory(emulated));
  return RunnableNetwork{std::move(emulated), std::move(executor)};
}

Result<std::unique_ptr<runtime::Executor>> make_executor(ir::Graph graph,
                                                         const numeric::Format& format,
                                                         const quant::BatchSource& calibration,
                                                         const NetworkOptions& options) {
  SL_TRY(RunnableNetwork network, make_runnable(std::move(graph), format, calibration, options));
  return std::move(network.executor);
}

}  // namespace sluice::api
