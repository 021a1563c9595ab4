// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

#include "sluice/base/file.hpp"
#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSide = 32;
constexpr std::size_t kPlaneBytes = kSide * kSide;
constexpr std::size_t kPixelBytes = 3 * kPlaneBytes;

// What tells CIFAR-10 and CIFAR-100 apart.
struct Kind {
  const char* format;
  std::size_t label_bytes;  // the last one counts
  std::int64_t num_classes;
};
constexpr Kind kCifar10 = {"CIFAR-10 binary", 1, 10};
constexpr Kind kCifar100 = {"CIFAR-100 binary", 2, 100};

constexpr std::array kCifar10Names = {"airplane", "automobile", "bird",  "cat",  "deer",
                                      "dog",      "frog",       "horse", "ship", "truck"};

struct Part {
  fs::path path;
  MappedFile file;
};

const std::byte* record(const std::vector<Part>& parts, const Kind& kind, std::size_t index) {
  const std::size_t size = kind.label_bytes + kPixelBytes;
  for (const Part& part : parts) {
    const std::size_t count = part.file.bytes().size() / size;
    if (index < count) return part.file.bytes().data() + index * size;
    index -= count;
  }
  return nullptr;
}

Image image_from_planes(const std::byte* planes) {
  Image image(kSide, kSide, 3);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < kPlaneBytes; ++i) {
      image.pixels[3 * i + c] = std::to_integer<std::uint8_t>(planes[c * kPlaneBytes + i]);
    }
  }
  return image;
}

// By the size, which is a whole number of records of one kind or the other.
Result<Kind> kind_of(const Part& part) {
  const std::size_t size = part.file.bytes().size();
  for (const Kind& kind : {kCifar10, kCifar100}) {
    if (size > 0 && size % (kind.label_bytes + kPixelBytes) == 0) return kind;
  }
  return Error{ErrorCode::Parse,
               fmt::format("{} bytes are no whole number of CIFAR-10 records (3073 bytes each) or "
                           "CIFAR-100 records (3074)",
                           size),
               part.path.string()};
}

Status add_entries(const Part& part, const Kind& kind, std::vector<Dataset::Entry>& entries) {
  const std::size_t size = kind.label_bytes + kPixelBytes;
  const std::span<const std::byte> bytes = part.file.bytes();
  for (std::size_t i = 0; i < bytes.size() / size; ++i) {
    const auto label = std::to_integer<std::int64_t>(bytes[i * size + kind.label_bytes - 1]);
    const std::string name = fmt::format("{}#{}", part.path.string(), i);
    if (label >= kind.num_classes) {
      return Error{ErrorCode::Parse,
                   fmt::format("label {} is not below {}; is this {}?", label, kind.num_classes,
                               kind.format),
                   name};
    }
    entries.push_back({name, label});
  }
  return {};
}

// The lines of batches.meta.txt (CIFAR-10) or fine_label_names.txt (CIFAR-100), if it is there.
std::vector<std::string> class_names(const fs::path& folder, const Kind& kind) {
  const bool ten = kind.num_classes == 10;
  const auto file = MappedFile::open(folder / (ten ? "batches.meta.txt" : "fine_label_names.txt"));
  std::vector<std::string> names;
  for (std::string_view text = file ? file->text() : ""; !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (static_cast<std::int64_t>(names.size()) == kind.num_classes) return names;
  if (ten) return {kCifar10Names.begin(), kCifar10Names.end()};
  return {};
}

Result<Dataset> open_parts(const std::vector<fs::path>& paths) {
  auto parts = std::make_shared<std::vector<Part>>();
  for (const fs::path& path : paths) {
    SL_TRY(MappedFile file, MappedFile::open(path));
    parts->push_back({path, std::move(file)});
  }
  SL_TRY(const Kind kind, kind_of(parts->front()));
  std::vector<Dataset::Entry> entries;
  for (const Part& part : *parts) {
    SL_TRY(const Kind same, kind_of(part));
    if (same.num_classes != kind.num_classes) {
      return Error{ErrorCode::Parse, fmt::format("is {}, unlike the files before it", same.format),
                   part.path.string()};
    }
    SL_TRY_STATUS(add_entries(part, kind, entries));
  }
  auto reader = [parts, kind](std::int64_t index, const Dataset::Entry&) -> Result<Image> {
    return image_from_planes(record(*parts, kind, static_cast<std::size_t>(index)) +
                             kind.label_bytes);
  };
  return Dataset(kind.format, std::move(entries), class_names(paths.front().parent_path(), kind),
                 std::move(reader));
}

}  // namespace

Result<Dataset> open_cifar_file(const fs::path& file) {
  return open_parts({file});
}

Result<Dataset> open_cifar_folder(const fs::path& folder, Split split) {
  SL_TRY(const std::vector<fs::path> content, list_folder(folder));
  const bool train = split == Split::Train;
  std::vector<fs::path> wanted;
  std::string others;
  for (const fs::path& path : content) {
    if (path.extension() != ".bin") continue;
    const std::string stem = path.stem().string();
    const bool is_test = stem == "test_batch" || stem == "test";
    const bool is_train = stem.starts_with("data_batch") || stem == "train";
    if (train ? is_train : is_test) wanted.push_back(path);
    others += (others.empty() ? "" : ", ") + path.filename().string();
  }
  if (!wanted.empty()) return open_parts(wanted);
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("has no {}; give one of its files: {}",
                  train ? "data_batch_*.bin or train.bin" : "test_batch.bin or test.bin", others),
      folder.string()};
}

}  // namespace sluice::data
