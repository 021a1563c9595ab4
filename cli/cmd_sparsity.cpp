// SPDX-License-Identifier: Apache-2.0
// sluice sparsity MODEL --data DATA
#include <memory>

#include "cli/eval_options.hpp"
#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/sparsity.hpp"

namespace sluice::cli {
namespace {

struct SparsityFlags {
  ImageNetworkFlags images;
  api::SparsityOptions options;
};

}  // namespace

Action declare_sparsity(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<SparsityFlags>();
  flags->images.declare(app, flags->options, "float32");
  app.add_option(
      "-o,--output", flags->options.output,
      "a folder for the report and, of each layer, histogram, mean and variance as .npy");
  app.add_option("--moving-average", flags->options.averaged_windows,
                 "with -o, how zeros of channels vary over time and together: means over so many "
                 "windows after one another; their variance, covariance and correlation");
  app.add_option("--streams", flags->options.streams,
                 "also histograms of so many streams, into which channels are dealt in turn");
  app.add_option("--draw", flags->options.drawing,
                 "a page of the tables and each layer's histogram: .html");
  app.add_option(
      "--annotate", flags->options.annotated,
      "write the model with the shares of zeros, which estimate and explore skip: .onnx");
  return [flags, &common]() -> Status {
    api::SparsityOptions options = flags->options;
    SL_TRY_STATUS(flags->images.fill(options, common));
    SL_TRY(const api::SparsityReport report, api::sparsity(options));
    print_notes(report.notes, common);
    print_report(report, common);
    if (report.is_complete) return {};
    return Error{ErrorCode::Interrupted, "stopped; this is what was counted so far"};
  };
}

}  // namespace sluice::cli
