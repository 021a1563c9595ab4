// SPDX-License-Identifier: Apache-2.0
// Files: mapped for reading, replaced whole when written. Errors are Io with the path as the place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "sluice/base/result.hpp"

namespace sluice {

// A file mapped read-only. Moves, does not copy; an empty file has an empty span.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(data_), size_};
  }

  // Gives the memory of the first `size_bytes` bytes back to the system; touched again, they are
  // read from the file again. For readers that go through a large file once.
  void forget(std::size_t size_bytes) const noexcept;

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Writes to a temporary file beside `path`, syncs it, and renames it over `path`: a reader sees
// the old content or the new, never half of one.
[[nodiscard]] Status write_file(const std::filesystem::path& path, std::string_view content);
[[nodiscard]] Status write_file(const std::filesystem::path& path,
                                std::span<const std::byte> content);

}  // namespace sluice
