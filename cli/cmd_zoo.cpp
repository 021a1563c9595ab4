// SPDX-License-Identifier: Apache-2.0
// sluice zoo list, sluice zoo export NET -o FILE
#include <memory>
#include <optional>
#include <string>

#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/zoo.hpp"

namespace sluice::cli {
namespace {

struct ZooFlags {
  std::string action;
  api::ZooExportOptions options;
  std::string blocks, sizing;  // empty: not given
};

Status print_zoo(const Common& common) {
  SL_TRY(const auto listing, api::zoo_list());
  print_report(listing, common);
  return {};
}

Status export_network(const ZooFlags& flags, const Common& common) {
  api::ZooExportOptions options = flags.options;
  if (options.network.empty()) {
    return invalid_argument("zoo export needs the name of a network; \"sluice zoo list\" has them");
  }
  if (options.output.empty()) return invalid_argument("zoo export needs -o FILE");
  options.options.seed = common.seed;
  if (!flags.blocks.empty()) {
    SL_TRY(options.options.blocks, api::blocks_from_string(flags.blocks));
  }
  if (!flags.sizing.empty()) {
    SL_TRY(options.options.sizing, api::sizing_from_string(flags.sizing));
  }
  SL_TRY(const auto report, api::zoo_export(options));
  print_report(report, common);
  return {};
}

}  // namespace

Action declare_zoo(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<ZooFlags>();
  api::ZooExportOptions& options = flags->options;
  app.add_option("ACTION", flags->action, "list, or export one of them to a file")
      ->required()
      ->check(CLI::IsMember({"list", "export"}));
  app.add_option("NET", options.network, "the network to export");
  app.add_option("-o,--output", options.output,
                 "file to write: .onnx or .sluice, or .safetensors for the weights alone");
  app.add_option("--from", options.checkpoint,
                 "weights to take: a checkpoint of PyTorch (.pth, .pt, .th, .t7), or .safetensors "
                 "(default: random ones, by --seed)");
  app.add_option("--names", options.names,
                 "names of tensors in .safetensors: torchvision (default: the network's own)");
  app.add_option("--classes", options.options.classes, "how many (default: as listed)");
  app.add_option("--input-size", options.options.input_size,
                 "pixels along each side (default: as listed)");
  app.add_option("--base", options.options.base_channels,
                 "diracdeltanet: channels of the first layer");
  app.add_option("--expansion", options.options.expansion,
                 "diracdeltanet: how many times wider blocks are inside (default: 2)");
  app.add_option("--blocks", flags->blocks, "diracdeltanet: blocks of each layer, as 4,8,4");
  app.add_option("--sizing", flags->sizing,
                 "diracdeltanet: upstream (224, 113, 57, …), even (224, 112, 56, …), or full for "
                 "small images");
  return [flags, &common] {
    return flags->action == "list" ? print_zoo(common) : export_network(*flags, common);
  };
}

}  // namespace sluice::cli
