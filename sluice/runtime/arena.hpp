// SPDX-License-Identifier: Apache-2.0
// Memory planning: offsets in one block for buffers that live at different times.
#pragma once

#include <cstddef>
#include <memory>
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

// A block of so many bytes, aligned. Not cleared: every buffer is written before it is read.
[[nodiscard]] std::shared_ptr<std::byte> allocate_arena(std::size_t size_bytes);

}  // namespace sluice::runtime
