// SPDX-License-Identifier: Apache-2.0
// zoo: the architectures that are at hand by name, and files of them.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/zoo/catalog.hpp"

namespace sluice::api {

struct ZooNetwork {
  std::string name;
  std::string summary;
  std::int64_t input_size = 0;  // pixels along each side of an image of three channels
  std::int64_t classes = 0;
  std::int64_t parameters = 0;  // that training changes
  std::int64_t macs = 0;        // of one image
};

struct ZooListing {
  std::vector<ZooNetwork> networks;
};

// Every architecture as it is without options.
[[nodiscard]] Result<ZooListing> zoo_list();

struct ZooExportOptions {
  std::string network;
  std::filesystem::path output;      // .onnx, .sluice or .safetensors
  std::filesystem::path checkpoint;  // weights to take; empty: random ones
  std::string names;                 // of tensors in .safetensors: "torchvision"; empty: our own
  zoo::Options options;
};

struct ZooExport {
  ZooNetwork network;
  std::string output;
  std::string checkpoint;         // empty: random weights
  std::string checkpoint_sha256;  // empty: the same
  std::uint64_t seed = 0;         // of random weights
  std::vector<zoo::Count> groups;
};

// The network of that name, with the weights of the checkpoint unless its path is empty; random
// ones otherwise. Errors as zoo_export's.
[[nodiscard]] Result<zoo::Network> zoo_network(const std::string& name, zoo::Options options,
                                               const std::filesystem::path& checkpoint);

// Builds the network, fills it, writes it. InvalidArgument for what the zoo does not have, errors
// of reading with the checkpoint as the place, Verify for a checkpoint of another network.
[[nodiscard]] Result<ZooExport> zoo_export(const ZooExportOptions& options);

// "upstream", "even", "full".
[[nodiscard]] Result<zoo::Sizing> sizing_from_string(std::string_view text);
// Three numbers of blocks: "4,8,4".
[[nodiscard]] Result<std::array<std::int64_t, 3>> blocks_from_string(std::string_view text);

// What `sluice zoo` prints, and the same as JSON (formats sluice.zoo/1 and sluice.zoo_export/1).
[[nodiscard]] std::string to_text(const ZooListing& listing);
[[nodiscard]] Json to_json(const ZooListing& listing);
[[nodiscard]] std::string to_text(const ZooExport& report);
[[nodiscard]] Json to_json(const ZooExport& report);

}  // namespace sluice::api
