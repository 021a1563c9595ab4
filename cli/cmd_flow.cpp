// SPDX-License-Identifier: Apache-2.0
// sluice flow [MODEL --data DATA]
#include <fmt/format.h>
#include <memory>

#include "cli/eval_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/eval.hpp"
#include "sluice/api/info.hpp"

namespace sluice::cli {
namespace {

// The built-in digits in place of a model and data that were not given.
Status fill_in_builtin(EvalFlags& flags) {
  if (!flags.images.model.path.empty() && !flags.eval.data.empty()) return {};
  if (!flags.images.model.path.empty() || !flags.eval.data.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "flow takes a MODEL and --data together, or neither of them"};
  }
  SL_TRY(const api::Builtin builtin, api::builtin_digits());
  flags.images.model.path = builtin.model;
  flags.eval.data = builtin.test;
  flags.eval.calibration = builtin.calibration;
  if (flags.eval.preprocess.empty()) flags.eval.preprocess = "mnist";
  return {};
}

}  // namespace

Action declare_flow(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<EvalFlags>();
  flags->declare(app, /*required=*/false);
  return [flags, &common]() -> Status {
    SL_TRY_STATUS(fill_in_builtin(*flags));
    SL_TRY(const api::EvalOptions options, flags->options(common));
    if (!common.json) {
      api::LoadOptions load;
      load.input_shapes = options.input_shapes;
      SL_TRY(const ir::Graph graph, api::load_model(options.model, load));
      fmt::print("{}\n", api::to_text(api::info(graph)));
      std::fflush(stdout);
    }
    SL_TRY(const api::EvalReport report, api::eval(options));
    return flags->print(report, common);
  };
}

}  // namespace sluice::cli
