// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

namespace fs = std::filesystem;

// Folders inside folders inside a class: no dataset goes deeper, and links may run in circles.
constexpr int kMaxDepth = 16;

Status add_images(const fs::path& folder, std::int64_t label, int depth,
                  std::vector<Dataset::Entry>& entries) {
  if (depth > kMaxDepth) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("folders nest deeper than {} levels", kMaxDepth), folder.string()};
  }
  SL_TRY(const std::vector<fs::path> content, list_folder(folder));
  for (const fs::path& path : content) {
    if (!fs::is_directory(path) && is_image_name(path)) entries.push_back({path.string(), label});
  }
  for (const fs::path& path : content) {
    if (fs::is_directory(path)) SL_TRY_STATUS(add_images(path, label, depth + 1, entries));
  }
  return {};
}

}  // namespace

bool is_image_name(const fs::path& path) {
  constexpr std::array kExtensions = {".jpg", ".jpeg", ".png", ".ppm",  ".pgm",
                                      ".bmp", ".webp", ".tif", ".tiff", ".gif"};
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

Result<Image> read_image_file(std::int64_t /*index*/, const Dataset::Entry& entry) {
  return read_image(entry.name);
}

Result<std::vector<fs::path>> list_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> content;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with('.')) content.push_back(it->path());
  }
  if (error) {
    return Error{ErrorCode::Io, fmt::format("cannot list the folder: {}", error.message()),
                 folder.string()};
  }
  std::ranges::sort(content, {}, [](const fs::path& path) { return path.filename().native(); });
  return content;
}

Result<Dataset> open_image_folder(const fs::path& folder) {
  SL_TRY(const std::vector<fs::path> content, list_folder(folder));
  std::vector<Dataset::Entry> entries;
  std::vector<std::string> class_names;
  for (const fs::path& path : content) {
    if (!fs::is_directory(path)) continue;
    const auto label = static_cast<std::int64_t>(class_names.size());
    class_names.push_back(path.filename().string());
    SL_TRY_STATUS(add_images(path, label, 0, entries));
  }
  if (entries.empty()) {  // no classes: the images themselves
    class_names.clear();
    for (const fs::path& path : content) {
      if (is_image_name(path)) entries.push_back({path.string(), kNoLabel});
    }
  }
  if (entries.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "holds no images; expected a folder for each class with .jpg or .png files",
                 folder.string()};
  }
  return Dataset("image folder", std::move(entries), std::move(class_names), read_image_file);
}

}  // namespace sluice::data
