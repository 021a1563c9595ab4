// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/external.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>

#include "sluice/base/text.hpp"

namespace sluice::importer::onnx {
namespace {

Error outside(const std::string& location) {
  return {ErrorCode::Parse,
          fmt::format("external data {} is not inside the model's folder; put the file beside the "
                      "model and name it without a path",
                      sluice::quoted(location))};
}

bool is_inside(const std::filesystem::path& file, const std::filesystem::path& folder) {
  const auto difference = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return difference.first == folder.end();
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> ExternalFiles::open(const std::string& location) {
  if (!folder_) {
    return Error{ErrorCode::Unsupported,
                 "external data needs a model read from a file, this one comes from memory"};
  }
  const std::filesystem::path relative(location);
  const bool has_null = location.find('\0') != std::string::npos;
  if (location.empty() || has_null || relative.has_root_path() ||
      std::ranges::find(relative, std::filesystem::path("..")) != relative.end()) {
    return outside(location);
  }
  // Symbolic links are followed before the comparison.
  std::error_code error;
  const auto folder = std::filesystem::canonical(folder_->empty() ? "." : *folder_, error);
  if (error) return Error{ErrorCode::Io, error.message(), folder_->string()};
  const auto file = std::filesystem::canonical(folder / relative, error);
  if (error) {
    return Error{ErrorCode::Io,
                 fmt::format("external data {}: {}", sluice::quoted(location), error.message())};
  }
  if (!is_inside(file, folder)) return outside(location);
  if (!std::filesystem::is_regular_file(file, error)) {
    return Error{ErrorCode::Io,
                 fmt::format("external data {} is not a file", sluice::quoted(location))};
  }
  SL_TRY(MappedFile mapped, MappedFile::open(file));
  return std::shared_ptr<const MappedFile>(std::make_shared<MappedFile>(std::move(mapped)));
}

Result<ExternalBytes> ExternalFiles::bytes(const ExternalPlace& place, std::uint64_t size_bytes) {
  auto& file = files_[place.location];
  if (file == nullptr) {
    SL_TRY(file, open(place.location));
  }
  if (place.length_bytes && *place.length_bytes != size_bytes) {
    return Error{ErrorCode::Parse, fmt::format("external data has {} bytes, type and shape need {}",
                                               *place.length_bytes, size_bytes)};
  }
  const std::span<const std::byte> all = file->bytes();
  if (place.offset_bytes > all.size() || size_bytes > all.size() - place.offset_bytes) {
    return Error{
        ErrorCode::Parse,
        fmt::format("external data ends beyond its file: {} bytes at {}, {} has {}", size_bytes,
                    place.offset_bytes, sluice::quoted(place.location), all.size())};
  }
  return ExternalBytes{file, all.subspan(place.offset_bytes, size_bytes)};
}

}  // namespace sluice::importer::onnx
