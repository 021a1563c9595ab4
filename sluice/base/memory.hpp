// SPDX-License-Identifier: Apache-2.0
// How much memory there is.
#pragma once

#include <cstdint>

namespace sluice {

// Bytes of memory this process may use: the machine's, or what its control group (version 2, as
// containers have it) is limited to.
[[nodiscard]] std::int64_t memory_bytes();

}  // namespace sluice
