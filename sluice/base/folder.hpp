// SPDX-License-Identifier: Apache-2.0
// A folder written whole: its files go into a temporary folder beside it, which takes its name at
// the end, so that nobody meets half of one. Errors are Io with the path as the place.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "sluice/base/result.hpp"

namespace sluice {

class NewFolder {
 public:
  // An empty temporary folder beside `path`; the folders above are made.
  static Result<NewFolder> beside(const std::filesystem::path& path);
  NewFolder(NewFolder&& other) noexcept;
  NewFolder& operator=(NewFolder&& other) noexcept;
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  // Removes what was written unless it was kept.
  ~NewFolder();

  // Where to write until keep() is called.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return temporary_; }

  // Takes the place of what is at the final path, which is removed. On failure the old one stays.
  [[nodiscard]] Status keep();

 private:
  NewFolder(std::filesystem::path final_path, std::filesystem::path temporary)
      : final_(std::move(final_path)), temporary_(std::move(temporary)) {}

  std::filesystem::path final_;
  std::filesystem::path temporary_;  // empty: nothing to remove
};

// What may be replaced without asking: folders with a manifest, and in them the files it names.
struct ReplaceableFolder {
  std::string_view what;      // "golden data"
  std::string_view manifest;  // name of the file
  // The names in the manifest of such a folder, its own left out.
  std::function<Result<std::set<std::string>>(const std::filesystem::path& folder)> files;
};

// InvalidArgument where a new folder would take the place of anything but nothing, an empty folder
// or one of the kind.
[[nodiscard]] Status check_replaceable(const std::filesystem::path& path,
                                       const ReplaceableFolder& kind);

}  // namespace sluice
