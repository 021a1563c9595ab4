// SPDX-License-Identifier: Apache-2.0
// sluice info MODEL
#include <memory>

#include "cli/model_options.hpp"
#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/check.hpp"
#include "sluice/api/info.hpp"

namespace sluice::cli {
namespace {

struct InfoFlags {
  ModelOptions model;
  std::string check;
};

Status print_check(const InfoFlags& flags, const Common& common) {
  api::CheckOptions options{.model = flags.model.path, .device = flags.check};
  SL_TRY(options.input_shapes, flags.model.shapes());
  SL_TRY(const api::CheckReport report, api::check(options));
  print_report(report, common);
  return api::check_mappable(report);
}

Status print_info(const InfoFlags& flags, const Common& common) {
  api::LoadOptions options;
  SL_TRY(options.input_shapes, flags.model.shapes());
  SL_TRY(const ir::Graph graph, api::load_model(flags.model.path, options));
  const api::ModelInfo result = api::info(graph);
  print_report(result, common);
  return {};
}

}  // namespace

Action declare_info(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<InfoFlags>();
  flags->model.declare(app);
  app.add_option("--check", flags->check,
                 "DEVICE: list the nodes that no hardware can be made of, why, and what to do");
  return [flags, &common] {
    return flags->check.empty() ? print_info(*flags, common) : print_check(*flags, common);
  };
}

}  // namespace sluice::cli
