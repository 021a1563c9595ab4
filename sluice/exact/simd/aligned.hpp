// SPDX-License-Identifier: Apache-2.0
// Vectors that begin at a cache line, so that no load of a kernel crosses one.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace sluice::exact {

template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <class U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>& /*other*/) noexcept {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* memory, std::size_t /*count*/) noexcept {
    ::operator delete(memory, kAlignment);
  }
  friend bool operator==(CacheLineAllocator, CacheLineAllocator) noexcept { return true; }
};

template <class T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace sluice::exact
