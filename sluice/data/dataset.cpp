// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/dataset.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

namespace fs = std::filesystem;

bool contains(const fs::path& path, std::string_view part) {
  return path.filename().string().find(part) != std::string::npos;
}

Result<Dataset> open_file(const fs::path& path) {
  if (path.extension() == ".csv") return open_csv(path);
  if (path.extension() == ".bin") return open_cifar_file(path);
  if (contains(path, "idx3-ubyte")) return open_mnist_file(path);
  return Error{ErrorCode::InvalidArgument,
               "is no dataset; give a folder of images, a .csv list, a CIFAR .bin or an MNIST "
               "idx3-ubyte file",
               path.string()};
}

// The subfolder of a folder that keeps its parts apart; empty if it does not.
fs::path part_folder(const fs::path& folder, Split split) {
  const std::vector<const char*> names =
      split == Split::Train ? std::vector{"train"} : std::vector{"val", "test"};
  for (const char* name : names) {
    if (fs::is_directory(folder / name)) return folder / name;
  }
  return {};
}

Result<Dataset> open_folder(const fs::path& folder, Split split) {
  if (fs::exists(folder / "labels.csv")) return open_csv(folder / "labels.csv");
  SL_TRY(const std::vector<fs::path> content, list_folder(folder));
  const auto any = [&](const auto& condition) { return std::ranges::any_of(content, condition); };
  if (any([](const fs::path& p) { return p.extension() == ".bin"; })) {
    return open_cifar_folder(folder, split);
  }
  if (any([](const fs::path& p) { return contains(p, "idx3-ubyte"); })) {
    return open_mnist_folder(folder, split);
  }
  if (const fs::path part = part_folder(folder, split); !part.empty()) {
    return open_image_folder(part);
  }
  return open_image_folder(folder);
}

}  // namespace

const Dataset::Entry& Dataset::entry(std::int64_t index) const {
  SL_ASSERT(index >= 0 && index < size(), "no such image");
  return entries_[static_cast<std::size_t>(index)];
}

void Dataset::offset_labels(std::int64_t offset) {
  for (Entry& e : entries_) {
    if (e.label != kNoLabel) e.label += offset;
  }
  if (!class_names_.empty() && offset > 0) {
    class_names_.insert(class_names_.begin(), static_cast<std::size_t>(offset), std::string());
  }
}

Result<Dataset> open_dataset(const fs::path& path, const DatasetOptions& options) {
  if (options.label_offset < 0) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("label offset must not be negative, got {}", options.label_offset)};
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return Error{ErrorCode::Io, "there is no such file or folder", path.string()};
  }
  SL_TRY(Dataset dataset,
         fs::is_directory(status) ? open_folder(path, options.split) : open_file(path));
  dataset.offset_labels(options.label_offset);
  return dataset;
}

}  // namespace sluice::data
