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

}  // namespace sluice
