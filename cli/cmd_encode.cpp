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
  ImageNetworkFlags images;
  api::EncodeOptions options;
  std::string codes = "huffman,rle2,rle4";
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
  SL_TRY_STATUS(flags.images.fill(options, common));
  if (options.model.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "needs a MODEL, or --verify DIR; see \"sluice help encode\""};
  }
  SL_TRY(options.encodings, sparse::parse_encodings(flags.codes));
  return options;
}

Status verify_folder(const EncodeFlags& flags, const Common& common) {
  if (!flags.images.model.path.empty()) {
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
  flags->images.model.declare(app, false);
  flags->images.declare_images(
      app, options,
      {.data = "images for the activations, as eval takes them; without, weights alone",
       .batch = "images run together, under --compat fpgaconvnet"});
  flags->images.declare_formats(
      app, "number formats, separated by commas, as for eval; quantized networks take none");
  app.add_option("--codes", flags->codes, codes_help());
  ImageNetworkFlags::declare_calibration(
      app, options, "images that activation ranges are taken from (default: those of --data)");
  app.add_option("-o,--output", options.output,
                 "folder to write the encoded weights to: $readmemh words and code tables");
  app.add_option("--word-bits", options.word_bits, "of a memory word there (default: 32)")
      ->check(CLI::Range(1, 4096));
  app.add_option(
      "--annotate", options.annotated,
      "write the model with the ratios of one format and encoding, and the widths, which "
      "estimate and explore take: .onnx");
  app.add_option("--verify", flags->verify, "a folder so written: decode it again");
  flags->images.network.declare(app);
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
