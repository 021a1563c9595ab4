// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/arena.hpp"

#include <algorithm>
#include <new>
#include <numeric>

namespace sluice::runtime {
namespace {

std::size_t aligned(std::size_t size_bytes) {
  return (size_bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
}

bool live_together(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

ArenaLayout lay_out(std::span<const Lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return buffers[a].size_bytes > buffers[b].size_bytes;
  });
  ArenaLayout layout{std::vector<std::size_t>(buffers.size(), 0), 0};
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t i : order) {
    const std::size_t size = aligned(buffers[i].size_bytes);
    std::size_t offset = 0;
    for (const std::size_t other : placed) {
      if (!live_together(buffers[i], buffers[other])) continue;
      if (offset + size <= layout.offsets[other]) break;
      offset = std::max(offset, layout.offsets[other] + aligned(buffers[other].size_bytes));
    }
    layout.offsets[i] = offset;
    layout.size_bytes = std::max(layout.size_bytes, offset + size);
    const auto place = std::ranges::upper_bound(
        placed, offset, {}, [&](std::size_t other) { return layout.offsets[other]; });
    placed.insert(place, i);
  }
  return layout;
}

std::shared_ptr<std::byte> allocate_arena(std::size_t size_bytes) {
  constexpr std::align_val_t kAlignment{kArenaAlignment};
  auto* raw = static_cast<std::byte*>(::operator new(size_bytes + 1, kAlignment));
  return {raw, [](std::byte* p) { ::operator delete(p, kAlignment); }};
}

}  // namespace sluice::runtime
