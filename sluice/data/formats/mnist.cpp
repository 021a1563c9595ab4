// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "sluice/base/bytes.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/inflate.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;  // after decompression

// An idx file of unsigned bytes: its dimensions, the first one counting items, and what follows.
struct IdxFile {
  std::vector<std::byte> bytes;
  std::vector<std::int64_t> dims;

  [[nodiscard]] std::span<const std::byte> data() const {
    return std::span(bytes).subspan(4 + 4 * dims.size());
  }
};

Result<std::vector<std::byte>> read_bytes(const fs::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  const std::span<const std::byte> bytes = file.bytes();
  if (!file.text().starts_with("\x1f\x8b")) {
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  auto unpacked = inflate(bytes, Compression::Gzip, kMaxFileBytes);
  if (!unpacked) return std::move(unpacked).error().at(path.string());
  return unpacked;
}

// Two zero bytes, the type (8: unsigned bytes), the number of dimensions, each as a big-endian
// 32-bit number.
Result<IdxFile> parse_idx(std::vector<std::byte> bytes, std::size_t rank) {
  const std::size_t head = 4 + 4 * rank;
  if (bytes.size() < head || load_big<std::uint32_t>(bytes.data()) != 0x800 + rank) {
    return Error{ErrorCode::Parse, fmt::format("is no idx file of bytes in {} dimensions", rank)};
  }
  IdxFile file{.bytes = std::move(bytes), .dims = {}};
  std::int64_t needed = 1;
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t size = load_big<std::uint32_t>(file.bytes.data() + 4 + 4 * d);
    file.dims.push_back(size);
    needed = std::min(needed, std::int64_t{1} << 31) * size;  // 31 + 32 bits: no overflow
  }
  const auto found = static_cast<std::int64_t>(file.bytes.size() - head);
  if (needed == 0 || needed != found) {
    return Error{ErrorCode::Parse, fmt::format("idx file of dimensions {} has {} bytes of data",
                                               sluice::to_string(file.dims), found)};
  }
  return file;
}

Result<IdxFile> read_idx(const fs::path& path, std::size_t rank) {
  SL_TRY(std::vector<std::byte> bytes, read_bytes(path));
  auto file = parse_idx(std::move(bytes), rank);
  if (!file) return std::move(file).error().at(path.string());
  return file;
}

// `images-idx3` replaced by `labels-idx1` (or with a dot, as some copies have it), packed or not.
Result<fs::path> labels_file(const fs::path& images) {
  std::string name = images.filename().string();
  for (const char separator : {'-', '.'}) {
    const std::string from = fmt::format("images{}idx3", separator);
    if (const std::size_t at = name.find(from); at != name.npos) {
      name.replace(at, from.size(), fmt::format("labels{}idx1", separator));
      break;
    }
  }
  const bool packed = name.ends_with(".gz");
  const std::string other = packed ? name.substr(0, name.size() - 3) : name + ".gz";
  for (const std::string& candidate : {name, other}) {
    fs::path path = images.parent_path() / candidate;
    if (candidate != images.filename() && fs::exists(path)) return path;
  }
  return Error{ErrorCode::Io, fmt::format("its labels are missing: put {} beside it", name),
               images.string()};
}

}  // namespace

Result<Dataset> open_mnist_file(const fs::path& images_path) {
  SL_TRY(const fs::path labels_path, labels_file(images_path));
  SL_TRY(IdxFile file, read_idx(images_path, 3));
  SL_TRY(const IdxFile labels, read_idx(labels_path, 1));
  const auto images = std::make_shared<const IdxFile>(std::move(file));
  const std::int64_t count = images->dims[0];
  if (labels.dims[0] != count) {
    return Error{ErrorCode::Parse,
                 fmt::format("has {} labels for {} images", labels.dims[0], count),
                 labels_path.string()};
  }
  std::vector<Dataset::Entry> entries;
  entries.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < labels.data().size(); ++i) {
    entries.push_back({fmt::format("{}#{}", images_path.string(), i),
                       std::to_integer<std::int64_t>(labels.data()[i])});
  }
  auto reader = [images](std::int64_t index, const Dataset::Entry&) -> Result<Image> {
    Image image(images->dims[1], images->dims[2], 1);
    const std::size_t size = image.pixels.size();
    const auto from = images->data().subspan(static_cast<std::size_t>(index) * size, size);
    std::ranges::transform(from, image.pixels.begin(), std::to_integer<std::uint8_t>);
    return image;
  };
  return Dataset("MNIST idx", std::move(entries), {}, std::move(reader));
}

Result<Dataset> open_mnist_folder(const fs::path& folder, Split split) {
  SL_TRY(const std::vector<fs::path> content, list_folder(folder));
  const std::string_view wanted = split == Split::Train ? "train" : "t10k";
  for (const fs::path& path : content) {
    const std::string name = path.filename().string();
    const bool images = name.find("idx3-ubyte") != name.npos;
    if (images && name.starts_with(wanted)) return open_mnist_file(path);
  }
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("has no {}-images-idx3-ubyte; give its file instead of the folder", wanted),
      folder.string()};
}

}  // namespace sluice::data
