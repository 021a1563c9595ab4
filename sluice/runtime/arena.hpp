// SPDX-License-Identifier: Apache-2.0
// Memory planning: offsets in one block for buffers that live at different times.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sluice::runtime {

// A buffer is live from step `first` to step `last`, both included.
struct Lifetime {
  std::size_t size_bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

struct ArenaLayout {
  std::vector<std::size_t> offsets;  // one a buffer, multiples of kArenaAlignment
  std::size_t size_bytes = 0;        // of the block
};

inline constexpr std::size_t kArenaAlignment = 64;

// Largest first, each at the lowest offset where it meets no buffer that is live at the same time.
// Buffers of equal size keep their order, so the layout depends on nothing else.
[[nodiscard]] ArenaLayout lay_out(std::span<const Lifetime> buffers);

}  // namespace sluice::runtime
