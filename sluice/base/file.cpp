// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace sluice {
namespace {

// Between a file's name and the number of the process that writes it.
constexpr std::string_view kTemporary = ".tmp";

Error io_error(const std::filesystem::path& path, std::string_view doing, int error_number) {
  return {ErrorCode::Io, fmt::format("cannot {}: {}", doing, std::strerror(error_number)),
          path.string()};
}

// Writes all bytes, going on after signals and short writes; the errno on failure, else 0.
int write_all(int fd, std::span<const std::byte> content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) content = content.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error(path, "open", errno);
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    const int error_number = errno;
    ::close(fd);
    return io_error(path, "open", error_number);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(fd);
    return Error{ErrorCode::Io, "is not a regular file", path.string()};
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* data = nullptr;
  if (size > 0) data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int error_number = errno;
  ::close(fd);
  if (data == MAP_FAILED) return io_error(path, "map", error_number);
  return MappedFile(static_cast<const std::byte*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void MappedFile::forget(std::size_t size_bytes) const noexcept {
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t whole_pages = std::min(size_bytes, size_) / page_bytes * page_bytes;
  if (whole_pages > 0) ::madvise(const_cast<std::byte*>(data_), whole_pages, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
  if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
}

Result<FileWriter> FileWriter::create(const std::filesystem::path& path) {
  std::filesystem::path temporary = fmt::format("{}{}{}", path.string(), kTemporary, ::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return io_error(path, "write", errno);
  return FileWriter(path, std::move(temporary), fd);
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {}

FileWriter::~FileWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Status FileWriter::append(std::span<const std::byte> content) {
  const int error_number = write_all(fd_, content);
  if (error_number == 0) return {};
  return io_error(path_, "write", error_number);
}

Status FileWriter::commit() {
  int error_number = ::fsync(fd_) == 0 ? 0 : errno;
  if (error_number == 0 && ::rename(temporary_.c_str(), path_.c_str()) != 0) error_number = errno;
  if (error_number != 0) return io_error(path_, "write", error_number);
  ::close(std::exchange(fd_, -1));
  return {};
}

bool is_leftover_of(std::string_view name, std::string_view file) noexcept {
  if (!name.starts_with(file) || !name.substr(file.size()).starts_with(kTemporary)) return false;
  const std::string_view process = name.substr(file.size() + kTemporary.size());
  return !process.empty() && process.find_first_not_of("0123456789") == std::string_view::npos;
}

Status write_file(const std::filesystem::path& path, std::span<const std::byte> content) {
  SL_TRY(FileWriter writer, FileWriter::create(path));
  SL_TRY_STATUS(writer.append(content));
  return writer.commit();
}

Status write_file(const std::filesystem::path& path, std::string_view content) {
  return write_file(path, std::as_bytes(std::span(content)));
}

}  // namespace sluice
