// SPDX-License-Identifier: Apache-2.0
// inflate: zlib's decompression as a Result, with a bound on what comes out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice {

enum class Compression : unsigned char {
  RawDeflate,  // as inside a ZIP archive
  Gzip,        // one or more members, checksums verified
};

// All of `compressed`, decompressed. Parse if it is damaged, cut short, or larger than
// `max_bytes`. Memory grows with what really comes out, never with what a header claims.
[[nodiscard]] Result<std::vector<std::byte>> inflate(std::span<const std::byte> compressed,
                                                     Compression compression,
                                                     std::size_t max_bytes);

}  // namespace sluice
