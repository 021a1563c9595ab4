// SPDX-License-Identifier: Apache-2.0
// sluice encode MODEL --formats fixed8 --data DATA --codes huffman,rle4
#include <fmt/format.h>
#include <memory>
#include <string>

#include "cli/eval_options.hpp"
#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/encode.hpp"
#include "sluice/api/encoded_folder.hpp"

namespace sluice::cli {
namespace {

struct EncodeFlags {
  ModelOptions model;
  NetworkFlags network;
  api::EncodeOptions options;
  std::string formats;
  std::string codes = "huffman,rle2,rle4";
  std::string on_bad_image = "stop";
  std::filesystem::path verify;
};

std::string codes_help() {
  std::string help = "separated by commas:";
  for (const auto& doc : sparse::encoding_docs()) {
    help += fmt::format(" {} ({}),", doc.spelling, doc.meaning);
  }
  help.back() = ' ';
  return help + "(default: huffman,rle2,rle4)";
}

Result<api::EncodeOptions> options_of(const EncodeFlags& flags, const Common& common) {
  api::EncodeOptions options = flags.options;
  options.model = flags.model.path;
  if (options.model.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "needs a MODEL, or --verify DIR; see \"sluice help encode\""};
  }
  SL_TRY(options.input_shapes, flags.model.shapes());
  if (!flags.formats.empty()) {
    SL_TRY(options.formats, numeric::parse_formats(flags.formats));
  }
  SL_TRY(options.encodings, sparse::parse_encodings(flags.codes));
  SL_TRY(options.network, flags.network.options());
  options.on_bad_image = on_bad_image_of(flags.on_bad_image);
  options.seed = common.seed;
  options.quiet = common.quiet;
  return options;
}

Status verify_folder(const EncodeFlags& flags, const Common& common) {
  if (!flags.model.path.empty()) {
    return Error{ErrorCode::InvalidArgument, "--verify takes a folder and no MODEL"};
  }
  SL_TRY(const auto decoded, api::decode_folder(flags.verify));
  if (!common.json) {
    fmt::print("{}: {} streams decode to the weights\n", flags.verify.string(), decoded.size());
    return {};
  }
  const Json json{{"format", "sluice.encoded_summary/1"}, {"streams", decoded.size()}};
  fmt::print("{}", dump_json(json));
  return {};
}

}  // namespace

Action declare_encode(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<EncodeFlags>();
  api::EncodeOptions& options = flags->options;
  flags->model.declare(app, false);
  app.add_option("--formats", flags->formats,
                 "number formats, separated by commas, as for eval; quantized networks take none");
  app.add_option("--codes", flags->codes, codes_help());
  app.add_option("--data", options.data,
                 "images for the activations, as eval takes them; without, weights alone");
  app.add_option("--preprocess", options.preprocess,
                 "how an image becomes the network's input: imagenet, cifar10, mnist, …");
  app.add_option("--limit", options.limit, "look at the first images only")
      ->check(CLI::PositiveNumber);
  app.add_option("--calibration", options.calibration,
                 "images that activation ranges are taken from (default: those of --data)");
  app.add_option("--calibration-images", options.calibration_images, "how many of them")
      ->check(CLI::PositiveNumber);
  app.add_option("--batch", options.batch, "images run together, under --compat fpgaconvnet")
      ->check(CLI::Range(1, 4096));
  declare_on_bad_image(app, flags->on_bad_image);
  app.add_option("-o,--output", options.output,
                 "folder to write the encoded weights to: $readmemh words and code tables");
  app.add_option("--word-bits", options.word_bits, "of a memory word there (default: 32)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--verify", flags->verify, "a folder so written: decode it again");
  flags->network.declare(app);
  return [flags, &common]() -> Status {
    if (!flags->verify.empty()) return verify_folder(*flags, common);
    SL_TRY(const api::EncodeOptions filled, options_of(*flags, common));
    SL_TRY(const api::EncodeReport report, api::encode(filled));
    print_report(report, common);
    print_notes(report.notes, common);
    return {};
  };
}

}  // namespace sluice::cli
