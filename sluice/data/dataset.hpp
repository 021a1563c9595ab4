// SPDX-License-Identifier: Apache-2.0
// Dataset: labelled images in an order that never changes. Pixels are decoded when asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/data/image.hpp"

namespace sluice::data {

// The label of an image whose class is not known.
inline constexpr std::int64_t kNoLabel = -1;

class Dataset {
 public:
  struct Entry {
    std::string name;  // what messages call the image: a path, or file and number
    std::int64_t label = kNoLabel;
  };
  // Decodes the image of an entry; called from several threads at once. Errors name it.
  using Reader = std::function<Result<Image>(std::int64_t index, const Entry& entry)>;

  // `class_names` may be empty; it is indexed by label where it is not.
  Dataset(std::string format, std::vector<Entry> entries, std::vector<std::string> class_names,
          Reader reader)
      : format_(std::move(format)),
        entries_(std::move(entries)),
        class_names_(std::move(class_names)),
        reader_(std::move(reader)) {}

  // "image folder", "CSV list", "CIFAR-10 binary", "MNIST idx".
  [[nodiscard]] const std::string& format() const noexcept { return format_; }
  [[nodiscard]] std::int64_t size() const noexcept {
    return static_cast<std::int64_t>(entries_.size());
  }
  [[nodiscard]] const std::string& name(std::int64_t index) const { return entry(index).name; }
  [[nodiscard]] std::int64_t label(std::int64_t index) const { return entry(index).label; }
  [[nodiscard]] std::span<const std::string> class_names() const noexcept { return class_names_; }

  // The decoded image; errors name it.
  [[nodiscard]] Result<Image> image(std::int64_t index) const {
    return reader_(index, entry(index));
  }

  // Adds `offset` to every known label, and as many empty names in front of the class names.
  void offset_labels(std::int64_t offset);

 private:
  [[nodiscard]] const Entry& entry(std::int64_t index) const;

  std::string format_;
  std::vector<Entry> entries_;
  std::vector<std::string> class_names_;
  Reader reader_;
};

enum class Split : unsigned char {
  Test,   // or the validation set, where that is what there is
  Train,  // for calibration
};

struct DatasetOptions {
  // Which part of a folder that holds several; a file or a folder of one part is taken as it is.
  Split split = Split::Test;
  // Added to every label: 1 for networks whose output 0 is a background class.
  std::int64_t label_offset = 0;
};

// Finds out what lies at `path`:
//   a .csv file, or a folder with labels.csv            CSV list of files and classes
//   a .bin file, or a folder with test_batch.bin, …     CIFAR-10 or CIFAR-100 binary
//   an idx3-ubyte file (.gz too), or a folder of them   MNIST idx
//   a folder with val/ or test/, and train/             the one that `split` says
//   a folder of folders of images                       image folder, classes alphabetical
//   a folder of images                                  the same, without labels
// Io, Parse or InvalidArgument with the path and what to do.
[[nodiscard]] Result<Dataset> open_dataset(const std::filesystem::path& path,
                                           const DatasetOptions& options = {});

}  // namespace sluice::data
