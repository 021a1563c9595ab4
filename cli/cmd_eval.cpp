// SPDX-License-Identifier: Apache-2.0
// sluice eval MODEL --data DATA
#include <memory>

#include "cli/eval_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/eval.hpp"

namespace sluice::cli {

Action declare_eval(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<EvalFlags>();
  flags->declare(app);
  return [flags, &common]() -> Status {
    SL_TRY(const api::EvalOptions options, flags->options(common));
    SL_TRY(const api::EvalReport report, api::eval(options));
    return flags->print(report, common);
  };
}

}  // namespace sluice::cli
