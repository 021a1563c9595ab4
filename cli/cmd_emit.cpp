// SPDX-License-Identifier: Apache-2.0
// sluice emit MODEL --design DESIGN -o DIR
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/model_options.hpp"
#include "cli/rtl_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/emit.hpp"

namespace sluice::cli {

Action declare_emit(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<RtlFlags>();
  flags->declare(app);
  app.add_flag("--axis", flags->options.axis,
               "write NAME_axis.sv too, which has AXI4-Streams for ports");
  app.add_option("-o,--output", flags->options.output, "the folder to write")->required();
  return [flags, &common]() -> Status {
    SL_TRY(const api::EmitOptions options, flags->filled(common));
    SL_TRY(const api::EmitReport report, api::emit(options));
    if (!common.quiet) {
      for (const std::string& note : report.notes) fmt::print(stderr, "note: {}\n", note);
    }
    fmt::print(
        "{}", common.json ? dump_json(api::to_json(report)) : api::to_text(report, options.output));
    return {};
  };
}

}  // namespace sluice::cli
