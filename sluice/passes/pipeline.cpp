// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/pipeline.hpp"

#include <array>
#include <string>

#include "sluice/passes/fold_batch_norm.hpp"
#include "sluice/passes/fold_constants.hpp"
#include "sluice/passes/fold_pad.hpp"
#include "sluice/passes/fold_qdq.hpp"
#include "sluice/passes/remove_identity.hpp"

namespace sluice::passes {
namespace {

// Those that change layers come last, so that clean_up_passes is a prefix.
constexpr std::array kPasses{
    Pass{"fold_constants",
         [](ir::Graph& graph, const ir::Evaluator& evaluate) {
           return fold_constants(graph, evaluate);
         }},
    Pass{
        "remove_identity",
        [](ir::Graph& graph, const ir::Evaluator& /*evaluate*/) { return remove_identity(graph); }},
    Pass{"fold_qdq",
         [](ir::Graph& graph, const ir::Evaluator& /*evaluate*/) { return fold_qdq(graph); }},
    Pass{"fold_pad",
         [](ir::Graph& graph, const ir::Evaluator& /*evaluate*/) { return fold_pad(graph); }},
    Pass{
        "fold_batch_norm",
        [](ir::Graph& graph, const ir::Evaluator& /*evaluate*/) { return fold_batch_norm(graph); }},
};

}  // namespace

std::span<const Pass> clean_up_passes() {
  return std::span(kPasses).first(3);
}

std::span<const Pass> inference_passes() {
  return kPasses;
}

Status run_passes(ir::Graph& graph, std::span<const Pass> passes, const ir::Evaluator& evaluate,
                  const AfterPass& after) {
  for (const Pass& pass : passes) {
    if (auto status = pass.run(graph, evaluate); !status) {
      return std::move(status).error().at("pass " + std::string(pass.name));
    }
    if (after) SL_TRY_STATUS(after(pass.name, graph));
  }
  return {};
}

}  // namespace sluice::passes
