// SPDX-License-Identifier: Apache-2.0
// Weights in files beside the model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sluice/base/file.hpp"
#include "sluice/base/result.hpp"

namespace sluice::importer::onnx {

// Where a tensor's bytes are.
struct ExternalPlace {
  std::string location;  // relative to the model's folder
  std::uint64_t offset_bytes = 0;
  std::optional<std::uint64_t> length_bytes;
};

struct ExternalBytes {
  std::shared_ptr<const MappedFile> file;
  std::span<const std::byte> bytes;
};

// Maps each file once. A location must lie inside the folder: relative, without "..", and not a
// symbolic link that leads out. Without a folder every location is refused.
class ExternalFiles {
 public:
  explicit ExternalFiles(std::optional<std::filesystem::path> folder)
      : folder_(std::move(folder)) {}

  // The `size_bytes` bytes at `place`. Errors: Parse for a place that breaks the rules above, Io
  // for a file that cannot be read.
  [[nodiscard]] Result<ExternalBytes> bytes(const ExternalPlace& place, std::uint64_t size_bytes);

 private:
  Result<std::shared_ptr<const MappedFile>> open(const std::string& location);

  std::optional<std::filesystem::path> folder_;
  std::map<std::string, std::shared_ptr<const MappedFile>> files_;
};

}  // namespace sluice::importer::onnx
