// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format, versions 1, 2 and 3: one array a file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::numeric {

// One array: bool, (u)int8…64 or float16/32/64, either byte order, C or Fortran order (the tensor
// is always row-major). Parse if the header is malformed or disagrees with the number of bytes;
// Unsupported for other element types (complex, text, objects, records).
[[nodiscard]] Result<Tensor> parse_npy(std::span<const std::byte> bytes);
[[nodiscard]] Result<Tensor> read_npy(const std::filesystem::path& path);

// A version 1 file, little-endian, C order, as numpy.save writes it. Narrow integers are written
// as int8 or uint8; Unsupported for bfloat16 and the narrow floats, which NumPy does not have.
[[nodiscard]] Result<std::vector<std::byte>> npy_bytes(const Tensor& tensor);
[[nodiscard]] Status write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace sluice::numeric
