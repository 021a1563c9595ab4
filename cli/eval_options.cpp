// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/print.hpp"

#include "sluice/base/file.hpp"

namespace sluice::cli {

void NetworkFlags::declare(CLI::App& app) {
  app.add_option("--engine", engine, "fast (default) or reference (plain loops)");
  app.add_option("--arithmetic", arithmetic,
                 "how a quantized network rounds, in place of what it records: tflite-double, "
                 "tflite-single, tflite-float64, xnnpack, onnxruntime, onnx, shift-half-even, "
                 "shift-half-up, shift-floor");
  app.add_option("--calibration-method", calibration_method,
                 "how activation ranges are chosen: minmax (default), percentile, mse, kl");
  app.add_option("--percent", percent, "for percentile: the part of the values kept, each side")
      ->check(CLI::Range(50.0, 100.0));
  app.add_option("--compat", compat,
                 "fpgaconvnet: the published emulation to the last bit, quirks included; none "
                 "(default)");
  app.add_option("--memory-limit", memory_limit_gigabytes,
                 "GB that the values of a run may take (default: half of the memory there is)")
      ->check(CLI::Range(1e-9, 1e9));
}

void NetworkFlags::declare_thresholds(CLI::App& app) {
  app.add_option("--weight-threshold", weight_threshold,
                 "weights of a smaller magnitude become zero, after they are put into the format");
  app.add_option("--relu-threshold", relu_threshold,
                 "ReLUs drop what is not above it, within the format");
}

Result<api::NetworkOptions> NetworkFlags::options() const {
  api::NetworkOptions result;
  result.weight_threshold = weight_threshold;
  result.relu_threshold = relu_threshold;
  SL_TRY(result.engine, api::engine_from_string(engine));
  if (!arithmetic.empty()) {
    SL_TRY(result.arithmetic, numeric::arithmetic_from_string(arithmetic));
  }
  SL_TRY(result.calibration.method, quant::range_method_from_string(calibration_method));
  SL_TRY(result.calibration.compat, api::compat_from_string(compat));
  result.calibration.percent = percent;
  result.memory_limit_bytes = static_cast<std::int64_t>(memory_limit_gigabytes * 1e9);
  return result;
}

void declare_on_bad_image(CLI::App& app, std::string& word) {
  app.add_option("--on-bad-image", word, "stop (default) or skip an unreadable image")
      ->check(CLI::IsMember({"stop", "skip"}));
}

data::OnBadImage on_bad_image_of(const std::string& word) {
  return word == "skip" ? data::OnBadImage::Skip : data::OnBadImage::Stop;
}

void ImageNetworkFlags::declare(CLI::App& app, api::ImageNetworkOptions& options,
                                std::string_view own_formats, bool required) {
  model.declare(app, required);
  declare_images(app, options,
                 {.data = "labelled images: a folder a class, a .csv of file,class, CIFAR-10 .bin, "
                          "or MNIST idx"},
                 required);
  declare_formats(app, fmt::format("number formats, separated by commas (default: {}); quantized "
                                   "networks take none",
                                   own_formats));
  app.add_option("--exact", exact,
                 "integer formats, separated by commas: the network is quantized so and run in "
                 "integers; as for quantize: int8, q16, sbfp8-channel, …");
  declare_label_offset(app, options);
  declare_calibration(app, options, "images that activation ranges are taken from");
  network.declare(app);
  network.declare_thresholds(app);
}

void ImageNetworkFlags::declare_images(CLI::App& app, api::ImageNetworkOptions& options,
                                       const Help& help, bool required) {
  app.add_option("--data", options.data, help.data)->required(required);
  app.add_option("--preprocess", options.preprocess,
                 "how an image becomes the network's input: imagenet, cifar10, mnist, …");
  app.add_option("--batch", options.batch, help.batch)->check(CLI::Range(1, 4096));
  const std::string limit_default =
      options.limit ? fmt::format(" (default: {})", *options.limit) : std::string();
  app.add_option("--limit", options.limit, "look at the first images only" + limit_default)
      ->check(CLI::PositiveNumber);
  declare_on_bad_image(app, on_bad_image);
}

void ImageNetworkFlags::declare_formats(CLI::App& app, const std::string& help) {
  app.add_option("--formats", formats, help);
}

void ImageNetworkFlags::declare_label_offset(CLI::App& app, api::ImageNetworkOptions& options) {
  app.add_option("--label-offset", options.label_offset,
                 "added to each class number: 1 for networks with a background class");
}

void ImageNetworkFlags::declare_calibration(CLI::App& app, api::ImageNetworkOptions& options,
                                            const std::string& help) {
  app.add_option("--calibration", options.calibration, help);
  app.add_option("--calibration-images", options.calibration_images, "how many of them")
      ->check(CLI::PositiveNumber);
}

Status ImageNetworkFlags::fill(api::ImageNetworkOptions& options, const Common& common) const {
  options.model = model.path;
  SL_TRY(options.input_shapes, model.shapes());
  if (!formats.empty()) {
    SL_TRY(options.formats, numeric::parse_formats(formats));
  }
  if (!exact.empty()) {
    SL_TRY(options.exact_formats, quant::parse_integer_formats(exact));
  }
  SL_TRY(options.network, network.options());
  options.seed = common.seed;
  options.on_bad_image = on_bad_image_of(on_bad_image);
  options.quiet = common.quiet;
  return {};
}

void EvalFlags::declare(CLI::App& app, bool required) {
  images.declare(app, eval, "float32,fixed16,fixed8,bfp8-layer,bfp8-channel", required);
  app.add_option("--sqnr", eval.sqnr_images,
                 "for the rows in integers: signal to quantization noise of each layer against "
                 "float32, on the first N images")
      ->check(CLI::PositiveNumber);
  journal.declare(app);
  app.add_option("-o,--output", output, "write the report as JSON here too");
}

Result<api::EvalOptions> EvalFlags::options(const Common& common) const {
  api::EvalOptions result = eval;
  SL_TRY_STATUS(images.fill(result, common));
  result.resume = journal.resume;
  result.journal = journal.path(output);
  return result;
}

Status EvalFlags::print(const api::EvalReport& report, const Common& common) const {
  const std::string json = dump_json(api::to_json(report));
  if (!output.empty()) SL_TRY_STATUS(write_file(output, json));
  fmt::print("{}", common.json ? json : api::to_text(report));
  print_notes(report.notes, common);
  return {};
}

}  // namespace sluice::cli
