// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/zoo.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/api/model.hpp"
#include "sluice/base/parse.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/export/safetensors.hpp"
#include "sluice/import/checkpoint.hpp"
#include "sluice/zoo/weights.hpp"

namespace sluice::api {
namespace {

constexpr std::string_view kSafetensors = ".safetensors";

ZooNetwork network_of(const zoo::Network& network) {
  const auto all = zoo::architectures();
  const auto of = std::ranges::find(all, network.graph.name, &zoo::Architecture::name);
  const zoo::Count total = zoo::count(network);
  return {total.name,      std::string(of->summary), network.input_size,
          network.classes, total.parameters,         total.macs};
}

Status check_output(const ZooExportOptions& options) {
  const bool state_dict = options.output.extension() == kSafetensors;
  if (!state_dict && !options.names.empty()) {
    return invalid_argument("--names is for .safetensors; models have the network's own names");
  }
  if (state_dict) return {};
  if (options.output.extension() == ".onnx" || options.output.extension() == ".sluice") return {};
  return invalid_argument(
      fmt::format("a network is written as .onnx or .sluice and its weights as .safetensors, not "
                  "as {}; name the file so",
                  sluice::quoted(options.output.filename().string())));
}

Status write_network(const zoo::Network& network, const ZooExportOptions& options) {
  if (options.output.extension() == kSafetensors) {
    SL_TRY(const auto tensors, zoo::state_dict(network, options.names));
    return exporter::write_safetensors(tensors, {{"format", "pt"}, {"network", network.graph.name}},
                                       options.output);
  }
  ir::Graph graph = network.graph;
  SL_TRY_STATUS(set_types(graph, {}));
  return write_model(graph, options.output);
}

}  // namespace

Result<ZooListing> zoo_list() {
  ZooListing listing;
  listing.networks.reserve(zoo::architectures().size());
  for (const zoo::Architecture& architecture : zoo::architectures()) {
    zoo::Options options;
    options.random_weights = false;
    SL_TRY(const zoo::Network network, zoo::build(architecture.name, options));
    listing.networks.push_back(network_of(network));
  }
  return listing;
}

Result<zoo::Network> zoo_network(const std::string& name, zoo::Options options,
                                 const std::filesystem::path& checkpoint) {
  options.random_weights = checkpoint.empty();
  SL_TRY(zoo::Network network, zoo::build(name, options));
  if (checkpoint.empty()) return network;
  SL_TRY(const importer::Checkpoint weights, importer::read_checkpoint(checkpoint));
  if (Status status = zoo::load_weights(network, weights); !status) {
    return std::move(status).error().at(checkpoint.string());
  }
  return network;
}

Result<ZooExport> zoo_export(const ZooExportOptions& options) {
  SL_TRY_STATUS(check_output(options));
  SL_TRY(const zoo::Network network,
         zoo_network(options.network, options.options, options.checkpoint));
  ZooExport report{.network = network_of(network),
                   .output = options.output.filename().string(),
                   .checkpoint = options.checkpoint.filename().string(),
                   .seed = options.options.seed,
                   .groups = zoo::count_groups(network)};
  if (!options.checkpoint.empty()) {
    SL_TRY(report.checkpoint_sha256, sha256_file(options.checkpoint));
  }
  SL_TRY_STATUS(write_network(network, options));
  return report;
}

Result<zoo::Sizing> sizing_from_string(std::string_view text) {
  if (text == "upstream") return zoo::Sizing::Upstream;
  if (text == "even") return zoo::Sizing::Even;
  if (text == "full") return zoo::Sizing::Full;
  return invalid_argument(
      fmt::format("sizing must be upstream, even or full, is {}", sluice::quoted(text)));
}

Result<std::array<std::int64_t, 3>> blocks_from_string(std::string_view text) {
  const auto parts = parts_of_list(text);
  std::array<std::int64_t, 3> blocks{};
  bool whole = parts.size() == blocks.size();
  for (std::size_t i = 0; whole && i < blocks.size(); ++i) {
    const auto number = parse_whole<std::int64_t>(parts[i]);
    whole = number.has_value();
    blocks[i] = number.value_or(0);
  }
  if (whole) return blocks;
  return invalid_argument(fmt::format(
      "blocks must be three numbers, one a layer, as 4,8,4; they are {}", sluice::quoted(text)));
}

}  // namespace sluice::api
