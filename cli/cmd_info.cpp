// SPDX-License-Identifier: Apache-2.0
// sluice info MODEL
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/model_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/info.hpp"

namespace sluice::cli {

Action declare_info(CLI::App& app, const Common& common) {
  auto model = std::make_shared<ModelOptions>();
  model->declare(app);
  return [model, &common]() -> Status {
    api::LoadOptions options;
    SL_TRY(options.input_shapes, model->shapes());
    SL_TRY(const ir::Graph graph, api::load_model(model->path, options));
    const api::ModelInfo result = api::info(graph);
    fmt::print("{}", common.json ? dump_json(api::to_json(result)) : api::to_text(result));
    return {};
  };
}

}  // namespace sluice::cli
