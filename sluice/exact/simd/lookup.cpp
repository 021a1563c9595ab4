// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/lookup.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sluice::exact {
namespace {

#if defined(__x86_64__)
// Highway has no lookup in tables of 256 bytes. Each half of the table is two registers; the
// highest bit of a byte chooses between what the halves give. Returns how many bytes it has done.
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) std::size_t lookup_in_vectors(
    const ByteTable& table, const std::uint8_t* from, std::uint8_t* to, std::size_t count) {
  constexpr std::size_t kBytes = 64;
  const __m512i t0 = _mm512_loadu_si512(table.data());
  const __m512i t1 = _mm512_loadu_si512(table.data() + kBytes);
  const __m512i t2 = _mm512_loadu_si512(table.data() + 2 * kBytes);
  const __m512i t3 = _mm512_loadu_si512(table.data() + 3 * kBytes);
  std::size_t i = 0;
  for (; i + kBytes <= count; i += kBytes) {
    const __m512i index = _mm512_loadu_si512(from + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, index, t1);
    const __m512i high = _mm512_permutex2var_epi8(t2, index, t3);
    _mm512_storeu_si512(to + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high));
  }
  return i;
}

bool has_vectors() {
  static const bool kHasVectors =
      __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
  return kHasVectors;
}
#else
std::size_t lookup_in_vectors(const ByteTable& /*table*/, const std::uint8_t* /*from*/,
                              std::uint8_t* /*to*/, std::size_t /*count*/) {
  return 0;
}
bool has_vectors() {
  return false;
}
#endif

}  // namespace

void plain_lookup(const ByteTable& table, const std::uint8_t* from, std::uint8_t* to,
                  std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = table[from[i]];
}

void lookup(const ByteTable& table, const std::uint8_t* from, std::uint8_t* to, std::size_t count) {
  const std::size_t done = has_vectors() ? lookup_in_vectors(table, from, to, count) : 0;
  plain_lookup(table, from + done, to + done, count - done);
}

}  // namespace sluice::exact
