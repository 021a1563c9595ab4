// SPDX-License-Identifier: Apache-2.0
// Files: mapped for reading, replaced whole when written. Errors are Io with the path as the place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

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

// A file written piece by piece to a temporary one beside it, which commit() syncs and renames over
// `path`: a reader sees the old content or the new, never half of one. Without a commit the old one
// stays. Moves, does not copy.
class FileWriter {
 public:
  static Result<FileWriter> create(const std::filesystem::path& path);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  ~FileWriter();

  [[nodiscard]] Status append(std::span<const std::byte> content);
  // Call once, last.
  [[nodiscard]] Status commit();

 private:
  FileWriter(std::filesystem::path path, std::filesystem::path temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  std::filesystem::path path_, temporary_;
  int fd_ = -1;  // -1: nothing left to remove
};

// Whether a file named `name` is what a process that was killed left of writing `file`, beside it:
// nobody needs it.
[[nodiscard]] bool is_leftover_of(std::string_view name, std::string_view file) noexcept;

// The whole of a file at once.
[[nodiscard]] Status write_file(const std::filesystem::path& path, std::string_view content);
[[nodiscard]] Status write_file(const std::filesystem::path& path,
                                std::span<const std::byte> content);

}  // namespace sluice
