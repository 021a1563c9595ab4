// SPDX-License-Identifier: Apache-2.0
// The readers behind open_dataset, one a file.
#pragma once

#include <filesystem>

#include "sluice/data/dataset.hpp"

namespace sluice::data {

// Has a file extension of an image format, known here or not: an image that cannot be decoded is
// to be reported, not passed over.
[[nodiscard]] bool is_image_name(const std::filesystem::path& path);

// A folder a class, in the order of their names (bytes); images anywhere below. Files and folders
// whose names begin with a dot do not count. Without such folders, the images directly inside,
// unlabelled.
[[nodiscard]] Result<Dataset> open_image_folder(const std::filesystem::path& folder);

// Lines `file,class[,…]`, files relative to the list's folder, classes as indices from 0. A first
// line whose second field is no number is a header, which names the columns: file (or filename,
// path, image) and class (or label, class_id, target). Fields may be quoted.
[[nodiscard]] Result<Dataset> open_csv(const std::filesystem::path& file);

// Records of label bytes (one, or CIFAR-100's coarse and fine, of which the fine counts) and 3072
// bytes of 32x32 pixels, plane by plane. A folder has test_batch.bin and data_batch_1.bin …, or
// CIFAR-100's test.bin and train.bin, and possibly batches.meta.txt with the names.
[[nodiscard]] Result<Dataset> open_cifar_file(const std::filesystem::path& file);
[[nodiscard]] Result<Dataset> open_cifar_folder(const std::filesystem::path& folder, Split split);

// An images file, whose labels file has `labels-idx1` in its name instead of `images-idx3`; plain
// or gzipped. A folder has t10k-… and train-….
[[nodiscard]] Result<Dataset> open_mnist_file(const std::filesystem::path& images);
[[nodiscard]] Result<Dataset> open_mnist_folder(const std::filesystem::path& folder, Split split);

// Decodes the file that an entry is named after.
[[nodiscard]] Result<Image> read_image_file(std::int64_t index, const Dataset::Entry& entry);

// The names of what is in a folder, sorted by their bytes; hidden ones left out.
[[nodiscard]] Result<std::vector<std::filesystem::path>> list_folder(
    const std::filesystem::path& folder);

}  // namespace sluice::data
