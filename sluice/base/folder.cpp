// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/folder.hpp"

#include <fmt/format.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace sluice {
namespace {

namespace fs = std::filesystem;

Error io_error(const fs::path& path, std::string_view doing, const std::error_code& error) {
  return {ErrorCode::Io, fmt::format("cannot {}: {}", doing, error.message()), path.string()};
}

}  // namespace

Result<NewFolder> NewFolder::beside(const fs::path& path) {
  std::error_code error;
  fs::path final_path = fs::absolute(path, error).lexically_normal();
  if (!final_path.has_filename()) final_path = final_path.parent_path();  // "out/"
  fs::create_directories(final_path.parent_path(), error);
  fs::path temporary = fmt::format("{}.tmp{}", final_path.string(), ::getpid());
  if (!error) fs::remove_all(temporary, error);
  if (!error) fs::create_directory(temporary, error);
  if (error) return io_error(path, "make the folder", error);
  return NewFolder(std::move(final_path), std::move(temporary));
}

NewFolder::NewFolder(NewFolder&& other) noexcept
    : final_(std::move(other.final_)), temporary_(std::exchange(other.temporary_, {})) {}

NewFolder& NewFolder::operator=(NewFolder&& other) noexcept {
  std::swap(final_, other.final_);
  std::swap(temporary_, other.temporary_);
  return *this;
}

NewFolder::~NewFolder() {
  if (temporary_.empty()) return;
  std::error_code error;  // nobody to tell
  fs::remove_all(temporary_, error);
}

Status NewFolder::keep() {
  const fs::path old = fmt::format("{}.old{}", final_.string(), ::getpid());
  std::error_code error;
  const bool replaces = fs::exists(final_, error);
  if (replaces) fs::rename(final_, old, error);
  if (error) return io_error(final_, "replace the folder", error);
  fs::rename(temporary_, final_, error);
  if (error) {
    std::error_code ignored;
    if (replaces) fs::rename(old, final_, ignored);
    return io_error(final_, "write the folder", error);
  }
  temporary_.clear();
  if (replaces) fs::remove_all(old, error);
  if (error) return io_error(old, "remove what was replaced", error);
  return {};
}

Status check_replaceable(const fs::path& path, const ReplaceableFolder& kind) {
  const auto refuse = [&](std::string what) {
    return Error{ErrorCode::InvalidArgument, std::move(what), path.string()};
  };
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  if (!fs::is_directory(path, error)) return refuse("is no folder; give another place with -o");
  if (fs::is_empty(path, error)) return {};
  if (!fs::exists(path / kind.manifest, error)) {
    return refuse(fmt::format("holds other things than {}; give an empty or a new folder with -o",
                              kind.what));
  }
  SL_TRY(const std::set<std::string> known, kind.files(path));
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    if (name == kind.manifest || known.contains(name)) continue;
    return refuse(fmt::format("holds {}, which is no part of {} and would be lost; move it away",
                              name, kind.what));
  }
  if (error) return io_error(path, "list the folder", error);
  return {};
}

}  // namespace sluice
