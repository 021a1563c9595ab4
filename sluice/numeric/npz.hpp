// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz: a ZIP archive of .npy files, for reading.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::numeric {

struct NamedArray {
  std::string name;  // without `.npy`
  Tensor tensor;
};

// All arrays together may take this much; a small archive can claim to hold far more.
inline constexpr std::uint64_t kMaxArchiveBytes = std::uint64_t{1} << 32;

// The arrays of an archive (numpy.savez or savez_compressed) in its own order, checksums verified.
// Archives of 4 GiB or more are Unsupported.
[[nodiscard]] Result<std::vector<NamedArray>> read_npz(const std::filesystem::path& path);

}  // namespace sluice::numeric
