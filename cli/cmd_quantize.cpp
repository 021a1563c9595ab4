// SPDX-License-Identifier: Apache-2.0
// sluice quantize MODEL --data DIR --format int8 -o Q.onnx
#include <fmt/format.h>
#include <memory>
#include <string>

#include "cli/eval_options.hpp"
#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/quantize.hpp"

namespace sluice::cli {
namespace {

struct QuantizeFlags {
  ModelOptions model;
  NetworkFlags network;
  api::QuantizeOptions quantize;
  std::string format = "int8";
  std::string on_bad_image = "stop";
};

std::string format_help() {
  std::string help = "how numbers become codes:";
  for (const auto& doc : quant::integer_format_docs()) help += fmt::format(" {},", doc.spelling);
  help.back() = ' ';
  return help + "(default: int8)";
}

}  // namespace

Action declare_quantize(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<QuantizeFlags>();
  api::QuantizeOptions& quantize = flags->quantize;
  flags->model.declare(app);
  app.add_option("--format", flags->format, format_help());
  app.add_option("--layers", quantize.layers,
                 "JSON file with formats of single layers: {\"layers\": {\"conv1\": \"int4\"}}");
  app.add_option("--data", quantize.data,
                 "images that the ranges of values are taken from: a folder a class, a .csv of "
                 "file,class, CIFAR-10 .bin, or MNIST idx");
  app.add_option("--preprocess", quantize.preprocess,
                 "how an image becomes the network's input: imagenet, cifar10, mnist, …");
  app.add_option("--calibration-images", quantize.images, "how many of them")
      ->check(CLI::PositiveNumber);
  app.add_option("--input", quantize.inputs, "in place of images: FILE.npy like the input");
  declare_on_bad_image(app, flags->on_bad_image);
  app.add_option("-o,--output", quantize.output,
                 "file to write: .onnx (QuantizeLinear and DequantizeLinear), or .sluice")
      ->required();
  flags->network.declare(app);
  return [flags, &common]() -> Status {
    api::QuantizeOptions options = flags->quantize;
    options.model = flags->model.path;
    SL_TRY(options.input_shapes, flags->model.shapes());
    SL_TRY(options.format, quant::parse_integer_format(flags->format));
    SL_TRY(options.network, flags->network.options());
    options.seed = common.seed;
    options.quiet = common.quiet;
    options.on_bad_image = on_bad_image_of(flags->on_bad_image);
    SL_TRY(const api::QuantizeReport report, api::quantize(options));
    print_report(report, common);
    print_notes(report.notes, common);
    return {};
  };
}

}  // namespace sluice::cli
