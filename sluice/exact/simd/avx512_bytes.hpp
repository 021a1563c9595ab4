// SPDX-License-Identifier: Apache-2.0
// From 32 bits to bytes on AVX-512, for kernels that are compiled for it.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
// GCC 12 takes the lanes that its own intrinsics leave undefined for a mistake.
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#define SL_AVX512 inline __attribute__((always_inline, target("avx512f,avx512bw")))

namespace sluice::exact {

// Four vectors of codes less an offset to bytes between two bounds.
class Avx512Bytes {
 public:
  SL_AVX512 Avx512Bytes(std::int32_t offset, std::int32_t lowest, std::int32_t highest,
                        bool is_signed)
      : offset_(_mm512_set1_epi16(static_cast<short>(offset))),
        lowest_(_mm512_set1_epi8(static_cast<char>(lowest))),
        highest_(_mm512_set1_epi8(static_cast<char>(highest))),
        is_signed_(is_signed) {}

  // A block of 128 bits of the result has four codes of each vector.
  SL_AVX512 __m512i interleaved(__m512i a, __m512i b, __m512i c, __m512i d) const {
    const __m512i ab = _mm512_adds_epi16(_mm512_packs_epi32(a, b), offset_);
    const __m512i cd = _mm512_adds_epi16(_mm512_packs_epi32(c, d), offset_);
    if (is_signed_) {
      const __m512i codes = _mm512_packs_epi16(ab, cd);
      return _mm512_min_epi8(_mm512_max_epi8(codes, lowest_), highest_);
    }
    const __m512i codes = _mm512_packus_epi16(ab, cd);
    return _mm512_min_epu8(_mm512_max_epu8(codes, lowest_), highest_);
  }

  // The codes of a, then those of b, c and d.
  static SL_AVX512 __m512i in_order(__m512i interleaved) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_epi32(order, interleaved);
  }

 private:
  __m512i offset_, lowest_, highest_;
  bool is_signed_;
};

}  // namespace sluice::exact

#undef SL_AVX512
#endif
